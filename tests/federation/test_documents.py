"""Documents from elsewhere: bombs and ambiguities are refused, shapes are read with care."""

import codecs
import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import documents
from federation.documents import Json
from federation.errors import Malformed


def refused(body: bytes) -> str:
    with pytest.raises(Malformed) as caught:
        documents.parse(body)
    return caught.value.reason


def nested(depth: int, opening: str, closing: str) -> bytes:
    return f'{{"a":{opening * (depth - 1)}1{closing * (depth - 1)}}}'.encode()


def test_an_activity_is_read_as_it_stands() -> None:
    body = '{"id":"https://a.example/1","to":["x"],"n":-0.5,"t":true,"z":null,"s":"ä😀:{}"}'
    assert documents.parse(body.encode()) == json.loads(body)


@pytest.mark.parametrize("depth", [33, 1000, 5000, 20_000])
def test_d05_nesting_beyond_32_is_refused(depth: int) -> None:
    assert refused(nested(depth, '{"a":', "}"))
    assert refused(nested(depth, "[", "]"))


def test_d05_nesting_of_32_is_accepted() -> None:
    documents.parse(nested(32, '{"a":', "}"))
    documents.parse(nested(32, "[", "]"))


@pytest.mark.parametrize(
    ("key", "most"),
    [("to", 500), ("cc", 500), ("tag", 100), ("attachment", 16), ("alsoKnownAs", 1000)],
)
def test_d06_arrays_have_their_limits(key: str, most: int) -> None:
    documents.parse(orjson.dumps({"object": {key: ["x"] * most}}))
    assert refused(orjson.dumps({"object": {key: ["x"] * (most + 1)}}))


def test_d06_all_recipients_count_together() -> None:
    assert "recipients" in refused(orjson.dumps({"to": ["x"] * 300, "cc": ["x"] * 201}))


def test_d06_arrays_in_arrays_have_the_same_limit() -> None:
    assert "items" in refused(orjson.dumps({"a": [["x"] * 1001]}))


def test_d06_keys_texts_and_values_have_their_limits() -> None:
    documents.parse(orjson.dumps({str(i): i for i in range(200)}))
    assert "keys" in refused(orjson.dumps({str(i): i for i in range(201)}))
    assert refused(b'{"a":{' + b",".join(b'"%d":1' % i for i in range(80_000)) + b"}}")
    documents.parse(orjson.dumps({"a": "x" * 200_000}))
    assert "text" in refused(orjson.dumps({"a": "x" * 200_001}))
    assert "text" in refused(orjson.dumps({"a": ["ü" * 100_001]}))
    assert "key" in refused(orjson.dumps({"x" * 501: 1}))
    assert "values" in refused(orjson.dumps({"a": [[1] * 900] * 60}))


def test_d06_a_document_over_a_megabyte_is_refused() -> None:
    text = "x" * 199_000
    documents.parse(orjson.dumps({str(i): text for i in range(5)}))
    assert refused(orjson.dumps({str(i): text for i in range(6)})) == "document is too large"


@pytest.mark.parametrize(
    "body",
    [
        b'{"actor":"a","actor":"b"}',
        b'{"id":1,"x":{"y":2},"id":1}',
        b'{"a":[{"id":1,"id":2}]}',
        rb'{"id":1,"\u0069d":2}',
        b'{"a":":","a":":"}',
    ],
)
def test_d07_repeated_keys_are_refused(body: bytes) -> None:
    assert refused(body) == "document repeats a key"


def test_d07_colons_and_quotes_in_texts_are_not_keys() -> None:
    value: dict[str, Json] = {'a":"': 'b:"c\\":', "\\": ['":', "\\\\:", {"d:": "\\"}]}
    assert documents.parse(orjson.dumps(value)) == value


