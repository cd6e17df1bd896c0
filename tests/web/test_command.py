"""The command `stadtnetz`: what stands in its way is one sentence."""

import os
import subprocess
import sys

import pytest

from tests import make
from tests.world import City, settle


def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """As a process of its own: the command sets up what is said to the log."""
    own = {f"STADTNETZ_{name}": value for name, value in settings.items()}
    words = [sys.executable, "-m", "web", *command]
    kept = {name: value for name, value in os.environ.items() if "STADTNETZ" not in name}
    return subprocess.run(words, env=kept | own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("DATABASE_URL", "postgresql://127.0.0.1:1/none", "The database cannot be used: "),
        ("POOL_SIZE", "many", "POOL_SIZE must be a number"),
        ("COLOUR", "red", "There is no setting named STADTNETZ_COLOUR"),
    ],
)
def test_a_wrong_setting_ends_the_command_with_one_sentence(
    setting: str, value: str, words: str
) -> None:
    ended = run("migrate", **{setting: value})
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"stadtnetz: {words}") and ended.stderr.count("\n") == 1


def test_config_says_where_each_setting_comes_from() -> None:
    said = run("config", POOL_SIZE="5", SMTP_URL="smtp://town:very-secret@mail.example:587").stdout
    lines = {line.split()[0]: line for line in said.splitlines()}
    assert lines["POOL_SIZE"].split()[:3] == ["POOL_SIZE", "5", "environment"]
    assert " default " in lines["TIME_ZONE"]
    assert "very-secret" not in said


async def test_the_keys_of_everybody_are_made_anew_while_the_city_runs(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "Before")
    await settle(alpha, beta)
    await make.a_proposal(alpha, ann, "Waiting")
    own = {"ORIGIN": alpha.origin, "DATABASE_URL": alpha.instance.config.database_url}
    assert run("keys", "rotate", "nobody", **own).returncode == 2
    said = run("keys", "rotate", **own).stdout.splitlines()
    for uri in (ann.uri, f"{alpha.origin}/city", f"{alpha.origin}/actor"):
        assert f"{uri} signs with {uri}#main-key-2" in said
    await make.a_proposal(alpha, ann, "After")
    await settle(alpha, beta)
    found = "select count(*) from proposals where title in ('Before', 'Waiting', 'After')"
    assert await beta.value(found) == 3
    asked = "select count(*) from actors where uri = %s and key_id = uri || '#main-key-2'"
    assert await beta.value(asked, f"{alpha.origin}/city") == 1
