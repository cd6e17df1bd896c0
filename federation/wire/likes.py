"""Like and its Undo as documents."""

from typing import Final

from federation.documents import Document

KINDS: Final = ("Like", "EmojiReact")
"""What others send for the same thing."""


def like(post: str, community: str) -> Document:
    """`community` '' where there is none."""
    body: Document = {"type": "Like", "object": post}
    return {**body, "audience": community} if community else body


def undo(uri: str, by: str, post: str, community: str) -> Document:
    """With the whole Like inside, as Mastodon and Lemmy want it."""
    inner: Document = {"id": uri, "type": "Like", "actor": by, "object": post}
    body: Document = {"type": "Undo", "object": inner}
    return {**body, "audience": community} if community else body
