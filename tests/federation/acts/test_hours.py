"""Exchange 5, hours: kept by a community that wants them, two lines for each booking."""

import asyncio
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.acts import accounts as account_acts
from federation.acts import agreements as agreement_acts
from federation.acts import hours as acts
from federation.acts import memberships, overdue, promises
from schema import agreements, communities, hour_views, hours, ids
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid
from tests import make
from tests.federation.acts.test_agreements import decides
from tests.world import City, fast_forward


async def a_circle(city: City, *names: str, **more: Any) -> tuple[Community, list[Actor]]:
    """A community that keeps hours; the first of its members is the steward."""
    people = [await make.a_person(city, name) for name in names]
    community = await make.a_community(city, people[0], "circle")
    for person in people[1:]:
        await join(city, person, community)
    given: dict[str, Any] = {"low": Decimal(-20), "high": Decimal(40), **more}
    async with city.instance.begin() as tx:
        choice = acts.Choice(on=True, **given)
        await acts.choose(tx, by=people[0], community=community, choice=choice)
    return community, people


async def join(city: City, person: Actor, community: Community) -> None:
    async with city.instance.begin() as tx:
        await memberships.ask(tx, by=person, community=community)


async def give(
    city: City, community: Community, by: Actor, to: Actor, amount: str, id: Any = None
) -> None:
    async with city.instance.begin() as tx:
        await acts.give(
            tx,
            by=by,
            community=community,
            to=to,
            amount=Decimal(amount),
            text="For the fence",
            id=id or ids.new(),
        )


async def balance(city: City, community: Community, owner: Any) -> Decimal:
    id = owner.id if isinstance(owner, Actor) else owner.actor_id
    async with city.instance.read() as conn:
        return await hours.balance_of(conn, community.actor_id, id)


async def sums_to_zero(city: City) -> bool:
    return await city.value("select coalesce(sum(amount), 0) from hour_entries") == 0


async def agreed(city: City, giver: Actor, taker: Actor, said: str | None = "1.5") -> Agreement:
    """The giver's offer, for hours, is agreed."""
    offer = await make.a_proposal(city, giver, "Mowing", return_kind="hours")
    terms = Terms(None, "piece", "hours", hours=Decimal(said) if said else None)
    async with city.instance.begin() as tx:
        row = await agreement_acts.ask(tx, by=taker, proposal=offer, terms=terms)
    async with city.instance.begin() as tx:
        return await agreement_acts.accept(tx, by=giver, agreement=row)


async def confirm(city: City, by: Actor, row: Agreement) -> Agreement:
    async with city.instance.begin() as tx:
        return await promises.confirm(tx, by=by, agreement=row)


async def handed_over(city: City, giver: Actor, taker: Actor, said: str = "1.5") -> Agreement:
    row = await agreed(city, giver, taker, said)
    await confirm(city, giver, row)
    return await confirm(city, taker, row)


