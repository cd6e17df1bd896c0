"""Marks texts that a person will see, so that the catalogues find them."""


def N_(text: str) -> str:
    """Return the text unchanged; it is translated when it is rendered."""
    return text
