"""Settings: STADTNETZ_ variables over one TOML file over defaults, each with where it came from."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from federation import origins
from federation.errors import Malformed
from federation.networks import PRIVATE, Network, private_network
from schema.database import is_conninfo

Source: TypeAlias = Literal["default", "file", "environment"]
PREFIX = "STADTNETZ_"
RIG = PREFIX + "TEST_RIG"
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


class BadSetting(Exception):
    """One clear sentence for the one who runs the program."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as README and `stadtnetz config` show it."""

    name: str
    default: str
    meaning: str
    secret: bool = False


SETTINGS = (
    Setting("ORIGIN", "http://city.localhost:8000", "Address of this city, scheme and host."),
    Setting("DATABASE_URL", "", "PostgreSQL to use; empty: the embedded one in DATA_DIR.", True),
    Setting(
        "DATA_DIR", "data", "Folder for the embedded database, its log and compiled templates."
    ),
    Setting("LISTEN", "127.0.0.1:8000", "Address and port the web server listens on."),
    Setting("SMTP_URL", "", "smtp://user:password@host:port, or smtps://…; empty: no mail.", True),
    Setting("MAIL_FROM", "", "Sender of mails; empty: stadtnetz@ the host of ORIGIN."),
    Setting("MAIL_INBOUND", "", "Address whose mail goes to `stadtnetz receive`; empty: none."),
    Setting("TRUSTED_PROXIES", "", "Addresses of proxies whose X-Forwarded-For counts, by comma."),
    Setting("ALLOW_LOOPBACK_PEERS", "no", "Whether *.localhost peers may be called (yes or no)."),
    Setting("PRIVATE_PEERS", "", "Private networks whose cities may be called, by comma."),
    Setting("SIGNED_READS", "no", "Whether other servers must sign to read anything (yes or no)."),
    Setting("POOL_SIZE", "8", "Database connections of one process, at most."),
    Setting(
        "TIME_ZONE", "Europe/Vienna", "Time zone of the place: times on pages, and when a day ends."
    ),
    Setting("LOG_LEVEL", "info", "debug, info, warning or error."),
)


@dataclass(frozen=True, slots=True)
class Config:
    """What the program was told at its start. `origin` has no slash at its end."""

    origin: str
    database_url: str = ""
    data_dir: Path = Path("data")
    listen: str = "127.0.0.1:8000"
    smtp_url: str = ""
    mail_from: str = ""
    mail_inbound: str = ""
    trusted_proxies: tuple[str, ...] = ()
    allow_loopback_peers: bool = False
    private_peers: tuple[Network, ...] = ()
    pool_size: int = 8
    signed_reads: bool = False
    time_zone: str = "Europe/Vienna"
    log_level: str = "info"
    rig: Path | None = None
    """Folder of the fault tests."""

    @property
    def host(self) -> str:
        """host[:port], as in name@host."""
        return urlsplit(self.origin).netloc

    def day(self, moment: datetime) -> date:
        """Which day it is in this place at a moment."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def is_secure(self) -> bool:
        return self.origin.startswith("https://")


@dataclass(frozen=True, slots=True)
class Found:
    """A setting's text and where it comes from."""

    setting: Setting
    text: str
    source: Source


def find(environ: Mapping[str, str], file: Path | None = None) -> list[Found]:
    """Every setting; BadSetting for unknown names and unreadable files."""
    path = file or (Path(environ[PREFIX + "CONFIG"]) if PREFIX + "CONFIG" in environ else None)
    stored = _read(path) if path else {}
    known = {setting.name for setting in SETTINGS}
    for name in stored:
        if name not in known:
            raise BadSetting(f"{path}: there is no setting named {name}.")
    for name in environ:
        if name.startswith(PREFIX) and name[len(PREFIX) :] not in known | {"CONFIG"}:
            if not name.startswith(PREFIX + "TEST_"):
                raise BadSetting(f"There is no setting named {name}.")
    return [_found(setting, environ, stored) for setting in SETTINGS]


