"""The rules of the house, checked: who may import whom, sizes, settings, schema, names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation import dispatch
from federation.config import SETTINGS
from schema import logs, migrate

ROOT = Path(__file__).parent.parent
ROOMS = ("schema", "federation", "web")
FILES = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
LOW_TO_HIGH = (
    {"errors", "documents", "origins", "networks", "keys", "html", "config", "addresses", "loops"}
    | {"letters", "misses", "tally", "proofs", "rig", "okh", "negotiation"}
    | {
        "wire",
        "signed",
        "cavage",
        "rfc9421",
        "signatures",
        "dialling",
        "client",
        "pictures",
        "filetypes",
    },
    {"taps"},
    {"instance", "mail"},
    {"outbox", "push"},
    {"acts"},
    {"followers", "counting", "messages", "knock", "fetch", "hearing", "postbox"},
    {"resolve", "moving", "manifests"},
    {"authorship"},
    {"arrivals"},
    {"dispatch"},
    {"inbox", "deliver", "collections"},
    {"worker", "readers", "endpoints", "discovery", "discover", "backfill", "lookup", "catch_up"}
    | {"intents"},
    {"sent", "sides", "circles", "knowledge", "reconcile", "realign", "lists", "directory"},
    {"queue"},
    {"run"},
)
ONLY_IN = {
    "psycopg": ("schema/", "web/command.py"),
    "psycopg_pool": ("schema/", "web/command.py"),
    "httpx": ("federation/client.py", "federation/dialling.py", "federation/run.py"),
    "aiohttp": ("federation/dialling.py", "federation/client.py"),
    "httpx_aiohttp": ("federation/dialling.py", "federation/client.py"),
    "procrastinate": ("schema/migrate.py", "federation/queue.py", "federation/instance.py"),
    "jinja2": ("web/render.py", "web/compiled.py"),
    "requests": (),
    "urllib.request": (),
}
SQL = re.compile(
    r"^\s*(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|with\s+\w+\s+as)\s",
    re.IGNORECASE | re.DOTALL,
)
NAMES = re.compile(r"(Manager|Service|Helper|Utils?)$")


def of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imports(file: Path) -> Iterator[str]:
    """Full dotted names of what a file imports, one for each imported name."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(part: str) -> int:
    return next((i for i, names in enumerate(LOW_TO_HIGH) if part in names), -1)


@pytest.mark.parametrize("file", FILES, ids=of)
def test_rooms_import_downward_only(file: Path) -> None:
    allowed = ROOMS[: ROOMS.index(file.relative_to(ROOT).parts[0]) + 1]
    rooms = {name: name.split(".")[0] for name in imports(file)}
    wrong = [name for name, room in rooms.items() if room in ROOMS and room not in allowed]
    assert not wrong


@pytest.mark.parametrize(
    "file", [f for f in FILES if of(f).startswith("federation/") and f.stem != "__init__"], ids=of
)
def test_federation_imports_downward_only(file: Path) -> None:
    own = file.relative_to(ROOT / "federation").parts[0].removesuffix(".py")
    assert level(own) >= 0, f"{own} has no place in the order of federation"
    wrong = [
        name
        for name in imports(file)
        if name.startswith("federation.") and level(name.split(".")[1]) > level(own)
    ]
    assert not wrong


def test_the_order_in_the_readme_of_federation_is_that_of_the_imports() -> None:
    text = (ROOT / "federation" / "README.md").read_text("utf-8")
    line = text[text.index("From low to high:") : text.index("A test keeps it so.")]
    told = [set(names.split()) for names in re.findall(r"`([^`]+)`", line)]
    assert told == list(LOW_TO_HIGH)
    own = {f.stem for f in (ROOT / "federation").glob("*.py") if f.stem != "__init__"}
    assert own <= set().union(*LOW_TO_HIGH)


