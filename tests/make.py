"""What tests start from, made through the acts: people, communities, needs and offers."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from html import unescape
from itertools import count
from types import TracebackType
from typing import Any
from uuid import UUID

import httpx
from argon2 import PasswordHasher

from federation import keys
from federation.acts import accounts, blueprints, communities, planning, projects, proposals
from federation.acts.communities import Draft
from federation.acts.drafts import Draft as ProposalDraft
from federation.keys import KeyPair
from schema import actors, notices
from schema.actors import Actor
from schema.blueprints import Blueprint
from schema.communities import Community
from schema.instructions import Draft as Instructions
from schema.plans import Task
from schema.projects import Project
from schema.proposals import Proposal
from tests.world import City

_TOKEN = re.compile(r'name="csrf"\s+value="([^"]+)"')
_numbers = count()


@lru_cache(maxsize=8)
def _pair(number: int) -> KeyPair:
    return keys.make()


def a_key_pair() -> KeyPair:
    """One of a few pairs: making a new one for each person would be the slowest part of tests."""
    return _pair(next(_numbers) % 4)


async def a_person(city: City, name: str, **more: Any) -> Actor:
    """An active resident."""
    async with city.instance.begin() as tx:
        account = await accounts.sign_up(
            tx,
            name=name,
            title=more.pop("title", name.title()),
            keys=a_key_pair(),
            email=more.pop("email", None),
            password_hash=more.pop("password_hash", None),
            locale=more.pop("locale", "de"),
            invitation=more.pop("invitation", None),
            answers={},
            **more,
        )
        return await actors.get(tx.conn, account.actor_id)


async def an_admin(city: City, name: str = "root_admin") -> Actor:
    """A resident who is an admin of the place."""
    person = await a_person(city, name)
    await city.execute("update accounts set role = 'admin' where actor_id = %s", person.id)
    return person


@dataclass(slots=True)
class Browser:
    """Somebody's browser without JavaScript: keeps cookies, fills forms, follows redirects."""

    client: httpx.AsyncClient

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, follow_redirects=True)

    async def submit(
        self, path: str, data: dict[str, Any] | None = None, **more: Any
    ) -> httpx.Response:
        """Posts a form with the token of the front page, as every form has it; no redirect."""
        token = self.token(await self.get("/about"))
        return await self.client.post(path, data={"csrf": token, **(data or {})}, **more)

    def token(self, page: httpx.Response) -> str:
        """The token in the first form of a page."""
        found = _TOKEN.search(page.text)
        assert found, f"{page.url} has no form with a token ({page.status_code})"
        return unescape(found.group(1))

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.aclose()


def guest(city: City) -> Browser:
    """Nobody's browser."""
    return Browser(city.client())


async def log_in(city: City, person: Actor) -> Browser:
    """The person's browser, logged in."""
    async with city.instance.begin() as tx:
        token = await accounts.log_in(tx, account_id=person.id, user_agent="test")
    client = city.client()
    client.cookies.set("session", token)
    return Browser(client)


async def a_community(
    city: City,
    by: Actor,
    name: str = "garden",
    join_rule: Any = "open",
    title: str = "",
    purpose: str = "Growing things.",
) -> Community:
    """A community whose first steward is `by`."""
    draft = Draft(title or name.title(), purpose, join_rule, name)
    async with city.instance.begin() as tx:
        return await communities.create(tx, by=by, draft=draft, keys=a_key_pair())


async def a_proposal(
    city: City, by: Actor, title: str = "A ladder", community: Any = None, **more: Any
) -> Proposal:
    """An offer that stands, seen by everyone, unless `more` says otherwise."""
    pictures, id = more.pop("pictures", ()), more.pop("id", None)
    rule = more.pop("hand_out", None)
    draft = ProposalDraft(purpose=more.pop("purpose", "offer"), title=title, **more)
    async with city.instance.begin() as tx:
        group = await actors.get(tx.conn, community.actor_id) if community else None
        return await proposals.publish(
            tx, by=by, draft=draft, community=group, pictures=pictures, id=id, hand_out=rule
        )


async def a_project(
    city: City, by: Actor, name: str = "cistern", join_rule: Any = "open", **more: Any
) -> Project:
    """A project whose first steward is `by`, without a plan yet."""
    draft = projects.Draft(more.pop("title", name.title()), name=name, join_rule=join_rule, **more)
    async with city.instance.begin() as tx:
        return await projects.begin(tx, by=by, draft=draft, keys=a_key_pair())


async def a_task(city: City, by: Actor, project: Project, name: str = "Dig", **more: Any) -> Task:
    """An open task of a new milestone."""
    async with city.instance.begin() as tx:
        process = await planning.add_process(tx, by=by, project=project, name=f"{name} it")
        draft = planning.TaskDraft(name, **more)
        return await planning.add_task(tx, by=by, process=process, draft=draft)


async def a_blueprint(
    city: City, by: Actor, title: str = "Rain cistern", community: Any = None, **more: Any
) -> Blueprint:
    """A blueprint in its first version, for everyone unless `more` says otherwise."""
    scope, fork = more.pop("scope", "everyone"), more.pop("fork", None)
    files = more.pop("files", ())
    async with city.instance.begin() as tx:
        group = await actors.get(tx.conn, community.actor_id) if community else None
        return await blueprints.publish(
            tx,
            by=by,
            draft=Instructions(title, **more),
            community=group,
            scope=scope,
            forked_from=fork,
            files=files,
        )


async def a_version(
    city: City, by: Actor, blueprint: Blueprint, title: str = "Rain cistern", **more: Any
) -> Blueprint:
    """A further version of a blueprint."""
    async with city.instance.begin() as tx:
        draft = Instructions(title, **more)
        return await blueprints.revise(tx, by=by, blueprint=blueprint, draft=draft)


def id_of(path: str) -> UUID:
    """The id that a page's address ends with."""
    return UUID(path.partition("?")[0].rpartition("/")[2])


async def an_invitation(city: City, uses: int = 1) -> str:
    """A code, made on the command line, good for a day."""
    async with city.instance.begin() as tx:
        return await accounts.invite(tx, by=None, uses=uses, life=timedelta(days=1), note="")


async def a_first_admin_token(city: City) -> str:
    """As `stadtnetz admin create` prints it."""
    async with city.instance.begin() as tx:
        return await accounts.first_admin_token(tx)


@lru_cache(maxsize=16)
def a_password(text: str) -> str:
    """Its hash, as the pages store it."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(text)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


async def a_notice(city: City, to: Actor, kind: Any, by: Actor | None = None, **about: Any) -> None:
    """Something told to `to`; `about`: proposal, post, community, text."""
    async with city.instance.begin() as tx:
        await notices.tell(tx.conn, to.id, kind, by=by.id if by else None, **about)
