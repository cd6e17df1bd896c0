"""Admins, moderators and those whom they decide about; login by mail."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Postbox
from tests.browser.demo import GUESSING, KIRCHBACH, WIEN, Demo
from tests.browser.steps import (
    TURNS,
    LogIn,
    Visit,
    a_title,
    await_text,
    await_that,
    choose,
    join_city,
    publish,
    submit,
    unfold,
)

pytestmark = pytest.mark.browser
both = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
Mails = tuple[Postbox, str]


@both
def test_a_reported_offer_is_removed_and_everybody_is_told(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    title, why = a_title("Wunderpillen"), "Das ist Werbung für ein Geschäft."
    seller, reader, admin = visit(script=script), visit(script=script), visit(script=script)
    join_city(seller, WIEN, "Wanda Pill")
    address = publish(seller, WIEN, title)

    log_in(reader, WIEN, "resident")
    reader.goto(address)
    reader.locator("main").get_by_role("link", name="Melden").first.click()
    choose(reader, "harm", "fraud")
    reader.locator("textarea[name=text]").fill("Steht jede Woche da.")
    submit(reader, "Melden")
    expect(reader.get_by_text("Danke").first).to_be_visible()

    log_in(admin, WIEN, "admin")
    admin.goto(f"{WIEN}/admin/reports")
    admin.get_by_role("link", name=title).first.click()
    choose(admin, "measure", "remove")
    admin.locator("textarea[name=reason]").fill(why)
    admin.locator("textarea[name=outcome]").fill("Das Angebot ist weg.")
    submit(admin, "Als erledigt ablegen")
    admin.goto(f"{WIEN}/admin/log")
    expect(admin.get_by_text(why).first).to_be_visible()

    seller.goto(address)
    expect(seller.get_by_text(why).first).to_be_visible()
    reader.goto(f"{WIEN}/notices")
    expect(reader.get_by_text("Das Angebot ist weg.").first).to_be_visible()


@both
def test_an_admin_pauses_a_neighbour_and_what_waited_arrives_afterwards(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    title = a_title("Hühnerfutter")
    admin, author, there = visit(script=script), visit(script=script), visit()
    log_in(author, GUESSING, "resident")
    log_in(there, KIRCHBACH, "resident")
    log_in(admin, GUESSING, "admin")
    pause(admin, True)
    try:
        admin.goto(f"{GUESSING}/admin/cities")
        expect(admin.locator("li", has_text="Kirchbach").get_by_text("ruht")).to_be_visible()
        publish(author, GUESSING, title)
        admin.goto(f"{GUESSING}/admin/cities/kirchbach.localhost:8002")
        expect(admin.locator("dt:has-text('Wartet') + dd").first).not_to_have_text("0")
        there.goto(f"{KIRCHBACH}/offers")
        assert not there.get_by_text(title).count()
    finally:
        pause(admin, False)
    await_text(there, title)


def pause(admin: Page, paused: bool) -> None:
    """What goes from Güssing to Kirchbach waits, or does not."""
    admin.goto(f"{GUESSING}/admin/cities/kirchbach.localhost:8002")
    admin.locator("input[name=paused]").set_checked(paused)
    admin.locator("form[action$='/switches'] button").click()
    expect(admin.locator("input[name=paused]")).to_be_checked(checked=paused)


def test_admins_end_a_link_and_make_it_again(demo: Demo, visit: Visit, log_in: LogIn) -> None:
    ours, theirs = visit(), visit(width=1280)
    log_in(ours, GUESSING, "admin")
    log_in(theirs, KIRCHBACH, "admin")
    there, here = "kirchbach.localhost:8002", "guessing.localhost:8003"
    ours.goto(f"{GUESSING}/admin/cities/{there}")
    submit(ours, "Verbindung beenden")
    theirs.goto(f"{KIRCHBACH}/admin/cities/{here}")
    parting = theirs.locator("form[action$='/parting']")
    await_that(theirs, lambda: not parting.count(), "the link stands")

    ours.goto(f"{GUESSING}/admin/cities")
    ours.locator("form[action='/admin/cities'] input[name=address]").fill(KIRCHBACH)
    submit(ours, "Fragen")
    await_text(theirs, "Sie möchten unsere Nachbarn sein.")
    submit(theirs, "Zustimmen")
    switches = ours.locator("form[action$='/switches']")
    await_that(ours, lambda: switches.count() > 0, "there is no link")


@both
def test_an_admin_blocks_a_place_before_it_comes_and_lifts_the_block(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    page = visit(script=script)
    log_in(page, WIEN, "admin")
    page.goto(f"{WIEN}/admin/cities")
    unfold(page, "Einen Ort blockieren")
    host = f"{a_title('laut').replace(' ', '-')}.localhost:8009"
    page.locator("#f-bad-address").fill(f"http://{host}")
    page.locator("form[action='/admin/cities-met'] button").click()
    page.locator("textarea[name=reason]").fill("Schickt nur Werbung.")
    submit(page, "Diesen Ort blockieren")
    expect(page.get_by_text("Schickt nur Werbung.").first).to_be_visible()
    submit(page, "Blockade aufheben")
    expect(page.get_by_role("button", name="Diesen Ort blockieren")).to_be_visible()
    page.goto(f"{WIEN}/admin/log")
    expect(page.get_by_text(host).first).to_be_visible()


@both
def test_a_person_who_rests_reads_but_does_not_write_until_it_is_lifted(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    person, admin = visit(script=script), visit(script=script)
    name = join_city(person, GUESSING, "Rudi Laut")
    log_in(admin, GUESSING, "admin")
    admin.goto(f"{GUESSING}/admin/people/{name}")
    admin.locator("input[name=until]").fill((date.today() + timedelta(days=7)).isoformat())
    admin.locator("form[action$='/suspension'] textarea[name=reason]").fill("Bitte beruhige dich.")
    submit(admin, "Ruhen lassen")
    expect(admin.get_by_text("Bitte beruhige dich.").first).to_be_visible()

    person.goto(f"{GUESSING}/new?kind=offer")
    person.locator("input[name=title]").fill(a_title("Trompete"))
    submit(person, "Veröffentlichen")
    expect(person.get_by_text("Bitte beruhige dich.").first).to_be_visible()

    submit(admin, "Jetzt aufheben")
    publish(person, GUESSING, a_title("Trompete"))


@both
def test_an_invited_person_joins_by_the_address_on_the_sheet(
    demo: Demo, visit: Visit, log_in: LogIn, script: bool
) -> None:
    admin, guest = visit(script=script), visit(script=script)
    log_in(admin, KIRCHBACH, "admin")
    admin.goto(f"{KIRCHBACH}/admin/invitations")
    note = a_title("Für die Musikschule")
    admin.locator("input[name=note]").fill(note)
    submit(admin, "Einladung machen")
    admin.goto(f"{KIRCHBACH}/admin/invitations")
    admin.locator("li", has_text=note).get_by_role("link", name="Zettel").click()
    address = admin.locator("main a[href*='/join?']").get_attribute("href")
    assert address
    guest.goto(address)
    expect(guest.get_by_text("Du bist eingeladen").first).to_be_visible()
    name = f"gast_{note[-6:]}"
    guest.locator("input[name=title]").fill("Mila Musik")
    guest.locator("input[name=name]").fill(name)
    guest.locator("input[name=password]").fill("apfelkuchen-42")
    submit(guest, "Mitmachen")
    expect(guest.locator("h1")).to_have_text("Wo wohnst du?")
    admin.goto(f"{KIRCHBACH}/admin/invitations")
    expect(admin.locator("li", has_text=note)).to_contain_text("1 von 1")


@both
def test_a_resident_confirms_an_address_and_logs_in_by_mail(
    demo: Demo, visit: Visit, postbox: Mails, script: bool
) -> None:
    page, other = visit(script=script), visit(script=script)
    name = join_city(page, WIEN, "Berta Brief")
    page.goto(f"{WIEN}/me/security")
    page.locator("input[name=email]").fill(f"{name}@example.org")
    page.locator("input[name=current_email]").fill("apfelkuchen-42")
    submit(page, "Adresse ändern")
    page.goto(await_mail(page, postbox[0], name, lambda mail: True))
    submit(page, "Ja, das ist meine")
    page.goto(f"{WIEN}/me/security")
    expect(page.get_by_text(f"{name}@example.org ist bestätigt.")).to_be_visible()

    seen = len(postbox[0].got)
    other.goto(f"{WIEN}/login")
    other.locator("#f-link").fill(name)
    submit(other, "Schick mir einen Link")
    other.goto(await_mail(other, postbox[0], name, lambda mail: mail in postbox[0].got[seen:]))
    submit(other, "Anmelden")
    other.goto(f"{WIEN}/me")
    expect(other.locator("h1")).to_have_text("Berta Brief")


def await_mail(page: Page, box: Postbox, name: str, wanted: Callable[[EmailMessage], bool]) -> str:
    """The address in the newest wanted mail to this person."""
    for _ in range(TURNS):
        for mail in reversed([mail for mail in box.got if wanted(mail)]):
            if mail["To"].startswith(name):
                found = re.search(r"https?://\S+", mail.get_content())
                assert found, mail.get_content()
                return found.group(0)
        page.wait_for_timeout(50)
    raise AssertionError(f"no mail to {name}; there are {[mail['To'] for mail in box.got]}")
