"""Web push: a text for one device, encrypted (RFC 8291) and signed by the place (RFC 8292)."""

import json
import os
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation import origins
from federation.errors import Refused, Unreachable
from federation.instance import Instance
from federation.taps import unpadded
from schema import pushes
from schema.database import Conn
from schema.pushes import Device

RECORD = 4096  # bytes of one record, RFC 8188
LARGEST_TEXT = 3000  # bytes; push services take 4096 encrypted
KEPT = timedelta(days=1)  # how long a push service tries
TOKEN_LIFE = timedelta(hours=12)


async def private_key(conn: Conn) -> ec.EllipticCurvePrivateKey:
    """The place's own (VAPID)."""
    fresh = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    stored = serialization.load_der_private_key(await pushes.key(conn, "vapid", fresh), None)
    if not isinstance(stored, ec.EllipticCurvePrivateKey):
        raise TypeError("the stored key is of another kind")
    return stored


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Uncompressed, 65 bytes."""
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def encrypt(
    text: bytes,
    device: Device,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push message: one record of aes128gcm (RFC 8188) with keys of RFC 8291.

    ValueError for a device whose key is no point of the curve. `key` and `salt` are fresh unless
    given, as the RFC's example needs.
    """
    key, salt = key or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), device.public_key)
    own = point(key.public_key())
    shared = key.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\0" + device.public_key + own
    secret = _derive(shared, device.auth, info, 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, text + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(own)]) + own + sealed


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def authorization(
    key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: datetime
) -> str:
    """The Authorization header of RFC 8292: a token (ES256) for the push service's origin."""
    claims = {
        "aud": str(origins.origin_of(endpoint, loopback=True)),
        "exp": int((now + TOKEN_LIFE).timestamp()),
        "sub": contact,
    }
    head = {"typ": "JWT", "alg": "ES256"}
    text = ".".join(unpadded(json.dumps(part).encode()) for part in (head, claims))
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    signature = unpadded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={text}.{signature}, k={unpadded(point(key.public_key()))}"


async def send(instance: Instance, endpoint: str, text: str) -> bool:
    """Whether it was taken. A device that is gone is forgotten; Unreachable: try again."""
    async with instance.begin() as tx:
        device, key = await pushes.find(tx.conn, endpoint), await private_key(tx.conn)
    if device is None:
        return False
    try:
        body = encrypt(text.encode()[:LARGEST_TEXT], device)
        contact = instance.config.origin
        token = authorization(key, endpoint, contact, instance.clock())
        answer = await instance.client.post(
            endpoint,
            headers={
                "Authorization": token,
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(int(KEPT.total_seconds())),
                "Urgency": "normal",
            },
            body=body,
        )
    except (ValueError, Refused):
        return await _forget(instance, endpoint)
    if answer.status in (404, 410):
        return await _forget(instance, endpoint)
    if answer.status == 429 or answer.status >= 500:
        raise Unreachable(f"{endpoint} answered {answer.status}")
    return 200 <= answer.status < 300


async def _forget(instance: Instance, endpoint: str) -> bool:
    async with instance.begin() as tx:
        await pushes.delete(tx.conn, endpoint)
    return False
