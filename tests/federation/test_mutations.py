"""Valid activities, changed at random: none breaks the city, none does what its author may not."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.federation.door import offer, post, snapshot
from tests.federation.riches import forged, gathered, owned
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, settle

# The same examples each time: what was found here must not depend on luck.
STEADY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
SAM, GROUP, ANN = "http://far.test/u/sam", "http://far.test/c/group", "http://alpha.test/people/ann"
OF_OTHERS = ("accounts", "actor_keys", "admin_log", "sessions", "settings", "invitations", "blocks")

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1.5, -0.0, 2**63 - 1, 1e308]),
    st.sampled_from(["", " ", "\n", "x" * 3000, "ü", "\u202e", "1", PUBLIC, "acct:pat@far.test"]),
    st.sampled_from([SAM, GROUP, ANN, "http://alpha.test/city", "http://beta.test/city"]),
    st.sampled_from(["http://far.test/u/pat", "http://evil.test/x", "javascript:alert(1)"]),
    st.sampled_from(["Create", "Delete", "Note", "Person", "Group", "Tombstone", "Undo", "Flag"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["id", "type", "actor", "object", "href", "name", "attributedTo"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
CHANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), VALUES), min_size=1, max_size=3)
RAW = {
    5: b'"\\ud800"',
    6: b'"a\\u0000b"',
}


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something could be changed: the path of every value."""
    found: list[tuple[Any, ...]] = [path] if path else []
    items: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        items = list(document.items())  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(document, list):
        items = list(enumerate(document))  # pyright: ignore[reportUnknownArgumentType]
    for key, value in items:
        found += places(value, (*path, key))
    return found


def mutated(document: dict[str, Any], changes: list[tuple[int, int, Any]]) -> bytes:
    """The document with some values replaced, wrapped, taken away, nested deeply, or unsound."""
    whole: Any = json.loads(json.dumps(document))
    unsound = b""
    for where, how, value in changes:
        paths = places(whole)
        path = paths[where % len(paths)]
        inside = whole
        for key in path[:-1]:
            inside = inside[key]
        old = inside[path[-1]]
        if how == 0:
            inside[path[-1]] = value
        elif how == 1:
            inside[path[-1]] = [old]
        elif how == 2:
            inside[path[-1]] = [old, value]
        elif how == 3:
            inside.pop(path[-1])
        elif how == 4:
            inside[path[-1]] = {"a": {"b": {"c": {"d": old}}}}
        else:
            inside[path[-1]], unsound = "UNSOUND", RAW[how]
        if not whole:
            return b"{}"
    return json.dumps(whole).encode().replace(b'"UNSOUND"', unsound)


async def started(alpha: City, wire: Wire) -> tuple[Peer, list[dict[str, Any]]]:
    """A neighbour whose pat belongs to a community, and letters of hers of every kind: good ones,
    and such that are about what belongs to others."""
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    far.add_actor("sam")
    far.add_actor("group", "Group")
    riches = await gathered(alpha, far)
    await far.says(alpha, far.activity("Follow", riches.garden, by=SAM), by=SAM)
    mention = {"type": "Mention", "href": riches.ann}
    note = far.note(tag=[mention], cc=[riches.ann, riches.garden], audience=riches.garden)
    theirs = far.note(by=SAM)
    letters = [
        far.activity("Create", {**note, "inReplyTo": riches.thread}),
        far.activity("Create", offer(far)),
        far.activity("Update", {**note, "content": "<p>new</p>"}),
        far.activity("Delete", {"type": "Tombstone", "id": note["id"]}),
        far.activity("Undo", far.activity("Follow", riches.garden, by=SAM)),
        far.activity("Announce", far.activity("Create", theirs, by=SAM)),
        far.activity("Follow", riches.ann),
        far.activity("Like", riches.thread),
        far.activity("Flag", [riches.ann, riches.ladder], content="look"),
        far.activity("Add", SAM, target=f"{riches.garden}/moderators"),
        far.activity("Invite", riches.garden, target=riches.ann),
        far.activity("Accept", far.activity("Follow", "x", by=riches.ann)),
        far.activity("Move", far.pat, target=SAM),
        far.activity("Question", "x", oneOf=[{"name": "a"}]),
        *forged(far, riches),
    ]
    await settle(alpha)
    return far, letters


def run_each(check: Callable[[list[tuple[int, int, Any]], int], Any], loop: Any) -> None:
    """Hypothesis calls plain functions; the city lives in a loop that stands meanwhile."""

    @STEADY
    @given(CHANGES, st.integers(0, 5000))
    def tried(changes: list[tuple[int, int, Any]], which: int) -> None:
        asyncio.run_coroutine_threadsafe(check(changes, which), loop).result(120)

    tried()


async def test_z1_no_letter_changes_what_belongs_to_others(alpha: City, wire: Wire) -> None:
    far, letters = await started(alpha, wire)
    before, numbers = await owned(alpha, far.pat), await snapshot(alpha)
    for letter in letters:
        assert (await far.says(alpha, letter)).status_code < 500, letter
        await settle(alpha)
        assert await owned(alpha, far.pat) == before, letter
    after = await snapshot(alpha)
    for table in OF_OTHERS:
        assert numbers.get(table) == after.get(table), table
    assert len(letters) > 200


async def test_z1_changed_letters_break_nothing_and_change_nothing_of_others(
    alpha: City, wire: Wire
) -> None:
    far, letters = await started(alpha, wire)
    before, numbers = await owned(alpha, far.pat), await snapshot(alpha)
    statuses: set[int] = set()

    async def check(changes: list[tuple[int, int, Any]], which: int) -> None:
        letter = mutated(letters[which % len(letters)], changes)
        letter = letter.replace(b"/activities/", b"/activities/%d-" % len(statuses_seen))
        statuses_seen.append(1)
        answer = await far.says(alpha, letter)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, letter
        await settle(alpha)
        assert await owned(alpha, far.pat) == before, letter

    statuses_seen: list[int] = []
    await asyncio.to_thread(run_each, check, asyncio.get_running_loop())
    after = await snapshot(alpha)
    assert {202, 400} <= statuses, "both kinds of letters were among them"
    for table in OF_OTHERS:
        assert before and numbers.get(table) == after.get(table), table
    broke = "select count(*) from activities where strpos(verdict, 'broke') > 0 or attempts > 5"
    assert await alpha.value(broke) == 0


async def test_z1_changed_letters_without_a_signature_change_nothing_at_all(
    alpha: City, wire: Wire
) -> None:
    _, letters = await started(alpha, wire)
    before = await snapshot(alpha)

    async def check(changes: list[tuple[int, int, Any]], which: int) -> None:
        letter = mutated(letters[which % len(letters)], changes)
        answer = await post(alpha, letter)
        assert answer.status_code in (202, 400, 401, 403), letter

    await asyncio.to_thread(run_each, check, asyncio.get_running_loop())
    await settle(alpha)
    after = await snapshot(alpha)
    assert {t for t in after if after[t] != before[t]} == set()
