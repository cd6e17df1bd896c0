"""Accounts: who can log in here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

Role: TypeAlias = Literal["resident", "moderator", "admin"]
State: TypeAlias = Literal["waiting", "active", "refused", "closed"]


@dataclass(frozen=True, slots=True)
class Account:
    """`password_hash` is argon2id or None (login by mail only); `welcome_step` 0: all done."""

    actor_id: UUID
    email: str | None
    email_confirmed_at: datetime | None
    password_hash: str | None
    role: Role
    state: State
    answers: dict[str, Any]
    locale: str
    theme: Literal["auto", "light", "dark"]
    invitation: str | None
    welcome_step: int
    interests: list[str]
    terms_version: int
    last_seen: datetime
    created: datetime