def _read(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSetting(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"The settings file {path} is not valid TOML: {error}.") from error
    return {name.upper(): _text(value) for name, value in table.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: TOML
    return str(value)


def _found(setting: Setting, environ: Mapping[str, str], stored: Mapping[str, str]) -> Found:
    if PREFIX + setting.name in environ:
        return Found(setting, environ[PREFIX + setting.name].strip(), "environment")
    if setting.name in stored:
        return Found(setting, stored[setting.name].strip(), "file")
    return Found(setting, setting.default, "default")


def load(environ: Mapping[str, str], file: Path | None = None) -> Config:
    """BadSetting, with one sentence that says which and why, when something is wrong."""
    texts = {found.setting.name: found.text for found in find(environ, file)}
    origin = check_origin(texts["ORIGIN"])
    config = Config(
        origin=origin,
        database_url=_database(texts["DATABASE_URL"]),
        data_dir=Path(texts["DATA_DIR"]).absolute(),
        listen=_listen(texts["LISTEN"]),
        smtp_url=_smtp(texts["SMTP_URL"]),
        mail_from=_sender(texts["MAIL_FROM"], origin),
        mail_inbound=_inbound(texts["MAIL_INBOUND"]),
        trusted_proxies=_proxies(texts["TRUSTED_PROXIES"]),
        allow_loopback_peers=_flag("ALLOW_LOOPBACK_PEERS", texts["ALLOW_LOOPBACK_PEERS"]),
        private_peers=_private(texts["PRIVATE_PEERS"], is_public=not is_private_name(origin)),
        pool_size=_number("POOL_SIZE", texts["POOL_SIZE"], 2, 200),
        signed_reads=_flag("SIGNED_READS", texts["SIGNED_READS"]),
        time_zone=_zone(texts["TIME_ZONE"]),
        log_level=_choice("LOG_LEVEL", texts["LOG_LEVEL"], ("debug", "info", "warning", "error")),
    )
    if config.allow_loopback_peers and not is_private_name(config.origin):
        raise BadSetting(
            f"ALLOW_LOOPBACK_PEERS is for *.localhost only and ORIGIN is public ({config.origin})."
        )
    rig = environ.get(RIG)
    if rig and not config.allow_loopback_peers:
        raise BadSetting("TEST_RIG is for the tests and needs ALLOW_LOOPBACK_PEERS.")
    return replace(config, rig=Path(rig)) if rig else config


def is_private_name(origin: str) -> bool:
    """Names that never leave this machine: *.localhost, and *.test for tests (RFC 6761)."""
    host = urlsplit(origin).hostname or ""
    return host == "localhost" or host.endswith((".localhost", ".test"))


def check_origin(text: str) -> str:
    """The origin without a slash at its end."""
    wrong = BadSetting(f"ORIGIN must look like https://town.example, not {text!r}.")
    parts = _split(text.strip().rstrip("/"), wrong)
    more = parts.path or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        raise wrong
    if parts.username or parts.netloc != parts.netloc.lower():
        raise BadSetting(f"ORIGIN must be in lower case and without a user name, not {text!r}.")
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme == "http" and not is_private_name(origin):
        raise BadSetting(f"ORIGIN must begin with https:// unless it is *.localhost, not {text!r}.")
    try:
        return str(origins.origin_of(origin, loopback=True))
    except Malformed:
        raise wrong from None


def _split(url: str, wrong: BadSetting) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at only now
    except ValueError:
        raise wrong from None
    return parts


def _database(text: str) -> str:
    if text and not is_conninfo(text):
        raise BadSetting("DATABASE_URL must look like postgresql://user:password@host/name.")
    return text


def _inbound(text: str) -> str:
    if text and (not _ADDRESS.fullmatch(text) or "+" in text):
        raise BadSetting(
            f"MAIL_INBOUND must be an address without +, like answers@town.example, not {text!r}."
        )
    return text


def _sender(text: str, origin: str) -> str:
    if text and not _ADDRESS.fullmatch(text):
        raise BadSetting(f"MAIL_FROM must be an address like post@town.example, not {text!r}.")
    return text or f"stadtnetz@{urlsplit(origin).hostname}"


def _proxies(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in found:
        try:
            ip_address(part)
        except ValueError:
            raise BadSetting(f"TRUSTED_PROXIES must be IP addresses, not {part!r}.") from None
    return found


def _private(text: str, *, is_public: bool) -> tuple[Network, ...]:
    """Networks by name; the word "all" is for cities that are not public themselves."""
    if text.strip().lower() == "all":
        if is_public:
            raise BadSetting(
                "PRIVATE_PEERS may be “all” only where ORIGIN is *.localhost or *.test; "
                "name the networks, such as 10.20.0.0/16."
            )
        return PRIVATE
    found: list[Network] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(private_network(part))
        except ValueError:
            raise BadSetting(
                f"PRIVATE_PEERS must be private networks such as 10.20.0.0/16, not {part!r}."
            ) from None
    return tuple(found)


def _listen(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise BadSetting(f"LISTEN must look like 127.0.0.1:8000, not {text!r}.")
    return text


def _smtp(text: str) -> str:
    wrong = BadSetting("SMTP_URL must look like smtp://user:password@host:port.")
    parts = _split(text, wrong)
    if text and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise wrong
    return text


def _flag(name: str, text: str) -> bool:
    if text.lower() in ("yes", "true", "1", "on"):
        return True
    if text.lower() in ("no", "false", "0", "off", ""):
        return False
    raise BadSetting(f"{name} must be yes or no, not {text!r}.")


def _number(name: str, text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadSetting(f"{name} must be a number from {low} to {high}, not {text!r}.")
    return int(text)


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise BadSetting(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text.lower()


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise BadSetting(f"TIME_ZONE must be a name such as Europe/Vienna, not {text!r}.")
    return text
