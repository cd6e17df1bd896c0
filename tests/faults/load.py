"""Residents at work: forms filled by HTTP until they are answered, each op in the history."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg

from schema import ids
from tests.faults.history import Act, Kind, Op, Result
from tests.faults.mesh import GARDENS, Mesh, Town
from tests.make import Browser

PATIENCE = 90.0  # seconds until a client gives up
ONCE = frozenset({"delete", "leave", "accept"})  # done twice, the second time is refused


@dataclass(slots=True)
class Resident:
    """One client: does one thing after the other, and each until the city has answered."""

    mesh: Mesh
    town: Town
    name: str
    own: dict[str, tuple[Kind, str]] = field(default_factory=dict[str, tuple[Kind, str]])
    """Uri of what is alive to kind and what it is under."""
    token: str = ""

    @property
    def uri(self) -> str:
        return self.town.person(self.name)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.town.inner}",
            headers={"Host": urlsplit(self.town.origin).netloc, "Accept": "text/html"},
            cookies={"session": self.town.sessions[self.name]},
            timeout=20,
        )

    async def offer(self, id: UUID | None = None, *, kilos: int = 0) -> str:
        """Its uri; the form has this id."""
        id, mark = id or ids.new(), _mark()
        uri = f"{self.town.origin}/offers/{id}"
        form = {
            "id": str(id),
            "kind": "offer",
            "title": f"Offer {mark}",
            "source": "To give away.",
            **({"quantity": str(kilos), "unit": "kg"} if kilos else {}),
        }
        if await self._do("/new", form, self._op("create", uri, "offer", mark)) == "done":
            self.own[uri] = ("offer", "")
        return uri

    async def thread(self, garden: str) -> None:
        """In the community of this city."""
        id, mark, home = ids.new(), _mark(), self.mesh.towns[garden]
        uri, group = f"{self.town.origin}/posts/{id}", f"{home.origin}/communities/garden"
        form = {"id": str(id), "title": f"Thread {mark}", "source": "What do you think?"}
        op = self._op("create", uri, "thread", mark, group)
        if await self._do(f"{self._path(garden)}/posts", form, op) == "done":
            self.own[uri] = ("thread", group)

    async def reply(self, to: str, group: str) -> None:
        """To a thread, where this city has it already."""
        query = "select id from posts where uri = %s and deleted_at is null"
        try:
            found = await self.town.run(query, to)
        except psycopg.OperationalError:  # its database is what is broken now
            return
        if not found:
            return
        id, mark = ids.new(), _mark()
        uri, under = f"{self.town.origin}/posts/{id}", f"{to} {group}"
        op = self._op("create", uri, "reply", mark, under)
        form = {"id": str(id), "source": f"I think {mark}."}
        if await self._do(f"/posts/{found[0][0]}/replies", form, op) == "done":
            self.own[uri] = ("reply", under)

    async def edit(self, uri: str) -> None:
        (kind, under), mark = self.own[uri], _mark()
        form = {"title": f"Changed {mark}", "source": f"Changed {mark}.", "kind": "offer"}
        op = self._op("edit", uri, kind, mark, under)
        await self._do(f"{urlsplit(uri).path}/edit", form, op)

    async def delete(self, uri: str) -> None:
        kind, under = self.own.pop(uri)
        act = "withdrawal" if kind == "offer" else "deletion"
        await self._do(f"{urlsplit(uri).path}/{act}", {}, self._op("delete", uri, kind, "", under))

    async def join(self, garden: str, *, leave: bool = False) -> None:
        group = f"{self.mesh.towns[garden].origin}/communities/garden"
        op = self._op("leave" if leave else "join", group, "offer", "")
        await self._do(f"{self._path(garden)}/{'leaving' if leave else 'membership'}", {}, op)

    async def ask(self, listing: str, kilos: int) -> str:
        """For a part of an offer of another city, once it has come; the agreement's key."""
        query = "select id from proposals where uri = %s"
        while not (found := await self.town.run(query, listing)):
            await asyncio.sleep(0.1)
        id = ids.new()
        op = self._op("ask", f"{self.town.origin}/agreements/{id}", "offer", "", listing)
        form = {"id": str(id), "amount": str(kilos), "words": "Please."}
        await self._do(f"/offers/{found[0][0]}/asking", form, op)
        return op.item

    async def accept(self, keys: Collection[str]) -> None:
        """Who has asked for what this one offers, as they come."""
        query = """select g.key, g.id from agreements g join actors a on a.id = g.author_id
                   where a.uri = %s and g.state = 'asked'"""
        waiting, end = set(keys), self.mesh.now() + PATIENCE
        while waiting and self.mesh.now() < end:
            for key, id in await self.town.run(query, self.uri):
                if key in waiting:
                    waiting.discard(str(key))
                    op = self._op("accept", str(key), "offer", "")
                    await self._do(f"/agreements/{id}/acceptance", {}, op)
            await asyncio.sleep(0.1)

    async def something(self) -> None:
        """What residents do, by chance."""
        chance, random = self.mesh.random.random(), self.mesh.random
        if self.own and chance < 0.3:
            await self.edit(random.choice(sorted(self.own)))
        elif self.own and chance < 0.42:
            await self.delete(random.choice(sorted(self.own)))
        elif self.name == "ben" and chance < 0.65:
            await self.thread(random.choice(GARDENS))
        elif self.name == "ben" and chance < 0.85:
            threads = [op for op in self.mesh.history.ops[-60:] if op.kind == "thread"]
            if threads:
                chosen = random.choice(threads)
                await self.reply(chosen.item, chosen.under)
        elif self.name == "cat":
            await self.join(random.choice(GARDENS), leave=random.random() < 0.5)
        else:
            await self.offer()

    def _path(self, garden: str) -> str:
        home = self.mesh.towns[garden]
        host = "" if home is self.town else f"@{urlsplit(home.origin).netloc}"
        return f"/communities/garden{host}"

    def _op(self, act: Act, item: str, kind: Kind, mark: str, under: str = "") -> Op:
        began = self.mesh.now()
        return Op(self.town.name, self.uri, act, item, began, kind=kind, mark=mark, under=under)

    async def _do(self, path: str, form: dict[str, str], op: Op) -> Result:
        failures: list[str] = []
        result: Result = "unknown"
        async with self.client() as client:
            while self.mesh.now() < op.began + PATIENCE:
                try:
                    if not self.token:
                        browser = Browser(client)
                        self.token = browser.token(await browser.get("/about"))
                    answer = await client.post(path, data={**form, "csrf": self.token})
                except (httpx.HTTPError, AssertionError) as error:
                    failures.append(type(error).__name__)
                else:
                    if answer.status_code < 500:
                        result = "done" if answer.status_code in (200, 303) else "refused"
                        # A second try may find its own first one done.
                        if result == "refused" and failures and op.act in ONCE:
                            result = "done" if answer.status_code in (404, 409, 410) else result
                        if result == "refused":
                            failures.append(str(answer.status_code))
                        break
                    failures.append(str(answer.status_code))
                await asyncio.sleep(0.1)
        ended = msgspec.structs.replace(
            op, ended=self.mesh.now(), result=result, failures=tuple(failures[-5:])
        )
        self.mesh.history.add(ended)
        return result


def _mark() -> str:
    return f"v{uuid4().hex[:12]}"


def residents(mesh: Mesh, *names: str) -> list[Resident]:
    """Everybody of these cities, or of all."""
    towns = [mesh.towns[name] for name in names or tuple(mesh.towns)]
    return [Resident(mesh, town, person) for town in towns for person in town.sessions]


async def work(people: list[Resident], each: int) -> None:
    """So many things by each of them, side by side."""

    async def does(resident: Resident) -> None:
        for _ in range(each):
            await resident.something()

    await asyncio.gather(*(does(resident) for resident in people))
