"""The limit for pages: a Starlette app that reads one row and renders a page of the same size.

The page is made as pages are: a layout that is extended, a macro for each card, escaping.
"""

import sys

import uvicorn
from jinja2 import DictLoader, Environment
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

LAYOUT = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{{ title }}</title>
</head><body><main>{% block main %}{% endblock %}</main></body></html>"""
CARD = """{% macro card(item) %}<li><article class="card listing"><span class="thumb"></span>
<h3><a href="/x/{{ item.id }}" lang="{{ item.language }}">{{ item.title }}</a></h3>
<p class="facts-line"><span class="fact">{{ item.amount }}</span><span class="fact">{{ item.place }}
</span>{% if item.until %}<span class="fact">{{ item.until }}</span>{% endif %}</p>
<p class="foot-line">{{ item.author }} · {{ item.community }} · {{ item.host }}</p>
</article></li>{% endmacro %}"""
PAGE = """{% extends "layout" %}{% from "card" import card %}{% block main %}<h1>{{ title }}</h1>
<ul class="cards">{% for item in items %}{{ card(item) }}{% endfor %}</ul>{% endblock %}"""


def app(conninfo: str, size: int) -> Starlette:
    """Pages of about `size` bytes: so many cards of some 420 bytes."""
    templates = Environment(
        loader=DictLoader({"layout": LAYOUT, "card": CARD, "page": PAGE}), autoescape=True
    )
    template = templates.get_template("page")
    item = {
        "id": "01a2046c-3c7b-7ce3-9393-973e7dcc8981",
        "language": "de",
        "title": "Tomaten & Äpfel aus dem Garten",
        "amount": "5 kg",
        "place": "Wien, Meidling",
        "until": "bis Fr., 14. August",
        "author": "Marta Kollar",
        "community": "Garten am Bach",
        "host": "wien.localhost:8001",
    }
    whole = len(template.render(title="Liste", items=[item] * 100).encode())
    items = [item] * max(1, round(size * 100 / whole))
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
        return HTMLResponse(template.render(title=row[0] if row else "", items=items))

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
