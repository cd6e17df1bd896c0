"""Compiled templates, kept in this process and in a folder of the city: compiling all of them
takes seconds, and a city that starts again should answer at once."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket, FileSystemBytecodeCache

HERE = Path(__file__).parent


class InMemory(BytecodeCache):
    """What was compiled in this process with the same words: several cities share it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


class InFolder(FileSystemBytecodeCache):
    """Behind the memory, one file a template and language. `mark` stands for all that is put into a
    template when it is compiled; where the folder cannot be used, nothing is kept."""

    def __init__(self, memory: InMemory, folder: Path, language: str, mark: str) -> None:
        super().__init__(str(folder), f"{language}-%s.cache")
        self._memory = memory
        self._mark = mark
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def get_source_checksum(self, source: str) -> str:
        """Also of what is put in."""
        return super().get_source_checksum(f"{self._mark}{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """From memory, else from the folder."""
        self._memory.load_bytecode(bucket)
        if bucket.code is None:
            with suppress(OSError):
                super().load_bytecode(bucket)
            if bucket.code is not None:
                self._memory.dump_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Into both."""
        self._memory.dump_bytecode(bucket)
        with suppress(OSError):
            super().dump_bytecode(bucket)


def cache(language: str, texts: Mapping[str, str], folder: Path | None) -> BytecodeCache:
    """For one language; without a folder in memory alone."""
    mark = _mark(tuple(sorted(texts.items())))
    memory = _in_memory(language, mark)
    return InFolder(memory, folder, language, mark) if folder else memory


@lru_cache(maxsize=16)
def _in_memory(language: str, mark: str) -> InMemory:
    return InMemory()


@lru_cache(maxsize=16)
def _mark(texts: tuple[tuple[str, str], ...]) -> str:
    """The words, the files whose fingerprints are in addresses, and the two that compile."""
    found = hashlib.sha256(version("jinja2").encode())
    found.update(repr(texts).encode())
    for path in [HERE / "render.py", *sorted((HERE / "static").rglob("*"))]:
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()
