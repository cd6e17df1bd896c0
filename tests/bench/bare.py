"""The limit for pages: a Starlette app that reads one row and renders a page of the same size."""

import sys

import uvicorn
from jinja2 import Environment
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

CARD = """<li><article class="card"><h3><a href="/x/{{ i }}">{{ title }} {{ i }}</a></h3>
<p><span>{{ amount }}</span><span>{{ place }}</span></p><p>{{ author }} · {{ note }}</p></article></li>"""
PAGE = (
    "<!doctype html><title>{{ title }}</title><ul>{% for i in range(n) %}"
    + CARD
    + "{% endfor %}</ul>"
)


def app(conninfo: str, size: int) -> Starlette:
    """Pages of about `size` bytes."""
    template = Environment(autoescape=True).from_string(PAGE)
    values = {"title": "Tomaten & Äpfel", "amount": "5 kg", "place": "Wien", "author": "Ana"}
    one = len(template.render(n=1, note="", **values))
    cards = max(1, min(40, size // one))
    note = "x" * max(0, (size - one * cards) // cards)
    pool = AsyncConnectionPool(
        conninfo, min_size=1, max_size=8, open=False, kwargs={"autocommit": True}
    )
    opened: list[bool] = []

    async def page(request: Request) -> Response:
        if not opened:
            opened.append(True)
            await pool.open()
        async with pool.connection() as conn:
            row = await (await conn.execute("select name from actors limit 1")).fetchone()
        return HTMLResponse(template.render(n=cards, note=note, row=row, **values))

    return Starlette(routes=[Route("/{rest:path}", page)])


if __name__ == "__main__":
    conninfo, size, port = sys.argv[1:4]
    uvicorn.run(
        app(conninfo, int(size)),
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        lifespan="off",
    )
