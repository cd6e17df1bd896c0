"""python -m tests.bench [pages] [inbox] [delivery] [rest] [peers] [circles] [blueprints]
[matching[=1000000]] [adoption[=1000000]]: all of them without a name, the last two among few."""

import sys

from tests.bench import (
    adoption,
    blueprints,
    circles,
    delivery,
    inbox,
    matching,
    pages,
    peers,
    rest,
    scene,
)

ALL = (
    "pages",
    "inbox",
    "delivery",
    "rest",
    "matching",
    "adoption",
    "circles",
    "blueprints",
    "peers",
)


def main(wanted: list[str]) -> None:
    """Prints a table for each."""
    with scene.server() as embedded:
        for name in wanted or ALL:
            match name:
                case "pages":
                    pages.show(pages.measure(embedded))
                case "inbox":
                    inbox.show(inbox.measure(embedded))
                case "delivery":
                    delivery.show(delivery.measure(embedded))
                case "peers":
                    peers.show(peers.measure(embedded))
                case "circles":
                    circles.show(circles.measure(embedded))
                case "blueprints":
                    blueprints.show(blueprints.measure(embedded))
                case "rest":
                    rest.show(rest.measure(embedded))
                case "matching":
                    matching.show(matching.measure(embedded))
                case "adoption":
                    adoption.show(adoption.measure(embedded))
                case _ if name.startswith("adoption="):
                    number = int(name.removeprefix("adoption="))
                    adoption.show(adoption.measure(embedded, number))
                case _ if name.startswith("matching="):
                    number = int(name.removeprefix("matching="))
                    matching.show(matching.measure(embedded, number))
                case _:
                    raise SystemExit(f"there is no measurement named {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
