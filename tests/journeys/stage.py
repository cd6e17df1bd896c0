"""A stage for stories: residents with browsers, in cities on one wire or behind real sockets."""

import asyncio
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from schema.actors import Actor
from tests import make
from tests.make import Browser
from tests.world import City, SocketCity, patience, settle

_LINK = re.compile(
    r'<a\b[^>]*href="(/(?:offers|needs|posts)/[0-9a-f-]{36})[^"]*"[^>]*>(.*?)</a>', re.DOTALL
)


@dataclass(slots=True)
class Stage:
    """The cities of a story. On sockets their own workers move things; else `moves` does."""

    alpha: City
    beta: City
    more: list[City] = field(default_factory=list[City])

    @property
    def cities(self) -> list[City]:
        return [self.alpha, self.beta, *self.more]

    @property
    def is_live(self) -> bool:
        return isinstance(self.alpha, SocketCity)

    async def moves(self) -> None:
        """Lets arrive what is on its way."""
        if self.is_live:
            await asyncio.sleep(0)
        else:
            await settle(*self.cities)

    async def resident(self, city: City, name: str, *, admin: bool = False) -> "Resident":
        """Somebody with an account, logged in."""
        person = await (make.an_admin(city, name) if admin else make.a_person(city, name))
        return Resident(self, city, person, await make.log_in(city, person))


@dataclass(slots=True)
class Resident:
    """Somebody in front of a browser without JavaScript."""

    stage: Stage
    city: City
    actor: Actor
    browser: Browser

    @property
    def handle(self) -> str:
        """How people elsewhere address them."""
        return f"{self.actor.name}@{self.city.host}"

    async def does(self, path: str, **form: Any) -> str:
        """Sends a form that is accepted; the path of the page that follows."""
        answer = await self.browser.submit(path, form)
        assert answer.status_code == 303, (path, answer.status_code, words(answer.text))
        return answer.headers["Location"].partition("#")[0]

    async def tries(self, path: str, **form: Any) -> str:
        """Sends a form that is refused; the words of the page."""
        answer = await self.browser.submit(path, form)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
        return words(answer.text)

    async def reads(self, path: str) -> str:
        """A page, also one that says that there is nothing."""
        answer = await self.browser.get(path)
        assert answer.status_code in (200, 403, 404, 422), (path, answer.status_code)
        return unescape(answer.text)

    async def sees(self, text: str, at: str) -> str:
        """The page, once this stands on it."""
        return await self._until(text, at, there=True)

    async def loses(self, text: str, at: str) -> str:
        """The page, once this stands on it no more."""
        return await self._until(text, at, there=False)

    async def finds(self, title: str, at: str) -> str:
        """The path of a need, offer or thread in a list, once it stands there."""
        page = await self.sees(title, at)
        paths = [path for path, inside in _LINK.findall(page) if title in inside]
        assert paths, f"{title} is no link at {at}"
        return paths[0]

    async def _until(self, text: str, at: str, *, there: bool) -> str:
        async with patience():
            while True:
                await self.stage.moves()
                page = await self.reads(at)
                if (text in page) is there:
                    return page
                assert self.stage.is_live, (text, at, there, words(page))


def words(page: str) -> str:
    """The text of a page's main part, for messages of failed tests."""
    main = page.partition("<main")[2] or page
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())[:600]
