"""The command `stadtnetz`: what stands in its way is one sentence."""

import pytest

from web import command


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("DATABASE_URL", "postgresql://127.0.0.1:1/none", "The database cannot be used: "),
        ("POOL_SIZE", "many", "POOL_SIZE must be a number"),
        ("COLOUR", "red", "There is no setting named STADTNETZ_COLOUR"),
    ],
)
def test_a_wrong_setting_ends_the_command_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    value: str,
    words: str,
) -> None:
    monkeypatch.setenv(f"STADTNETZ_{setting}", value)
    with pytest.raises(SystemExit) as ended:
        command.main(["migrate"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"stadtnetz: {words}") and said.count("\n") == 1


def test_config_says_where_each_setting_comes_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STADTNETZ_POOL_SIZE", "5")
    monkeypatch.setenv("STADTNETZ_SMTP_URL", "smtp://town:very-secret@mail.example:587")
    command.main(["config"])
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["POOL_SIZE"].split()[:3] == ["POOL_SIZE", "5", "environment"]
    assert " default " in lines["TIME_ZONE"]
    assert "very-secret" not in "".join(lines.values())
