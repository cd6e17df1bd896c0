"""Posts as we write them, and as servers of other makes do."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from federation.addresses import Addresses
from federation.errors import Malformed
from federation.wire import notes
from federation.wire import posts as wire
from federation.wire.contexts import CONTEXT, PUBLIC
from federation.wire.posts import Setting
from schema.actors import Actor
from schema.posts import Picture, Post

DOCUMENTS = Path(__file__).parent.parent.parent / "documents"
ADDRESSES = Addresses("https://aville.example")
AT = datetime(2026, 5, 1, 9, 0, 0, 123456, tzinfo=UTC)
ID = UUID("01900000-0000-7000-8000-000000000001")
GARDEN = "https://aville.example/communities/garden"


def document(name: str) -> Any:
    return json.loads((DOCUMENTS / f"{name}.json").read_text())


def an_actor(name: str, host: str = "") -> Actor:
    origin = f"https://{host}" if host else ADDRESSES.origin
    uri = f"{origin}/people/{name}"
    return Actor(
        id=ID,
        kind="person",
        uri=uri,
        peer=origin if host else None,
        name=name,
        host=host,
        title="",
        about="",
        about_html="",
        can="",
        wants="",
        languages=[],
        page_url="",
        inbox=f"{uri}/inbox",
        shared_inbox=None,
        followers_uri=f"{uri}/followers",
        members_uri=None,
        moderators_uri=None,
        avatar_id=None,
        place_name="",
        latitude=None,
        longitude=None,
        approves=False,
        discoverable=True,
        indexable=True,
        key_id=None,
        public_key="",
        ed25519_key="",
        created=AT,
        updated=AT,
        fetched=AT,
        deleted_at=None,
        suspended_until=None,
        suspended_reason="",
    )


def a_post(**more: Any) -> Post:
    values: dict[str, Any] = {
        "id": ID,
        "uri": ADDRESSES.post(ID),
        "author_id": ID,
        "community_id": ID,
        "proposal_id": None,
        "root_id": None,
        "parent_id": None,
        "in_reply_to": "",
        "scope": "everyone",
        "title": "Seeds & more",
        "source": "Who has *seeds* #tomato",
        "html": "<p>Who has <em>seeds</em> #tomato</p>\n",
        "language": "en",
        "tags": ["tomato"],
        "page_url": "",
        "context": f"{ADDRESSES.post(ID)}/thread",
        "replies": 0,
        "last_reply": AT,
        "pinned_at": None,
        "locked_at": None,
        "removed_at": None,
        "removed_by": None,
        "removed_reason": "",
        "deleted_at": None,
        "created": AT,
        "updated": AT,
    }
    return Post(**{**values, **more})


SETTING = Setting(
    author=an_actor("ana"),
    origin=ADDRESSES.origin,
    to=(PUBLIC, GARDEN),
    cc=("https://aville.example/people/ana/followers", "https://beeton.example/people/ben"),
    community_uri=GARDEN,
    mentioned=(an_actor("ben", "beeton.example"), an_actor("ada")),
    pictures=[Picture(ID, "image/webp", 640, 480, "A jar", None)],
)


def test_a_thread_is_a_note_with_a_name_that_microblogs_read_in_its_content() -> None:
    content = (
        "<p><strong>Seeds &amp; more</strong></p><p>Who has <em>seeds</em> #tomato</p>\n"
        '<p><a href="https://aville.example/tags/tomato" class="mention hashtag" rel="tag">'
        "#<span>tomato</span></a></p>"
    )
    uri = "https://aville.example/posts/01900000-0000-7000-8000-000000000001"
    assert wire.build(a_post(), SETTING) == {
        "@context": CONTEXT,
        "id": uri,
        "type": "Note",
        "attributedTo": "https://aville.example/people/ana",
        "to": [PUBLIC, GARDEN],
        "cc": [
            "https://aville.example/people/ana/followers",
            "https://beeton.example/people/ben",
        ],
        "audience": GARDEN,
        "context": f"{uri}/thread",
        "name": "Seeds & more",
        "content": content,
        "contentMap": {"en": content},
        "source": {"content": "Who has *seeds* #tomato", "mediaType": "text/markdown"},
        "url": uri,
        "published": "2026-05-01T09:00:00.123Z",
        "updated": "2026-05-01T09:00:00.123Z",
        "tag": [
            {
                "type": "Mention",
                "href": "https://beeton.example/people/ben",
                "name": "@ben@beeton.example",
            },
            {
                "type": "Mention",
                "href": "https://aville.example/people/ada",
                "name": "@ada@aville.example",
            },
            {
                "type": "Hashtag",
                "name": "#tomato",
                "href": "https://aville.example/tags/tomato",
            },
        ],
        "attachment": [
            {
                "type": "Image",
                "mediaType": "image/webp",
                "url": f"https://aville.example/media/{ID}",
                "name": "A jar",
                "width": 640,
                "height": 480,
            }
        ],
        "sensitive": False,
    }


def test_a_reply_has_no_name_and_says_what_it_answers() -> None:
    built = wire.build(
        a_post(title="", in_reply_to="https://b.example/1", parent_id=ID, root_id=ID), SETTING
    )
    assert built["inReplyTo"] == "https://b.example/1"
    assert "name" not in built and "summary" not in built


def test_lists_stay_lists_when_there_is_nothing_in_them() -> None:
    bare = Setting(SETTING.author, ADDRESSES.origin, (PUBLIC,), ())
    built = wire.build(a_post(tags=[]), bare)
    assert [built[key] for key in ("cc", "tag", "attachment")] == [[], [], []]


def test_what_we_write_we_read_again_without_the_frame() -> None:
    read = wire.read(wire.build(a_post(), SETTING))
    assert read.title == "Seeds & more"
    assert read.html == "<p>Who has <em>seeds</em> #tomato</p>\n"
    assert (read.source, read.language) == ("Who has *seeds* #tomato", "en")
    assert read.hashtags == ["tomato"] and read.public
    assert read.audience == (GARDEN,)
    assert read.published == AT.replace(microsecond=123000)
    assert [picture.alt for picture in read.pictures] == ["A jar"]
    assert read.mentions[0] == "https://beeton.example/people/ben"


def test_a_tombstone_names_what_it_was() -> None:
    gone = wire.tombstone(a_post(deleted_at=AT + timedelta(days=1)))
    assert gone == {
        "id": ADDRESSES.post(ID),
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": "2026-05-02T09:00:00.123Z",
    }


@pytest.mark.parametrize(
    ("name", "title", "html", "language"),
    [
        (
            "lemmy.page",
            "Which flour?",
            "<p>Rye or <em>spelt</em>?</p>\n"
            '<p><a href="https://flour.example/rye?x=1&amp;y=2" rel="nofollow noopener noreferrer '
            'ugc">https://flour.example/rye?x=1&amp;y=2</a></p>',
            "en",
        ),
        ("lemmy.comment", "", "<p>Rye.</p>\n", "en"),
        ("piefed.page", "Sourdough", "<p>It rises.</p>", "de"),
        ("nodebb.article", "The oven", "<p>How hot is <strong>yours</strong>?</p>", ""),
        ("mbin.entry", "Crust", "<p>How thick?</p>", ""),
        ("gotosocial.note", "", "<p>I have some.</p>", "en"),
        (
            "mastodon.poll",
            "",
            "<ul><li>Rye</li><li>Spelt &lt;b&gt;</li></ul><p>Which?</p>",
            "",
        ),
        ("mastodon.warning", "", "<p><strong>Food</strong></p><p>Bread!</p>", ""),
    ],
)
def test_posts_of_other_makes_are_read(name: str, title: str, html: str, language: str) -> None:
    read = wire.read(document(name))
    assert (read.title, read.html, read.language) == (title, html, language)
    assert read.public


def test_a_video_has_its_words_and_the_page_where_it_plays() -> None:
    read = wire.read(document("peertube.video"))
    assert (read.type, read.title) == ("Video", "Kneading")
    assert "<em>me</em>" in read.html and "<script" not in read.html
    assert read.html.count("<a ") == 1 and 'href="http://far.test/w/1"' in read.html
    assert read.url == "http://far.test/w/1"


def test_an_event_says_when_and_where() -> None:
    read = wire.read(document("mobilizon.event"))
    assert read.title == "Baking day"
    assert "<strong>2026-06-01 09:00 – 2026-06-01 12:00</strong>" in read.html
    assert "Old mill · Mill Lane 1, 8082, Aville" in read.html


def test_pictures_are_taken_and_films_left() -> None:
    read = wire.read(document("mastodon.note"))
    assert [(p.url, p.alt) for p in read.pictures] == [
        ("http://far.test/media/1.jpg", "A jar of seeds")
    ]
    assert [p.url for p in wire.read(document("lemmy.page")).pictures] == [
        "http://far.test/pictrs/image/flour.webp"
    ]
    assert len(wire.read(document("gotosocial.note")).pictures) == 1


def test_times_of_any_precision_are_read() -> None:
    assert wire.read(document("mitra.note")).published == datetime(
        2026, 5, 5, 12, 0, 0, 123456, tzinfo=UTC
    )
    assert wire.read(document("mbin.entry")).published == datetime(2026, 5, 6, 8, tzinfo=UTC)
    assert wire.read(document("mastodon.warning")).published is None
    assert notes.read_moment({"published": "0001-01-01T00:00:00+23:00"}, "published") is None


def test_a_vote_is_no_post() -> None:
    assert not wire.is_post(document("mastodon.vote"))
    assert wire.is_post(document("mastodon.poll"))


def test_a_listing_is_no_post() -> None:
    listing: Any = {
        "type": "Note",
        "purpose": "offer",
        "publishes": {"type": "Intent"},
        "content": "x",
    }
    assert not wire.is_post(listing)


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "Note", "content": "x"},
        {"type": "Note", "id": "https://b.example/1"},
        {"type": "Note", "id": "https://b.example/1", "content": None, "name": None},
        {"type": "Tombstone", "id": "https://b.example/1", "content": "x"},
    ],
)
def test_what_says_nothing_is_malformed(broken: Any) -> None:
    with pytest.raises(Malformed):
        wire.read(broken)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://b.example/1", "https://b.example/1"),
        ({"id": "https://b.example/1", "type": "Note"}, "https://b.example/1"),
        (["https://b.example/1"], "https://b.example/1"),
        (None, ""),
        ([], ""),
        ([[]], ""),
        (17, ""),
    ],
)
def test_what_is_answered_is_found_in_any_shape(given: Any, expected: str) -> None:
    assert notes.read_answered({"inReplyTo": given}) == expected


@pytest.mark.parametrize(
    "hostile",
    [
        {"content": {"@value": "x", "@language": "en"}, "tag": "x", "attachment": "y"},
        {"content": ["x"], "tag": [None, 1, {"type": "Mention"}], "url": [[[1]]], "source": [1]},
        {"content": "x", "contentMap": {"": "x"}, "language": {"identifier": 7}, "to": 7},
        {"content": "x", "attachment": [{"type": "Image"}, {"type": "Image", "url": [7]}]},
        {"content": "x", "location": 7, "oneOf": [1], "published": 7, "updated": [None]},
    ],
)
@pytest.mark.parametrize("kind", ["Note", "Event", "Question", "Video"])
def test_odd_shapes_do_no_harm(kind: str, hostile: Any) -> None:
    read = wire.read({"id": "https://b.example/1", "type": kind, **hostile})
    assert "x" in read.html


def test_hashtags_are_words() -> None:
    source = "#Tomato, #tomato (#größe) a#b &#123; #7 https://a.example/#top ##x #"
    assert notes.hashtags(source) == ["tomato", "größe"]
