"""Form data into typed drafts, or Invalid with a message per field."""

import types
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from schema.errors import Invalid
from schema.words import N_
from web.requests import Problem

Draft = TypeVar("Draft", bound=msgspec.Struct)
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

LARGEST_PICTURE = 12_000_000  # bytes
MOST_PICTURES = 6
MOST_FIELDS = 6000  # a blueprint with many lines


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    data: bytes


async def submitted(request: Request) -> FormData:
    """The form; the CSRF check has read it already."""
    return await request.form(
        max_files=MOST_PICTURES, max_fields=MOST_FIELDS, max_part_size=200_000
    )


def values_of(form: FormData) -> dict[str, list[str]]:
    """Every text field with all its values, stripped, with plain line ends, without NUL."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name != "csrf":
            found.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\0", "").strip())
    return found


async def parse(request: Request, kind: type[Draft]) -> Draft:
    """The form as this Struct. An empty field takes the Struct's default; numbers may be 1,5."""
    values = values_of(await submitted(request))
    draft: dict[str, Any] = {}
    errors: dict[str, str] = {}
    hints = get_type_hints(kind, include_extras=True)
    for field in msgspec.structs.fields(kind):
        given = [text for text in values.get(field.encode_name, []) if text]
        if not given:
            if field.required:
                errors[field.encode_name] = N_("Please fill this in.")
            continue
        try:
            raw = _prepare(given, hints[field.name])
            draft[field.name] = msgspec.convert(raw, hints[field.name], strict=False)
        except (msgspec.ValidationError, InvalidOperation) as error:
            errors[field.encode_name] = _explain(str(error), hints[field.name])
    if errors:
        raise Invalid(errors)
    return kind(**draft)


def _prepare(given: list[str], hint: Any) -> Any:
    plain = _plain(hint)
    if get_origin(plain) in (list, tuple, set):
        return given
    if plain in (Decimal, float, int):
        return given[-1].replace("\u202f", "").replace(" ", "").replace(",", ".")
    if plain is bool:
        return given[-1].lower() in ("1", "on", "yes", "true")
    return given[-1]


def _plain(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        rest = [item for item in get_args(hint) if item is not type(None)]
        return _plain(rest[0])
    return hint


def _explain(error: str, hint: Any) -> str:
    if "length <=" in error:
        return N_("That is too long.")
    if "length >=" in error:
        return N_("That is too short.")
    if "Expected `Decimal" in error or _plain(hint) in (Decimal, float, int):
        return N_("Please give a number, such as 2 or 1.5.")
    if "datetime" in error or "date" in error:
        return N_("Please give a date, such as 2027-05-31.")
    return N_("This is not one of the choices.")


async def pictures(request: Request, field: str) -> list[Upload]:
    """What was uploaded under this name; Invalid when one is too large."""
    found: list[Upload] = []
    for item in (await submitted(request)).getlist(field):
        if not isinstance(item, UploadFile) or not item.filename:
            continue
        data = await item.read(LARGEST_PICTURE + 1)
        if len(data) > LARGEST_PICTURE:
            raise Invalid({field: N_("This picture is too large; 12 MB is the most.")})
        if data:
            found.append(Upload(item.filename[:200], data))
    return found


def again(form: Handler) -> Callable[[Handler], Handler]:
    """On Invalid the page `form` is shown again, with what was typed and what is wrong."""

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        async def submit(request: Request) -> Response:
            try:
                return await handler(request)
            except Invalid as problem:
                values = values_of(await submitted(request))
                request.state.problem = Problem(values, problem.fields)
                return await form(request)

        return submit

    return wrap
