"""The categories of needs and offers: two levels, two languages, and a guess from a title."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from schema.errors import Missing
from schema.words import N_

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Category:
    """A sector ("food", no parent) or a leaf ("food.veg"), with COICOP 2018 and CPV divisions."""

    id: str
    parent: str | None
    en: str
    de: str
    coicop: str
    cpv: str


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word, or several that must all be there, that points to a category; `stems` without the
    marks that say where they stand in it."""

    category: str
    parts: tuple[str, ...]
    stems: tuple[str, ...]


class Categories:
    """All categories in the order of the file, and the words that point to them."""

    def __init__(self, rows: list[Category], keywords: dict[str, list[Keyword]]) -> None:
        """`keywords` by language: "de" and "en"."""
        self._rows = {row.id: row for row in rows}
        self._order = {row.id: number for number, row in enumerate(rows)}
        self._keywords = keywords

    def get(self, id: str) -> Category:
        """Raises Missing for an id that is not in the list."""
        found = self._rows.get(id)
        if found is None:
            raise Missing(N_("There is no such category."))
        return found

    def find(self, id: str) -> Category | None:
        """The category, or None for an id that is not in the list."""
        return self._rows.get(id)

    def sectors(self) -> list[Category]:
        """The upper level, in order."""
        return [row for row in self._rows.values() if row.parent is None]

    def leaves(self, sector: str) -> list[Category]:
        """The categories under a sector; empty for a sector without any, or an unknown one."""
        return [row for row in self._rows.values() if row.parent == sector]

    def broader(self, id: str) -> Category | None:
        """The sector above; a leaf that only another city knows falls to the sector it names."""
        known = self._rows.get(id)
        if known is not None:
            return self._rows[known.parent] if known.parent else None
        return self._rows.get(id.split(".", 1)[0])

    def title(self, id: str, language: str) -> str:
        """The category's name in German or English; an unknown leaf shows its sector's."""
        known = self._rows.get(id) or self.broader(id) or self._rows["other"]
        return known.de if language.startswith("de") else known.en

    def guess(self, title: str, language: str, limit: int = 3) -> list[Category]:
        """Categories that the words of a title point to, likeliest first; empty when none does."""
        words = _words(title)
        own = "de" if language.startswith("de") else "en"
        other = "en" if own == "de" else "de"
        scores = self._scores(words, own) or self._scores(words, other)
        best = sorted(scores, key=lambda id: (-scores[id], self._order[id]))
        return [self._rows[id] for id in best[:limit]]

    def _scores(self, words: list[str], language: str) -> dict[str, int]:
        scores: dict[str, int] = {}
        text = " ".join(words)
        for keyword in self._keywords[language]:
            if not all(stem in text for stem in keyword.stems):
                continue  # most of them, told without a look at each word
            parts = [max((_fit(word, part) for word in words), default=0) for part in keyword.parts]
            if all(parts):
                # Two words together say more than each alone ("bike" + "repair").
                score = sum(parts) + 5 * (len(parts) - 1)
                scores[keyword.category] = max(score, scores.get(keyword.category, 0))
        return scores


def _fit(word: str, part: str) -> int:
    """How well a word of a title fits a keyword; 0 is not at all.

    The end of a German compound names the thing ("Tomatensetzlinge" are seedlings), so a match
    there counts more than one at its start.
    """
    stem = part.lstrip("=^")
    if part.startswith("="):
        return len(stem) + 4 if word == stem else 0
    at = word.rfind(stem) if len(stem) >= 5 and not part.startswith("^") else word.find(stem)
    if at < 0 or (at > 0 and (part.startswith("^") or len(stem) < 5)):
        return 0
    rest = len(word) - at - len(stem)
    return len(stem) + (4 if rest <= 3 else 0)


def _words(title: str) -> list[str]:
    text = title.casefold()
    for umlaut, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(umlaut, pair)
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", plain)


def _table(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


@lru_cache(maxsize=1)
def load() -> Categories:
    """Read the two tables that ship with the program; the answer is kept and never changes."""
    rows = [
        Category(id, parent or None, en, de, coicop, cpv)
        for id, parent, en, de, coicop, cpv in _table(HERE / "categories.tsv")
    ]
    keywords: dict[str, list[Keyword]] = {"de": [], "en": []}
    for id, de, en in _table(HERE / "category_words.tsv"):
        for language, words in (("de", de), ("en", en)):
            for word in words.split():
                parts = tuple(word.split("+"))
                stems = tuple(part.lstrip("=^") for part in parts)
                keywords[language].append(Keyword(id, parts, stems))
    return Categories(rows, keywords)