@pytest.mark.parametrize("file", FILES, ids=of)
def test_libraries_stay_where_they_belong(file: Path) -> None:
    wrong = [
        name
        for name in imports(file)
        for library, places in ONLY_IN.items()
        if (name == library or name.startswith(library + "."))
        and not any(of(file).startswith(place) for place in places)
    ]
    assert not wrong


@pytest.mark.parametrize("file", [f for f in FILES if of(f).startswith("web/pages/")], ids=of)
def test_pages_know_nothing_of_the_wire(file: Path) -> None:
    hidden = {"wire", "arrivals", "inbox", "deliver", "outbox", "fetch", "client", "signatures"}
    wrong = [n for n in imports(file) if n.startswith("federation.") and n.split(".")[1] in hidden]
    assert not wrong


@pytest.mark.parametrize("file", FILES, ids=of)
def test_nothing_is_imported_inside_a_function_or_for_types_only(file: Path) -> None:
    inside = [
        ast.unparse(inner)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.If)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not inside


@pytest.mark.parametrize("file", [f for f in FILES if not of(f).startswith("schema/")], ids=of)
def test_sql_is_written_in_schema_only(file: Path) -> None:
    found = [
        node.value[:60]
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert not found


@pytest.mark.parametrize("file", FILES, ids=of)
def test_files_and_functions_are_small(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 400
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert not long


@pytest.mark.parametrize("file", FILES, ids=of)
def test_modules_say_what_they_are_and_names_say_what_things_are(file: Path) -> None:
    module = tree(file)
    assert ast.get_docstring(module), "a module begins with one sentence"
    named = [n for n in ast.walk(module) if isinstance(n, ast.ClassDef)]
    assert not [n.name for n in named if NAMES.search(n.name)]


@pytest.mark.parametrize("file", [f for f in FILES if f.stem != "__init__"], ids=of)
def test_public_functions_are_explained(file: Path) -> None:
    if of(file).startswith("web/pages/"):
        return  # a handler's name, route and template say it
    bare = [
        node.name
        for node in tree(file).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not any(ast.unparse(one) == "overload" for one in node.decorator_list)
    ]
    assert not bare


def test_templates_are_small() -> None:
    long = {
        of(file): lines
        for file in (ROOT / "web").rglob("*.html")
        if (lines := len(file.read_text("utf-8").splitlines())) > 150
    }
    assert not long


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert not [s.name for s in SETTINGS if f"STADTNETZ_{s.name}" not in readme]


def test_every_row_of_what_federates_names_the_tests_that_show_it() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    table = readme.partition("## What federates")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    shown = [(row[0], re.findall(r"`([^`]+)`", row[-1])) for row in rows[1:]]
    assert len(shown) > 15 and all(names for _, names in shown)
    assert not [
        name for _, names in shown for name in names if not (ROOT / "tests" / name).is_file()
    ]


def test_every_page_module_has_a_test_file() -> None:
    pages = {f.stem for f in (ROOT / "web" / "pages").glob("*.py")} - {"__init__"}
    tested = {f.stem.removeprefix("test_") for f in (ROOT / "tests" / "web").glob("test_*.py")}
    assert not pages - tested


def test_each_migration_has_a_number_of_its_own() -> None:
    numbers = [migration.number for migration in migrate.migrations()]
    assert numbers[0] == 1
    assert numbers == sorted(set(numbers))


# What acts share: steps, and checks that pages use as well.
STEPS = {"publishing", "writing", "sealing", "promising", "lineage", "booking", "crossing"}
STEPS |= {"disputing", "pledging", "recording"}


def acts() -> Iterator[tuple[str, str, bool]]:
    """Module, name, and whether it also answers to another server (`received`)."""
    for file in sorted((ROOT / "federation" / "acts").glob("*.py")):
        for node in tree(file).body:
            if not isinstance(node, ast.AsyncFunctionDef) or file.stem in STEPS:
                continue
            named = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
            if not node.name.startswith(("_", "check")) and named[:1] == ["tx"]:
                if {"by", "received"} & set(named):
                    yield file.stem, node.name, "received" in named


def uses(folder: str) -> set[tuple[str, str]]:
    """Module and name of every act that the files below this folder mention."""
    found: set[tuple[str, str]] = set()
    for file in (ROOT / folder).rglob("*.py"):
        known = {}
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.ImportFrom) and node.module == "federation.acts":
                known |= {alias.asname or alias.name: alias.name for alias in node.names}
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id in known:
                    found.add((known[node.value.id], node.attr))
    return found


def test_every_act_has_an_arrival_or_a_page() -> None:
    arrivals, pages = uses("federation/arrivals"), uses("web")
    unused = [act[:2] for act in acts() if act[:2] not in arrivals | pages]
    assert not unused, "nobody can do this, here or elsewhere"


def test_acts_that_other_servers_bring_about_say_so_by_taking_what_was_received() -> None:
    arrivals = uses("federation/arrivals")
    wrong = [act for act in acts() if act[2] != (act[:2] in arrivals)]
    assert not wrong, "either an arrival calls it and it takes `received`, or neither"


def test_every_arrival_module_is_asked() -> None:
    files = {file.stem for file in (ROOT / "federation" / "arrivals").glob("*.py")}
    handling = {module.__name__.rpartition(".")[2] for module in dispatch.MODULES}
    helping = {"__init__", "above", "belonging", "wanted"}
    assert files - handling == helping, "these handle nothing"


def test_every_act_of_the_log_has_words() -> None:
    written = {
        literal.value
        for file in FILES
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "logs.write"
        for literal in ast.walk(node.args[2])
        if isinstance(literal, ast.Constant)
        and isinstance(literal.value, str)
        and not literal.value.endswith(" ")  # the rest of it is given later
    }
    assert len(written) > 20
    assert written <= logs.WORDS.keys()


def test_only_the_clock_of_a_city_and_its_rig_say_what_time_it_is() -> None:
    """So that the fault tests can let a month pass; for durations there is `monotonic`."""
    reading = {"now", "utcnow", "today", "time"}
    found = [
        (of(file), ast.unparse(node))
        for file in FILES
        if of(file).startswith("federation/")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and node.attr in reading
        if isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date", "time")
    ]
    assert found == [
        ("federation/rig.py", "datetime.now"),
        ("federation/run.py", "datetime.now"),
    ]


NUMBERS = {"a": 20, "b": 20, "c": 12, "d": 17, "i": 9, "j": 12}
# These look at a function from inside; a number needs a test that makes a request.
INNER = {"test_signature_attacks.py", "test_signatures.py", "test_documents.py", "test_origins.py"}
INNER |= {"test_keys.py", "test_networks.py"}
WHY_NOT = re.compile(r"^\| ([A-Z]\d\d|trap \d+) \| .+ \|$", re.MULTILINE)


def numbers_with_a_test() -> set[str]:
    """`a07`, `trap42`: from the names of test functions, `test_trap_01_and_02_…` has both."""
    found: set[str] = set()
    for file in sorted((ROOT / "tests" / "federation").rglob("test_*.py")):
        if file.name in INNER:
            continue
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                head = re.match(r"test_(trap_\d+(?:_and_\d+)*|[abcdij]\d\d)_", node.name)
                if head and head[1].startswith("trap"):
                    found |= {f"trap{int(n):02}" for n in re.findall(r"\d+", head[1])}
                elif head:
                    found.add(head[1])
    return found


def test_every_attack_and_trap_has_a_test_or_a_reason() -> None:
    listed = {f"{group}{n:02}" for group, most in NUMBERS.items() for n in range(1, most + 1)}
    listed |= {f"trap{n:02}" for n in range(1, 61)}
    text = (ROOT / "federation" / "README.md").read_text("utf-8")
    reasons = {
        f"trap{int(why[5:]):02}" if why.startswith("trap") else why.lower()
        for why in WHY_NOT.findall(text)
    }
    tested = numbers_with_a_test()
    assert listed - tested - reasons == set()
    assert reasons <= listed and not reasons & tested, "a reason for what is tested all the same"
