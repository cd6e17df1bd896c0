"""Posts: what people say in a community, or below a need or offer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema.proposals import Scope


@dataclass(frozen=True, slots=True)
class Post:
    """`root_id` None: the first of its thread, or directly below a proposal."""

    id: UUID
    uri: str
    author_id: UUID
    community_id: UUID | None
    proposal_id: UUID | None
    root_id: UUID | None
    parent_id: UUID | None
    in_reply_to: str
    scope: Scope
    title: str
    source: str
    html: str
    language: str
    replies: int
    last_reply: datetime
    pinned_at: datetime | None
    locked_at: datetime | None
    removed_at: datetime | None
    removed_by: UUID | None
    removed_reason: str
    deleted_at: datetime | None
    created: datetime
    updated: datetime
