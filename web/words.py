"""The words people see: one catalogue per language, read from the po files at start.

English is the text in the code itself; every other language is a folder under web/words.
"""

import gettext as gnu
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from markupsafe import Markup

HERE = Path(__file__).parent / "words"
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language: texts by their English original, and the number words.

    `plurals` holds all forms of a text by its English singular; `form` says which one fits a
    number.
    """

    language: str
    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]

    def gettext(self, text: str) -> str:
        """The text in this language; the English one where it has none."""
        return self.texts.get(text, text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form that fits the number."""
        forms = self.plurals.get(one, (one, many))
        return forms[min(self.form(number), len(forms) - 1)]

    def fill(self, text: str, values: Mapping[str, object]) -> Markup:
        """Translate and put the values in, escaped; only texts we ship may carry HTML."""
        found = self.texts.get(text)
        return (Markup(found) if found is not None else Markup.escape(text)) % values


class Words:
    """All languages the program speaks; `catalogues` by their code ("de", "en")."""

    def __init__(self, catalogues: Mapping[str, Catalogue]) -> None:
        self.catalogues = dict(catalogues)

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes, English first."""
        return tuple(self.catalogues)

    def catalogue(self, language: str) -> Catalogue:
        """The language's catalogue, English for one we do not speak."""
        return self.catalogues.get(language) or self.catalogues[ENGLISH]

    def gettext(self, language: str, text: str) -> str:
        """The text in the language, plain: for mail and for places outside a template."""
        return self.catalogue(language).gettext(text)

    def ngettext(self, language: str, one: str, many: str, number: int) -> str:
        """The form that fits the number, in the language."""
        return self.catalogue(language).ngettext(one, many, number)

    def negotiate(self, accept_language: str, default: str = ENGLISH) -> str:
        """The language an Accept-Language header likes best among ours (RFC 9110 §12.5.4)."""
        best, weight = default, 0.0
        for part in accept_language[:500].split(","):
            tag, _, parameters = part.strip().partition(";")
            quality = _quality(parameters)
            language = tag.strip().lower().split("-", 1)[0]
            if quality > weight and language in self.catalogues:
                best, weight = language, quality
        return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def _not_one(number: int) -> int:
    return int(number != 1)


def read(language: str, folder: Path) -> Catalogue:
    """Merge all po files of a folder; the first word for a text stays."""
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    form: Callable[[int], int] = _not_one
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        form = gnu.c2py(catalog.plural_expr)  # pyright: ignore
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, str):
                texts.setdefault(message.id, str(message.string))
            else:
                forms = tuple(str(form) for form in message.string or ())
                if all(forms):
                    plurals.setdefault(message.id[0], forms)
    return Catalogue(language, {k: v for k, v in texts.items() if v}, plurals, form)


@lru_cache(maxsize=4)
def load(folder: Path = HERE) -> Words:
    """Every language there is; a few hundred texts take some 50 ms, so they are read once."""
    others = [read(path.name, path) for path in sorted(folder.iterdir()) if path.is_dir()]
    known = {text: text for catalogue in others for text in catalogue.texts}
    english = Catalogue(ENGLISH, known, {}, _not_one)
    return Words({ENGLISH: english} | {catalogue.language: catalogue for catalogue in others})
