"""Letters: the mails of a city, in the languages it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "welcome", "login", "confirm", "approved", "refused", "suspended", "changed", "test"
]


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain text; placeholders are filled by `write`."""

    subject: str
    text: str


_ENGLISH: Mapping[Kind, Letter] = {
    "welcome": Letter(
        "Welcome to {place}",
        "Hello {name},\n\nyou have joined {place}. Please open this page once, so that we know that"
        " this address is yours:\n\n{link}\n\nIt is good for three days. If this was not you, do"
        " nothing.\n",
    ),
    "login": Letter(
        "Your way into {place}",
        "Hello {name},\n\nthis page logs you in to {place}:\n\n{link}\n\nIt is good once and for 15"
        " minutes. If you did not ask for it, do nothing: nobody gets in without it.\n",
    ),
    "confirm": Letter(
        "Is this your address?",
        "Hello {name},\n\nyou want {place} to write to this address. Please confirm it here:\n\n"
        "{link}\n\nIt is good for three days. If this was not you, do nothing.\n",
    ),
    "approved": Letter(
        "You are in: {place}",
        "Hello {name},\n\n{place} is glad to have you. From now on you can offer, ask and talk:"
        "\n\n{link}\n",
    ),
    "refused": Letter(
        "Your request to join {place}",
        "Hello {name},\n\nwe cannot take you in at {place} this time. The reason:\n\n{reason}\n",
    ),
    "suspended": Letter(
        "Your account at {place} rests",
        "Hello {name},\n\nuntil {until} you can read at {place}, but not write. The reason:\n\n"
        "{reason}\n\nIf you see it differently, answer the admins:\n\n{link}\n",
    ),
    "changed": Letter(
        "Your e-mail address at {place}",
        "Hello {name},\n\nsomebody who is logged in as you asked {place} to write to another"
        " address. If this was not you, end all sessions and set a new password:\n\n{link}\n",
    ),
    "test": Letter(
        "A test from {place}",
        "Hello {name},\n\nthis mail was sent by {place} to see whether mail works. It does.\n",
    ),
}

_GERMAN: Mapping[Kind, Letter] = {
    "welcome": Letter(
        "Willkommen bei {place}",
        "Hallo {name},\n\ndu bist jetzt bei {place}. Öffne bitte einmal diese Seite, damit wir"
        " wissen, dass die Adresse dir gehört:\n\n{link}\n\nSie gilt drei Tage. Wenn du das nicht"
        " warst, musst du nichts tun.\n",
    ),
    "login": Letter(
        "Dein Weg zu {place}",
        "Hallo {name},\n\nmit dieser Seite meldest du dich bei {place} an:\n\n{link}\n\nSie gilt"
        " einmal und 15 Minuten lang. Wenn du nicht darum gebeten hast, musst du nichts tun: Ohne"
        " sie kommt niemand hinein.\n",
    ),
    "confirm": Letter(
        "Ist das deine Adresse?",
        "Hallo {name},\n\ndu möchtest, dass {place} dir an diese Adresse schreibt. Bestätige sie"
        " bitte hier:\n\n{link}\n\nDer Link gilt drei Tage. Wenn du das nicht warst, musst du"
        " nichts tun.\n",
    ),
    "approved": Letter(
        "Du bist dabei: {place}",
        "Hallo {name},\n\n{place} freut sich, dass du da bist. Ab jetzt kannst du anbieten, fragen"
        " und mitreden:\n\n{link}\n",
    ),
    "refused": Letter(
        "Deine Anfrage an {place}",
        "Hallo {name},\n\nwir können dich bei {place} diesmal nicht aufnehmen. Der Grund:\n\n"
        "{reason}\n",
    ),
    "suspended": Letter(
        "Dein Konto bei {place} ruht",
        "Hallo {name},\n\nbis {until} kannst du bei {place} lesen, aber nicht schreiben. Der"
        " Grund:\n\n{reason}\n\nWenn du das anders siehst, wende dich an die Verwaltung:\n\n"
        "{link}\n",
    ),
    "changed": Letter(
        "Deine E-Mail-Adresse bei {place}",
        "Hallo {name},\n\njemand, der als du angemeldet ist, hat {place} gebeten, an eine andere"
        " Adresse zu schreiben. Wenn du das nicht warst, beende alle Sitzungen und setze ein neues"
        " Passwort:\n\n{link}\n",
    ),
    "test": Letter(
        "Ein Test von {place}",
        "Hallo {name},\n\ndiese Mail hat {place} geschickt, um zu sehen, ob Mail ankommt. Sie"
        " kommt an.\n",
    ),
}

_LANGUAGES: Mapping[str, Mapping[Kind, Letter]] = {"en": _ENGLISH, "de": _GERMAN}


def write(kind: Kind, locale: str, **values: str) -> Letter:
    """The letter in the language `locale` (English where we do not speak it), filled in."""
    found = _LANGUAGES.get(locale, _ENGLISH)[kind]
    return Letter(_line(found.subject.format_map(values)), found.text.format_map(values))


def _line(text: str) -> str:
    """A header is one line, whatever a place or a person is called."""
    return " ".join(text.split())[:200]
