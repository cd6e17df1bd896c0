"""The rig of the fault tests: only on this machine, and only what was ordered."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from federation.config import BadSetting, load
from federation.rig import Order, Ordered, Rig
from federation.run import present

LOCAL = {"STADTNETZ_ORIGIN": "http://a.localhost:8000", "STADTNETZ_TEST_RIG": "/nowhere"}


def test_a_city_that_may_not_call_this_machine_has_no_rig() -> None:
    with pytest.raises(BadSetting):
        load(LOCAL)
    with pytest.raises(BadSetting):
        load({**LOCAL, "STADTNETZ_ORIGIN": "https://town.example"})
    assert load({**LOCAL, "STADTNETZ_ALLOW_LOOPBACK_PEERS": "yes"}).rig == Path("/nowhere")


def test_an_order_holds_for_its_point_from_its_count_on(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.reach("del.sent")
    order = Order("del.sent", count=2, act="fail", about="ladder")
    (tmp_path / "order").write_bytes(msgspec.json.encode(order))
    for point, about in (("del.sent", "a saw"), ("del.mark", "a ladder"), ("del.sent", "a ladder")):
        rig.reach(point, about)
    for _ in range(2):
        with pytest.raises(Ordered):
            rig.reach("del.sent", "a ladder")


def test_its_clock_is_moved_by_a_file(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    (tmp_path / "clock").write_text("86400")
    assert timedelta(hours=23) < rig.clock() - present() <= timedelta(hours=24)


async def test_names_that_do_not_exist(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    assert await rig.resolve("a.localhost") == ["127.0.0.1"]
    (tmp_path / "names").write_text('{"a.localhost": "fail", "b.localhost": ["10.0.0.1"]}')
    with pytest.raises(OSError, match="not known"):
        await rig.resolve("a.localhost")
    assert await rig.resolve("b.localhost") == ["10.0.0.1"]
