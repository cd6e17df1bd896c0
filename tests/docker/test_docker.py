"""What docker/ says, held against the program: commands, settings, ports, files."""

import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

from federation.config import PREFIX, SETTINGS, load
from web.command import parser
from web.pages import about

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
TEXTS = sorted(file for file in DOCKER.iterdir() if file.is_file())
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?)?\}")
GIVEN = {"DOMAIN": "town.example", "POSTGRES_PASSWORD": "secret"}


def name_of(file: Path) -> str:
    return file.name


def compose(name: str) -> dict[str, Any]:
    """The file as compose reads it: variables filled in, merges done."""

    def fill(match: re.Match[str]) -> str:
        found = GIVEN.get(match["name"], match["default"])
        assert found is not None, f"{match['name']} is needed, but has no value here"
        return found

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return VARIABLE.sub(fill, value) if isinstance(value, str) else value

    return filled(yaml.safe_load((DOCKER / name).read_text("utf-8")))


CITIES = [
    pytest.param(service, id=f"{file}-{name}")
    for file in ("compose.yaml", "two-cities.yaml")
    for name, service in compose(file)["services"].items()
    if service["image"] == "stadtnetz"
]


def instructions() -> list[tuple[str, str]]:
    text = (DOCKER / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def argument(instruction: str) -> str:
    return next(text for name, text in reversed(instructions()) if name == instruction)


def understood(words: list[str]) -> None:
    assert words[0] == "stadtnetz"
    parser().parse_args(words[1:])  # ends the program when it does not know a word


@pytest.mark.parametrize("service", CITIES)
def test_commands_of_services_are_known(service: dict[str, Any]) -> None:
    understood(service["command"])


def test_the_command_of_the_image_is_known() -> None:
    understood(yaml.safe_load(argument("CMD")))


def test_commands_in_the_readme_are_known() -> None:
    text = (DOCKER / "README.md").read_text("utf-8")
    found = re.findall(r"exec (?:\w+-)?web (stadtnetz [^\n#`]+)", text)
    assert len(found) == 3
    for command in found:
        understood(shlex.split(command))


@pytest.mark.parametrize("file", TEXTS, ids=name_of)
def test_settings_are_known(file: Path) -> None:
    known = {PREFIX + setting.name for setting in SETTINGS}
    assert set(re.findall(r"STADTNETZ_\w+", file.read_text("utf-8"))) <= known


@pytest.mark.parametrize("service", CITIES)
def test_settings_of_services_are_accepted(service: dict[str, Any]) -> None:
    config = load(service["environment"])
    assert config.is_secure
    assert config.database_url.startswith("postgresql://stadtnetz:")


def test_every_city_of_a_file_has_its_own_address_and_database() -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for name, service in compose("two-cities.yaml")["services"].items():
        if service["image"] == "stadtnetz":
            config = load(service["environment"])
            place = (config.origin, config.database_url)
            found.setdefault(name.split("-")[0], set()).add(place)
    assert {city: len(places) for city, places in found.items()} == {"alpha": 1, "beta": 1}
    assert found["alpha"] != found["beta"]


def test_caddy_forwards_to_where_the_cities_listen() -> None:
    text = (DOCKER / "two-cities.Caddyfile").read_text("utf-8")
    forwards = dict(re.findall(r"^(\S+) \{\n\timport city\n\treverse_proxy (\S+)", text, re.M))
    services = compose("two-cities.yaml")["services"]
    configs = [load(services[f"{city}-web"]["environment"]) for city in ("alpha", "beta")]
    assert forwards == {config.host: config.listen for config in configs}


def test_caddy_of_one_city_is_the_proxy_it_trusts() -> None:
    services = compose("compose.yaml")["services"]
    address = services["caddy"]["networks"]["outside"]["ipv4_address"]
    assert load(services["web"]["environment"]).trusted_proxies == (address,)
    assert "reverse_proxy web:8000" in (DOCKER / "Caddyfile").read_text("utf-8")
    assert "STADTNETZ_LISTEN=0.0.0.0:8000" in argument("ENV")


def test_files_that_are_mounted_exist() -> None:
    for name in ("compose.yaml", "two-cities.yaml"):
        for service in compose(name)["services"].values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                assert not source.startswith("./") or (DOCKER / source).is_file()


def test_what_is_waited_for_exists() -> None:
    for name in ("compose.yaml", "two-cities.yaml"):
        services = compose(name)["services"]
        for service in services.values():
            assert set(service.get("depends_on", ())) <= set(services)


def test_the_image_runs_as_a_user_without_rights() -> None:
    assert argument("USER") == "10001"
    assert "--uid 10001" in argument("RUN")


def test_what_the_image_copies_exists_and_is_let_in() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    copied = [
        source
        for name, text in instructions()
        if name == "COPY" and not text.startswith("--from")
        for source in text.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


@pytest.fixture
def answer() -> Iterator[tuple[HTTPServer, dict[str, int]]]:
    """A server that answers with the status in the dict, by path, else 404."""
    statuses: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses.get(self.path, 404))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server, statuses
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (404, False)])
def test_the_health_check_asks_whether_the_city_is_ready(
    answer: tuple[HTTPServer, dict[str, int]], status: int, healthy: bool
) -> None:
    assert "/readyz" in {route.path for route in about.routes}
    server, statuses = answer
    statuses["/readyz"] = status
    python, *rest = yaml.safe_load(argument("HEALTHCHECK").split("CMD", 1)[1])
    assert python == "python"
    done = subprocess.run(
        [sys.executable, *rest],
        env={"STADTNETZ_LISTEN": f"0.0.0.0:{server.server_port}"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode == 0) is healthy


def test_the_package_holds_every_file_the_program_reads(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "schema", "federation", "web"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    needed = set(listed.stdout.splitlines())
    for name in (*needed, "pyproject.toml", "README.md", "LICENSE"):
        place = tmp_path / "source" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((ROOT / name).read_bytes())
    build = "pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir"
    subprocess.run(
        [sys.executable, "-m", *build.split(), str(tmp_path), str(tmp_path / "source")], check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as packed:
        assert needed <= set(packed.namelist())
