"""Agreements on the wire: what is sealed, and what is read of FEP-0837."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from federation.errors import Malformed
from federation.wire import agreements as wire
from federation.wire import seals
from federation.wire.agreements import Written
from schema.agreements import Terms

TERMS = Terms(Decimal("2.50"), "kg", "nothing", at=datetime(2026, 12, 1, 17, tzinfo=UTC))
STEP = Written(
    uri="https://b.example/agreements/1/steps/1",
    key="https://b.example/agreements/1",
    proposal="https://a.example/offers/1",
    act="ask",
    actor="https://b.example/people/ben",
    text="Grüß dich!",
    previous="",
    at="2026-11-22T20:00:00.000Z",
    terms=TERMS,
)


def test_a_step_is_read_as_it_was_written() -> None:
    read = wire.read_step({"agreementStep": wire.sealed(STEP)})
    assert read == replace(STEP, terms=replace(TERMS, amount=Decimal("2.5")))


def test_each_letter_of_a_step_changes_its_hash() -> None:
    first = seals.hash_of(seals.canonical(STEP.document()))
    for other in (replace(STEP, text="Gruß dich!"), replace(STEP, previous=first)):
        assert seals.hash_of(seals.canonical(other.document())) != first
    amount = replace(STEP, terms=replace(TERMS, amount=Decimal("2.51")))
    assert seals.hash_of(seals.canonical(amount.document())) != first


@pytest.mark.parametrize(
    "more",
    [{"extra": "x"}, {"act": "steal"}, {"text": 5}, {"terms": {"amount": "-1", "unit": "kg"}}],
    ids=["a field of its own", "an unknown act", "a number", "less than nothing"],
)
def test_a_step_that_says_anything_else_is_malformed(more: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        wire.read_step({"agreementStep": {**STEP.document(), **more}})


@pytest.mark.parametrize("unit", ["kilogram", "om2:kilogram", "kg"])
@pytest.mark.parametrize("kind", ["Agreement", "vf:Agreement"])
def test_an_agreement_of_another_make_is_read(unit: str, kind: str) -> None:
    read = wire.read_agreement(
        {
            "type": kind,
            "stipulates": {
                "type": "Commitment",
                "satisfies": {"id": "https://a.example/offers/1#primary"},
                "resourceQuantity": {"hasUnit": unit, "hasNumericalValue": "5"},
            },
        }
    )
    assert (read.proposal, read.amount, read.unit) == ("https://a.example/offers/1", 5, "kg")


def test_a_public_note_is_no_letter() -> None:
    public = "https://www.w3.org/ns/activitystreams#Public"
    note: dict[str, Any] = {"type": "Note", "id": "https://b.example/1", "content": "hi"}
    assert wire.read_letter({**note, "to": [public]}) is None
    assert wire.read_letter({**note, "to": ["https://a.example/people/ann"]}) is not None


def test_an_agreement_in_full_iris_as_fedify_writes_it_is_read() -> None:
    vf = "https://w3id.org/valueflows/ont/vf#"
    om = "http://www.ontology-of-units-of-measure.org/resource/om-2/"
    measure: Any = {
        "type": f"{om}Measure",
        f"{om}hasNumericalValue": {"type": "xsd:decimal", "@value": "1"},
        f"{om}hasUnit": "kilogram",
    }
    commitment: Any = {
        "type": f"{vf}Commitment",
        f"{vf}resourceQuantity": measure,
        f"{vf}satisfies": {"id": "https://town.example/offers/1#primary"},
    }
    read = wire.read_agreement({"type": f"{vf}Agreement", f"{vf}stipulates": commitment})
    assert (read.proposal, read.amount, read.unit) == ("https://town.example/offers/1", 1, "kg")
