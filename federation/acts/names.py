"""Names: what a person may be called here, and what an address may look like."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from federation import html
from schema.errors import Invalid
from schema.words import N_

NAME = re.compile(r"[a-z][a-z0-9_]{1,29}")
LONGEST_TITLE = 60
RESERVED = frozenset(
    "about abuse activities actor admin administrator administration agreements all anonymous "
    "api app assets blocked city communities community contact delete everyone federation "
    "group groups guest health help here host hostmaster inbox info instance join language "
    "legal livez log login logout look mail mailer_daemon me media members metrics mod "
    "moderation moderator moderators needs network new news nobody nodeinfo noreply notices "
    "null offers office official outbox people place places post postmaster posts privacy "
    "projects readyz register relay reports root rules search security settings signup staff "
    "stadt stadtnetz static steward support system team terms undefined user users verein "
    "verwaltung webfinger webmaster welcome www".split()
)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")  # look alike


def check_name(name: str) -> None:
    """Invalid unless it is two to thirty plain letters, digits and _, and not reserved."""
    if not NAME.fullmatch(name):
        raise Invalid(
            {"name": N_("Two to thirty letters a to z, digits or _, beginning with a letter.")}
        )
    if name in RESERVED:
        raise Invalid({"name": N_("This name is kept free. Please choose another.")})


def check_title(title: str) -> str:
    """How one wants to be shown, in one spelling; Invalid for empty, long or mixed letters.

    Letters of scripts that look alike may not stand in one word: "Аnn" with a Cyrillic А is not
    Ann.
    """
    one = html.tidy(unicodedata.normalize("NFKC", title))
    seen = "".join(letter for letter in one if unicodedata.category(letter) != "Cf")
    plain = " ".join(seen.split())
    if not any(letter.isalnum() for letter in plain):
        raise Invalid({"title": N_("Please say how you want to be shown.")})
    if len(plain) > LONGEST_TITLE:
        raise Invalid({"title": N_("That is too long.")})
    if any(len(_scripts(word)) > 1 for word in re.split(r"[\W\d_]+", plain)):
        raise Invalid({"title": N_("Please do not mix letters of different scripts in a word.")})
    return plain


def _scripts(word: str) -> set[str]:
    found = {unicodedata.name(letter, "").partition(" ")[0] for letter in word}
    return found.intersection(_SCRIPTS)


def check_email(email: str | None) -> str | None:
    """The address in one spelling, None for an empty one; Invalid when it is no address."""
    if email is None or not email.strip():
        return None
    try:
        return validate_email(
            email.strip(), check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError as error:
        raise Invalid({"email": N_("This does not look like an e-mail address.")}) from error
