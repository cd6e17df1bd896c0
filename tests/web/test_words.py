"""Every text that people see exists in every language, with the same placeholders."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from web import words
from web.words import Words

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "web" / "words" / "de"
ROOMS = ("web", "federation", "schema")
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    **dict.fromkeys(("Refusal", "Missing", "Forbidden", "Conflict", "TooMany", "Unauthorized")),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%")
FILES = sorted(FOLDER.glob("*.po"))


def texts_in_code() -> Iterator[tuple[str, str]]:
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*")):
        kind = {".py": "python", ".html": "jinja2.ext.babel_extract"}.get(path.suffix)
        if kind is None:
            continue
        options = {"silent": "false", "newstyle_gettext": "true", "trimmed": "false"}
        for _, message, _, _ in extract_from_file(kind, path, KEYWORDS, options=options):
            first = message if isinstance(message, str) else message[0]
            if first:
                yield first, str(path.relative_to(ROOT))


def entries(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        catalog: Catalog = read_po(file, locale="de", abort_invalid=True)
    return iter([message for message in catalog if message.id])


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def strings(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


@pytest.fixture(scope="module")
def catalogues() -> Words:
    return words.load()


def test_every_text_in_the_code_has_a_german_one(catalogues: Words) -> None:
    german = catalogues.catalogue("de")
    wanted = dict(texts_in_code())
    missing = {
        text: where
        for text, where in wanted.items()
        if text not in german.texts and text not in german.plurals
    }
    assert len(wanted) > 300
    assert not missing


def test_no_german_text_has_lost_its_english_one() -> None:
    wanted = {text for text, _ in texts_in_code()}
    unused = [
        (path.name, ids(message)[0])
        for path in FILES
        for message in entries(path)
        if ids(message)[0] not in wanted
    ]
    assert not unused


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_catalogue_is_finished_and_its_placeholders_are_those_of_the_english(path: Path) -> None:
    for message in entries(path):
        assert not message.fuzzy, message.id
        assert all(strings(message)), message.id
        names = {name for text in ids(message) for name in PLACEHOLDER.findall(text)}
        for text in strings(message):
            found = set(PLACEHOLDER.findall(text))
            # One of two number words may do without the number: "one place".
            assert found <= names, message.id
            assert names - found <= {"num"} if len(ids(message)) == 2 else found == names, text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_text_with_placeholders_writes_its_other_per_cent_signs_twice(path: Path) -> None:
    for message in entries(path):
        for text in (*ids(message), *strings(message)):
            matches = [found.group() for found in PLACEHOLDER.finditer(text)]
            assert "%" not in matches, text


def test_one_english_text_has_one_german_one() -> None:
    seen: dict[str, tuple[str, ...]] = {}
    for path in FILES:
        for message in entries(path):
            first = ids(message)[0]
            assert seen.setdefault(first, strings(message)) == strings(message), path.name


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr, de;q=0.5, en;q=0.4", "de"),
        ("DE;q=0.3,en;q=0.2", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr", "en"),
        ("", "en"),
        ("de;q=abc", "en"),
        (";;;,,q=1", "en"),
    ],
)
def test_a_visitor_gets_the_language_the_browser_asks_for(
    catalogues: Words, header: str, language: str
) -> None:
    assert catalogues.negotiate(header) == language


def test_a_header_of_a_megabyte_is_not_read_to_its_end(catalogues: Words) -> None:
    assert catalogues.negotiate("x," * 500_000 + "de") == "en"


def test_number_words_follow_the_number(catalogues: Words) -> None:
    def replies(language: str, number: int) -> str:
        return catalogues.ngettext(language, "%(num)d reply", "%(num)d replies", number)

    assert [replies("de", n) for n in (0, 1, 2)] == [
        "%(num)d Antworten",
        "%(num)d Antwort",
        "%(num)d Antworten",
    ]
    assert [replies("en", n) for n in (0, 1)] == ["%(num)d replies", "%(num)d reply"]


def test_an_unknown_language_is_english_and_an_unknown_text_stays(catalogues: Words) -> None:
    assert catalogues.gettext("fr", "Join") == "Join"
    assert catalogues.gettext("de", "Never written anywhere") == "Never written anywhere"


def test_a_language_is_a_folder_of_po_files(tmp_path: Path) -> None:
    folder = tmp_path / "nl"
    folder.mkdir()
    head = 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    (folder / "a.po").write_text(head + 'msgid "Join"\nmsgstr "Meedoen"\n')
    (folder / "b.po").write_text(
        head + 'msgid "Join"\nmsgstr "Later"\n\nmsgid "Rules"\nmsgstr ""\n'
    )
    read = words.load(tmp_path)
    assert read.languages == ("en", "nl")
    assert read.gettext("nl", "Join") == "Meedoen"
    assert read.gettext("nl", "Rules") == "Rules"
