"""One session of a knowledge bridge: when and where, questions with votes, answers as pages."""

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import lessons as lesson_acts
from federation.acts import meetings as acts
from federation.acts import questions as question_acts
from schema import actors, lessons, limits, meetings, questions
from schema.meetings import Meeting
from schema.words import N_
from web import forms
from web.pages.pacts import as_feed, host_named, seen
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Line = Annotated[str, Meta(max_length=200)]


class SessionDraft(msgspec.Struct):
    title: Annotated[str, Meta(max_length=120)]
    day: date
    begins: Clock = "18:00"
    ends: Clock = "20:00"
    topic: Annotated[str, Meta(max_length=2000)] = ""
    asker_room: Line = ""
    other_room: Line = ""
    link: Annotated[str, Meta(max_length=500)] = ""
    host: Annotated[str, Meta(max_length=100)] = ""
    cancelled: bool = False


class QuestionDraft(msgspec.Struct):
    text: Annotated[str, Meta(max_length=1000)]


class Vote(msgspec.Struct):
    on: bool = False


class LessonDraft(msgspec.Struct):
    title: Annotated[str, Meta(max_length=120)]
    source: Annotated[str, Meta(max_length=50_000)]
    question: Annotated[str, Meta(max_length=2000)] = ""


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(instance_of(request).config.time_zone)


async def _draft(request: Request) -> tuple[SessionDraft, datetime, datetime]:
    given, zone = await forms.parse(request, SessionDraft), _zone(request)
    starts = datetime.combine(given.day, time.fromisoformat(given.begins), zone)
    return given, starts, datetime.combine(given.day, time.fromisoformat(given.ends), zone)


async def new(request: Request) -> Response:
    """The form for a date."""
    by = me(request)
    async with instance_of(request).read() as conn:
        found = await seen(conn, request, request.path_params["id"])
    found.check_mine()
    form = Form({"host": by.name, "begins": "18:00", "ends": "20:00"})
    return await page(
        request, "pacts.session.form.html", seen=found, pact=found.pact, meeting=None, form=form
    )


@forms.again(new)
async def hold(request: Request) -> Response:
    by, instance = me(request), instance_of(request)
    given, starts, ends = await _draft(request)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"session:{by.id}", rate_per_minute=2, burst=20)
        found = await seen(tx.conn, request, request.path_params["id"])
        host = await host_named(tx.conn, given.host, by)
        draft = acts.Draft(
            given.title,
            given.topic,
            starts,
            ends,
            given.asker_room,
            given.other_room,
            given.link,
            host,
        )
        made = await acts.hold(tx, by=by, pact=found.pact, side=found.side, draft=draft)
    return see_other(request, _url(made), N_("The date stands, at both ends."))


def _url(meeting: Meeting) -> str:
    return f"/bridges/sessions/{meeting.id}"


async def edit(request: Request) -> Response:
    """The form with what it is now; for the end that holds the date."""
    me(request)
    async with instance_of(request).read() as conn:
        meeting = await meetings.get(conn, request.path_params["id"])
        found = await seen(conn, request, meeting.pact_id)
        host = await actors.get(conn, meeting.host_id) if meeting.host_id else None
    found.check_mine()
    zone = _zone(request)
    starts, ends = meeting.starts.astimezone(zone), meeting.ends.astimezone(zone)
    values: dict[str, object] = {
        "title": meeting.title,
        "topic": meeting.topic,
        "day": starts.date().isoformat(),
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "asker_room": meeting.asker_room,
        "other_room": meeting.other_room,
        "link": meeting.link,
        "host": host.name if host and host.is_local else "",
        "cancelled": meeting.cancelled,
    }
    return await page(
        request,
        "pacts.session.form.html",
        seen=found,
        pact=found.pact,
        meeting=meeting,
        form=Form(values),
    )


@forms.again(edit)
async def change(request: Request) -> Response:
    by = me(request)
    given, starts, ends = await _draft(request)
    async with instance_of(request).begin() as tx:
        meeting = await meetings.get(tx.conn, request.path_params["id"])
        host = await host_named(tx.conn, given.host, by)
        draft = acts.Draft(
            given.title,
            given.topic,
            starts,
            ends,
            given.asker_room,
            given.other_room,
            given.link,
            host,
            given.cancelled,
        )
        await acts.change(tx, by=by, meeting=meeting, draft=draft)
    return see_other(request, _url(meeting), N_("Saved, and told to the other end."))


async def show(request: Request) -> Response:
    """When, where, who; what people want to know, and what was answered."""
    who, instance = viewer(request), instance_of(request)
    async with instance.read() as conn:
        meeting = await meetings.get(conn, request.path_params["id"])
        found = await seen(conn, request, meeting.pact_id)
        host = await actors.get(conn, meeting.host_id) if meeting.host_id else None
        asked = await questions.list_cards(conn, meeting.id, who.actor.id if who else None)
        written = await lessons.list_of(conn, meeting.pact_id, meeting.id)
    holds = any(side.id == meeting.home_id for side in found.mine)
    running = found.pact.state == "agreed" and not meeting.cancelled
    return await page(
        request,
        "pacts.session.html",
        seen=found,
        pact=found.pact,
        meeting=meeting,
        host=host,
        asked=asked,
        written=written,
        holds=holds,
        open=running and meeting.ends > instance.clock(),
    )


async def feed(request: Request) -> Response:
    """This date alone, for one's own calendar."""
    async with instance_of(request).read() as conn:
        meeting = await meetings.get(conn, request.path_params["id"])
        found = await seen(conn, request, meeting.pact_id)
    return as_feed(request, found.pact.title, [meeting], f"{meeting.id}.ics")


