"""What the place decides about itself: its name and rules, and the city that shows them."""

from dataclasses import replace

from federation import html, outbox
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience
from federation.wire import actors as wire
from federation.wire.contexts import PUBLIC
from schema import accounts, actors, logs, places, terms
from schema import settings as stored
from schema.actors import Actor
from schema.errors import Forbidden, Invalid
from schema.settings import Settings
from schema.terms import Terms
from schema.words import N_

LONGEST_TEXT = 20_000  # characters
LONGEST_NAME = 60
MOST_QUESTIONS = 10
LONGEST_QUESTION = 300


async def save(
    tx: Tx, *, by: Actor | None, settings: Settings, place_name: str | None = None
) -> Settings:
    """Stores them and shows them in the city's actor, which its followers are told of.

    `by` None: the command line; `place_name` None: as it was. Invalid with a message per field.
    Afterwards `instance.forget_settings()`.
    """
    await _check_admin(tx, by)
    questions = (" ".join(question.split()) for question in settings.questions)
    wanted = replace(
        settings,
        name=" ".join(html.tidy(settings.name).split()),
        purpose_de=html.tidy(settings.purpose_de).strip(),
        purpose_en=html.tidy(settings.purpose_en).strip(),
        questions=[question for question in questions if question],
        operator=html.tidy(settings.operator).strip(),
    )
    _check(wanted)
    known = await stored.load(tx.conn)
    await stored.save(tx.conn, wanted)
    different = [n for n in Settings.__slots__ if getattr(known, n) != getattr(wanted, n)]
    await logs.write(tx.conn, by, "settings", ", ".join(different))
    await _show(tx, wanted, place_name)
    return wanted


def _check(wanted: Settings) -> None:
    errors: dict[str, str] = {}
    if not 2 <= len(wanted.name) <= LONGEST_NAME:
        errors["name"] = N_("Please give the place a name, at most 60 letters.")
    for field in ("purpose_de", "purpose_en", "operator"):
        if len(getattr(wanted, field)) > LONGEST_TEXT:
            errors[field] = N_("That is too long.")
    if len(wanted.questions) > MOST_QUESTIONS:
        errors["questions"] = N_("Ten questions are the most.")
    if any(len(question) > LONGEST_QUESTION for question in wanted.questions):
        errors["questions"] = N_("That is too long.")
    if len(set(wanted.questions)) < len(wanted.questions):
        errors["questions"] = N_("One question stands there twice.")
    if errors:
        raise Invalid(errors)


async def _show(tx: Tx, settings: Settings, place_name: str | None) -> None:
    """The city Group and the server's actor look as the settings say."""
    city = await actors.get(tx.conn, tx.instance.city_id)
    server = await actors.get(tx.conn, tx.instance.actor_id)
    about = "\n\n".join(text for text in (settings.purpose_de, settings.purpose_en) if text)
    latitude, longitude = settings.latitude, settings.longitude
    if latitude is not None and longitude is not None:
        latitude, longitude = places.rough(latitude, longitude)
    shown = replace(
        city,
        title=settings.name,
        about=about,
        about_html=html.to_html(about),
        place_name=city.place_name if place_name is None else place_name[:100],
        latitude=latitude,
        longitude=longitude,
    )
    if server.title != settings.name:
        await actors.update(tx.conn, replace(server, title=settings.name))
    if shown != city:
        await _tell(tx, await actors.update(tx.conn, shown))


async def _tell(tx: Tx, city: Actor) -> None:
    whole = wire.build(city, tx.addresses)
    inner: Document = {key: value for key, value in whole.items() if key != "@context"}
    audience = Audience(
        to=(PUBLIC,),
        cc=(city.followers_uri,) if city.followers_uri else (),
        followers_of=(city.id,),
    )
    await outbox.record(tx, city, {"type": "Update", "object": inner}, audience)


async def publish_rules(tx: Tx, *, by: Actor | None, de: str, en: str) -> Terms:
    """A new version of the rules, in Markdown; the same texts again make none."""
    await _check_admin(tx, by)
    texts = {"de": html.tidy(de).strip(), "en": html.tidy(en).strip()}
    if not any(texts.values()):
        raise Invalid({"de": N_("Please write something.")})
    too_long = {key: N_("That is too long.") for key in texts if len(texts[key]) > LONGEST_TEXT}
    if too_long:
        raise Invalid(too_long)
    known = await terms.current(tx.conn)
    published = await terms.publish(tx.conn, texts["de"], texts["en"])
    if known is None or published.version != known.version:
        await logs.write(tx.conn, by, "rules", str(published.version))
    return published


async def _check_admin(tx: Tx, by: Actor | None) -> None:
    if by is None:
        return
    account = await accounts.find(tx.conn, by.id)
    if account is None or account.role != "admin" or account.state != "active":
        raise Forbidden(N_("Only an admin of this place can do this."))
