"""The `@context` that we send: every term of ours is declared inline (wire formats of the FEPs)."""

from typing import Final

from federation.documents import Json, many

AS: Final = "https://www.w3.org/ns/activitystreams"
PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_SPELLINGS: Final = frozenset({PUBLIC, "as:Public", "Public"})

_PROOFS: Final = "https://w3id.org/security/data-integrity/"

CONTEXT: Final[Json] = [
    AS,
    "https://w3id.org/security/v1",
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/data-integrity/v2",
    {
        "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "toot": "http://joinmastodon.org/ns#",
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        "implements": {
            "@id": "https://w3id.org/fep/844e/implements",
            "@type": "@id",
            "@container": "@list",
        },
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "lemmy": "https://join-lemmy.org/ns#",
        "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
        "mz": "https://joinmobilizon.org/ns#",
        "members": {"@id": "mz:members", "@type": "@id"},
        "role": "mz:role",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "sn": "https://w3id.org/stadtnetz#",
        "category": "sn:category",
        "identifier": "schema:identifier",
        "broader": "http://www.w3.org/2004/02/skos/core#broader",
        "returnKind": "sn:returnKind",
        "returnNote": "sn:returnNote",
        "unitLabel": "sn:unitLabel",
        "offers": {"@id": "sn:offers", "@type": "@id"},
        "needs": {"@id": "sn:needs", "@type": "@id"},
        "projects": {"@id": "sn:projects", "@type": "@id"},
        "blueprints": {"@id": "sn:blueprints", "@type": "@id"},
        "communities": {"@id": "sn:communities", "@type": "@id"},
        "joinRule": "sn:joinRule",
        "edition": "sn:edition",
        "vf": "https://w3id.org/valueflows/ont/vf#",
        "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
        "Intent": "vf:Intent",
        "action": "vf:action",
        "purpose": "vf:purpose",
        "unitBased": "vf:unitBased",
        "publishes": "vf:publishes",
        "reciprocal": "vf:reciprocal",
        "resourceConformsTo": {"@id": "vf:resourceConformsTo", "@type": "@id"},
        "resourceQuantity": "vf:resourceQuantity",
        "effortQuantity": "vf:effortQuantity",
        "availableQuantity": "vf:availableQuantity",
        "minimumQuantity": "vf:minimumQuantity",
        "finished": "vf:finished",
        "Agreement": "vf:Agreement",
        "Commitment": "vf:Commitment",
        "stipulates": "vf:stipulates",
        "stipulatesReciprocal": "vf:stipulatesReciprocal",
        "satisfies": {"@id": "vf:satisfies", "@type": "@id"},
        "fulfills": {"@id": "vf:fulfills", "@type": "@id"},
        "realizationOf": {"@id": "vf:realizationOf", "@type": "@id"},
        "provider": {"@id": "vf:provider", "@type": "@id"},
        "receiver": {"@id": "vf:receiver", "@type": "@id"},
        "agreementStep": {"@id": "sn:agreementStep", "@type": "@json"},
        "dispute": {"@id": "sn:dispute", "@type": "@json"},
        "pool": {"@id": "sn:pool", "@type": "@json"},
        "contact": "sn:contact",
        "handOut": "sn:handOut",
        "handOutTime": "sn:handOutTime",
        "drawHash": "sn:drawHash",
        "drawSeed": "sn:drawSeed",
        "Process": "vf:Process",
        "planIncludes": "vf:planIncludes",
        "hasInput": "vf:hasInput",
        "inputOf": {"@id": "vf:inputOf", "@type": "@id"},
        "hasBeginning": "vf:hasBeginning",
        "hasEnd": "vf:hasEnd",
        "hasPointInTime": "vf:hasPointInTime",
        "due": "vf:due",
        "note": "vf:note",
        "EconomicEvent": "vf:EconomicEvent",
        "projectState": "sn:projectState",
        "scale": "sn:scale",
        "scaleUnit": "sn:scaleUnit",
        "derivedTitle": "sn:derivedTitle",
        "stepKey": "sn:stepKey",
        "lineKey": "sn:lineKey",
        "choice": "sn:choice",
        "workRole": "sn:workRole",
        "listing": {"@id": "sn:listing", "@type": "@id"},
        "promised": "sn:promised",
        "met": "sn:met",
        "wasDerivedFrom": {"@id": "http://www.w3.org/ns/prov#wasDerivedFrom", "@type": "@id"},
        "license": {"@id": "schema:license", "@type": "@id"},
        "version": "schema:version",
        "prov": "http://www.w3.org/ns/prov#",
        "wasRevisionOf": {"@id": "prov:wasRevisionOf", "@type": "@id"},
        "specializationOf": {"@id": "prov:specializationOf", "@type": "@id"},
        "hasCurrentVersion": {
            "@id": "http://purl.org/pav/hasCurrentVersion",
            "@type": "@id",
        },
        "RecipeProcess": "vf:RecipeProcess",
        "RecipeFlow": "vf:RecipeFlow",
        "ResourceSpecification": "vf:ResourceSpecification",
        "primaryOutput": "vf:primaryOutput",
        "recipeIncludes": "vf:recipeIncludes",
        "hasRecipeInput": "vf:hasRecipeInput",
        "buildReport": {"@id": "sn:buildReport", "@type": "@json"},
        "blueprint": {"@id": "sn:blueprint", "@type": "@json"},
        "scaling": {"@id": "sn:scaling", "@type": "@json"},
        "stepOf": {"@id": "sn:stepOf", "@type": "@json"},
        "hasUnit": "om2:hasUnit",
        "hasNumericalValue": "om2:hasNumericalValue",
    },
]


def is_public(addressed: "list[str]") -> bool:
    """Whether any spelling of Public is among them (input only; we send the full IRI)."""
    return not PUBLIC_SPELLINGS.isdisjoint(addressed)


def around(inner: Json) -> Json:
    """The context of what wraps a whole activity. The terms of proofs are protected: a document
    that names two versions of them, ours outside and the author's inside, no JSON-LD reader takes.
    """
    named = many(inner.get("@context")) if isinstance(inner, dict) else []
    if not named:
        return CONTEXT
    known = (one for one in named if isinstance(one, str) and one.startswith(_PROOFS))
    return [AS, next(known, f"{_PROOFS}v2")]
