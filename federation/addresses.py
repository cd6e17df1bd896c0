"""Every URI we mint or recognise, both directions. One URL per thing: the id is the page."""

from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import quote, unquote
from uuid import UUID

from schema.proposals import Purpose

Thing: TypeAlias = Literal[
    "person",
    "group",
    "city",
    "instance",
    "offer",
    "request",
    "post",
    "activity",
    "report",
    "agreement",
    "blueprint",
]

_FOLDERS: dict[str, Thing] = {
    "offers": "offer",
    "needs": "request",
    "posts": "post",
    "activities": "activity",
    "reports": "report",
    "agreements": "agreement",
    "blueprints": "blueprint",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """What a URI of ours names: an actor by `name`, or a thing by `id`."""

    thing: Thing
    name: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """`origin`: scheme://host[:port]."""

    origin: str

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]

    @property
    def city(self) -> str:
        """The Group that announces what the city's communities share."""
        return f"{self.origin}/city"

    @property
    def city_followers(self) -> str:
        """Neighbour cities, and whoever else follows ours."""
        return f"{self.city}/followers"

    @property
    def instance(self) -> str:
        """The Application that signs our GETs (FEP-d556, FEP-2677)."""
        return f"{self.origin}/actor"

    @property
    def shared_inbox(self) -> str:
        return f"{self.origin}/inbox"

    def person(self, name: str) -> str:
        return f"{self.origin}/people/{quote(name, safe='')}"

    def community(self, name: str) -> str:
        return f"{self.origin}/communities/{quote(name, safe='')}"

    def proposal(self, purpose: Purpose, id: UUID) -> str:
        return f"{self.origin}/{'offers' if purpose == 'offer' else 'needs'}/{id}"

    def post(self, id: UUID) -> str:
        return f"{self.origin}/posts/{id}"

    def activity(self, id: UUID) -> str:
        return f"{self.origin}/activities/{id}"

    def report(self, id: UUID) -> str:
        return f"{self.origin}/reports/{id}"

    def message(self, id: UUID) -> str:
        return f"{self.origin}/messages/letters/{id}"

    def agreement(self, id: UUID) -> str:
        return f"{self.origin}/agreements/{id}"

    def circle(self, id: UUID) -> str:
        return f"{self.origin}/circles/{id}"

    def blueprint(self, id: UUID) -> str:
        return f"{self.origin}/blueprints/{id}"

    def version(self, blueprint_id: UUID, number: int) -> str:
        """One version of a blueprint."""
        return f"{self.blueprint(blueprint_id)}/versions/{number}"

    def build_report(self, blueprint_id: UUID, id: UUID) -> str:
        """What somebody says who built it; of a blueprint of another city as well."""
        return f"{self.blueprint(blueprint_id)}/reports/{id}"

    def step(self, agreement_id: UUID, id: UUID) -> str:
        """One step of it: what was said or decided."""
        return f"{self.agreement(agreement_id)}/steps/{id}"

    def plan(self, name: str) -> str:
        """Of the project that the community of this name is; its parts are fragments of it."""
        return f"{self.origin}/projects/{quote(name, safe='')}"

    def report_of_work(self, id: UUID) -> str:
        """What somebody here has done for a project elsewhere."""
        return f"{self.origin}/projects/work/{id}"

    def pact(self, id: UUID) -> str:
        """A knowledge bridge; what belongs to it lies below `/bridges` too."""
        return f"{self.origin}/bridges/{id}"

    def pledge(self, id: UUID) -> str:
        """What a place gives to a project; its deliveries are fragments of it."""
        return f"{self.origin}/pledges/{id}"

    def meeting(self, id: UUID) -> str:
        return f"{self.origin}/bridges/sessions/{id}"

    def question(self, id: UUID) -> str:
        return f"{self.origin}/bridges/questions/{id}"

    def lesson(self, id: UUID) -> str:
        return f"{self.origin}/bridges/lessons/{id}"

    def media(self, id: UUID) -> str:
        return f"{self.origin}/media/{id}"

    def is_ours(self, uri: str) -> bool:
        """Whether it lies under our origin; foreign spellings of our host are refused earlier."""
        return uri == self.origin or uri.startswith(self.origin + "/")

    def read(self, uri: str) -> Reference | None:
        """What a URI of ours names, or None; never raises."""
        if not self.is_ours(uri):
            return None
        path = uri[len(self.origin) :].partition("#")[0].partition("?")[0].strip("/").split("/")
        match path:
            case ["city"]:
                return Reference("city", "city")
            case ["actor"]:
                return Reference("instance")
            case ["people", name]:
                return Reference("person", unquote(name))
            case ["communities", name]:
                return Reference("group", unquote(name))
            case [folder, text] if folder in _FOLDERS:
                return _with_id(_FOLDERS[folder], text)
            case _:
                return None


def _with_id(thing: Thing, text: str) -> Reference | None:
    try:
        id = UUID(text)
    except ValueError:
        return None
    return Reference(thing, id=id) if str(id) == text else None
