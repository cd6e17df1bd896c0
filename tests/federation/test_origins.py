"""Addresses: one canonical form, and refusal of what parsers read differently."""

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import origins
from federation.errors import Malformed
from federation.origins import Origin

REFUSED = [
    "",
    "x",
    "/inbox",
    "//a.example/",
    "https:a.example",
    "https:/a.example/",
    "https:///a.example/",
    "https://",
    "https://?x",
    "https://:443/",
    "ftp://a.example/",
    "file:///etc/passwd",
    "data:text/html,x",
    "javascript:alert(1)",
    "acct:ann@a.example",
    "gopher://a.example/",
    "http://a.example/",
    "https://ann@a.example/",
    "https://ann:pw@a.example/",
    "https://@a.example/",
    "https://a.example:80@b.example/",
    "https://a.example\\b.example/",
    "https://a.example\\@b.example/",
    "https://a.example/\\x",
    "https://a.example%00.b.example/",
    "https://a.example%2f/",
    "https://%61.example/",
    "https://a.example\t/",
    "https://a.example/\n",
    " https://a.example/",
    "https://a.example/ ",
    "https://a.example/\x00",
    "https://a.example/\x7f",
    "https://a.example/\x85",
    "https://a.example/\u2028",
    "https://a.example/\u202e",
    "https://a.example/\ud800",
    "https://a.example./",
    "https://a..example/",
    "https://.example/",
    "https://-a.example/",
    "https://a_b.example/",
    "https://intranet/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/",
    "https://a.example:0/",
    "https://a.example:65536/",
    "https://a.example:99999999/",
    "https://a.example:x/",
    "https://a.example:/",
    "https://a.example:-1/",
    "https://a.example:٤٤٣/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://1.2.3.4.5/",
    "https://a.1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://a。example/",
    "https://ａ.example/",
    "https://\u212aelvin.example/",
    "https://a\u00ad.example/",
    "https://[::1/",
    "https://::1/",
    "https://[::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[127.0.0.1]/",
    "https://[v1.x]/",
    "https://[]/",
    "https://[::1]x/",
    "https://a.example/" + "x" * 2000,
    "https://a.example/" + "ü" * 1000,
]


@pytest.mark.parametrize("url", REFUSED)
def test_c08_addresses_that_parsers_read_differently_are_refused(url: str) -> None:
    for reading in (origins.parse, origins.origin_of, origins.authority, origins.canonical):
        with pytest.raises(Malformed):
            reading(url)
    with pytest.raises(Malformed):
        origins.same_origin("https://a.example", url)
    with pytest.raises(Malformed):
        origins.is_ours(url, "https://a.example")


@pytest.mark.parametrize("path", ["/../x", "/a/./b", "/a/..", "/."])
def test_c08_dot_segments_are_not_requested(path: str) -> None:
    with pytest.raises(Malformed):
        origins.parse(f"https://a.example{path}")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example", "https://a.example"),
        ("HTTPS://A.Example:443/x?y#z", "https://a.example"),
        ("https://a.example:00443/", "https://a.example"),
        ("https://a.example:8443?x", "https://a.example:8443"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example"),
        ("https://straße.example/", "https://xn--strae-oqa.example"),
        ("https://192.0.2.1/", "https://192.0.2.1"),
        ("https://[2001:DB8:0::1]:443/", "https://[2001:db8::1]"),
        ("https://[::ffff:7f00:1]/", "https://[::ffff:7f00:1]"),
        ("https://a.example/@ann/x@y", "https://a.example"),
        ("https://a.example?@b.example", "https://a.example"),
        ("https://a.example#@b.example", "https://a.example"),
    ],
)
def test_a10_an_origin_has_one_canonical_form(url: str, origin: str) -> None:
    assert str(origins.origin_of(url)) == origin
    assert origins.authority(url) == origin.removeprefix("https://")
    assert origins.same_origin(url, origin)


def test_b11_our_own_host_is_known_in_every_spelling() -> None:
    for url in ("https://ALPHA.example/x", "https://alpha.example:443", "HTTPS://alpha.example?x"):
        assert origins.is_ours(url, "https://alpha.example")
    for url in ("https://alpha.example.evil.example/", "https://alpha.example:8443/"):
        assert not origins.is_ours(url, "https://alpha.example")
    assert not origins.is_ours("http://alpha.test/", "https://alpha.test")


def test_http_is_only_for_this_machine_and_only_where_it_is_allowed() -> None:
    for host in ("alpha.localhost:8000", "alpha.test", "localhost", "127.0.0.1:80", "[::1]:81"):
        url = f"http://{host}/x"
        assert origins.parse(url, loopback=True).origin.scheme == "http"
        with pytest.raises(Malformed):
            origins.parse(url)
        with pytest.raises(Malformed):
            origins.origin_of(url)
    with pytest.raises(Malformed):
        origins.parse("http://alpha.example/", loopback=True)


def test_canonical_touches_nothing_behind_the_host() -> None:
    url = "https://A.example:443/Users/%41nn/./x?Q=%2F#Main-Key"
    assert origins.canonical(url) == "https://a.example/Users/%41nn/./x?Q=%2F#Main-Key"


def test_an_address_is_requested_with_query_and_without_fragment() -> None:
    address = origins.parse("https://A.example/über?q=ä ".strip() + "#frag")
    assert address.url == "https://a.example/%C3%BCber?q=%C3%A4"
    assert address.target == "/%C3%BCber?q=%C3%A4"
    assert address.fragment == "#frag"
    assert origins.parse("https://a.example").target == "/"
    assert origins.parse("https://a.example?x=1").target == "/?x=1"


def test_an_origin_is_compared_as_a_value() -> None:
    assert origins.origin_of("https://a.example/x") == Origin("https", "a.example", 443)


PIECES = st.sampled_from(
    [
        "https://",
        "http://",
        "a.example",
        "b.test",
        ":",
        "443",
        "/",
        "?",
        "#",
        "@",
        "\\",
        "%2f",
        "%",
        "..",
        ".",
        "[",
        "]",
        "::1",
        "127.0.0.1",
        "xn--",
        "ü",
        "x",
        "=",
        "&",
        "{",
        "'",
        '"',
        "|",
        " ",
    ]
)


@settings(deadline=None)
@given(
    st.lists(PIECES, max_size=12).map("".join)
    | st.lists(PIECES, max_size=8).map(lambda pieces: "https://a.example/" + "".join(pieces))
)
def test_z2_what_we_accept_other_parsers_read_in_the_same_way(url: str) -> None:
    try:
        address = origins.parse(url, loopback=True)
    except Malformed:
        return
    split = urlsplit(address.url)
    assert (split.hostname, split.username) == (address.origin.host, None)
    other = httpx.URL(address.url)
    assert other.raw_host.decode().strip("[]") == address.origin.host
    assert origins.parse(address.url, loopback=True) == origins.Address(
        address.origin, address.target, ""
    )


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises_anything_but_malformed(url: str) -> None:
    for text in (url, "https://" + url, "https://a.example" + url):
        try:
            origins.parse(text)
        except Malformed:
            continue
