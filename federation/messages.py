"""What a handler gets: an activity whose author was proved, with an object that may be trusted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from federation.documents import Document
from federation.instance import Instance
from federation.outbox import Received
from schema.actors import Actor


@dataclass(frozen=True, slots=True)
class Message:
    """`actor` did `activity`; `object` is None where only its address is known.

    For an Undo `object` is the activity undone, and its actor is `actor`.
    """

    type: str
    actor: Actor
    activity: Document
    object_uri: str
    object: Document | None
    received: Received


Handler: TypeAlias = Callable[[Instance, Message], Awaitable[bool]]
"""True: it was handled. False: it is another module's."""
