"""Pages of threads, as browsers without JavaScript use them."""

from io import BytesIO

from PIL import Image

from schema import posts
from schema.actors import Actor
from schema.communities import Community
from schema.posts import Post
from tests import make, talk
from tests.world import City


def a_picture() -> bytes:
    data = BytesIO()
    Image.new("RGB", (40, 30), "green").save(data, "PNG")
    return data.getvalue()


async def only_post(city: City) -> Post:
    async with city.instance.read() as conn:
        id = await city.value("select id from posts order by created limit 1")
        return await posts.get(conn, id)


async def test_a_thread_is_started_with_a_picture_and_its_words(
    alpha: City, ann: Actor, garden: Community
) -> None:
    async with await make.log_in(alpha, ann) as browser:
        form = await browser.get("/communities/garden/posts/new")
        assert form.status_code == 200 and "<h1>Gespräch beginnen</h1>" in form.text
        answer = await browser.submit(
            "/communities/garden/posts",
            {
                "title": "Saatgut",
                "source": "Wer hat *Tomaten*? #tomaten",
                "language": "de",
                "alt1": "Ein Glas",
            },
            files={"picture1": ("jar.png", a_picture(), "image/png")},
        )
        post = await only_post(alpha)
        assert (answer.status_code, answer.headers["location"]) == (303, post.url)
        page = (await browser.get(post.url)).text
    assert page.count("<h1") == 1 and ">Saatgut</h1>" in page
    assert "Wer hat <em>Tomaten</em>?" in page
    assert 'alt="Ein Glas"' in page and 'href="/tags/tomaten"' in page


async def test_pressed_twice_it_is_said_once(alpha: City, ann: Actor, garden: Community) -> None:
    async with await make.log_in(alpha, ann) as browser:
        form = (await browser.get("/communities/garden/posts/new")).text
        id = form.split('name="id" value="')[1].split('"')[0]
        draft = {"title": "Once", "source": "x", "id": id}
        for _ in range(2):
            answer = await browser.submit("/communities/garden/posts", draft)
            assert answer.headers["location"] == f"/posts/{id}"
        page = (await browser.get(f"/posts/{id}")).text
        reply = {"source": "y", "id": page.split('name="id" value="')[1].split('"')[0]}
        for _ in range(2):
            assert (await browser.submit(f"/posts/{id}/replies", reply)).status_code == 303
    assert await alpha.value("select count(*) from posts") == 2
    eve = await make.a_person(alpha, "eve")
    await talk.join(alpha, eve, garden)
    async with await make.log_in(alpha, eve) as browser:
        stolen = await browser.submit("/communities/garden/posts", draft)
    assert stolen.status_code == 409


async def test_what_is_missing_is_said_and_what_was_typed_stays(
    alpha: City, ann: Actor, garden: Community
) -> None:
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/communities/garden/posts", {"source": "Typed words"})
    assert answer.status_code == 422
    assert "Bitte gib ihm einen Titel." in answer.text and "Typed words" in answer.text


async def test_a_broken_picture_is_refused_with_words(
    alpha: City, ann: Actor, garden: Community
) -> None:
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit(
            "/communities/garden/posts",
            {"title": "x", "source": "y"},
            files={"picture1": ("x.png", b"not a picture", "image/png")},
        )
    assert answer.status_code == 422
    assert await alpha.value("select count(*) from posts") == 0


async def test_guests_read_and_are_led_to_the_login(
    alpha: City, ann: Actor, garden: Community
) -> None:
    post = await talk.start(alpha, ann, garden)
    await talk.reply(alpha, ann, post, "First <script>")
    page = await alpha.get(post.url)
    assert page.status_code == 200
    assert "First &lt;script&gt;" in page.text and "<script>" not in page.text
    assert "Anmelden und antworten" in page.text and "/login?next=" in page.text
    assert "Antwort senden" not in page.text and "/moderate" not in page.text
    asked = await alpha.get("/communities/garden/posts/new")
    assert asked.status_code == 303 and "/login" in asked.headers["location"]


