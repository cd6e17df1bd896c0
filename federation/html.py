"""HTML that is fit to be shown: from a resident's Markdown, or from another server's pages."""

import re
from collections.abc import Iterator, Mapping
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import escape

TAGS = frozenset("p br span a del pre blockquote code b strong i em u ul ol li h2 h3 h4".split())
REL = "nofollow noopener noreferrer ugc"
LONGEST = 100_000
# Characters that turn the reading direction of what follows, invisible ones that hide text,
# and control characters (Unicode UAX #9; left-to-right and right-to-left marks may stay).
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
MARK = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
MARKS = re.compile(f"([{MARK}]{{3}})[{MARK}]+")
NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
HOST_LETTERS = NAME_LETTERS - {"_"}
URL_END = frozenset(" \t\r\n<>\"'`|\\^{}")

_cleaner = nh3.Cleaner(
    tags=set(TAGS),
    attributes={"a": {"href"}, "ol": {"start"}, "li": {"value"}},
    allowed_classes={"a": {"mention", "hashtag", "u-url"}, "span": {"h-card", "mention"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=REL,
)

_stripper = nh3.Cleaner(tags=set())


def tidy(text: str) -> str:
    """Text from outside without control and direction characters, at most 3 marks per letter."""
    plain = UNSEEN.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return MARKS.sub(r"\1", plain)


def clean(html: str) -> str:
    """HTML with the tags and links that are allowed, and nothing else; never raises.

    Pictures of other servers are dropped: fetching them would tell that server who reads. What
    goes beyond 100,000 characters is cut off.
    """
    return _cleaner.clean(tidy(html[:LONGEST])) if html else ""


def plain(html: str) -> str:
    """The words of an HTML text without its tags."""
    return unescape(_stripper.clean(tidy(html[:LONGEST]))).strip()


def to_html(markdown: str, links: Mapping[str, str] | None = None) -> str:
    """Cleaned HTML of a Markdown text (CommonMark, line breaks kept, no HTML in it).

    `links` gives the address of each mention that is known, by what `mentions` found:
    {"ben@beton.example": "https://beton.example/people/ben"}.
    """
    return clean(_markdown.render(tidy(markdown), {"links": links or {}}))


def mentions(source: str) -> tuple[str, ...]:
    """Who is addressed in a text: "ben" or "ben@host[:port]", each once, in order."""
    found = (name for _, _, name in _scan(source) if not name.startswith("http"))
    return tuple(dict.fromkeys(found))


def _scan(text: str) -> Iterator[tuple[int, int, str]]:
    """Mentions and bare web addresses as (start, end, what), in one pass without a regex."""
    at, size = 0, len(text)
    while at < size:
        before = text[at - 1] if at else " "
        if text[at] == "@" and not (before.isalnum() or before in "@_/."):
            end, name = _mention(text, at + 1)
        elif text[at] == "h" and not before.isalnum() and _starts_address(text, at):
            end, name = _address(text, at)
        else:
            end, name = at, ""
        if name:
            yield at, end, name
        at = max(end, at + 1)


def _run(text: str, start: int, letters: frozenset[str], limit: int) -> int:
    end = start
    while end < len(text) and end - start < limit and text[end] in letters:
        end += 1
    while end > start and text[end - 1] in ".-":
        end -= 1
    return end


def _mention(text: str, start: int) -> tuple[int, str]:
    end = _run(text, start, NAME_LETTERS, 64)
    name = text[start:end]
    if not name or text[end : end + 1] != "@":
        return end, name.lower()
    stop = _run(text, end + 1, HOST_LETTERS, 253)
    if stop == end + 1:
        return end, name.lower()
    if text[stop : stop + 1] == ":":
        port = stop + 1
        while port < len(text) and port - stop <= 5 and text[port] in "0123456789":
            port += 1
        stop = port if port > stop + 1 else stop
    return stop, text[start:stop].lower()


def _starts_address(text: str, at: int) -> bool:
    return text.startswith("http://", at) or text.startswith("https://", at)


def _address(text: str, start: int) -> tuple[int, str]:
    end = start
    while end < len(text) and end - start < 2000 and text[end] not in URL_END:
        end += 1
    while end > start and text[end - 1] in ".,;:!?*_~)]":
        # A bracket that was opened inside the address belongs to it.
        if text[end - 1] == ")" and text.count("(", start, end) >= text.count(")", start, end):
            break
        end -= 1
    return (end, text[start:end]) if end - start > len("https://") else (start, "")


def _link_tokens(text: str, links: Mapping[str, str]) -> list[Token]:
    tokens: list[Token] = []
    last = 0
    for start, end, what in _scan(text):
        address = what if what.startswith("http") else links.get(what)
        if address is None:
            continue
        tokens.append(Token("text", "", 0, content=text[last:start]))
        kind = "" if address == what else ' class="mention u-url"'
        shown = escape(text[start:end])
        html = f'<a href="{escape(address)}"{kind}>{shown}</a>'
        tokens.append(Token("html_inline", "", 0, content=html))
        last = end
    return [*tokens, Token("text", "", 0, content=text[last:])] if last else []


def _link_texts(state: StateCore) -> None:
    links: Mapping[str, str] = state.env["links"]
    for block in state.tokens:
        if block.type in ("heading_open", "heading_close"):
            # The page has its own first and second level.
            block.tag = "h3" if block.tag in ("h1", "h2") else "h4"
        if block.type != "inline" or not block.children:
            continue
        children: list[Token] = []
        depth = 0
        for child in block.children:
            depth += child.nesting if child.type in ("link_open", "link_close") else 0
            plain = child.type == "text" and depth == 0 and child.content
            children += (plain and _link_tokens(child.content, links)) or [child]
        block.children = children


def _build() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 16})
    parser.disable(["image", "html_block", "html_inline", "reference"])
    parser.core.ruler.push("link_texts", _link_texts)
    return parser


_markdown = _build()