@forms.again(show)
async def ask(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, QuestionDraft)
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, f"question:{by.id}", rate_per_minute=2, burst=10)
        meeting = await meetings.get(tx.conn, request.path_params["id"])
        await question_acts.ask(tx, by=by, meeting=meeting, text=given.text)
    return see_other(request, f"{_url(meeting)}#questions", N_("Your question is on the list."))


async def vote(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Vote)
    async with instance_of(request).begin() as tx:
        question = await questions.get(tx.conn, request.path_params["id"])
        if given.on:
            await question_acts.vote(tx, by=by, question=question)
        else:
            await question_acts.unvote(tx, by=by, question=question)
    return see_other(request, f"/bridges/sessions/{question.meeting_id}#questions")


async def take_back(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        question = await questions.get(tx.conn, request.path_params["id"])
        await question_acts.take_back(tx, by=by, question=question)
    path = f"/bridges/sessions/{question.meeting_id}#questions"
    return see_other(request, path, N_("The question is off the list."))


async def question(request: Request) -> Response:
    """A question stands on the page of its session."""
    async with instance_of(request).read() as conn:
        found = await questions.get(conn, request.path_params["id"])
    return see_other(request, f"/bridges/sessions/{found.meeting_id}#questions")


async def new_lesson(request: Request) -> Response:
    """The form for an answer; with `question` it begins with that."""
    me(request)
    async with instance_of(request).read() as conn:
        meeting = await meetings.get(conn, request.path_params["id"])
        found = await seen(conn, request, meeting.pact_id)
        asked = await questions.list_cards(conn, meeting.id, None)
    found.check_mine()
    wanted = request.query_params.get("question", "")
    chosen = next((q for q in asked if str(q.id) == wanted), None)
    values = {
        "question": chosen.uri if chosen else "",
        "title": chosen.text[:120] if chosen else "",
    }
    return await page(
        request,
        "pacts.lesson.form.html",
        seen=found,
        meeting=meeting,
        lesson=None,
        asked=asked,
        form=Form(values),
    )


@forms.again(new_lesson)
async def write(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, LessonDraft)
    async with instance_of(request).begin() as tx:
        meeting = await meetings.get(tx.conn, request.path_params["id"])
        found = await seen(tx.conn, request, meeting.pact_id)
        made = await lesson_acts.write(
            tx,
            by=by,
            meeting=meeting,
            side=found.side,
            title=given.title,
            source=given.source,
            question_uri=given.question,
        )
    return see_other(request, f"/bridges/lessons/{made.id}", N_("Kept, and told to the other end."))


async def lesson(request: Request) -> Response:
    """One answer as a page."""
    async with instance_of(request).read() as conn:
        row = await lessons.get(conn, request.path_params["id"])
        meeting = await meetings.get(conn, row.meeting_id)
        found = await seen(conn, request, meeting.pact_id)
        asked = await questions.find(conn, row.question_uri) if row.question_uri else None
    return await page(
        request,
        "pacts.lesson.html",
        seen=found,
        pact=found.pact,
        meeting=meeting,
        lesson=row,
        asked=asked,
        mine=any(side.id == row.home_id for side in found.mine),
    )


async def edit_lesson(request: Request) -> Response:
    """The form with what it says now."""
    me(request)
    async with instance_of(request).read() as conn:
        row = await lessons.get(conn, request.path_params["id"])
        meeting = await meetings.get(conn, row.meeting_id)
        found = await seen(conn, request, meeting.pact_id)
    found.check_mine()
    return await page(
        request,
        "pacts.lesson.form.html",
        seen=found,
        meeting=meeting,
        lesson=row,
        asked=[],
        form=Form({"title": row.title, "source": row.source}),
    )


@forms.again(edit_lesson)
async def rewrite(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, LessonDraft)
    async with instance_of(request).begin() as tx:
        row = await lessons.get(tx.conn, request.path_params["id"])
        meeting = await meetings.get(tx.conn, row.meeting_id)
        side = await actors.get(tx.conn, row.home_id)
        await lesson_acts.write(
            tx,
            by=by,
            meeting=meeting,
            side=side,
            title=given.title,
            source=given.source,
            lesson=row,
        )
    return see_other(request, f"/bridges/lessons/{row.id}", N_("Saved, and told to the other end."))


routes = [
    Route("/bridges/{id:uuid}/sessions/new", new),
    Route("/bridges/{id:uuid}/sessions", hold, methods=["POST"]),
    Route("/bridges/sessions/{id:uuid}", show),
    Route("/bridges/sessions/{id:uuid}/calendar.ics", feed),
    Route("/bridges/sessions/{id:uuid}/settings", edit),
    Route("/bridges/sessions/{id:uuid}/settings", change, methods=["POST"]),
    Route("/bridges/sessions/{id:uuid}/questions", ask, methods=["POST"]),
    Route("/bridges/sessions/{id:uuid}/lessons/new", new_lesson),
    Route("/bridges/sessions/{id:uuid}/lessons", write, methods=["POST"]),
    Route("/bridges/questions/{id:uuid}", question),
    Route("/bridges/questions/{id:uuid}/vote", vote, methods=["POST"]),
    Route("/bridges/questions/{id:uuid}/removal", take_back, methods=["POST"]),
    Route("/bridges/lessons/{id:uuid}", lesson),
    Route("/bridges/lessons/{id:uuid}/settings", edit_lesson),
    Route("/bridges/lessons/{id:uuid}/settings", rewrite, methods=["POST"]),
]
