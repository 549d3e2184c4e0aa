"""The rooms of the house: imports go one way, transforms are pure, and nothing of one machine is written down."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "transforms", "flows")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))

# What would let a transform read, write, wait, or know the time.
WORLDLY_MODULES = {
    "asyncio", "duckdb", "filelock", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "prefect",
    "random", "requests", "rich", "secrets", "shutil", "socket", "sqlite3", "subprocess", "sys", "tempfile",
    "threading", "time", "typer", "urllib", "uuid",
}  # fmt: skip
WORLDLY_CALLS = {"open", "print", "input", "eval", "exec", "__import__"}
WORLDLY_METHODS = {
    "now", "today", "utcnow", "read_text", "read_bytes", "write_text", "write_bytes", "read_csv", "scan_csv",
    "read_parquet", "scan_parquet", "read_excel", "read_json", "write_csv", "write_parquet", "write_excel", "sink_csv",
    "sink_parquet", "write_json",
}  # fmt: skip


def imported_by(source: str) -> set[str]:
    """The top names of every import, wherever it is."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level if node.level else str(node.module).partition(".")[0])
    return found


def worldly(source: str) -> set[str]:
    """What in a module reaches outside of it."""
    found = imported_by(source) & WORLDLY_MODULES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found |= {node.func.id} & WORLDLY_CALLS
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= {node.func.attr} & WORLDLY_METHODS
    return found


def upward(room: str, source: str) -> set[str]:
    """The rooms above its own that a module imports, and relative imports, which would hide them."""
    above = {*ROOMS[ROOMS.index(room) + 1 :], "bench", "tests", ".", ".."}
    return imported_by(source) & above


def reported(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=reported)
def test_imports_go_one_way(path: Path) -> None:
    assert upward(path.relative_to(ROOT).parts[0], path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("path", sorted((ROOT / "transforms").rglob("*.py")), ids=reported)
def test_transforms_touch_nothing_outside(path: Path) -> None:
    assert worldly(path.read_text(encoding="utf-8")) == set()


FLOW_MODULES = {
    "submission.py",
    "backfill.py",
    "prefect_secrets.py",
    "monthly.py",
    "reminder.py",
    "watch.py",
    "alarms.py",
    "notifications.py",
    "prefect_triggers.py",
    "board_artefact.py",
    "prefect_server.py",
    "heartbeats.py",
    "deploy.py",
    "deployment_content.py",
}


@pytest.mark.parametrize("path", [path for path in MODULES if path.name not in FLOW_MODULES], ids=reported)
def test_prefect_stays_in_the_modules_of_the_flows(path: Path) -> None:
    assert "prefect" not in imported_by(path.read_text(encoding="utf-8"))


COMMAND = (ROOT / "flows" / "cli", ROOT / "flows" / "__main__.py")


@pytest.mark.parametrize("path", [path for path in MODULES if not {path, *path.parents} & {*COMMAND}], ids=reported)
def test_only_the_command_knows_the_command(path: Path) -> None:
    assert "flows.cli" not in path.read_text(encoding="utf-8")


CLOCK = re.compile(r"\b(?:date\.today|datetime\.(?:now|today|utcnow)|time\.time)\(")
# Where the clock may be read: the day of an extract, of a load or of a board, the moments of a run, an event or a
# deletion.
MAY_READ_THE_CLOCK = {
    "flows/sources/request.py",
    "flows/cli/backup.py",
    "flows/cli/forget.py",
    "flows/cli/reference.py",
    "flows/cli/source.py",
    "flows/cli/status.py",
    "flows/landing/home.py",
    "flows/landing/staging.py",
    "flows/landing/verified_home.py",
    "flows/months/board.py",
    "flows/months/submit.py",
    "flows/reports/board_artefact.py",
    "flows/months/job.py",
    "flows/months/plan.py",
    "flows/support/events.py",
    "flows/monthly.py",
    "flows/reminder.py",
    "flows/watch.py",
    "flows/alarms.py",
}


def test_the_clock_is_read_in_few_places() -> None:
    assert {reported(path) for path in MODULES if CLOCK.search(path.read_text(encoding="utf-8"))} == MAY_READ_THE_CLOCK


# Put together, so that this file does not find itself.
FOREIGN = tuple(
    "".join(parts)
    for parts in (
        ("/wo", "rk/"), ("/tmp", "/w"), ("/home", "/"), ("/Use", "rs/"), ("C:\\", "Users"),
        ("py", "pi.org"), ("files.python", "hosted"), ("index", "-url"), ("extra-", "index"), ("ghp", "_"),
    )
)  # fmt: skip


def tracked_files() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix != ".parquet":
            yield path


def foreign(text: str) -> set[str]:
    """Hosts of registries and paths of one machine in a text; the options that leave them out are none."""
    allowed = re.sub("--no-emit-(?:" + "index" + "-url|trusted-host)", "", text)
    return {package for package in FOREIGN if package in allowed}


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout of git")
def test_no_host_or_path_of_one_machine_is_in_a_file() -> None:
    found = {reported(path): foreign(path.read_text(encoding="utf-8", errors="replace")) for path in tracked_files()}
    assert {name: names for name, names in found.items() if names} == {}


# The tests above look for what must not be there: each kind is seen to find it.
@pytest.mark.parametrize(
    ("room", "source", "expected"),
    [
        ("schemas", "from transforms.parse.names import parse_initials", {"transforms"}),
        ("schemas", "def late():\n    import flows.audit.database", {"flows"}),
        ("transforms", "import flows", {"flows"}),
        ("transforms", "from ..flows import audit", {".."}),
        ("transforms", "from schemas.rule import Rule", set()),
        ("flows", "from transforms.parse.names import parse_initials\nimport schemas.rule", set()),
    ],
)
def test_an_import_the_wrong_way_is_found(room: str, source: str, expected: set[str]) -> None:
    assert upward(room, source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os.path", {"os"}),
        ("from pathlib import Path", {"pathlib"}),
        ("def f():\n    import duckdb", {"duckdb"}),
        ("open('x')", {"open"}),
        ("from datetime import datetime\ndatetime.now()", {"now"}),
        ("from datetime import date\nbirth = date(2000, 1, 1)", set()),
        ("frame.write_csv('x')", {"write_csv"}),
    ],
)
def test_what_reaches_outside_is_found(source: str, expected: set[str]) -> None:
    assert worldly(source) == expected


@pytest.mark.parametrize("text", FOREIGN)
def test_a_host_or_path_is_found(text: str) -> None:
    assert text in foreign(f"before {text} after")
