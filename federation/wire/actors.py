"""Actor documents: built so that Mastodon's and Lemmy's strictest parsers take them, and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from federation import html, keys, origins
from federation.addresses import Addresses
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire.contexts import CONTEXT
from schema.actors import Actor, Kind
from schema.keys import Key

MOST_KEYS = 10
MOST_FEATURES = 50
RFC_9421 = "https://datatracker.ietf.org/doc/html/rfc9421"
FEATURES = {
    RFC_9421: "RFC-9421: HTTP Message Signatures",
    f"{RFC_9421}#name-eddsa-using-curve-edwards25": "RFC-9421 signatures with Ed25519",
    "https://w3id.org/fep/0837": "FEP-0837: Federated Marketplace",
    "https://w3id.org/fep/1b12": "FEP-1b12: Group federation",
    "https://w3id.org/fep/521a": "FEP-521a: Representing actor's public keys",
    "https://w3id.org/fep/8b32": "FEP-8b32: Object Integrity Proofs",
    "https://w3id.org/fep/8fcf": "FEP-8fcf: Followers collection synchronization",
}
TYPES: dict[str, Kind] = {
    "Person": "person",
    "Group": "group",
    "Application": "instance",
    "Service": "instance",
    "Organization": "other",
}
_TYPE_OF: dict[Kind, str] = {
    "person": "Person",
    "group": "Group",
    "city": "Group",
    "instance": "Application",
    "other": "Organization",
}


def build(actor: Actor, addresses: Addresses, replaced: Sequence[Key] = ()) -> Document:
    """A local actor as its server shows it (wire formats: ActivityPub §4.1, FEP-1b12, FEP-521a).

    Keys that were `replaced` lately are listed too: what they signed may still be on its way.
    """
    key_id = actor.key_id or f"{actor.uri}#main-key"
    document: Document = {
        "@context": CONTEXT,
        "id": actor.uri,
        "type": _TYPE_OF[actor.kind],
        "preferredUsername": actor.name,
        "name": actor.shown,
        "summary": actor.about_html,
        "source": {"content": actor.about, "mediaType": "text/markdown"},
        "url": actor.page_url or actor.uri,
        "inbox": actor.inbox,
        "outbox": f"{actor.uri}/outbox",
        "followers": f"{actor.uri}/followers",
        "following": f"{actor.uri}/following",
        "endpoints": {"sharedInbox": addresses.shared_inbox},
        "manuallyApprovesFollowers": actor.approves,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable and (actor.discoverable or actor.kind == "person"),
        "webfinger": f"{actor.name}@{addresses.host}",
        "published": _time(actor.created),
        "updated": _time(actor.updated),
        "publicKey": {
            "id": key_id,
            "owner": actor.uri,
            "publicKeyPem": actor.public_key,
        },
        "assertionMethod": [
            _multikey_of(actor, keys.ed25519_id(key_id), actor.ed25519_key),
            *(_multikey_of(actor, key.id, key.public_key) for key in replaced),
        ],
        "attachment": [],
        "tag": [],
    }
    if actor.avatar_id:
        url = addresses.media(actor.avatar_id)
        document["icon"] = {"type": "Image", "mediaType": "image/webp", "url": url}
    if actor.place_name and actor.latitude is not None:
        document["location"] = place(actor.place_name, actor.latitude, actor.longitude)
    return {**document, **_more(actor, addresses)}


def _multikey_of(actor: Actor, id: str, multibase: str) -> Document:
    return {
        "id": id,
        "type": "Multikey",
        "controller": actor.uri,
        "publicKeyMultibase": multibase,
    }


def _more(actor: Actor, addresses: Addresses) -> Document:
    if actor.kind == "city":
        folders = ("offers", "needs", "projects", "blueprints", "communities", "neighbours")
        own: Document = {folder: f"{actor.uri}/{folder}" for folder in folders}
        return {**own, **_group(actor), **_generator(addresses)}
    if actor.kind == "group":
        return {**_group(actor), "members": f"{actor.uri}/members", **_generator(addresses)}
    if actor.kind == "instance":
        return {"implements": _implements()}
    return _generator(addresses)


def _generator(addresses: Addresses) -> Document:
    """The server's own actor with what it can do (FEP-844e)."""
    return {
        "generator": {
            "type": "Application",
            "id": addresses.instance,
            "implements": _implements(),
        }
    }


def _group(actor: Actor) -> Document:
    return {
        "attributedTo": f"{actor.uri}/moderators",
        "featured": f"{actor.uri}/featured",
        "postingRestrictedToMods": actor.kind == "city",
        "sensitive": False,
    }


def _implements() -> "list[Json]":
    return [{"type": "Link", "href": href, "name": name} for href, name in FEATURES.items()]


def place(name: str, latitude: float | None, longitude: float | None) -> Document:
    """A rough Place: the point is a grid centre, the radius says how rough (kilometres)."""
    return {
        "type": "Place",
        "name": name,
        "latitude": latitude,
        "longitude": longitude,
        "radius": 2,
        "units": "km",
    }


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class ActorDocument:
    """What we take from a foreign actor. Addresses are checked by the caller (FEP-fe34)."""

    id: str
    type: str
    kind: Kind
    name: str
    title: str
    html: str
    url: str
    inbox: str
    shared_inbox: str | None
    followers: str | None
    members: str | None
    moderators: str | None
    icon: str | None
    approves: bool
    discoverable: bool
    indexable: bool
    implements: tuple[str, ...] | None
    """What its server can do (FEP-844e); None where it does not say."""
    key_id: str | None
    key_pem: str
    ed25519_key: str
    keys: tuple[tuple[str, str], ...]
    """All that are listed: id, and PEM or multibase, '' where only the id is given."""
    offers: str | None
    communities: str | None
    place_name: str
    latitude: float | None
    longitude: float | None


