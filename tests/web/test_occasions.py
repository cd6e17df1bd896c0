"""Dates of a project: set by a member, read in both cities, and in calendars."""

from datetime import UTC, datetime

from schema.actors import Actor
from tests import make
from tests.world import City, settle

FORM = {
    "title": "Dig together",
    "source": "Bring a spade.",
    "day": "2030-05-04",
    "begins": "09:00",
    "ends": "12:30",
    "place": "School yard",
}


async def test_a_date_of_a_project_is_shown_in_both_cities_and_in_calendars(
    alpha: City, beta: City, ann: Actor
) -> None:
    project = await make.a_project(alpha, ann, "cistern", title="Cistern")
    await settle(alpha, beta)
    bea = await make.a_person(beta, "bea")
    there, far = f"/projects/cistern@{alpha.host}", await make.log_in(beta, bea)
    await far.submit(f"/communities/cistern@{alpha.host}/membership")
    await settle(alpha, beta)
    browser = await make.log_in(alpha, ann)
    address = "/communities/cistern/posts/new?date=1"
    assert address in (await browser.get("/projects/cistern")).text
    assert 'name="day"' in (await browser.get(address)).text
    made = await browser.submit("/communities/cistern/posts?date=1", FORM)
    assert made.status_code == 303
    assert "School yard" in (await browser.get(made.headers["location"])).text
    await settle(alpha, beta)
    for shown in (await browser.get("/projects/cistern"), await far.get(there)):
        assert "Dig together" in shown.text and "School yard" in shown.text
        assert shown.text.index("Was jetzt fehlt") < shown.text.index("Nächste Termine")
    starts = datetime(2030, 5, 4, 7, tzinfo=UTC)
    for city in (alpha, beta):
        assert await city.value("select starts from occasions") == starts
        path = "/projects/cistern" if city is alpha else there
        text = (await make.guest(city).get(f"{path}/calendar.ics")).text
        assert "DTSTART:20300504T070000Z" in text and "DTEND:20300504T103000Z" in text
        assert "LOCATION:School yard" in text
    assert project.community_id


async def test_its_document_is_an_event_and_what_is_pinned_is_to_read_up(
    alpha: City, ann: Actor
) -> None:
    await make.a_project(alpha, ann, "cistern", title="Cistern")
    browser = await make.log_in(alpha, ann)
    wrong = await browser.submit("/communities/cistern/posts?date=1", {**FORM, "begins": "25:00"})
    assert wrong.status_code == 422 and 'name="day"' in wrong.text
    path = (await browser.submit("/communities/cistern/posts?date=1", FORM)).headers["location"]
    headers = {"accept": "application/activity+json"}
    document = (await browser.client.get(path, headers=headers)).json()
    assert document["type"] == "Event" and document["name"] == "Dig together"
    assert document["startTime"].startswith("2030-05-04T07:00:00")
    assert document["location"] == {"type": "Place", "name": "School yard"}
    assert "Zum Nachlesen" not in (await browser.get("/projects/cistern")).text
    await alpha.execute("update posts set pinned_at = now()")
    assert "Zum Nachlesen" in (await browser.get("/projects/cistern")).text
    await browser.submit(f"{path}/deletion")
    assert "Dig together" not in (await browser.get("/projects/cistern")).text
