"""What is shown of texts from residents and from other servers."""

import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.html import REL, TAGS, clean, mentions, tidy, to_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt&colon;alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<p style="background:url(//evil.test)">x</p>',
    "<p onclick=alert(1)>x</p>",
    "<iframe src=//evil.test></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=//evil.test><input name=password></form>",
    "<base href=//evil.test><meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=//evil.test><style>*{display:none}</style>",
    "<annotation><annotation-xml encoding='text/html'><script>alert(1)</script>",
    '<a class="button danger" href="https://x.test">x</a>',
]
TAG = re.compile(r"<\s*([a-zA-Z][a-zA-Z0-9-]*)([^>]*)>")
ATTRIBUTE = re.compile(r'([a-zA-Z-]+)="([^"]*)"')


def harmless(html: str) -> bool:
    for tag, rest in TAG.findall(html):
        if tag not in TAGS:
            return False
        for name, value in ATTRIBUTE.findall(rest):
            if name == "href" and not value.startswith(("http://", "https://", "mailto:")):
                return False
            if name not in ("href", "rel", "class", "start", "value"):
                return False
            if name == "class" and set(value.split()) - {"mention", "hashtag", "u-url", "h-card"}:
                return False
    return True


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_acts_or_loads_passes(attack: str) -> None:
    assert harmless(clean(attack))
    assert harmless(clean(f"<p>before {attack} after</p>"))
    assert harmless(to_html(attack))


@given(st.text(alphabet=st.sampled_from("<>/=\"' abiponsrcejvxyl&;:#\x00\u202e\ud800")))
@settings(max_examples=400, deadline=None)
def test_any_text_is_cleaned_without_an_error(text: str) -> None:
    assert harmless(clean(text))
    assert harmless(to_html(text))


def test_text_stays_readable_without_its_pictures() -> None:
    assert clean('<p>A <b>bed</b> <img src="https://x.test/1.png"> here</p>') == (
        "<p>A <b>bed</b>  here</p>"
    )


def test_links_to_elsewhere_say_that_they_are_not_ours() -> None:
    assert clean('<a href="https://x.test" rel="me" target="_blank">x</a>') == (
        f'<a href="https://x.test" rel="{REL}">x</a>'
    )


def test_an_address_on_our_own_server_cannot_be_a_link_in_a_text() -> None:
    assert "href" not in clean('<a href="/me/delete">x</a>')
    assert "href" not in clean('<a href="//evil.test">x</a>')


def test_markdown_becomes_html_with_line_breaks() -> None:
    assert to_html("Bring **spades**\nand *gloves*.") == (
        "<p>Bring <strong>spades</strong><br>\nand <em>gloves</em>.</p>\n"
    )


def test_html_in_markdown_is_shown_as_text() -> None:
    assert to_html("a <b>c</b>") == "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"


def test_headings_stay_below_those_of_the_page() -> None:
    html = to_html("# One\n\n## Two\n\n### Three")
    assert "<h3>One</h3>" in html
    assert "<h3>Two</h3>" in html
    assert "<h4>Three</h4>" in html


def test_a_bare_address_becomes_a_link_and_its_full_stop_does_not() -> None:
    html = to_html("See https://x.test/a_(b)?c=1&d=2. And (https://y.test/z).")
    assert '<a href="https://x.test/a_(b)?c=1&amp;d=2"' in html
    assert '<a href="https://y.test/z"' in html


def test_addresses_in_code_and_in_links_stay_as_they_are() -> None:
    assert "<a" not in to_html("`https://x.test/ and @ann`")
    assert to_html("[https://x.test](https://y.test)").count("<a") == 1


def test_a_known_mention_becomes_a_link_and_an_unknown_one_stays_text() -> None:
    links = {"ben@beta.test:8002": "https://beta.test/people/ben"}
    html = to_html("@Ben@beta.test:8002 and @nobody", links)
    assert '<a href="https://beta.test/people/ben" class="mention u-url"' in html
    assert ">@Ben@beta.test:8002</a> and @nobody" in html


def test_a_mention_cannot_carry_an_address_that_runs_code() -> None:
    assert "javascript" not in to_html("@ann", {"ann": "javascript:alert(1)"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ann", ("ann",)),
        ("Hallo @ann, @Ben@Beta.test:8002!", ("ann", "ben@beta.test:8002")),
        ("@ann @ann @ann", ("ann",)),
        ("(@ann.) @carl@gamma.test.", ("ann", "carl@gamma.test")),
        ("mail ann@alpha.test please", ()),
        ("https://alpha.test/@ann", ()),
        ("@ @@ @-", ()),
        ("@ann@", ("ann",)),
        ("@ann@x:", ("ann@x",)),
        ("@ann@x:99999999", ("ann@x:99999",)),
        ("@wien_nord @a.b-c", ("wien_nord", "a.b-c")),
    ],
)
def test_who_is_mentioned(text: str, found: tuple[str, ...]) -> None:
    assert mentions(text) == found


def test_direction_and_control_characters_disappear_and_letters_stay() -> None:
    assert tidy("Ann\u202egnp.exe\u2066\x00\x1b\ufeff") == "Anngnp.exe"
    assert tidy("שלום مرحبا Grüße\n\t👩‍🌾") == "שלום مرحبا Grüße\n\t👩‍🌾"


def test_marks_do_not_pile_up_over_a_line() -> None:
    assert tidy("Z" + "\u0301" * 1000 + "e") == "Z" + "\u0301" * 3 + "e"


HEAVY = [
    ">",
    "- ",
    "*a ",
    "*",
    "[",
    "[a](",
    "@",
    "@a@",
    "https://a(",
    "https://a) ",
    "`",
    "&",
    "a\n",
]


def steps(work: Callable[[str], object], text: str) -> int:
    """Lines of Python that ran: what a clock would say, but the same on every machine."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("piece", HEAVY)
@pytest.mark.parametrize("work", [to_html, mentions])
def test_twice_the_text_is_twice_the_work(work: Callable[[str], object], piece: str) -> None:
    work(piece)
    assert steps(work, piece * 1000) < 3 * steps(work, piece * 500)


def test_html_of_a_megabyte_is_cut() -> None:
    assert len(clean("<p>word" * 150_000)) < 400_000