async def test_hidden_threads_do_not_exist_for_others(alpha: City, ann: Actor) -> None:
    secret = await make.a_community(alpha, ann, "secret", "hidden")
    post = await talk.start(alpha, ann, secret)
    eve = await make.a_person(alpha, "eve")
    assert (await alpha.get(post.url)).status_code == 404
    async with await make.log_in(alpha, eve) as browser:
        for path in (post.url, "/communities/secret/posts/new", f"/reports/new?post={post.id}"):
            assert (await browser.get(path)).status_code == 404
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get(post.url)).status_code == 200


async def test_who_is_no_member_reads_why_there_is_no_form(
    alpha: City, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    eve = await make.a_person(alpha, "eve")
    async with await make.log_in(alpha, eve) as browser:
        page = (await browser.get(root.url)).text
        assert "In dieser Gemeinschaft schreiben nur Mitglieder." in page
        answer = await browser.submit(f"{root.url}/replies", {"source": "x"})
        assert answer.status_code == 403
        assert "In dieser Gemeinschaft schreiben nur Mitglieder." in answer.text


async def test_words_are_changed_and_pictures_taken_away(
    alpha: City, ann: Actor, garden: Community
) -> None:
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit(
            "/communities/garden/posts",
            {"title": "Old", "source": "old", "alt1": "jar"},
            files={"picture1": ("jar.png", a_picture(), "image/png")},
        )
        post = await only_post(alpha)
        form = (await browser.get(f"{post.url}/edit")).text
        assert 'value="Old"' in form and "checked" in form
        await browser.submit(f"{post.url}/edit", {"title": "New", "source": "new"})
        page = (await browser.get(post.url)).text
    assert ">New</h1>" in page and 'alt="jar"' not in page and "geändert" in page


async def test_only_the_author_gets_the_form_to_change_it(
    alpha: City, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    eve = await make.a_person(alpha, "eve")
    async with await make.log_in(alpha, eve) as browser:
        assert (await browser.get(f"{root.url}/edit")).status_code == 404
        changed = await browser.submit(f"{root.url}/edit", {"title": "x", "source": "y"})
        assert changed.status_code == 403
        assert (await browser.submit(f"{root.url}/deletion")).status_code == 403


async def test_what_is_taken_back_is_gone_from_the_page(
    alpha: City, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    said = await talk.reply(alpha, ann, root, "Oops")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit(f"{said.url}/deletion")
        assert answer.headers["location"] == root.url
        page = (await browser.get(root.url)).text
        assert "Oops" not in page and "zurückgenommen" in page
        await browser.submit(f"{root.url}/deletion")
        assert "Seeds" not in (await browser.get("/communities/garden")).text
    assert (await alpha.document(root.url)).status_code == 410


async def test_a_thread_tells_servers_what_belongs_to_it(
    alpha: City, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    said = await talk.reply(alpha, ann, root)
    note = (await alpha.document(root.url)).json()
    assert (note["name"], note["audience"]) == ("Seeds", garden.uri)
    thread = (await alpha.document(f"{root.url}/thread")).json()
    assert note["context"] == thread["id"]
    assert thread["orderedItems"] == [root.uri, said.uri]
    assert thread["attributedTo"] == garden.uri
    reply = (await alpha.document(said.url)).json()
    assert (reply["inReplyTo"], reply["context"]) == (root.uri, thread["id"])
    created = await alpha.value("select document from activities where type = 'Create' limit 1")
    assert f'"{root.uri}"' in created


async def test_long_threads_have_pages(alpha: City, ann: Actor, garden: Community) -> None:
    root = await talk.start(alpha, ann, garden)
    for number in range(82):
        await talk.reply(alpha, ann, root, f"reply {number} end")
    first = await alpha.get(root.url)
    assert len(first.content) < 100_000
    assert "reply 79 end" in first.text and "reply 80 end" not in first.text
    older = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = (await alpha.get(older)).text
    assert "reply 81 end" in second and "reply 79 end" not in second
