"""A manifest and its list of parts from elsewhere, through the guarded client."""

from federation import fetch
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.okh import manifests, parts
from federation.okh.manifests import Reading
from schema.errors import Invalid
from schema.words import N_

NOT_FETCHED = N_("Nothing could be fetched from there.")


async def text_at(instance: Instance, address: str, field: str) -> str:
    """The text at an address; Invalid for the form's `field` where nothing can be had."""
    try:
        return await fetch.text(instance, address)
    except (Gone, Malformed, Refused, Unreachable, Untrusted):
        raise Invalid({field: NOT_FETCHED}) from None


def read(text: str, bom: str, bom_name: str) -> Reading:
    """Of a manifest, a list of parts, or both; Invalid for the field that cannot be read."""
    try:
        found = parts.parse(bom, name=bom_name) if bom else None
    except Malformed:
        raise Invalid({"bom": N_("This is no list of parts that can be read.")}) from None
    try:
        if not text and found is None:
            raise Malformed("there is nothing in it")
        return manifests.read(text, found) if text else manifests.of_parts(bom_name, found)
    except Malformed:
        raise Invalid({"manifest": N_("This is no manifest that can be read.")}) from None
