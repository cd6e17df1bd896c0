"""HTTP as uvicorn reads it, with an end to how long the head of a request may be."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD: Final = 65_536
"""Bytes of request line, headers or trailers that may have come before they are complete."""


class BoundedProtocol(HttpToolsProtocol):
    """Says 400 and hangs up where a head does not end: else whoever calls could fill the memory."""

    _came = 0  # since the parser last had something whole

    def data_received(self, data: bytes) -> None:
        """What comes is read in pieces, none of which is long."""
        self._came += len(data)
        super().data_received(data)
        if self._came > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of this request is too long.")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._came = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The empty line below the headers."""
        self._came = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body; its length is for the one who reads it to judge."""
        self._came = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a request."""
        self._came = 0
        super().on_message_complete()
