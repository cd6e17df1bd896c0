"""check(): what is wrong, as a pure function of the history and of what the databases hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from tests.faults.history import History, Item, items


class Row(msgspec.Struct, frozen=True):
    """A listing or a post as one city has it; `text` is what its readers see."""

    uri: str
    author: str
    text: str
    gone: bool
    under: str = ""
    counted: int = 0
    """Replies, by the counter that pages show."""


class Letter(msgspec.Struct, frozen=True):
    """An activity as one city has it; `digest` of the document."""

    uri: str
    out: bool
    state: str
    verdict: str
    digest: str
    type: str = ""


class Deal(msgspec.Struct, frozen=True):
    """An agreement as one city has it: `head` is the hash of its last version."""

    listing: str
    state: str
    head: str
    amount: float
    quantity: float
    """Of the listing, as it was published."""


class State(msgspec.Struct, frozen=True):
    """One city's database."""

    origin: str
    rows: Mapping[str, Row] = {}
    doubles: tuple[str, ...] = ()
    """What stands there twice: a uri, or a notice."""
    members: Mapping[tuple[str, str], str] = {}
    """Community and person to member, asked, left …"""
    counted_members: Mapping[str, int] = {}
    follows: Mapping[tuple[str, str], str] = {}
    """Follower and followed to asked, accepted."""
    links: Mapping[str, str] = {}
    deals: Mapping[str, Deal] = {}
    """By their key, which is an address of the city of who asked."""
    letters: Mapping[str, Letter] = {}
    lost: tuple[str, ...] = ()
    """Deliveries that were given up."""


class Process(msgspec.Struct, frozen=True):
    """What a process of a city used at most, and what it said."""

    name: str
    megabytes: float = 0.0
    files: int = 0
    restart: float = 0.0
    """Seconds from a crash until it answered again, at most."""
    complaints: tuple[str, ...] = ()
    """Tracebacks, and answers of 5xx where nothing of its own was broken."""


class Violation(NamedTuple):
    invariant: str
    city: str
    about: str


PROMISED = ("agreed", "handed", "done")
MOST_MEGABYTES = 512.0
MOST_FILES = 400
MOST_RESTART = 10.0
IN_FLIGHT = ("received", "waiting")


def check(history: History, states: Mapping[str, State]) -> list[Violation]:
    """All that does not hold. `states` has every city, by the name that the history uses."""
    found = [*differences(history, states), *_traces(history, states), *_once(states)]
    return sorted({*found, *_bodies(states), *_letters(states)})


def differences(history: History, states: Mapping[str, State]) -> Iterator[Violation]:
    """Where cities are not in step with the history and each other: I1 I2 I5 I6 I8."""
    for item in items(history.ops):
        yield from _at_home(item, states[item.city])
        for name in sorted(states):
            if name != item.city:
                yield from _elsewhere(item, states, name)
    yield from _bonds(history, states)
    yield from _deals(history, states)


def _at_home(item: Item, home: State) -> Iterator[Violation]:
    row = home.rows.get(item.uri)
    if row is None:
        if item.acked:
            yield Violation("I1", item.city, f"acknowledged, and not there: {item.uri}")
        return
    if item.deleted and not row.gone:
        yield Violation("I6", item.city, f"deleted, and there: {item.uri}")
    if row.gone and not item.may_be_deleted:
        yield Violation("I1", item.city, f"gone, and nobody deleted it: {item.uri}")
    if not row.gone and not any(mark in row.text for mark in item.marks):
        yield Violation("I5", item.city, f"not the last acknowledged version: {item.uri}")


def _elsewhere(item: Item, states: Mapping[str, State], name: str) -> Iterator[Violation]:
    origin, here = states[item.city].rows.get(item.uri), states[name].rows.get(item.uri)
    if origin is None or not _entitled(item, states, name):
        return
    if origin.gone:
        if here is not None and not here.gone:
            yield Violation("I6", name, f"gone where it lives, and still here: {item.uri}")
        return
    if here is None:
        yield Violation("I2", name, f"did not arrive: {item.uri}")
    elif here.gone:
        yield Violation("I5", name, f"gone here, and alive where it lives: {item.uri}")
    elif not _same_version(item, origin.text, here.text):
        yield Violation("I5", name, f"another version than where it lives: {item.uri}")


def _same_version(item: Item, there: str, here: str) -> bool:
    return any(mark in there and mark in here for mark in item.marks)


def _entitled(item: Item, states: Mapping[str, State], name: str) -> bool:
    """Listings are for all; what is said in a community reaches the cities of its members, and what
    is said below something that is gone may be refused."""
    if item.kind == "offer":
        return states[item.city].links.get(states[name].origin) == "linked"
    community, above = item.under, ""
    if item.kind == "reply":
        above, community = item.under.split(" ", 1)
    home = next((s for s in states.values() if community.startswith(f"{s.origin}/")), None)
    if home is None:
        return False
    if above and any(above in s.rows and s.rows[above].gone for s in states.values()):
        return False
    here = states[name].origin
    return here == home.origin or any(
        group == community and person.startswith(f"{here}/") and state == "member"
        for (group, person), state in home.members.items()
    )


