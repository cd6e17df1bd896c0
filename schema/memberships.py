"""Who belongs to which community, as what, and how it came to that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

Role: TypeAlias = Literal["member", "moderator", "steward"]
State: TypeAlias = Literal["asked", "member", "invited", "refused", "left", "banned"]


@dataclass(frozen=True, slots=True)
class Membership:
    community_id: UUID
    person_id: UUID
    role: Role
    state: State
    uri: str
    message: str
    reason: str
    banned_until: datetime | None
    decided_by: UUID | None
    created: datetime
    changed: datetime

    @property
    def is_member(self) -> bool:
        return self.state == "member"

    @property
    def moderates(self) -> bool:
        return self.state == "member" and self.role in ("moderator", "steward")
