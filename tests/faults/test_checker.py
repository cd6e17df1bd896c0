"""The checker finds nothing in a good history, and each kind of harm in a bad one."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from tests.faults.checker import Deal, Letter, Process, Row, State, check, check_processes
from tests.faults.history import History, Op, items

A, B = "http://alpha.localhost:1", "http://beta.localhost:2"
ANN, CAT = f"{A}/people/ann", f"{B}/people/cat"
OFFER, GARDEN = f"{A}/offers/1", f"{A}/communities/garden"
THREAD, REPLY = f"{A}/posts/1", f"{B}/posts/2"
LETTER = f"{A}/activities/1"
DEAL = f"{B}/agreements/1"


def op(act: Any, item: str, **more: Any) -> Op:
    city = more.pop("city", "alpha")
    by = more.pop("by", ANN)
    return Op(city, by, act, item, 1.0, 2.0, more.pop("result", "done"), **more)


GOOD = [
    op("create", OFFER, mark="v1"),
    op("edit", OFFER, mark="v2"),
    op("create", THREAD, kind="thread", mark="v3", under=GARDEN),
    op("join", GARDEN, city="beta", by=CAT),
    op("create", REPLY, city="beta", by=CAT, kind="reply", mark="v4", under=f"{THREAD} {GARDEN}"),
    op("ask", DEAL, city="beta", by=CAT, under=OFFER),
    op("accept", DEAL),
]
ROWS = {
    OFFER: Row(OFFER, ANN, "ladder v2", gone=False),
    THREAD: Row(THREAD, ANN, "seeds v3", gone=False, counted=1),
    REPLY: Row(REPLY, CAT, "some v4", gone=False, under=THREAD),
}
MEMBERS = {(GARDEN, CAT): "member"}
FOLLOWS = {(CAT, GARDEN): "accepted"}
LETTERS = {LETTER: Letter(LETTER, out=True, state="done", verdict="", digest="d")}
CAME = {LETTER: Letter(LETTER, out=False, state="done", verdict="", digest="d")}
AGREED = Deal(OFFER, "agreed", "h2", 4, 10)
DEALS = {DEAL: AGREED}
HERE = State(A, ROWS, (), MEMBERS, {GARDEN: 1}, FOLLOWS, {B: "linked"}, DEALS, LETTERS)
THERE = State(B, ROWS, (), MEMBERS, {}, FOLLOWS, {A: "linked"}, DEALS, CAME)


def without(rows: Mapping[str, Row], uri: str) -> dict[str, Row]:
    return {key: row for key, row in rows.items() if key != uri}


def changed(rows: Mapping[str, Row], uri: str, **values: Any) -> dict[str, Row]:
    return {**rows, uri: msgspec.structs.replace(rows[uri], **values)}


def found(ops: list[Op] | None = None, **states: State) -> set[tuple[str, str]]:
    """Invariant and city of what is violated."""
    both = {"alpha": HERE, "beta": THERE, **states}
    return {(one.invariant, one.city) for one in check(History(GOOD if ops is None else ops), both)}


def here(**values: Any) -> State:
    return msgspec.structs.replace(HERE, **values)


def there(**values: Any) -> State:
    return msgspec.structs.replace(THERE, **values)


def test_a_good_history_violates_nothing() -> None:
    assert found() == set()


BAD: dict[str, tuple[set[tuple[str, str]], dict[str, State]]] = {
    "acknowledged and lost": (
        {("I1", "alpha"), ("I4", "beta")},
        {"alpha": here(rows=without(ROWS, OFFER))},
    ),
    "gone without a delete": (
        {("I1", "alpha"), ("I6", "beta")},
        {"alpha": here(rows=changed(ROWS, OFFER, gone=True))},
    ),
    "not delivered": ({("I2", "beta")}, {"beta": there(rows=without(ROWS, OFFER))}),
    "given up": ({("I2", "alpha")}, {"alpha": here(lost=("beta",))}),
    "stuck": (
        {("I2", "beta")},
        {"beta": there(letters={LETTER: msgspec.structs.replace(CAME[LETTER], state="waiting")})},
    ),
    "a notice twice": ({("I3", "beta")}, {"beta": there(doubles=("notice",))}),
    "a reply counted twice": (
        {("I3", "alpha")},
        {"alpha": here(rows=changed(ROWS, THREAD, counted=2))},
    ),
    "a member counted twice": ({("I3", "alpha")}, {"alpha": here(counted_members={GARDEN: 2})}),
    "a row from nowhere": (
        {("I4", "beta")},
        {"beta": there(rows={**ROWS, "x": Row("x", ANN, "", gone=False)})},
    ),
    "a row by somebody else": (
        {("I4", "beta")},
        {"beta": there(rows=changed(ROWS, OFFER, author=CAT))},
    ),
    "a letter from nowhere": ({("I4", "beta")}, {"alpha": here(letters={})}),
    "an old version": (
        {("I5", "beta")},
        {"beta": there(rows=changed(ROWS, OFFER, text="ladder v1"))},
    ),
    "an edit lost at home": (
        {("I5", "alpha"), ("I5", "beta")},
        {"alpha": here(rows=changed(ROWS, OFFER, text="ladder v1"))},
    ),
    "gone elsewhere only": (
        {("I5", "beta")},
        {"beta": there(rows=changed(ROWS, OFFER, gone=True))},
    ),
    "a member on one side": ({("I8", "beta")}, {"alpha": here(members={}, counted_members={})}),
    "a follow on one side": ({("I8", "beta")}, {"alpha": here(follows={})}),
    "a link on one side": (
        {("I8", "alpha"), ("I8", "beta")},
        {"alpha": here(links={B: "known"})},
    ),
    "an agreement on one side": ({("I1", "alpha"), ("I8", "beta")}, {"alpha": here(deals={})}),
    "agreed here, asked there": (
        {("I8", "alpha"), ("I8", "beta")},
        {"beta": there(deals={DEAL: Deal(OFFER, "asked", "h1", 4, 10)})},
    ),
    "agreed, of another version": (
        {("I8", "alpha"), ("I8", "beta")},
        {"beta": there(deals={DEAL: Deal(OFFER, "agreed", "h9", 4, 10)})},
    ),
    "an Accept lost at home": (
        {("I1", "alpha"), ("I8", "alpha"), ("I8", "beta")},
        {"alpha": here(deals={DEAL: Deal(OFFER, "asked", "h1", 4, 10)})},
    ),
    "promised twice": (
        {("I3", "alpha")},
        {
            "alpha": here(deals={**DEALS, f"{B}/agreements/2": Deal(OFFER, "done", "h", 7, 10)}),
            "beta": there(deals={**DEALS, f"{B}/agreements/2": Deal(OFFER, "done", "h", 7, 10)}),
        },
    ),
    "two bodies": (
        {("I9", "beta")},
        {"beta": there(letters={LETTER: msgspec.structs.replace(CAME[LETTER], digest="other")})},
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_each_harm_is_found(name: str) -> None:
    expected, states = BAD[name]
    got = found(None, **states)
    if name == "a member on one side":
        assert {("I8", "beta"), ("I8", A)} == got, "and it was acknowledged"
    elif name == "a link on one side":
        assert got == expected
    else:
        assert got == expected


def test_what_was_deleted_must_be_gone_everywhere() -> None:
    ops = [*GOOD, op("delete", OFFER)]
    gone = changed(ROWS, OFFER, gone=True, text="")
    assert found(ops, alpha=here(rows=gone), beta=there(rows=gone)) == set()
    assert found(ops, alpha=here(rows=gone)) == {("I6", "beta")}
    assert found(ops, beta=there(rows=gone)) >= {("I6", "alpha")}


@pytest.mark.parametrize("had_effect", [True, False])
def test_what_was_not_answered_may_have_happened_or_not(had_effect: bool) -> None:
    ops = [*GOOD, op("edit", OFFER, mark="v9", result="unknown")]
    rows = changed(ROWS, OFFER, text="v9") if had_effect else ROWS
    assert found(ops, alpha=here(rows=rows), beta=there(rows=rows)) == set()
    assert found(ops, alpha=here(rows=changed(ROWS, OFFER, text="v9"))) == {("I5", "beta")}


def test_what_was_refused_promises_nothing() -> None:
    assert found([*GOOD, op("create", f"{A}/offers/2", mark="v8", result="refused")]) == set()


def test_an_acknowledged_edit_ends_the_doubt_about_earlier_ones() -> None:
    ops = [
        op("create", OFFER, mark="v1"),
        op("edit", OFFER, mark="v2", result="unknown"),
        op("edit", OFFER, mark="v3"),
    ]
    assert [item.marks for item in items(ops)] == [frozenset({"v3"})]


@pytest.mark.parametrize(
    ("process", "invariant"),
    [
        (Process("web", megabytes=900), "I10"),
        (Process("web", files=4000), "I10"),
        (Process("web", restart=60), "I12"),
        (Process("web", complaints=("Traceback",)), "I12"),
    ],
)
def test_what_a_process_takes_and_says_is_judged(process: Process, invariant: str) -> None:
    assert [one.invariant for one in check_processes([process])] == [invariant]
    assert not list(check_processes([Process("web", 100, 50, 3)]))
