"""python -m tests.bench [pages] [inbox] [delivery] [rest]: all of them without a name."""

import sys

from tests.bench import delivery, inbox, pages, rest, scene

ALL = ("pages", "inbox", "delivery", "rest")


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
                case "rest":
                    rest.show(rest.measure(embedded))
                case _:
                    raise SystemExit(f"there is no measurement named {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