def _bonds(history: History, states: Mapping[str, State]) -> Iterator[Violation]:
    by_origin = {state.origin: (name, state) for name, state in states.items()}
    for name, state in states.items():
        for origin, link in state.links.items():
            if origin in by_origin:
                other = by_origin[origin][1].links.get(state.origin, "known")
                if (link == "linked") != (other == "linked"):
                    yield Violation("I8", name, f"{link} with {origin}, which says {other}")
        for kind, mine in (("membership", "members"), ("follow", "follows")):
            bonds: Mapping[tuple[str, str], str] = getattr(state, mine)
            for (one, two), said in bonds.items():
                for end in (one, two):
                    found = by_origin.get(_origin(end))
                    if found is None or found[0] == name:
                        continue
                    theirs: Mapping[tuple[str, str], str] = getattr(found[1], mine)
                    other = theirs.get((one, two), "none")
                    if _firm(said) != _firm(other):
                        yield Violation("I8", name, f"{kind} {two} {said}, {found[0]}: {other}")
    wanted = dict[tuple[str, str], set[str]]()
    for op in history.ops:
        if op.act in ("join", "leave") and op.result != "refused":
            have = wanted.setdefault((op.item, op.by), set())
            if op.result == "done":
                have.clear()
            have.add(op.act)
    for (community, person), acts in wanted.items():
        home = next(s for s in states.values() if community.startswith(f"{s.origin}/"))
        is_member = home.members.get((community, person)) == "member"
        if ("join" if is_member else "leave") not in acts:
            yield Violation("I8", home.origin, f"{person} is {'' if is_member else 'no '}member")


def _deals(history: History, states: Mapping[str, State]) -> Iterator[Violation]:
    """Both cities hold the same versions (I8), what was acknowledged is there (I1), and nothing is
    promised twice (I3)."""
    homes = {state.origin: (name, state) for name, state in states.items()}
    promised, most = Counter[str](), dict[str, float]()
    for name, state in states.items():
        for key, deal in state.deals.items():
            ends = {_origin(key), _origin(deal.listing)}
            for origin in ends & set(homes):
                other, there = homes[origin][0], homes[origin][1].deals.get(key)
                if there is None or (there.state, there.head) != (deal.state, deal.head):
                    said = there.state if there else "nothing"
                    yield Violation("I8", name, f"{key} is {deal.state}, {other}: {said}")
            if _origin(deal.listing) == state.origin and deal.state in PROMISED:
                promised[deal.listing] += deal.amount  # pyright: ignore[reportArgumentType]
                most[deal.listing] = deal.quantity
    for listing, amount in promised.items():
        if amount > most[listing]:
            home = homes[_origin(listing)][0]
            yield Violation("I3", home, f"{amount:g} of {most[listing]:g} promised: {listing}")
    for op in history.ops:
        if op.act in ("ask", "accept") and op.result == "done":
            deal = states[op.city].deals.get(op.item)
            if deal is None or (op.act == "accept" and deal.state == "asked"):
                yield Violation("I1", op.city, f"{op.act} was acknowledged: {op.item}")


def _origin(uri: str) -> str:
    return "/".join(uri.split("/", 3)[:3])


def _firm(state: str) -> bool:
    return state in ("member", "accepted")


def _traces(history: History, states: Mapping[str, State]) -> Iterator[Violation]:
    """I4: nothing from nowhere: every row is of a city that has it, and of an op of its author."""
    known = {item.uri: item for item in items(history.ops)}
    for name, state in states.items():
        for uri, row in state.rows.items():
            item = known.get(uri)
            if item is None or item.by != row.author:
                yield Violation("I4", name, f"nobody asked for {uri} by {row.author}")
            elif uri not in states[item.city].rows:
                yield Violation("I4", name, f"its own city does not have {uri}")


def _once(states: Mapping[str, State]) -> Iterator[Violation]:
    """I3: every effect once; counters count what is there."""
    for name, state in states.items():
        for twice in state.doubles:
            yield Violation("I3", name, f"twice: {twice}")
        below = Counter(row.under for row in state.rows.values() if row.under and not row.gone)
        for uri, row in state.rows.items():
            if not row.gone and row.counted != below[uri]:
                yield Violation(
                    "I3", name, f"{uri} counts {row.counted} replies and has {below[uri]}"
                )
        there = Counter(group for (group, _), said in state.members.items() if said == "member")
        for group, counted in state.counted_members.items():
            if group.startswith(f"{state.origin}/") and counted != there[group]:
                yield Violation("I3", name, f"{group} counts {counted} and has {there[group]}")


def _bodies(states: Mapping[str, State]) -> Iterator[Violation]:
    """I9: no id ever has two bodies; I4: what came was sent."""
    origins = {state.origin: state for state in states.values()}
    for name, state in states.items():
        for uri, letter in state.letters.items():
            home = origins.get(_origin(uri))
            if letter.out or home is None:
                continue
            sent = home.letters.get(uri)
            if sent is None:
                yield Violation("I4", name, f"{letter.type} that was never sent: {uri}")
            elif sent.digest != letter.digest:
                yield Violation("I9", name, f"another body than was sent: {uri}")


def _letters(states: Mapping[str, State]) -> Iterator[Violation]:
    """I2: nothing is given up or stuck; among our own cities nothing is malformed."""
    for name, state in states.items():
        for lost in state.lost:
            yield Violation("I2", name, f"given up: {lost}")
        for uri, letter in state.letters.items():
            if not letter.out and letter.state in (*IN_FLIGHT, "malformed"):
                yield Violation("I2", name, f"{letter.state} ({letter.verdict}): {uri}")


def check_processes(processes: Iterable[Process]) -> Iterator[Violation]:
    """I10 and I12."""
    for process in processes:
        if process.megabytes > MOST_MEGABYTES:
            yield Violation("I10", process.name, f"{process.megabytes:.0f} MB of memory")
        if process.files > MOST_FILES:
            yield Violation("I10", process.name, f"{process.files} open files")
        if process.restart > MOST_RESTART:
            yield Violation("I12", process.name, f"restart took {process.restart:.1f} s")
        for complaint in process.complaints:
            yield Violation("I12", process.name, complaint)
