"""Writing private letters on the pages."""

from schema.ids import new
from tests import make
from tests.world import City


async def test_two_people_write_to_each_other(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ann) as browser:
        assert "Persönlicher Brief an Ben" in (await browser.get("/messages/new?to=ben")).text
        form = {"to": "ben", "source": "Hello *Ben*", "id": str(new())}
        first = await browser.submit("/messages", form)
        again = await browser.submit("/messages", form)
        chat = first.headers["location"]
        assert again.headers["location"] == chat
        page = (await browser.get(chat)).text
        assert page.count("<em>Ben</em>") == 1 and "/deletion" in page
    async with await make.log_in(alpha, ben) as browser:
        assert "Ann hat dir geschrieben" in (await browser.get("/notices")).text
        assert "Neu" in (await browser.get("/messages")).text
        page = (await browser.get(chat)).text
        assert "<em>Ben</em>" in page and "/deletion" not in page
        await browser.submit(chat, {"source": "Hello Ann"})
        empty = await browser.submit(chat, {"source": " "})
        assert empty.status_code == 422
    async with await make.log_in(alpha, ann) as browser:
        assert "Hello Ann" in (await browser.get(chat)).text
        letter = await alpha.value("select id from chat_messages where author_id = %s", ann.id)
        await browser.submit(f"{chat}/{letter}/deletion")
        assert "<em>Ben</em>" not in (await browser.get(chat)).text


async def test_others_see_nothing_and_change_nothing(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    eve = await make.a_person(alpha, "eve")
    async with await make.log_in(alpha, ann) as browser:
        sent = await browser.submit("/messages", {"to": "ben", "source": "psst"})
        chat = sent.headers["location"]
        missing = await browser.submit("/messages", {"to": "nobody", "source": "psst"})
        assert missing.status_code == 404
        alone = await browser.submit("/messages", {"to": "ann", "source": "psst"})
        assert alone.status_code == 422
    letter = await alpha.value("select id from chat_messages")
    async with await make.log_in(alpha, eve) as browser:
        assert (await browser.get(chat)).status_code == 404
        assert (await browser.submit(chat, {"source": "me too"})).status_code == 404
        assert (await browser.submit(f"{chat}/{letter}/deletion")).status_code == 404
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.submit(f"{chat}/{letter}/deletion")).status_code == 403
        await browser.submit("/people/ann/blocking")
    async with await make.log_in(alpha, ann) as browser:
        refused = await browser.submit(chat, {"source": "still there?"})
        assert refused.status_code == 403
    assert (await alpha.get(chat)).status_code == 303
