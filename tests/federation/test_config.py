"""Settings: where they come from, and one clear sentence for each that is wrong."""

from pathlib import Path

import pytest

from federation.config import SETTINGS, BadSetting, find, load

PUBLIC = {"STADTNETZ_ORIGIN": "https://town.example"}


def test_without_settings_it_is_a_place_of_this_machine() -> None:
    config = load({})
    assert (config.origin, config.host) == ("http://city.localhost:8000", "city.localhost:8000")
    assert not config.is_secure and not config.allow_loopback_peers
    assert config.data_dir.is_absolute()


def test_the_environment_counts_more_than_the_file_and_that_more_than_the_default(
    tmp_path: Path,
) -> None:
    file = tmp_path / "city.toml"
    file.write_text(
        'origin = "https://file.example"\nPOOL_SIZE = 5\nTRUSTED_PROXIES = ["::1", "10.0.0.1"]\n'
    )
    environ = {"STADTNETZ_ORIGIN": "https://own.example/", "STADTNETZ_CONFIG": str(file)}
    config = load(environ)
    assert (config.origin, config.pool_size) == ("https://own.example", 5)
    assert config.trusted_proxies == ("::1", "10.0.0.1")
    sources = {found.setting.name: found.source for found in find(environ)}
    assert (sources["ORIGIN"], sources["POOL_SIZE"], sources["LISTEN"]) == (
        "environment",
        "file",
        "default",
    )
    assert len(sources) == len(SETTINGS)


def test_a_file_may_be_named_instead(tmp_path: Path) -> None:
    file = tmp_path / "city.toml"
    file.write_text("allow_loopback_peers = true")
    assert load({}, file).allow_loopback_peers


def test_mail_comes_from_the_place_itself_unless_somebody_says_otherwise() -> None:
    assert load(PUBLIC).mail_from == "stadtnetz@town.example"
    assert load({**PUBLIC, "STADTNETZ_MAIL_FROM": "post@town.example"}).mail_from == (
        "post@town.example"
    )


WRONG = [
    ("ORIGIN", "town.example", "ORIGIN must look like"),
    ("ORIGIN", "", "ORIGIN must look like"),
    ("ORIGIN", "ftp://town.example", "ORIGIN must look like"),
    ("ORIGIN", "https://", "ORIGIN must look like"),
    ("ORIGIN", "https://town.example/path", "ORIGIN must look like"),
    ("ORIGIN", "https://town.example?x=1", "ORIGIN must look like"),
    ("ORIGIN", "https://town.example#x", "ORIGIN must look like"),
    ("ORIGIN", "https://[::1", "ORIGIN must look like"),
    ("ORIGIN", "https://town.example:99999", "ORIGIN must look like"),
    ("ORIGIN", "https://town.example:port", "ORIGIN must look like"),
    ("ORIGIN", "https://town example", "ORIGIN must look like"),
    ("ORIGIN", "https://me@town.example", "ORIGIN must be in lower case"),
    ("ORIGIN", "https://Town.example", "ORIGIN must be in lower case"),
    ("ORIGIN", "http://town.example", "ORIGIN must begin with https://"),
    ("ORIGIN", "http://localhost.example", "ORIGIN must begin with https://"),
    ("ALLOW_LOOPBACK_PEERS", "maybe", "ALLOW_LOOPBACK_PEERS must be yes or no"),
    ("ALLOW_LOOPBACK_PEERS", "yes", "ALLOW_LOOPBACK_PEERS is for"),
    ("LISTEN", "8000", "LISTEN must look like"),
    ("LISTEN", ":8000", "LISTEN must look like"),
    ("LISTEN", "127.0.0.1:99999", "LISTEN must look like"),
    ("LISTEN", "127.0.0.1:http", "LISTEN must look like"),
    ("SMTP_URL", "mail.example", "SMTP_URL must look like"),
    ("SMTP_URL", "smtp://", "SMTP_URL must look like"),
    ("SMTP_URL", "smtp://me:secret@mail.example:port", "SMTP_URL must look like"),
    ("SMTP_URL", "smtp://[mail", "SMTP_URL must look like"),
    ("MAIL_FROM", "nobody", "MAIL_FROM must be"),
    ("MAIL_FROM", "a@b.example\nBcc: c@d.example", "MAIL_FROM must be"),
    ("TRUSTED_PROXIES", "proxy.example", "TRUSTED_PROXIES must be"),
    ("TRUSTED_PROXIES", "10.0.0.1, 300.0.0.1", "TRUSTED_PROXIES must be"),
    ("POOL_SIZE", "1", "POOL_SIZE must be a number from 2 to 200"),
    ("POOL_SIZE", "many", "POOL_SIZE must be a number from 2 to 200"),
    ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of debug"),
    ("DATABASE_URL", "mysql://localhost/city", "DATABASE_URL must"),
    ("DATABASE_URL", "city", "DATABASE_URL must"),
    ("ORIGINS", "https://town.example", "There is no setting named STADTNETZ_ORIGINS"),
]


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG)
def test_a_wrong_setting_gets_one_clear_sentence(name: str, text: str, sentence: str) -> None:
    with pytest.raises(BadSetting) as caught:
        load({**PUBLIC, f"STADTNETZ_{name}": text})
    said = str(caught.value)
    assert said.startswith(sentence)
    assert said.endswith(".") and "\n" not in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app@db/city",
        "postgres:///city",
        "host=/run/postgresql dbname=city",
        "dbname=city",
        "service=city",
    ],
)
def test_a_database_is_named_as_libpq_takes_it(text: str) -> None:
    assert load({**PUBLIC, "STADTNETZ_DATABASE_URL": text}).database_url == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read"),
        ("origin = ", "is not valid TOML"),
        ("colour = 'red'", "there is no setting named COLOUR"),
        ("[origin]\nx = 1", "ORIGIN must look like"),
    ],
)
def test_a_wrong_file_gets_one_too(tmp_path: Path, text: str | None, sentence: str) -> None:
    file = tmp_path / "city.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadSetting, match=sentence) as caught:
        load({}, file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("origin", ["http://wien.localhost:8001", "http://alpha.test"])
def test_places_of_this_machine_may_talk_to_each_other(origin: str) -> None:
    environ = {"STADTNETZ_ORIGIN": origin, "STADTNETZ_ALLOW_LOOPBACK_PEERS": "yes"}
    assert load(environ).allow_loopback_peers


def test_what_is_secret_says_so() -> None:
    assert {setting.name for setting in SETTINGS if setting.secret} == {"DATABASE_URL", "SMTP_URL"}


@pytest.mark.parametrize("text", ["8.8.8.0/24", "169.254.0.0/16", "127.0.0.0/8", "0.0.0.0/0", "x"])
def test_only_private_networks_can_be_opened_for_peers(text: str) -> None:
    with pytest.raises(BadSetting, match="PRIVATE_PEERS must be private networks"):
        load({**PUBLIC, "STADTNETZ_PRIVATE_PEERS": f"10.20.0.0/16, {text}"})


def test_a_public_place_names_the_private_networks_it_opens() -> None:
    with pytest.raises(BadSetting, match="name the networks"):
        load({**PUBLIC, "STADTNETZ_PRIVATE_PEERS": "all"})
    named = load({**PUBLIC, "STADTNETZ_PRIVATE_PEERS": "10.20.0.0/16,fd12::/32"})
    assert [str(network) for network in named.private_peers] == ["10.20.0.0/16", "fd12::/32"]
    assert len(load({"STADTNETZ_PRIVATE_PEERS": "all"}).private_peers) == 5