async def test_hours_are_given_with_a_word_and_once_for_a_double_press(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    press = ids.new()
    for _ in range(2):
        await give(alpha, circle, ann, ben, "1.5", press)
    assert await balance(alpha, circle, ben) == Decimal("1.5")
    assert await balance(alpha, circle, ann) == Decimal("-1.5")
    async with alpha.instance.read() as conn:
        (line,) = await hour_views.list_lines(conn, ben.id)
    assert (line.text, line.other, line.after) == ("For the fence", "Ann", Decimal("1.5"))
    assert (
        await alpha.value("select kind from notices where account_id = %s", ben.id) == "hours.given"
    )


async def test_only_a_steward_turns_hours_on_and_only_members_give(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    cem = await make.a_person(alpha, "cem")
    with pytest.raises(Forbidden):
        await give(alpha, circle, cem, ann, "1")
    with pytest.raises(Forbidden):
        await give(alpha, circle, ann, cem, "1")
    for amount in ("0", "-1", "0.001", "10001"):
        with pytest.raises(Invalid):
            await give(alpha, circle, ann, ben, amount)
    choice = acts.Choice(True, Decimal(-1), Decimal(1))
    async with alpha.instance.begin() as tx:
        with pytest.raises(Forbidden):
            await acts.choose(tx, by=ben, community=circle, choice=choice)
    async with alpha.instance.begin() as tx:
        off = acts.Choice(False, Decimal(-1), Decimal(1))
        await acts.choose(tx, by=ann, community=circle, choice=off)
    with pytest.raises(Conflict):
        await give(alpha, circle, ann, ben, "1")


async def test_limits_hold_under_parallel_bookings(alpha: City) -> None:
    circle, (ann, ben, cem) = await a_circle(alpha, "ann", "ben", "cem", low=Decimal(-5))
    pressed = [give(alpha, circle, ann, to, "1") for to in (ben, cem) * 10]
    outcomes = await asyncio.gather(*pressed, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in outcomes) == 15
    assert await balance(alpha, circle, ann) == -5
    assert await sums_to_zero(alpha)


async def test_nobody_saves_more_than_the_upper_limit(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben", high=Decimal(2))
    await give(alpha, circle, ann, ben, "2")
    with pytest.raises(Conflict):
        await give(alpha, circle, ann, ben, "0.25")


async def test_an_agreement_books_its_hours_once_when_both_have_confirmed(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    row = await agreed(alpha, ann, ben)
    await confirm(alpha, ann, row)
    assert await balance(alpha, circle, ann) == 0
    both = [confirm(alpha, ben, row) for _ in range(8)]
    await asyncio.gather(*both, return_exceptions=True)
    assert await balance(alpha, circle, ann) == Decimal("1.5")
    assert await balance(alpha, circle, ben) == Decimal("-1.5")
    assert await alpha.value("select count(*) from hour_bookings") == 1


async def test_silence_books_as_well_and_who_helps_with_a_need_gets_the_hours(
    alpha: City,
) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    need = await make.a_proposal(
        alpha,
        ann,
        "Mowing",
        purpose="request",
        return_kind="hours",
        unit="h",
        quantity=Decimal(3),
        until=alpha.clock.now + make.days(5),
    )
    terms = Terms(Decimal(2), "h", "hours")
    async with alpha.instance.begin() as tx:
        row = await agreement_acts.ask(tx, by=ben, proposal=need, terms=terms)
        await agreement_acts.accept(tx, by=ann, agreement=row)
    await fast_forward(alpha, make.days(9))
    async with alpha.instance.begin() as tx:
        await overdue.sweep(tx)
    assert await balance(alpha, circle, ben) == 2
    assert await balance(alpha, circle, ann) == -2


async def test_what_does_not_fit_is_told_and_booked_later_on_request(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben", low=Decimal(-2))
    row = await agreed(alpha, ann, ben)
    await give(alpha, circle, ben, ann, "2")
    await confirm(alpha, ann, row)
    row = await confirm(alpha, ben, row)
    assert row.state == "done" and await balance(alpha, circle, ben) == -2
    told = "select count(*) from notices where kind = 'hours.refused'"
    assert await alpha.value(told) == 2
    await give(alpha, circle, ann, ben, "2")
    for _ in range(2):
        async with alpha.instance.begin() as tx:
            await acts.book_again(tx, by=ann, agreement=row)
    assert await balance(alpha, circle, ben) == Decimal("-1.5")


async def test_nobody_says_yes_to_hours_that_the_other_cannot_give(alpha: City) -> None:
    _, (ann, ben) = await a_circle(alpha, "ann", "ben", low=Decimal(-1))
    with pytest.raises(Conflict):
        await agreed(alpha, ann, ben)


async def test_moderators_who_annul_an_agreement_take_its_hours_back(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    admin = await make.an_admin(alpha)
    row = await handed_over(alpha, ann, ben)
    async with alpha.instance.begin() as tx:
        await promises.object_to(tx, by=ben, agreement=row, text="Half of it is missing.")
    await decides(alpha, admin, row, "It did not come about.")
    assert await balance(alpha, circle, ann) == await balance(alpha, circle, ben) == 0
    assert await alpha.value("select count(*) from hour_bookings") == 2


async def test_a_steward_corrects_by_a_counter_entry_once(alpha: City) -> None:
    circle, (ann, ben, cem) = await a_circle(alpha, "ann", "ben", "cem")
    await give(alpha, circle, ben, cem, "3")
    booking = await one_booking(alpha)
    with pytest.raises(Forbidden):
        await correct(alpha, circle, ben, booking)
    await correct(alpha, circle, ann, booking)
    with pytest.raises(Conflict):
        await correct(alpha, circle, ann, booking)
    assert await balance(alpha, circle, ben) == await balance(alpha, circle, cem) == 0
    assert await alpha.value("select count(*) from hour_bookings") == 2


async def one_booking(city: City) -> hours.Booking:
    async with city.instance.read() as conn:
        found = await hours.find(conn, await city.value("select id from hour_bookings limit 1"))
    assert found is not None
    return found


async def correct(city: City, circle: Community, by: Actor, booking: hours.Booking) -> None:
    async with city.instance.begin() as tx:
        await acts.correct(tx, by=by, community=circle, made=booking, text="A mistake")


@pytest.mark.parametrize(
    "change",
    [
        "update hour_entries set amount = amount * 2",
        "delete from hour_entries",
        "update hour_bookings set text = 'other'",
        "delete from hour_bookings",
        "insert into hour_entries select booking_id, account_id, 1 from hour_entries",
    ],
)
async def test_the_database_itself_refuses_changes(alpha: City, change: str) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    await give(alpha, circle, ann, ben, "1")
    with pytest.raises(psycopg.errors.IntegrityError):
        await alpha.execute(change)


@pytest.mark.parametrize("amounts", [[], [1], [1, 1], [2, -1], [1, -2, 1]])
async def test_the_database_refuses_what_is_not_two_lines_of_zero(
    alpha: City, amounts: list[int]
) -> None:
    circle, people = await a_circle(alpha, "ann", "ben", "cem")
    await give(alpha, circle, people[0], people[1], "1")
    await give(alpha, circle, people[2], people[1], "1")
    lines = [
        f"insert into hour_entries select '00000000-0000-7000-8000-000000000001', id, {amount}"
        f" from (select id, row_number() over (order by id) n from hour_accounts) a where n = {n}"
        for n, amount in enumerate(amounts, 1)
    ]
    head = f"""insert into hour_bookings (id, key, community_id, kind) values
      ('00000000-0000-7000-8000-000000000001', 'x', '{circle.actor_id}', 'gift')"""
    with pytest.raises(psycopg.errors.CheckViolation):
        async with alpha.instance.begin() as tx:
            for statement in [head, *lines]:
                await tx.conn.execute(statement.encode())


async def test_who_leaves_hands_the_balance_to_the_community(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    await give(alpha, circle, ann, ben, "3")
    async with alpha.instance.begin() as tx:
        await memberships.leave(tx, by=ben, community=circle)
    assert await balance(alpha, circle, ben) == 0
    assert await balance(alpha, circle, circle) == 3
    decided = "select by_id from hour_bookings where kind = 'leaving'"
    assert await alpha.value(decided) == ben.id
    assert await sums_to_zero(alpha)


async def test_where_one_leaves_with_zero_a_steward_may_take_over_the_rest(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben", leaving="zero")
    await give(alpha, circle, ben, ann, "3")
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await memberships.leave(tx, by=ben, community=circle)
    async with alpha.instance.begin() as tx:
        await acts.take_over(tx, by=ann, community=circle, person=ben, text="Ben moves away.")
        await memberships.leave(tx, by=ben, community=circle)
    assert await balance(alpha, circle, circle) == -3
    assert await sums_to_zero(alpha)


async def test_who_closes_the_account_leaves_nothing_hanging(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben", leaving="zero")
    await give(alpha, circle, ben, ann, "3")
    async with alpha.instance.begin() as tx:
        await account_acts.close(tx, by=ben)
    assert await balance(alpha, circle, ben) == 0
    assert await balance(alpha, circle, circle) == -3


Moves = st.lists(
    st.tuples(
        st.sampled_from(["give", "correct", "leave"]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 1200),
    ),
    max_size=12,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=Moves)
async def test_whatever_happens_the_sum_is_zero_and_nobody_is_beyond_the_limits(
    alpha: City, moves: list[tuple[str, int, int, int]]
) -> None:
    name = f"c{ids.new().hex[-8:]}"
    people = [await make.a_person(alpha, f"{name}{number}") for number in range(3)]
    circle = await make.a_community(alpha, people[0], name)
    for person in people[1:]:
        await join(alpha, person, circle)
    async with alpha.instance.begin() as tx:
        choice = acts.Choice(True, Decimal(-10), Decimal(12))
        await acts.choose(tx, by=people[0], community=circle, choice=choice)
    corrected = False
    for move, one, other, cents in moves:
        try:
            await do(alpha, circle, move, people[one], people[other], Decimal(cents) / 100)
        except (Conflict, Forbidden, Invalid):
            continue
        assert await sums_to_zero(alpha)
        corrected = corrected or move == "correct"
        for person in people:
            assert corrected or -10 <= await balance(alpha, circle, person) <= 12


async def do(
    city: City, circle: Community, move: str, one: Actor, other: Actor, amount: Decimal
) -> None:
    if move == "give":
        await give(city, circle, one, other, str(amount))
    elif move == "leave":
        async with city.instance.begin() as tx:
            found = await communities.get(tx.conn, circle.actor_id)
            await memberships.leave(tx, by=one, community=found)
    else:
        query = "select id from hour_bookings where community_id = %s order by id limit 1 offset %s"
        offset = int(amount) % 3
        id = await city.value(query, circle.actor_id, offset)
        async with city.instance.read() as conn:
            booking = await hours.find(conn, id) if id else None
        if booking:
            await correct(city, circle, one, booking)


async def test_an_agreement_without_a_number_of_hours_books_nothing(alpha: City) -> None:
    _, (ann, ben) = await a_circle(alpha, "ann", "ben")
    row = await agreed(alpha, ann, ben, None)
    await confirm(alpha, ann, row)
    row = await confirm(alpha, ben, row)
    async with alpha.instance.read() as conn:
        assert (await agreements.get(conn, row.id)).state == "done"
    assert await alpha.value("select count(*) from hour_bookings") == 0
