"""Templates into pages: one environment per language, so that macros know words and formats."""

import hashlib
import secrets
from collections.abc import Callable, Hashable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol, cast
from urllib.parse import urlencode

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from federation import html
from schema import categories
from schema.words import N_
from web import compiled, map, words
from web.formats import Formats
from web.words import Catalogue, Words

HERE = Path(__file__).parent
# Macros every template may use without importing them; the later ones use the earlier.
MACROS = ("icons", "fields", "cards", "thread", "notices", "reports")
SINGLE_MACROS = ("pager", "tabs", "empty")
# Macros that are kept rendered, by the name under which pages call them: file and macro.
CACHED = {
    "cached_card": ("cards", "proposal_card"),
    "cached_facts": ("kept", "proposal_facts"),
    "cached_thread": ("kept", "thread_card"),
}
Theme = Literal["auto", "light", "dark"]


class Reader(Protocol):
    """Who is logged in, as the frame shows it; `name` is the short one in addresses."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def avatar_url(self) -> str | None: ...
    @property
    def is_admin(self) -> bool: ...
    @property
    def is_moderator(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page needs to know. `path` is path and query; `flash` (kind, text) pairs,
    kind "good", "bad" or "note", the text an English text id.
    """

    me: Reader | None
    place_name: str
    locale: str
    theme: Theme
    csrf: str
    path: str
    unread: int
    waiting: int
    flash: tuple[tuple[str, str], ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed and what was wrong with it; `errors` are English text ids by field."""

    values: Mapping[str, object] = field(default_factory=dict[str, object])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    def value(self, name: str, default: object = "") -> str:
        """What stands in the field: dates as ISO, nothing for None."""
        value = self.values.get(name, default)
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M")
        if isinstance(value, date):
            return value.isoformat()
        return "" if value is None or value is False else str(value)

    def chosen(self, name: str, option: object, default: object = None) -> bool:
        """Whether the option of a group or list is the chosen one, or among them."""
        value = self.values.get(name, default)
        if isinstance(value, (list, tuple, set, frozenset)):
            return str(option) in {str(one) for one in value}  # pyright: ignore
        return value is not None and str(value) == str(option)

    def error(self, name: str) -> str:
        """The text id of what is wrong with the field, or nothing."""
        return self.errors.get(name, "")


class Renderer:
    """All templates, compiled when first asked for; made once per app.

    `zone` is the time zone of the place; `clock` tells the present, for words like "3 days ago".
    What was compiled is kept in `folder`; with `reload` it is compiled anew when it was changed.
    """

    def __init__(
        self,
        catalogues: Words | None = None,
        *,
        zone: tzinfo = UTC,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        folder: Path | None = None,
        reload: bool = False,
    ) -> None:
        self.words = catalogues or words.load()
        self.cities_until = 0.0
        self._cities: dict[str, str] = {}
        self._environments: dict[str, _Environment] = {}

        def make(catalogue: Catalogue) -> _Environment:
            kept = None if reload else compiled.cache(catalogue.language, catalogue.texts, folder)
            return _environment(catalogue, Formats(catalogue, zone, clock), self._cities, kept)

        self._make = make

    def _in(self, language: str) -> "_Environment":
        """The templates in this language, else in English; made when first asked for."""
        catalogue = self.words.catalogues.get(language) or self.words.catalogues[words.ENGLISH]
        found = self._environments.get(catalogue.language)
        if found is None:
            found = self._environments[catalogue.language] = self._make(catalogue)
        return found

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """The whole page; `context` must have a Frame as "frame", and may have a Form as "form"."""
        return self.render_block(template, "", context)

    def render_block(self, template: str, block: str, context: Mapping[str, object]) -> str:
        """One block of the page with its title, for htmx; the whole page for no block.

        The answer to both must carry `Vary: HX-Request`.
        """
        frame = context["frame"]
        if not isinstance(frame, Frame):
            raise TypeError("the context has no frame")
        environment = self._in(frame.locale)
        part = "/" + frame.path[1:].partition("?")[0].partition("/")[0]
        everything = {"form": _NOTHING_TYPED, **context, "partial": block, "part": part}
        return environment.get_template(template).render(everything)

    def name_cities(self, names: Mapping[str, str], until: float) -> None:
        """How neighbour cities call themselves, by host; asked anew after `until` (monotonic)."""
        self.cities_until = until
        if names != self._cities:
            self._cities.clear()
            self._cities.update(names)
            for environment in self._environments.values():
                for card in environment.cards.values():
                    card.forget()

    def warm(self) -> None:
        """Compile every template now rather than at the first visit."""
        for language in self.words.catalogues:
            environment = self._in(language)
            for name in environment.list_templates(["html"]):
                environment.get_template(name)


def wanted_block(headers: Mapping[str, str]) -> str:
    """ "main" for a request by htmx that wants a piece, nothing for one that wants the page."""
    piece = headers.get("hx-request") == "true" and "hx-history-restore-request" not in headers
    return "main" if piece and headers.get("hx-boosted") != "true" else ""


def static(name: str) -> str:
    """The address of a file in web/static; its content is in it, so it may be kept for ever."""
    return f"/static/{name}?v={_fingerprint(name)}"


@lru_cache(maxsize=256)
def icon(name: str, kind: str = "") -> Markup:
    """A picture from static/icons.svg, without meaning of its own; a function since a page has
    a hundred of them, and a macro takes ten times as long."""
    look = f"icon {kind}" if kind else "icon"
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        look, static("icons.svg"), name
    )


_NOTHING_TYPED = Form()
_MARK = f"mark{secrets.token_hex(8)}"  # stands in no text of anybody


@lru_cache(maxsize=64)
def _fingerprint(name: str) -> str:
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


class _CachedMacro:
    """A macro that is rendered once per values: lists show the same cards to everybody.

    The values must be hashable, and all that the macro shows must come from them.
    """

    def __init__(self) -> None:
        self.macro: Callable[..., str] = str
        self._rendered = lru_cache(maxsize=1024)(self._render)

    def __call__(self, *values: Hashable) -> str:
        return self._rendered(*values)

    def forget(self) -> None:
        self._rendered.cache_clear()

    def _render(self, *values: Hashable) -> str:
        return self.macro(*values)


class _KeptMacro(_CachedMacro):
    """A cached macro, of whose arguments some differ from visit to visit: those are named here and
    put into the kept text afterwards. The macro may only print them."""

    def __init__(self, *passing: str) -> None:
        super().__init__()
        self._marks = {name: f"{_MARK}-{name}-" for name in passing}

    def __call__(self, *values: Hashable, **passing: str) -> str:
        text = self._rendered(*values)
        for name, mark in self._marks.items():
            text = text.replace(mark, escape(passing[name]))
        return text

    def _render(self, *values: Hashable) -> str:
        return self.macro(*values, **self._marks)


class _Fold(NodeTransformer):
    """Calls of known functions with nothing but constants become what they give.

    A page has a hundred words and icons, and each is now part of the text between them.
    """

    def __init__(self, functions: Mapping[str, Callable[..., object]]) -> None:
        self._functions = functions

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not isinstance(node.node, nodes.Name):
            return node
        function = self._functions.get(node.node.name)
        values = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        if function is None or len(values) != len(node.args):
            return node
        return nodes.Const(function(*values), lineno=node.lineno)


class _Environment(Environment):
    """Of one language: its words are put into the templates when they are compiled."""

    folded: Mapping[str, Callable[..., object]]
    cards: Mapping[str, _CachedMacro]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Fold(self.folded).visit(super()._parse(source, name, filename))


def _environment(
    catalogue: Catalogue,
    formats: Formats,
    cities: Mapping[str, str],
    bytecode: BytecodeCache | None,
) -> _Environment:
    environment = _Environment(
        loader=FileSystemLoader([HERE / "pages", HERE]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        auto_reload=bytecode is None,
        cache_size=-1,
        bytecode_cache=bytecode,
    )
    environment.newstyle_gettext = True  # pyright: ignore
    words = _texts(catalogue)
    environment.folded = {"_": words["_"], "icon": icon, "static": static}
    environment.filters.update(_filters(catalogue, formats, cities))
    shared = cast(MutableMapping[str, Any], environment.globals)
    shared.update(_texts(catalogue), static=static, with_query=with_query, Form=Form, icon=icon)
    environment.cards = {name: _CachedMacro() for name in CACHED}
    shared.update(environment.cards)
    for file in MACROS:
        shared[file] = environment.get_template(f"parts/{file}.html").module
    for name, (file, macro) in CACHED.items():
        module = environment.get_template(f"parts/{file}.html").module
        environment.cards[name].macro = getattr(module, macro)
    chrome = cast(Any, environment.get_template("parts/chrome.html").module)
    deals = cast(Any, environment.get_template("parts/agreements.html").module)
    kept = {
        "chrome_head": (_KeptMacro(), chrome.head),
        "chrome_top": (_KeptMacro(), chrome.top),
        "chrome_foot": (_KeptMacro("csrf", "back"), chrome.foot),
        "blank_ask": (_KeptMacro("csrf", "fresh", "url"), deals.blank_ask_form),
        "from_elsewhere": (_KeptMacro("token", "uri"), shared["fields"].elsewhere),
        "blank_answer": (_KeptMacro("csrf", "id", "url"), shared["thread"].blank_listing_form),
    }
    for name, (keeper, macro) in kept.items():
        keeper.macro = macro
        shared[name] = keeper
    for file in SINGLE_MACROS:
        shared[file] = getattr(environment.get_template(f"parts/{file}.html").module, file)
    return environment


def _filters(
    catalogue: Catalogue, formats: Formats, cities: Mapping[str, str]
) -> dict[str, Callable[..., object]]:
    known = categories.load()

    def category(id: str) -> str:
        return known.title(id, catalogue.language)

    def sector(id: str) -> str:
        return id.split(".", 1)[0]

    def city(host: str) -> str:
        return cities.get(host, host)

    return {
        "date": formats.long_day,
        "day": formats.day,
        "time": formats.time,
        "datetime": formats.moment,
        "ago": formats.ago,
        "number": formats.number,
        "quantity": formats.quantity,
        "distance": formats.distance,
        "category": category,
        "city": city,
        "sector": sector,
        "markdown": _markdown,
        "clean": _clean,
    }


def _texts(catalogue: Catalogue) -> dict[str, Callable[..., str]]:
    """The functions `_`, `gettext` and `ngettext` of templates.

    Only texts of ours, which the catalogues know, may carry HTML; anything else is escaped.
    """
    ready = {text: Markup(word.replace("%%", "%")) for text, word in catalogue.texts.items()}

    def gettext(text: str, /, **values: object) -> str:
        if values:
            return catalogue.fill(text, values)
        return ready.get(text) or text.replace("%%", "%")

    def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
        return Markup(catalogue.ngettext(one, many, num)) % {"num": num, **values}

    def city_map(places: Sequence[map.MapPlace]) -> Markup:
        title = catalogue.gettext(N_("Map of our place and its neighbour cities"))
        return map.draw(places, title, catalogue.gettext(N_("The list below says the same.")))

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext, "city_map": city_map}


@lru_cache(maxsize=256)
def _markdown(source: str) -> Markup:
    return Markup(html.to_html(source))


@lru_cache(maxsize=256)
def _clean(source: str) -> Markup:
    return Markup(html.clean(source))


def with_query(path: str, **changes: object) -> str:
    """The path with some of its query's values replaced, or taken out where None."""
    bare, _, query = path.partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.split("=", 1)[0] not in changes]
    new = urlencode({key: value for key, value in changes.items() if value is not None})
    whole = "&".join([*kept, new] if new else kept)
    return f"{bare}?{whole}" if whole else bare
