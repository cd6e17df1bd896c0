"""Proposals: an offer or a need, from publishing to the end of its time."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

Purpose: TypeAlias = Literal["offer", "request"]
Scope: TypeAlias = Literal["community", "city", "neighbours", "everyone"]
ReturnKind: TypeAlias = Literal["nothing", "lend", "swap", "hours", "open"]
State: TypeAlias = Literal["open", "closed", "withdrawn", "removed"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`quantity` None: any amount; `until` None: standing; latitude and longitude are rough."""

    id: UUID
    uri: str
    purpose: Purpose
    author_id: UUID
    community_id: UUID | None
    scope: Scope
    title: str
    source: str
    html: str
    language: str
    category: str
    quantity: Decimal | None
    available: Decimal | None
    unit: str
    until: datetime | None
    return_kind: ReturnKind
    return_note: str
    place_name: str
    latitude: float | None
    longitude: float | None
    cell: int | None
    state: State
    removed_reason: str
    replies: int
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """What a list shows of a proposal. `distance_km` from the viewer's rough place, or None."""

    id: UUID
    purpose: Purpose
    title: str
    category: str
    quantity: Decimal | None
    available: Decimal | None
    unit: str
    until: datetime | None
    return_kind: ReturnKind
    place_name: str
    latitude: float | None
    longitude: float | None
    scope: Scope
    state: State
    language: str
    replies: int
    created: datetime
    author_name: str
    author_title: str
    author_host: str
    community_title: str | None
    picture_id: UUID | None
    distance_km: float | None = None

    @property
    def url(self) -> str:
        return f"/{'offers' if self.purpose == 'offer' else 'needs'}/{self.id}"
