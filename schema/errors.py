"""What goes wrong in the domain and may be told to the one who asked.

Refusal                 may be shown to the one who asked
├ Missing     404       not here, or not for you
├ Forbidden   403       not yours to do
├ Conflict    409       things have moved on
├ TooMany     429       slow down
└ Invalid     422       a message per field
"""

from collections.abc import Mapping


class Refusal(Exception):
    """A text id for translation, and the values its placeholders take."""

    def __init__(self, text: str, **values: str | int) -> None:
        super().__init__(text)
        self.text = text
        self.values = values


class Missing(Refusal):
    """Not here, or not for you: the two look the same on purpose."""


class Forbidden(Refusal):
    """Not yours to do."""


class Conflict(Refusal):
    """Things have moved on since the page was made."""


class TooMany(Refusal):
    """Asked too often; `seconds` says when to come back."""

    def __init__(self, text: str, seconds: int) -> None:
        super().__init__(text, seconds=seconds)
        self.seconds = seconds


class Invalid(Refusal):
    """A message per field; the text ids are translated when shown."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in fields.items()))
        self.fields = dict(fields)
