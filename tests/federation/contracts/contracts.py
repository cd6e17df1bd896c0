"""What the parsers of other servers insist on, as types; what does not fit is what they refuse.

Read from their sources: Lemmy's and Mitra's structs, Mastodon's, PieFed's, NodeBB's and
GoToSocial's checks. `of_everybody` holds for every document, the others for what they understand.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

AS = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS}#Public"
ACTORS = ("Person", "Group", "Application")
ACTIVITIES = (
    *("Create", "Update", "Delete", "Announce", "Undo", "Like", "Follow", "Accept", "Reject"),
    *("Join", "Leave", "Invite", "Add", "Remove", "Block", "Flag", "Lock", "Offer", "Move"),
)
NOTES = ("Note", "Article", "Page", "Question", "Event")
COLLECTIONS = ("Collection", "OrderedCollection", "OrderedCollectionPage")
FLOWS = ("Commitment",)  # a class of Fedify's; nothing that microblog servers could show
OURS = ("Pact", "Circle")  # between cities of this make alone, and never public
KNOWN = (*ACTORS, *ACTIVITIES, *NOTES, *COLLECTIONS, *FLOWS, *OURS, "Tombstone")
ARRAYS = ("to", "cc", "tag", "attachment")


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The value and all objects in it, but for contexts."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != "@context":
                yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def of_everybody(document: dict[str, Any]) -> None:
    """Rules that no server can do without."""
    contexts = document["@context"]
    assert contexts == AS or contexts[0] == AS, "Mastodon looks for exactly this text"
    assert document["type"] in KNOWN, "Fedify and Mastodon drop unknown types"
    if any(one.get("type") in OURS for one in objects(document)):
        assert PUBLIC not in [*document.get("to", []), *document.get("cc", [])]
    assert document["id"].startswith("http")
    for one in objects(document):
        assert isinstance(one.get("type", ""), str), "Lemmy, PieFed, NodeBB: no array of types"
        for key in ARRAYS:
            assert isinstance(one.get(key, []), list), f"Lemmy: {key} is an array"
        for key in ("to", "cc"):
            assert {"as:Public", "Public"}.isdisjoint(one.get(key, [])), "Lemmy: the full IRI"
        assert isinstance(one.get("hasNumericalValue", ""), str), "Mitra, Fedify: a string"
        assert not {"bto", "bcc"} & set(one), "nobody else may learn of these"
        for key in ("published", "updated", "endTime", "startTime"):
            if key in one:
                assert datetime.fromisoformat(one[key]).tzinfo, "GoToSocial: RFC 3339"


class Key(Struct):
    id: str
    owner: str
    publicKeyPem: str


class Endpoints(Struct):
    sharedInbox: str


class Image(Struct):
    type: Literal["Image"]
    url: str


class Source(Struct):
    content: str
    mediaType: Literal["text/markdown"]


class LemmyGroup(Struct):
    """lemmy: crates/apub/objects/protocol/group.rs; `outbox` and `publicKey` are required."""

    type: Literal["Group"]
    id: str
    preferredUsername: str
    inbox: str
    outbox: str
    followers: str
    publicKey: Key
    attributedTo: str
    featured: str
    published: datetime
    postingRestrictedToMods: bool
    endpoints: Endpoints
    name: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    source: Source | UnsetType = UNSET
    icon: Image | UnsetType = UNSET
    sensitive: bool | UnsetType = UNSET
    manuallyApprovesFollowers: bool | UnsetType = UNSET
    discoverable: bool | UnsetType = UNSET


class LemmyPerson(Struct):
    type: Literal["Person", "Application"]
    id: str
    preferredUsername: str
    inbox: str
    outbox: str
    publicKey: Key
    endpoints: Endpoints
    name: str | None = None
    summary: str | None = None
    icon: Image | UnsetType = UNSET


class LemmyAttachment(Struct):
    """An untagged enum there: anything else makes the whole post unreadable."""

    type: Literal["Link", "Image", "Document"]
    url: str | UnsetType = UNSET
    href: str | UnsetType = UNSET


class LemmyNote(Struct):
    type: Literal["Page", "Article", "Note", "Video", "Event"]
    id: str
    attributedTo: str
    to: list[str]
    content: str
    cc: list[str] = []
    attachment: list[LemmyAttachment] = []
    tag: list[dict[str, Any]] = []
    audience: str | UnsetType = UNSET
    inReplyTo: str | None = None
    name: str | None = None
    sensitive: bool | None = None
    published: datetime | None = None
    updated: datetime | None = None


class LemmyActivity(Struct):
    id: str
    type: str
    actor: str
    object: str | dict[str, Any] | list[str]
    to: list[str] | UnsetType = UNSET
    cc: list[str] = []
    audience: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET


def lemmy(document: dict[str, Any]) -> None:
    """Strict serde structs; 400 for what does not fit."""
    for one in objects(document):
        kind = one.get("type")
        if kind == "Group" and "inbox" in one:
            msgspec.convert(one, LemmyGroup)
        elif kind in ("Person", "Application") and "inbox" in one:
            msgspec.convert(one, LemmyPerson)
        elif kind in ("Note", "Article", "Page") and "id" in one and "content" in one:
            note = msgspec.convert(one, LemmyNote)
            if note.audience is not UNSET:
                assert note.audience in (*note.to, *note.cc), "the community is addressed"
        elif kind in ACTIVITIES and "actor" in one:
            _lemmy_activity(one)


def _lemmy_activity(one: dict[str, Any]) -> None:
    read = msgspec.convert(one, LemmyActivity)
    if one["type"] not in ("Follow", "Join", "Like"):
        assert read.to is not UNSET, "only these may be embedded without addressees"
    if one["type"] == "Follow":
        assert len(one.get("to", [""])) == 1, "Follow has one addressee"
    if one["type"] == "Announce" and isinstance(one["object"], dict):
        assert one["object"].get("actor"), "Lemmy rejects Announce{Page}"


def mastodon(document: dict[str, Any]) -> None:
    """Silently drops what it does not know; shows `summary` of a Note as a warning."""
    for one in objects(document):
        if one.get("type") in ACTORS and "inbox" in one:
            assert one["preferredUsername"]
            assert one["publicKey"]["owner"] == one["id"]
            assert one["publicKey"]["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")
            assert one["inbox"].startswith("http")
        if one.get("type") == "Note" and "content" in one:
            assert not one.get("summary"), "a content warning"
            assert one["attributedTo"]
            if one.get("name"):
                assert one["name"] in one["content"] or "purpose" not in one, "name is not shown"
        changed = one.get("object") if one.get("type") == "Update" else None
        if isinstance(changed, dict) and changed.get("type") not in OURS:
            assert one["object"].get("updated"), "an edit without it is ignored"
        if one.get("type") == "Undo":
            assert isinstance(one["object"], dict), "a bare id is guessed at"
            assert one["object"].get("type")
        for tag in one.get("tag", []):
            if tag.get("type") == "Mention":
                assert tag["href"] in (*one["to"], *one["cc"]), "an unaddressed one tells nobody"
                assert tag["name"].startswith("@")
        if {"oneOf", "anyOf"} & set(one):
            assert one["type"] == "Question"


class PieFedActivity(Struct):
    id: str
    type: str
    actor: str
    object: str | dict[str, Any] | list[Any]


def piefed(document: dict[str, Any]) -> None:
    """200 and dropped without these four; `to` and `cc` lists; proof and signature in headers."""
    if document["type"] in ACTIVITIES:
        msgspec.convert(document, PieFedActivity)
        inner = document["object"]
        if document["type"] == "Announce" and isinstance(inner, dict):
            msgspec.convert(inner, PieFedActivity)


def nodebb(document: dict[str, Any]) -> None:
    """400 without id, type, actor, object; an embedded object of another host is thrown away."""
    if document["type"] not in ACTIVITIES:
        return
    assert all(document.get(key) for key in ("id", "type", "actor", "object"))
    assert host(document["id"]) == host(document["actor"])
    inner = document["object"]
    if document["type"] in ("Create", "Update") and isinstance(inner, dict):
        assert host(inner["id"]) == host(document["actor"])


def host(url: str) -> str:
    return url.split("/")[2]


class MitraAttachment(Struct):
    type: str
    url: str | UnsetType = UNSET
    mediaType: str | UnsetType = UNSET


class MitraQuantity(Struct):
    hasUnit: str
    hasNumericalValue: str | UnsetType = UNSET


class MitraIntent(Struct):
    type: Literal["Intent"]
    id: str
    action: str
    resourceQuantity: MitraQuantity | UnsetType = UNSET
    resourceConformsTo: str | UnsetType = UNSET


class MitraNote(Struct):
    id: str
    type: str
    attributedTo: str
    to: list[str]
    cc: list[str] = []
    attachment: list[MitraAttachment] = []
    content: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    publishes: MitraIntent | UnsetType = UNSET
    reciprocal: MitraIntent | UnsetType = UNSET
    unitBased: bool | UnsetType = UNSET


def mitra(document: dict[str, Any]) -> None:
    """Deserialises into String and DateTime; proofs need a key among `assertionMethod`."""
    for one in objects(document):
        if one.get("type") in NOTES and "content" in one:
            note = msgspec.convert(one, MitraNote)
            if note.publishes is not UNSET:
                assert isinstance(note.unitBased, bool), "absent means two things in FEP-0837"
        if one.get("type") in ACTORS and "inbox" in one:
            for key in one["assertionMethod"]:
                assert (key["type"], key["controller"]) == ("Multikey", one["id"])
                assert key["publicKeyMultibase"].startswith("z")


def gotosocial(document: dict[str, Any]) -> None:
    """Types from a generated vocabulary; language from `contentMap` that repeats `content`."""
    for one in objects(document):
        if "contentMap" in one:
            assert one["content"] in one["contentMap"].values()
        if one.get("type") in COLLECTIONS:
            assert isinstance(one.get("totalItems", 0), int)
            assert one["type"] != "OrderedCollectionPage" or one["partOf"]
        if one.get("type") == "Note" and "content" in one and one.get("inReplyTo"):
            assert isinstance(one["inReplyTo"], str)


CONTRACTS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "everybody": of_everybody,
    "lemmy": lemmy,
    "mastodon": mastodon,
    "piefed": piefed,
    "nodebb": nodebb,
    "mitra": mitra,
    "gotosocial": gotosocial,
}
