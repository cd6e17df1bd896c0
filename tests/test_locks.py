"""The locks hold what pyproject.toml asks for, with hashes and no address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> dict[str, str]:
    """Names and versions in a lock; fails for a line of any other form."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?! )", (ROOT / name).read_text("utf-8").strip()):
        line, *hashes = entry.split(" \\\n")
        requirement = Requirement(line)
        (pin,) = requirement.specifier
        assert pin.operator == "==" and requirement.url is None
        assert hashes, f"{line} has no hash"
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}", each) for each in hashes)
        found[canonicalize_name(requirement.name)] = pin.version
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_what_the_project_asks_for_is_locked(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = project["project"]["dependencies"] + project["build-system"]["requires"]
    if name == "requirements-dev.lock":
        asked += project["project"]["optional-dependencies"]["dev"]
    versions = locked(name)
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)])


def test_tests_run_with_the_versions_of_the_program() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()
