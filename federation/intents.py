"""Remote interaction (FEP-3b86): where somebody does at home what they want to do."""

from typing import Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from federation import fetch, origins, resolve
from federation.documents import Document, many, text
from federation.errors import Gone, Malformed, Unreachable
from federation.instance import Instance

Intent: TypeAlias = Literal["Follow", "Join", "Create"]

REL: Final = "https://w3id.org/fep/3b86/"
SUBSCRIBE: Final = "http://ostatus.org/schema/1.0/subscribe"
_ORDER: Final[dict[Intent, tuple[str, ...]]] = {
    "Follow": (f"{REL}Follow", SUBSCRIBE, f"{REL}Object"),
    "Join": (f"{REL}Join", f"{REL}Follow", SUBSCRIBE, f"{REL}Object"),
    "Create": (f"{REL}Create", f"{REL}Object", SUBSCRIBE),
}
_NAMED: Final = ("{object}", "{uri}", "{inReplyTo}")


async def address_of(instance: Instance, home: str, uri: str, intent: Intent) -> str:
    """The page at somebody's own server (`@name@host`, host or address) about the thing `uri`.

    Where that server names none, the address that most have. Malformed for what is no address,
    Refused for ours and blocked ones.
    """
    wanted = home.strip().removeprefix("acct:").lstrip("@")
    if wanted.startswith(("https://", "http://")):
        host, resource = urlsplit(wanted).netloc, wanted
    else:
        name, _, host = wanted.rpartition("@")
        resource = f"acct:{wanted}" if name else ""
    origin = resolve.origin_at(instance, host)
    await fetch.check(instance, str(origin))
    usual = f"{origin}/authorize_interaction?uri={{uri}}"
    template = (await _template(instance, str(origin), resource, intent)) if resource else None
    address = _filled(template or usual, uri)
    origins.parse(address, loopback=instance.config.allow_loopback_peers)
    return address


async def _template(instance: Instance, base: str, resource: str, intent: Intent) -> str | None:
    query = f"{base}/.well-known/webfinger?resource={quote(resource, safe='')}"
    try:
        found = await fetch.json(instance, query)
    except (Gone, Malformed, Unreachable):
        return None
    templates = _templates(found)
    return next((templates[rel] for rel in _ORDER[intent] if rel in templates), None)


def _templates(found: Document) -> dict[str, str]:
    links = [link for link in many(found.get("links")) if isinstance(link, dict)]
    named = {text(link, "rel") or "": text(link, "template") or "" for link in links}
    return {
        rel: template
        for rel, template in named.items()
        if any(name in template for name in _NAMED) and len(template) < 1000
    }


def _filled(template: str, uri: str) -> str:
    for name in _NAMED:
        template = template.replace(name, quote(uri, safe=""))
    head, *rest = template.split("{")
    return head + "".join(part.partition("}")[2] for part in rest)
