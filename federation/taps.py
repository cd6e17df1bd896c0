"""Links that work without log-in: what they do, for whom, until when, signed by this place."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Literal, TypeAlias, cast, get_args
from uuid import UUID

from schema import pushes
from schema.database import Conn

Act: TypeAlias = Literal["help", "stop", "still", "gone", "reply"]

LIFE: Final = timedelta(days=30)
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Tap:
    """`about`: the id of a listing or post as hex, or a topic."""

    act: Act
    account_id: UUID
    about: str
    expires: datetime


async def key(conn: Conn) -> bytes:
    """The place's own secret for such links."""
    return await pushes.key(conn, "taps", secrets.token_bytes(32))


def sign(key: bytes, act: Act, account_id: UUID, about: UUID | str, now: datetime) -> str:
    """The last part of a link; letters, digits, - and _ only, so that it fits a mail address."""
    about = about.hex if isinstance(about, UUID) else about
    end = int((now + LIFE).timestamp())
    text = f"{act}_{account_id.hex}_{about}_{end:x}"
    return f"{text}_{_mark(key, text)}"


def read(key: bytes, token: str, now: datetime) -> Tap | None:
    """None for one that was changed, is too old, or is none."""
    parts = token.split("_", 4)
    if len(token) > _LONGEST or len(parts) != 5 or not token.isascii():
        return None
    if not hmac.compare_digest(_mark(key, "_".join(parts[:4])).encode(), parts[4].encode()):
        return None
    act, account, about, end = parts[:4]
    expires = datetime.fromtimestamp(int(end, 16), UTC)
    if expires <= now or act not in get_args(Act):
        return None
    return Tap(cast(Act, act), UUID(account), about, expires)


def _mark(key: bytes, text: str) -> str:
    # Lower case: some mail programs change the case of addresses.
    return hmac.new(key, text.encode(), sha256).hexdigest()[:32]


def unpadded(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def padded(text: str) -> bytes:
    """From base64url, with or without padding; ValueError where it is none."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