def read(document: Document) -> ActorDocument:
    """Raises Malformed when it is no actor that one could talk to."""
    id, inbox = text(document, "id"), id_of(document.get("inbox"))
    type = next((t for t in many(document.get("type")) if isinstance(t, str) and t in TYPES), "")
    if not id or not inbox or not type:
        raise Malformed("no actor: id, inbox or type is missing")
    plain = text(document, "preferredUsername") or text(document, "name") or ""
    name = _name(_fingered(document, id) or plain)
    if not name:
        raise Malformed("no actor: it has no name")
    endpoints = one(document.get("endpoints"))
    shared = text(endpoints, "sharedInbox") if isinstance(endpoints, dict) else None
    key_id, pem = _key(document, id)
    where = one(document.get("location"))
    spot = where if isinstance(where, dict) else {}
    return ActorDocument(
        id=id,
        type=type,
        kind="city" if type == "Group" and document.get("offers") else TYPES[type],
        name=name,
        title=" ".join(html.tidy(text(document, "name") or name).split())[:200],
        html=text(document, "summary") or "",
        url=_link(document.get("url")) or id,
        inbox=inbox,
        shared_inbox=shared,
        followers=id_of(document.get("followers")),
        members=id_of(document.get("members")),
        moderators=id_of(document.get("attributedTo")) if type == "Group" else None,
        icon=_link(document.get("icon")),
        approves=document.get("manuallyApprovesFollowers") is True,
        discoverable=_is_discoverable(document, type),
        indexable=document.get("indexable") is True,
        implements=_features(document, type),
        key_id=key_id,
        key_pem=pem,
        ed25519_key=_multikey(document, id),
        keys=listed_keys(document, id),
        offers=id_of(document.get("offers")),
        communities=id_of(document.get("communities")),
        place_name=(text(spot, "name") or "")[:100],
        latitude=_degrees(spot.get("latitude"), 90),
        longitude=_degrees(spot.get("longitude"), 180),
    )


def _is_discoverable(document: Document, type: str) -> bool:
    """People must have said so; groups of most makes never do, and are there to be found."""
    said = document.get("discoverable")
    return said is not False if type == "Group" else said is True


def _fingered(document: Document, id: str) -> str:
    """The name before the @ where an actor says how it is found (FEP-2c59), on its own server."""
    name, _, host = (text(document, "webfinger") or "").removeprefix("acct:").rpartition("@")
    return name if host and host.lower() == origins.origin_of(id, loopback=True).authority else ""


def _features(document: Document, type: str) -> tuple[str, ...] | None:
    """Of the server's own actor, or of the `generator` that an actor embeds."""
    found = document if type == "Application" else one(document.get("generator"))
    if not isinstance(found, dict) or "implements" not in found:
        return None
    named = (id_of(item) or _link(item) for item in many(found.get("implements")))
    return tuple(href[:200] for href in named if href)[:MOST_FEATURES]


def _name(given: str) -> str:
    """What can stand before an @ and in a path of ours; at most 200 bytes."""
    kept = "".join(c for c in html.tidy(given) if c.isprintable() and c not in " @/")
    return kept.encode()[:200].decode(errors="ignore")


def _key(document: Document, id: str) -> tuple[str | None, str]:
    """The first key that names this actor as its owner and is of the same server (FEP-fe34)."""
    for key in many(document.get("publicKey")):
        if isinstance(key, dict) and id_of(key.get("owner")) in (id, None):
            pem, key_id = text(key, "publicKeyPem"), text(key, "id")
            if pem and key_id and _is_of(key_id, id):
                return key_id, pem
    return None, ""


def listed_keys(document: Document, id: str) -> tuple[tuple[str, str], ...]:
    """Every key that an actor's document gives to itself (FEP-521a, FEP-fe34), at most ten."""
    found: dict[str, str] = {}
    members = (("publicKey", "owner", "publicKeyPem"),)
    multikey = ("controller", "publicKeyMultibase")
    members += (("assertionMethod", *multikey), ("authentication", *multikey))
    for member, owner, words in members:
        for item in many(document.get(member)):
            key_id = id_of(item) or ""
            given = item if isinstance(item, dict) else {}
            if given and id_of(given.get(owner)) not in (id, None):
                continue
            key = text(given, words) or ""
            if _is_of(key_id, id) and len(key) <= keys.LONGEST_KEY_TEXT and not found.get(key_id):
                found[origins.canonical(key_id)] = key
    return tuple(found.items())[:MOST_KEYS]


def _is_of(key_id: str, id: str) -> bool:
    try:
        return origins.same_origin(key_id, id)
    except Malformed:
        return False


def _multikey(document: Document, id: str) -> str:
    for key in many(document.get("assertionMethod")):
        if isinstance(key, dict) and id_of(key.get("controller")) == id:
            found = text(key, "publicKeyMultibase") or ""
            if found.startswith("z6Mk"):
                return found
    return ""


def _link(value: Json) -> str | None:
    for item in many(value):
        if isinstance(item, str):
            return item
        if isinstance(item, dict):
            found = _link(item.get("href") or item.get("url"))
            if found:
                return found
    return None


def _degrees(value: Json, limit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -limit <= value <= limit else None
