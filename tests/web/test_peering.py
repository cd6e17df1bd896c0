"""The commands for admins about other places, as they are typed."""

import argparse
from pathlib import Path

import pytest

from federation.errors import Malformed
from schema import lists
from schema.errors import Conflict, Invalid, Missing
from tests.world import City
from web import peering

BLOCKS = "#domain,#severity,#public_comment\nspam.test,suspend,spam\nbeta.test,suspend,no\n"


async def run(city: City, *words: str) -> None:
    """`stadtnetz WORDS…` in this city."""
    top = argparse.ArgumentParser()
    commands = top.add_subparsers(required=True)
    works: dict[str, peering.Work] = {}

    def add(name: str, text: str, work: peering.Work) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text)
        found.set_defaults(name=name)
        works[name] = work
        return found

    peering.add_to(add)
    options = top.parse_args(words)
    await works[options.name](city.instance, options)


async def test_switches_are_set_one_by_one_and_shown(
    alpha: City, beta: City, capsys: pytest.CaptureFixture[str]
) -> None:
    query = "select array[publishes, receives, paused_at is not null] from peers where host = %s"
    await run(alpha, "peer", "set", "beta.test", "--publish", "no")
    assert await alpha.value(query, "beta.test") == [False, True, False]
    await run(alpha, "peer", "set", beta.origin, "--receive", "no", "--pause", "yes")
    assert await alpha.value(query, "beta.test") == [False, False, True]
    shown = capsys.readouterr().out
    assert "we send: no; we take: no; paused: yes" in shown
    await run(alpha, "peer", "set", "beta.test", "--publish", "yes", "--pause", "no")
    assert await alpha.value(query, "beta.test") == [True, False, False]
    assert await alpha.value(query, "gamma.test") == [True, True, False]
    await run(alpha, "peer", "list")
    assert "gamma.test" in capsys.readouterr().out
    log = "select count(*) from admin_log where act = 'switches' and by_id is null"
    assert await alpha.value(log) == 3


async def test_a_block_reaches_the_sub_domains_and_can_be_lifted(
    alpha: City, capsys: pytest.CaptureFixture[str]
) -> None:
    insert = "insert into peers (origin, host) values ('http://a.spam.test', 'a.spam.test')"
    await alpha.execute(insert)
    await run(alpha, "block", "add", "http://spam.test", "--reason", "spam")
    query = "select count(*) from peers where blocked_at is not null and host like %s"
    assert await alpha.value(query, "%spam.test") == 2
    await run(alpha, "block", "list")
    assert "spam.test" in capsys.readouterr().out
    await run(alpha, "block", "lift", "http://spam.test")
    assert await alpha.value(query, "%spam.test") == 0


async def test_a_link_is_ended(alpha: City, beta: City) -> None:
    await run(alpha, "peer", "part", "http://beta.test")
    link = "select link from peers where host = 'beta.test'"
    assert await alpha.value(link) != "linked"


async def test_lists_are_imported_applied_exported_and_dropped(
    alpha: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "blocks.csv"
    file.write_text(BLOCKS)
    await run(alpha, "list", "import", "block", str(file), "--title", "Shared")
    blocked = "select coalesce(array_agg(host order by host), '{}') from peers where blocked_at"
    assert await alpha.value(blocked + " is not null") == [], "drafts, until an admin says yes"
    async with alpha.instance.read() as conn:
        (made,) = await lists.list_all(conn)
    assert made.drafts == 2
    await run(alpha, "list", "apply", str(made.id))
    assert await alpha.value(blocked + " is not null") == ["beta.test", "spam.test"]
    capsys.readouterr()
    await run(alpha, "list", "export", "block")
    exported = capsys.readouterr().out
    assert "spam.test" in exported and "beta.test" in exported
    await run(alpha, "list", "export", "allow", "--json")
    assert "gamma.test" in capsys.readouterr().out
    await run(alpha, "list", "drop", str(made.id))
    capsys.readouterr()
    await run(alpha, "list", "show")
    assert "no lists" in capsys.readouterr().out


async def test_a_list_is_read_from_its_address(
    alpha: City, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(alpha, "list", "subscribe", "block", "http://lists.test/block.csv")
    shown = capsys.readouterr().out
    assert "http://lists.test/block.csv" in shown and "last reading failed" in shown
    assert await alpha.value("select count(*) from lists where address is not null") == 1


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ("peer show", Malformed, "Say which place"),
        ("peer show nowhere.test", Missing, "never met nowhere.test"),
        ("peer set beta.test", Malformed, "Say what to set"),
        ("peer show http://[", Malformed, ""),
        ("block add http://spam.test", Invalid, "Please say why"),
        ("block lift beta.test", Conflict, "not blocked"),
        ("list import", Malformed, "block or allow"),
        ("list import block /nowhere.csv", Missing, "cannot be read"),
        ("list apply 7", Malformed, "Say which list"),
        ("list subscribe block nonsense", Malformed, ""),
    ],
)
async def test_what_is_wrong_is_said_in_a_sentence(
    alpha: City, beta: City, words: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as raised:
        await run(alpha, *words.split())
    assert said in str(raised.value)
