"""The jobs: run by a worker, tried again, recovered, swept."""

import asyncio
import io
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from federation import pictures, queue
from federation.errors import Unreachable
from schema import media
from tests import make
from tests.world import City, Wire

STATUS = "select status::text from procrastinate_jobs where task_name = 'fetch_picture'"


async def work(city: City) -> None:
    """All jobs that are due."""
    await city.instance.queue.run_worker_async(
        wait=False,
        install_signal_handlers=False,
        listen_notify=False,
        additional_context={"instance": city.instance},
    )


def serve_picture(wire: Wire, body: bytes, status: int = 200) -> None:
    async def answer(request: Request) -> Response:
        return Response(body, status, media_type="image/png")

    wire.apps["pics.test"] = Starlette(routes=[Route("/a.png", answer)])


def a_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, "PNG")
    return out.getvalue()


async def a_foreign_picture(city: City) -> str:
    async with city.instance.begin() as tx:
        id = await media.insert_remote(tx.conn, "http://pics.test/a.png")
        await tx.defer("fetch_picture", media_id=str(id))
    return str(id)


async def test_a_foreign_picture_is_brought_and_served_from_here(alpha: City) -> None:
    serve_picture(alpha.wire, a_png())
    id = await a_foreign_picture(alpha)
    assert (await alpha.get(f"/media/{id}")).status_code == 404
    await work(alpha)
    answer = await alpha.get(f"/media/{id}")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (20, 10)
    assert await alpha.value(STATUS) == "succeeded"


