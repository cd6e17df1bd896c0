"""The frame of pages: what every page shows, forms that keep what was typed, formats, words."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from jinja2 import ChoiceLoader, DictLoader, Environment, UndefinedError
from markupsafe import Markup

from schema.proposals import ProposalCard
from web import compiled
from web.formats import Formats
from web.render import Form, Frame, Renderer, static, wanted_block, with_query
from web.words import Words, load

NOW = datetime(2026, 8, 12, 16, 30, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")
STATIC = Path(__file__).parents[2] / "web" / "static"


@dataclass(frozen=True)
class Ann:
    name: str = "ann"
    title: str = "Ann <Huber>"
    avatar_url: str | None = None
    is_admin: bool = False
    is_moderator: bool = False


FRAME = Frame(
    me=None,
    place_name="Kirchbach",
    locale="de",
    theme="auto",
    csrf="token",
    path="/offers?q=a",
    unread=0,
    waiting=0,
    flash=(),
    origin="http://alpha.test",
)
CARD = ProposalCard(
    id=UUID(int=1),
    purpose="offer",
    title="Äpfel & <Birnen>",
    category="food.fruit",
    quantity=Decimal(20),
    available=Decimal(14),
    unit="kg",
    until=NOW + timedelta(days=2),
    return_kind="nothing",
    place_name="Zerlach",
    latitude=None,
    longitude=None,
    scope="everyone",
    state="open",
    language="de",
    replies=1,
    created=NOW,
    author_name="maria",
    author_title="Maria",
    author_host="beta.test",
    community_title=None,
    picture_id=None,
    distance_km=6.4,
)
PAGE = """{% extends "parts/layout.html" %}
{% set greeting = "Hallo" %}
{% block title %}Titel{% endblock %}
{% block main %}<h1>{{ greeting }} {{ name|default("") }}</h1>{% endblock %}"""


@cache
def furnished() -> tuple[Renderer, dict[str, str]]:
    """One renderer for all tests, and the templates it knows beside those of the project."""
    made, more = Renderer(zone=VIENNA, clock=lambda: NOW), {"page.html": PAGE}
    made.warm()
    for environment in made._environments.values():
        ours = environment.loader
        assert ours is not None
        environment.loader = ChoiceLoader([DictLoader(more), ours])
    return made, more


def renderer(**templates: str) -> Renderer:
    made, more = furnished()
    more.update({f"{name}.html": source for name, source in templates.items()})
    return made


def show(source: str, frame: Frame = FRAME, **context: object) -> str:
    """What a snippet inside a page becomes, without the page around it."""
    whole = f'{{% extends "parts/layout.html" %}}{{% block main %}}{source}{{% endblock %}}'
    name = f"snippet{hash(source)}"
    page = renderer(**{name: whole}).render(f"{name}.html", {"frame": frame, **context})
    return page.split('<main id="main" tabindex="-1">')[1].split("</main>")[0].strip()


def test_a_page_has_its_language_title_and_one_main_part() -> None:
    page = renderer().render("page.html", {"frame": FRAME})
    assert page.startswith('<!doctype html>\n<html lang="de">')
    assert "<title>Titel · Kirchbach</title>" in page
    assert page.count("<main") == page.count("<h1>") == 1


def test_a_block_for_htmx_has_its_title_and_what_stands_above_it() -> None:
    flashed = replace(FRAME, flash=(("good", "Join"),))
    block = renderer().render_block("page.html", "main", {"frame": flashed})
    assert "<html" not in block
    assert "<title>Titel · Kirchbach</title>" in block
    assert "<h1>Hallo </h1>" in block
    assert "Mitmachen" in block


@pytest.mark.parametrize(
    ("headers", "block"),
    [
        ({}, ""),
        ({"hx-request": "true"}, "main"),
        ({"hx-request": "true", "hx-boosted": "true"}, ""),
        ({"hx-request": "true", "hx-history-restore-request": "true"}, ""),
    ],
)
def test_only_htmx_asking_for_a_piece_gets_a_piece(headers: dict[str, str], block: str) -> None:
    assert wanted_block(headers) == block


def test_values_are_escaped_everywhere() -> None:
    frame = replace(FRAME, me=Ann(), place_name="<b>", path='/"><script>', flash=(("bad", "<i>"),))
    page = renderer().render("page.html", {"frame": frame, "name": "<script>"})
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<i>" not in page


def test_nothing_on_a_page_runs_or_styles_inline() -> None:
    page = renderer().render("page.html", {"frame": replace(FRAME, me=Ann())})
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:", page)


def test_a_name_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        show("{{ nobody_gave_this }}")


def test_the_open_page_is_marked_and_no_other() -> None:
    page = renderer().render("page.html", {"frame": FRAME})
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', page) == ["/offers"]


def test_visitors_find_the_way_in_and_residents_their_own() -> None:
    made = renderer()
    visitor = made.render("page.html", {"frame": FRAME})
    resident = made.render("page.html", {"frame": replace(FRAME, me=Ann(), unread=120)})
    admin = made.render("page.html", {"frame": replace(FRAME, me=Ann(is_admin=True))})
    assert 'href="/login"' in visitor
    assert 'href="/me"' not in visitor
    assert 'href="/login"' not in resident
    assert "99+" in resident
    assert 'href="/admin"' not in resident
    assert 'href="/admin"' in admin


def test_the_main_pages_are_at_most_five() -> None:
    page = renderer().render("page.html", {"frame": FRAME})
    assert page.split("<nav")[1].split("</nav>")[0].count("<a ") <= 5


def test_language_and_look_change_by_forms_with_the_token() -> None:
    page = renderer().render("page.html", {"frame": replace(FRAME, theme="dark")})
    assert '<html lang="de" data-theme="dark">' in page
    assert page.count('<input type="hidden" name="csrf" value="token">') == 2
    assert '<button name="locale" value="de" lang="de" aria-pressed="true">' in page
    assert '<button name="theme" value="dark" aria-pressed="true">' in page
    assert page.count('<input type="hidden" name="back" value="/offers?q=a">') == 2


def test_the_same_template_speaks_two_languages() -> None:
    source = (
        "{{ _('Join') }} {{ ngettext('%(num)d reply', '%(num)d replies', 2) }} {{ 1250.5|number }}"
    )
    assert show(source) == "Mitmachen 2 Antworten 1.250,5"
    assert show(source, replace(FRAME, locale="en")) == "Join 2 replies 1,250.5"
    assert show(source, replace(FRAME, locale="xx")) == "Join 2 replies 1,250.5"


def test_a_text_from_outside_is_escaped_also_when_it_is_translated() -> None:
    evil = "<img src=x> 100 %"
    assert show("{{ _(text) }}", text=evil) == "&lt;img src=x&gt; 100 %"
    shown = show("{{ _('About %(place)s', place=text) }}", text="<b>")
    assert shown == "Über &lt;b&gt;"


def test_a_second_column_is_there_when_it_has_something_in_it() -> None:
    made = renderer(side=PAGE + "{% block aside %}<p>daneben</p>{% endblock %}")
    assert "<aside" not in made.render("page.html", {"frame": FRAME})
    assert '<aside class="stack"><p>daneben</p></aside>' in made.render(
        "side.html", {"frame": FRAME}
    )


FIELDS = {
    "text": '{{ fields.text(form, "title", "Titel", "Kurz", required=true, maxlength=80) }}',
    "textarea": '{{ fields.textarea(form, "title", "Titel", "Kurz", required=true) }}',
    "number": '{{ fields.number(form, "title", "Titel", "Kurz", required=true, min=0) }}',
    "date": '{{ fields.date(form, "title", "Titel", "Kurz", required=true) }}',
    "select": '{{ fields.select(form, "title", "Titel", [("<7>", "x")], "Kurz", required=true) }}',
    "file": '{{ fields.file(form, "title", "Titel", "Kurz", required=true) }}',
    "check": '{{ fields.check(form, "title", "Titel", "Kurz", "<7>", required=true) }}',
}


@pytest.mark.parametrize("source", FIELDS.values(), ids=FIELDS.keys())
def test_a_field_is_named_explained_and_tells_what_is_wrong(source: str) -> None:
    wrong = Form({"title": "<7>"}, {"title": "Rules"})
    html = show(source, form=wrong)
    ids = re.search(r'aria-describedby="([^"]+)"', html)
    assert ids is not None
    assert all(f'id="{id}"' in html for id in ids[1].split())
    assert 'aria-invalid="true"' in html
    assert " required" in html
    assert "Regeln" in html
    assert "<7>" not in html
    assert re.search(r'for="f-title"|<label class="check">', html)
    assert 'id="f-title" name="title"' in html
    fine = show(source)
    assert "aria-invalid" not in fine


def test_what_was_typed_stands_there_again() -> None:
    typed = Form({"title": 'a "b"', "many": ["x", "z"], "one": "2", "day": date(2026, 8, 12)})
    source = """{{ fields.text(form, "title", "T") }}{{ fields.date(form, "day", "D") }}
    {{ fields.chips(form, "many", "M", [("x", "X"), ("y", "Y"), ("z", "Z")], multiple=true) }}
    {{ fields.select(form, "one", "O", [("G", [("1", "a"), ("2", "b")])], default="1") }}"""
    html = show(source, form=typed)
    assert 'value="a &#34;b&#34;"' in html
    assert 'value="2026-08-12"' in html
    assert re.findall(r'value="(\w)" checked', html) == ["x", "z"]
    assert re.findall(r'value="(\w)" selected', html) == ["2"]


def test_a_password_is_never_filled_in_again() -> None:
    typed = Form({"secret": "correct horse"})
    html = show('{{ fields.text(form, "secret", "S", type="password") }}', form=typed)
    assert "correct horse" not in html


def test_chips_are_real_controls_in_a_group_with_a_name() -> None:
    source = """{{ fields.chips(form, "kind", "Art", [("a", "A", "gift"), ("b", "B")], default="b",
    required=true) }}"""
    html = show(source)
    assert "<legend>Art</legend>" in html
    assert re.findall(r'type="radio" id="([^"]+)"', html) == re.findall(r'for="([^"]+)"', html)
    assert re.findall(r'value="(\w)" checked required', html) == ["b"]


def test_the_summary_leads_to_each_field() -> None:
    wrong = Form({}, {"title": "Rules", "": "Join"})
    html = show("{{ fields.summary(form) }}", form=wrong)
    assert '<a href="#f-title">Regeln</a>' in html
    assert "<li>Mitmachen</li>" in html
    assert show("{{ fields.summary(form) }}") == ""


def test_a_button_that_acts_is_a_form_with_the_token() -> None:
    html = show('{{ fields.act(frame, "/x", "Weg", kind="danger", why="<1>") }}')
    assert '<form method="post" action="/x">' in html
    assert 'name="csrf" value="token"' in html
    assert 'name="why" value="&lt;1&gt;"' in html


def test_a_card_says_what_how_much_where_until_when_and_who() -> None:
    html = show("{{ cards.proposal_card(card) }}", card=CARD)
    shown = " ".join(Markup(html).striptags().split()).replace("\xa0", " ")
    assert shown == (
        "Angebot Äpfel & <Birnen> noch 14 von 20 kg 6 km · Zerlach bis Fr., 14. Aug. Geschenkt "
        "Maria · beta.test · 1 Antwort"
    )
    assert f'<a href="{CARD.url}" lang="de">' in html


@pytest.mark.parametrize("scope", ["community", "city", "neighbours", "everyone"])
def test_each_audience_is_told_in_other_words(scope: str) -> None:
    every = {
        show("{{ cards.seen_by(scope) }}", scope=one)
        for one in ("community", "city", "neighbours", "everyone")
    }
    assert len(every) == 4
    assert show("{{ cards.seen_by(scope) }}", scope=scope).startswith("Das sehen")


def test_the_pager_shows_only_ways_that_exist() -> None:
    assert show("{{ pager(none, none) }}") == ""
    html = show('{{ pager(none, "/a?b=1&c=2") }}')
    assert html.count("<a ") == 1
    assert 'href="/a?b=1&amp;c=2" rel="next"' in html


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    named: set[str] = set()
    for path in (STATIC.parent).rglob("*.html"):
        named |= set(re.findall(r'\bicon\("([a-z0-9-]+)"\)', path.read_text()))
        named |= set(re.findall(r'picture="([a-z0-9-]+)"', path.read_text()))
    assert len(named) > 20
    assert not named - drawn


def test_every_template_compiles() -> None:
    Renderer().warm()


def test_a_static_address_changes_with_its_content() -> None:
    first = static("site.css")
    assert re.fullmatch(r"/static/site\.css\?v=[0-9a-f]{12}", first)
    assert first.split("=")[1] != static("site.js").split("=")[1]


def test_the_style_sheet_is_small_and_both_dark_themes_are_one() -> None:
    css = (STATIC / "site.css").read_text()
    assert len(css.encode()) < 30_000
    dark = re.findall(
        r'\[data-theme="(?:light"\]\)|dark"\]) \{([^}]*color-scheme: dark[^}]*)\}', css
    )
    assert len(dark) == 2
    assert dark[0].split() == dark[1].split()


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


PAIRS = [
    *((ink, ground, 4.5) for ink in ("ink", "soft") for ground in ("paper", "sheet", "sunk")),
    *(("ink", f"{wash}-wash", 4.5) for wash in ("leaf", "clay", "sun", "bad")),
    *(("leaf", ground, 4.5) for ground in ("paper", "sheet", "sunk", "leaf-wash")),
    *((word, f"{word}-wash", 4.5) for word in ("clay", "sun", "bad")),
    *((word, "sheet", 4.5) for word in ("clay", "bad", "leaf-deep")),
    ("leaf-deep", "leaf-wash", 4.5),
    ("on-leaf", "leaf", 4.5),
    ("on-leaf", "leaf-deep", 4.5),
    ("sheet", "clay", 4.5),
    ("soft", "leaf-wash", 4.5),
    *(("edge", ground, 3.0) for ground in ("paper", "sheet", "sunk")),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_colours_differ_enough_to_be_read(
    theme: str, front: str, ground: str, least: float
) -> None:
    css = (STATIC / "site.css").read_text()
    block = css.split(f"color-scheme: {theme};")[1].split("}")[0]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    one, other = luminance(colours[front]), luminance(colours[ground])
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= least


def formats(language: str) -> Formats:
    return Formats(furnished()[0].words.catalogue(language), VIENNA, lambda: NOW)


def test_dates_are_those_of_the_place() -> None:
    late = datetime(2026, 8, 14, 22, 30, tzinfo=UTC)
    assert formats("de").long_day(late) == "15. August 2026"
    assert formats("de").moment(late) == "15. August 2026, 00:30"
    assert formats("en").moment(late) == "15 August 2026, 00:30"
    assert formats("de").day(late) == "Sa., 15. Aug."
    assert formats("en").day(late) == "Sat 15 Aug"
    assert formats("de").day(date(2027, 8, 15)) == "15. August 2027"


@pytest.mark.parametrize(
    ("delta", "german", "english"),
    [
        (timedelta(seconds=20), "gerade eben", "just now"),
        (timedelta(minutes=1), "vor 1 Minute", "1 minute ago"),
        (timedelta(minutes=59), "vor 59 Minuten", "59 minutes ago"),
        (timedelta(hours=23), "vor 23 Stunden", "23 hours ago"),
        (timedelta(days=1, hours=2), "vor 1 Tag", "1 day ago"),
        (timedelta(days=20), "vor 2 Wochen", "2 weeks ago"),
        (timedelta(days=400), "vor 1 Jahr", "1 year ago"),
        (timedelta(days=-2, minutes=-1), "in 2 Tagen", "in 2 days"),
    ],
)
def test_time_is_told_from_now(delta: timedelta, german: str, english: str) -> None:
    assert formats("de").ago(NOW - delta) == german
    assert formats("en").ago(NOW - delta) == english


@pytest.mark.parametrize(
    ("value", "unit", "german", "english"),
    [
        (Decimal("1.00"), "crate", "1 Kiste", "1 crate"),
        (Decimal("0.5"), "h", "0,5 Stunden", "0.5 hours"),
        (1250, "kg", "1.250 kg", "1,250 kg"),
        (3, "Handvoll", "3 Handvoll", "3 Handvoll"),
        (None, "kg", "", ""),
    ],
)
def test_amounts_have_their_unit(
    value: Decimal | int | None, unit: str, german: str, english: str
) -> None:
    assert formats("de").quantity(value, unit).replace("\xa0", " ") == german
    assert formats("en").quantity(value, unit).replace("\xa0", " ") == english


@pytest.mark.parametrize(
    ("km", "shown"),
    [
        (None, ""),
        (0.3, "unter 1 km"),
        (1.4, "1 km"),
        (99.4, "99 km"),
        (154, "150 km"),
        (1234, "1.200 km"),
    ],
)
def test_distances_are_rough(km: float | None, shown: str) -> None:
    assert formats("de").distance(km).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("path", "changes", "changed"),
    [
        ("/offers", {"q": "a b"}, "/offers?q=a+b"),
        ("/offers?q=a&place=here", {"place": None}, "/offers?q=a"),
        ("/offers?q=a", {"q": None}, "/offers"),
        ("/offers?c=1&c=2", {"q": "&"}, "/offers?c=1&c=2&q=%26"),
    ],
)
def test_a_query_is_changed_in_one_place(
    path: str, changes: dict[str, object], changed: str
) -> None:
    assert with_query(path, **changes) == changed


def test_what_is_compiled_is_kept_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled._in_memory.cache_clear()  # pyright: ignore[reportPrivateUsage]
    words = load()
    texts = {**words.catalogues["de"].texts, "Only here": "Nur hier"}
    only = Words({"en": words.catalogues["en"], "de": replace(words.catalogues["de"], texts=texts)})
    folder = tmp_path / "templates"

    def start(words: Words) -> None:
        Renderer(words, folder=folder)._in("de")  # pyright: ignore[reportPrivateUsage]

    start(only)
    assert [*folder.iterdir()]
    assert folder.stat().st_mode & 0o077 == 0
    compiled._in_memory.cache_clear()  # pyright: ignore[reportPrivateUsage]

    def compile_nothing(*_: object, **__: object) -> None:
        raise AssertionError("it was compiled before")

    with monkeypatch.context() as patch:
        patch.setattr(Environment, "_generate", compile_nothing)
        start(only)
        compiled._in_memory.cache_clear()  # pyright: ignore[reportPrivateUsage]
        with pytest.raises(AssertionError, match="compiled before"):
            start(words)  # other ones


def test_a_folder_that_cannot_be_used_stops_nothing(tmp_path: Path) -> None:
    file = tmp_path / "no folder"
    file.write_text("")
    made = Renderer(folder=file)
    assert made._in("de").get_template("parts/layout.html")  # pyright: ignore[reportPrivateUsage]
