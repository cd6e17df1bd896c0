"""The ways another server can disappoint us.

Unreachable   it did not answer in time or in a usable way; worth another try
Refused       our own rules forbid the request or the answer; trying again is pointless
Untrusted     a signature, a key or an origin is wrong; 401, nothing is stored
Malformed     not a document, or not an address, that we read; 400, nothing is stored
"""


class Unreachable(Exception):
    """Another server did not answer; retry, not before `retry_after` seconds if it named a time.

    `origin` is that server where a document of its own was asked for.
    """

    def __init__(
        self, reason: str, *, retry_after: float | None = None, origin: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.origin = origin


class Refused(Exception):
    """Our rules forbid this request (address, port, redirect, size): it fails for good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Untrusted(Exception):
    """Signature, key or origin do not prove what the message claims."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unproved(Exception):
    """A good signature under somebody else's words, which nothing proves: taken in and dropped."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Malformed(Exception):
    """The bytes are no document, or the text no address, that we accept."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(Exception):
    """The other server says that the thing exists no more (404 or 410)."""

    def __init__(self, uri: str, *, for_good: bool) -> None:
        super().__init__(uri)
        self.uri = uri
        self.for_good = for_good