def a_heavy_picture(side: int) -> bytes:
    """Noise, which no format makes small."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 100).save(out, "PNG")
    return out.getvalue()


async def test_of_a_heavy_foreign_picture_there_is_a_preview(alpha: City) -> None:
    heavy = a_heavy_picture(1300)
    assert pictures.HEAVY < len(heavy) < pictures.LARGEST_FOREIGN
    serve_picture(alpha.wire, heavy)
    id = await a_foreign_picture(alpha)
    await work(alpha)
    answer = await alpha.get(f"/media/{id}")
    assert Image.open(io.BytesIO(answer.content)).size == (pictures.PREVIEW, pictures.PREVIEW)


async def test_a_foreign_picture_without_bounds_is_given_up(alpha: City) -> None:
    serve_picture(alpha.wire, bytes(pictures.LARGEST_FOREIGN + 1))
    id = await a_foreign_picture(alpha)
    await work(alpha)
    assert (await alpha.get(f"/media/{id}")).status_code == 404
    assert await alpha.value(STATUS) == "succeeded"


async def test_what_is_no_picture_is_given_up(alpha: City) -> None:
    serve_picture(alpha.wire, b"<script>alert(1)</script>")
    id = await a_foreign_picture(alpha)
    await work(alpha)
    assert (await alpha.get(f"/media/{id}")).status_code == 404
    assert await alpha.value(STATUS) == "succeeded"


async def test_a_picture_of_a_blocked_server_is_not_asked_for(alpha: City) -> None:
    serve_picture(alpha.wire, a_png())
    await alpha.execute(
        "insert into peers (origin, host, blocked_at) "
        "values ('http://pics.test', 'pics.test', now())"
    )
    await a_foreign_picture(alpha)
    await work(alpha)
    assert not [passed for passed in alpha.wire.log if "pics.test" in passed.url]


async def test_a_server_that_is_away_is_asked_again_later(alpha: City) -> None:
    id = await a_foreign_picture(alpha)
    await work(alpha)
    state = (
        "select status || ' ' || attempts || ' ' || (scheduled_at > now()) "
        "from procrastinate_jobs where task_name = 'fetch_picture'"
    )
    assert await alpha.value(state) == "todo 1 true"
    serve_picture(alpha.wire, a_png())
    await alpha.execute("update procrastinate_jobs set scheduled_at = now()")
    await work(alpha)
    assert (await alpha.get(f"/media/{id}")).status_code == 200


async def test_a_server_that_never_answers_is_given_up_without_a_failure_of_ours(
    alpha: City,
) -> None:
    await a_foreign_picture(alpha)
    await alpha.execute("update procrastinate_jobs set attempts = 8, scheduled_at = now()")
    await work(alpha)
    assert await alpha.value(STATUS) == "succeeded"


async def test_an_answer_of_500_is_worth_another_try(alpha: City) -> None:
    serve_picture(alpha.wire, b"", 503)
    async with alpha.instance.begin() as tx:
        id = await media.insert_remote(tx.conn, "http://pics.test/a.png")
    with pytest.raises(Unreachable):
        await queue.bring_picture(alpha.instance, id)


async def test_a_job_exists_only_if_its_transaction_commits(alpha: City) -> None:
    with pytest.raises(ZeroDivisionError):
        async with alpha.instance.begin() as tx:
            await tx.defer("send_mail", to="a@example.org", subject="s", text="t")
            raise ZeroDivisionError
    query = "select count(*) from procrastinate_jobs where task_name = 'send_mail'"
    assert await alpha.value(query) == 0


async def test_jobs_of_a_killed_worker_are_done_again(alpha: City) -> None:
    serve_picture(alpha.wire, a_png())
    id = await a_foreign_picture(alpha)
    await alpha.execute(
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')"
    )
    await alpha.execute(
        "update procrastinate_jobs set status = 'doing', "
        "worker_id = (select id from procrastinate_workers) where task_name = 'fetch_picture'"
    )
    found = await queue.recover_jobs(alpha.instance)
    assert [job.task_kwargs["media_id"] for job in found] == [id]
    await work(alpha)
    assert (await alpha.get(f"/media/{id}")).status_code == 200


async def test_a_job_that_ends_while_it_is_looked_for_stops_no_other(
    alpha: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("ended", "stalled"):
        async with alpha.instance.begin() as tx:
            await tx.defer("send_mail", to="a@example.org", subject="s", text=text)
    await alpha.execute(
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')"
    )
    await alpha.execute(
        "update procrastinate_jobs set status = 'doing', "
        "worker_id = (select id from procrastinate_workers) where task_name = 'send_mail'"
    )
    manager = alpha.instance.queue.job_manager
    stalled = sorted(
        await manager.get_stalled_jobs(seconds_since_heartbeat=60), key=lambda job: job.id or 0
    )
    await alpha.execute(
        "update procrastinate_jobs set status = 'succeeded' where id = %s", stalled[0].id
    )

    async def found(**_: Any) -> Any:
        return stalled

    monkeypatch.setattr(manager, "get_stalled_jobs", found)
    await queue.recover_jobs(alpha.instance)
    query = "select status::text from procrastinate_jobs where id = %s"
    assert [await alpha.value(query, job.id) for job in stalled] == ["succeeded", "todo"]


async def test_jobs_of_a_living_worker_are_left_alone(alpha: City) -> None:
    await a_foreign_picture(alpha)
    await alpha.execute("insert into procrastinate_workers (last_heartbeat) values (now())")
    await alpha.execute(
        "update procrastinate_jobs set status = 'doing', "
        "worker_id = (select id from procrastinate_workers) where task_name = 'fetch_picture'"
    )
    assert await queue.recover_jobs(alpha.instance) == []


async def test_who_looks_for_stalled_jobs_does_not_take_itself_for_dead(alpha: City) -> None:
    """As when the clock was set ahead since its last sign of life."""
    await alpha.execute(
        "alter table procrastinate_workers "
        "alter column last_heartbeat set default now() - interval '1 hour'"
    )
    await alpha.instance.queue.configure_task("recover").defer_async(timestamp=0)
    with capture_logs() as said:
        await work(alpha)
    assert not [line for line in said if line["event"] == "job tried again"]
    query = "select status::text from procrastinate_jobs where task_name = 'recover'"
    assert await alpha.value(query) == "succeeded"


async def test_the_sweep_takes_away_what_is_over(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann):
        pass
    alpha.clock.now += make.days(61)
    assert await queue.sweep_rows(alpha.instance) == 1
    assert await alpha.value("select count(*) from sessions") == 0


async def test_two_cities_in_one_process_have_queues_of_their_own(alpha: City, beta: City) -> None:
    serve_picture(alpha.wire, a_png())
    here, there = await a_foreign_picture(alpha), await a_foreign_picture(beta)
    await asyncio.gather(work(alpha), work(beta))
    assert (await alpha.get(f"/media/{here}")).status_code == 200
    assert (await beta.get(f"/media/{there}")).status_code == 200
    assert (await alpha.get(f"/media/{there}")).status_code == 404