@pytest.mark.parametrize(
    "number",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-1e400",
        "9" * 5000,
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1" * 20,
        "01",
        "0x1",
        "1.",
        ".5",
        "+1",
    ],
)
def test_d08_strange_numbers_are_refused(number: str) -> None:
    assert refused(b'{"a":%b}' % number.encode())
    assert refused(b'{"a":[%b]}' % number.encode())


@pytest.mark.parametrize(
    "number", ["0", "-0", "-0.0", "1e3", "9223372036854775807", "-9223372036854775807", "1E-400"]
)
def test_d08_ordinary_numbers_are_accepted(number: str) -> None:
    documents.parse(b'{"a":%b}' % number.encode())


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a":"\u0000"}',
        rb'{"a":["x\u0000y"]}',
        rb'{"a\u0000":1}',
        rb'{"a":"\ud800"}',
        rb'{"a":"\udc00\ud800"}',
        rb'{"\ud800":1}',
        b'{"a":"\0"}',
        b'{"a":"\n"}',
        b'{"a":"\xc0\x80"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'{"a":"\xf4\x90\x80\x80"}',
        codecs.BOM_UTF8 + b"{}",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-16-le"),
        '{"a":1}'.encode("utf-32"),
    ],
)
def test_d09_bytes_that_a_database_cannot_keep_are_refused(body: bytes) -> None:
    assert refused(body)


def test_d09_a_written_backslash_is_not_nul() -> None:
    assert documents.parse(rb'{"a":"\\u0000"}') == {"a": r"\u0000"}


@pytest.mark.parametrize(
    "body", [b"", b" ", b"null", b"[]", b'"x"', b"1", b"{", b"{}x", b"{'a':1}"]
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    assert refused(body)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_malformed(body: bytes) -> None:
    assert refused(body)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=30,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=4), VALUES), st.integers(0), st.binary(max_size=2))
def test_mutated_json_is_read_as_the_standard_reads_it_or_refused(
    value: dict[str, Json], position: int, change: bytes
) -> None:
    body = json.dumps(value).encode()
    position %= len(body) + 1
    for candidate in (body, body[:position] + change + body[position + len(change) :]):
        try:
            read = documents.parse(candidate)
        except Malformed:
            continue
        assert read == json.loads(candidate)
        orjson.dumps(read)


def test_one_and_many_read_a_value_and_a_list_alike() -> None:
    assert documents.one("a") == documents.one(["a"]) == documents.one(["a", "b"]) == "a"
    assert documents.one([]) is documents.one(None) is None
    assert documents.many("a") == documents.many(["a"]) == documents.many([None, "a"]) == ["a"]
    assert documents.many(None) == []


@pytest.mark.parametrize("value", ["u", {"id": "u"}, ["u"], [{"id": "u", "type": "Note"}]])
def test_id_of_a_link_or_an_object(value: Json) -> None:
    assert documents.id_of(value) == "u"


@pytest.mark.parametrize(
    "value", [None, "", 1, {}, {"id": None}, {"id": ["u"]}, [], ["u", "v"], [["u"]]]
)
def test_id_of_what_has_no_single_id_is_none(value: Json) -> None:
    assert documents.id_of(value) is None


def test_ids_of_reads_every_shape_once() -> None:
    document: documents.Document = {"to": ["a", {"id": "b"}, None, 3, "a"], "cc": "c"}
    assert documents.ids_of(document, "to") == ["a", "b"]
    assert documents.ids_of(document, "cc") == ["c"]
    assert documents.ids_of(document, "bcc") == []


def test_text_is_found_in_every_place_where_peers_put_it() -> None:
    assert documents.text({"name": "n"}, "name") == "n"
    assert documents.text({"name": ["n"]}, "name") == "n"
    assert documents.text({"name": {"@value": "n", "@language": "de"}}, "name") == "n"
    assert documents.text({"name": None, "nameMap": {"de": "n"}}, "name") == "n"
    nothings: list[Json] = [None, "", 1, {}, [], {"x": 1}]
    for nothing in nothings:
        assert documents.text({"name": nothing}, "name") is None
