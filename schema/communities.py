"""Communities: what an actor of kind group is to its members."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

JoinRule: TypeAlias = Literal["open", "approval", "hidden"]


@dataclass(frozen=True, slots=True)
class Community:
    """Joined with what pages need of its actor. `host` '' for ours; `members` as last counted."""

    actor_id: UUID
    join_rule: JoinRule
    purpose: str
    created_by: UUID | None
    closed_at: datetime | None
    members: int
    last_post: datetime | None
    created: datetime
    uri: str
    peer: str | None
    name: str
    host: str
    title: str
    avatar_id: UUID | None

    @property
    def is_local(self) -> bool:
        return self.peer is None

    @property
    def handle(self) -> str:
        return self.name if self.peer is None else f"{self.name}@{self.host}"

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/communities/{self.handle}"
