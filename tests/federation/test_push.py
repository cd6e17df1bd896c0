"""Exchange 10, web push: the examples of RFC 8291 and RFC 8292, and a push service that says no."""

import json
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import push
from federation.errors import Unreachable
from federation.taps import padded, unpadded
from schema import pushes
from schema.pushes import Device
from tests import make
from tests.world import City

# RFC 8291, appendix A.
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SENDER_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN"
)
ENDPOINT = "http://push.test/abc"


def test_the_example_of_rfc_8291_comes_out_byte_for_byte() -> None:
    key = ec.derive_private_key(int.from_bytes(padded(SENDER_PRIVATE), "big"), ec.SECP256R1())
    device = Device(ENDPOINT, UUID(int=1), padded(RECEIVER), padded(AUTH))
    text = b"When I grow up, I want to be a watermelon"
    assert unpadded(push.encrypt(text, device, key=key, salt=padded(SALT))) == BODY


async def test_the_token_is_for_the_push_service_and_signed_by_the_place(alpha: City) -> None:
    async with alpha.instance.begin() as tx:
        key = await push.private_key(tx.conn)
        again = await push.private_key(tx.conn)
    assert push.point(key.public_key()) == push.point(again.public_key())
    header = push.authorization(key, ENDPOINT, alpha.origin, alpha.clock.now)
    text, _, signature = header.removeprefix("vapid t=").partition(", k=")[0].rpartition(".")
    claims = json.loads(padded(text.split(".")[1]))
    assert claims["aud"] == "http://push.test" and claims["sub"] == alpha.origin
    assert 0 < claims["exp"] - alpha.clock.now.timestamp() <= 24 * 3600
    raw = padded(signature)
    made = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(made, text.encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(("status", "stays"), [(201, True), (410, False), (503, True)])
async def test_a_device_that_is_gone_is_forgotten(alpha: City, status: int, stays: bool) -> None:
    ann = await make.a_person(alpha, "ann")
    got: list[Request] = []

    async def take(request: Request) -> Response:
        got.append(request)
        return Response(status_code=status)

    alpha.wire.apps["push.test"] = Starlette(routes=[Route("/abc", take, methods=["POST"])])
    async with alpha.instance.begin() as tx:
        await pushes.insert(tx.conn, Device(ENDPOINT, ann.id, padded(RECEIVER), padded(AUTH)))
    if status == 503:
        with pytest.raises(Unreachable):
            await push.send(alpha.instance, ENDPOINT, "Hallo")
    else:
        assert await push.send(alpha.instance, ENDPOINT, "Hallo") is (status == 201)
    assert got[0].headers["content-encoding"] == "aes128gcm" and "ttl" in got[0].headers
    assert bool(await alpha.value("select count(*) from push_devices")) is stays
