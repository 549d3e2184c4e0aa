"""Fuzz target: queries of `ndtms sql`, which read the audit and nothing else."""

import atexit
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from flows.audit.database import snapshot_path
from flows.audit.queries import query
from flows.audit.snapshot import write_snapshot
from flows.support.limits import Limits
from tests.fuzz.attempt import CANARY, FuzzInput, Target
from tests.fuzz.damage import SIGNS, damaged
from tests.fuzz.statements import PIECES, list_written, refuse_outside, statements
from tests.rules.world import World
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

_LIMITS = Limits(query_seconds=0.5, query_memory="200MB", query_rows=10_000)
_QUERIES = Path(__file__).parents[2] / "sql"
# In a query, the path of the snapshot, in whose place or next to which nothing may be written.
_SNAPSHOT = "SNAPSHOT"
_PIECES = (
    *PIECES, f"copy (select 1) to '{_SNAPSHOT}'", f"copy (select 1) to '{_SNAPSHOT}.wal'", f"attach '{_SNAPSHOT}' as s",
    f"read_blob('{_SNAPSHOT}')", f"copy (select 1) to '{_SNAPSHOT}.tmp'", "findings", "sent_rows", "rejected_rows",
    "worklist",
    "value::int", "client_id", "cast(value as date)", "error(value)", "strptime(value, '%Y')",
)  # fmt: skip


@cache
def _land() -> Path:
    """Returns a home, made once, in whose audit a value of a record is the canary."""
    folder = Path(tempfile.mkdtemp(prefix="ndtms-fuzz-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = make_small_home(folder / "home")
    worlds = (*TWO_CLIENTS, World(edit={"HOUSING": CANARY, "SEX": CANARY}))
    land_export(write_export(folder / "export", *worlds), home)
    write_snapshot(home)
    return home


def _list_good() -> list[bytes]:
    """Returns queries of the project, and some that fail on a value."""
    files = [path.read_bytes() for path in sorted((_QUERIES / "queries").glob("*.sql"))]
    more = (
        "select * from findings",
        "select value::int from findings",
        "select * from runs",
        "from sent_rows",
        "select 1",
    )
    return [*files, *(text.encode() for text in more)]


@st.composite
def _inputs(draw: st.DrawFn) -> FuzzInput:
    signs = (*SIGNS, *(piece.encode() for piece in _PIECES))
    if draw(st.booleans()):
        return FuzzInput("sql", draw(damaged(_list_good(), signs)))
    text = draw(statements())
    piece = draw(st.sampled_from(_PIECES)).encode()
    return FuzzInput("sql", draw(st.sampled_from((text, piece, text + b" " + piece, b"explain analyze " + piece))))


def read(tried: FuzzInput, folder: Path) -> None:
    """Queries the audit, whose files must be the same afterwards."""
    home, secret = _land(), refuse_outside(folder)
    before = _hash_files(home)
    text = tried.content.decode("utf-8", "surrogateescape").replace(_SNAPSHOT, str(snapshot_path(home)))
    try:
        found = query(home, text, _LIMITS)
    finally:
        assert _hash_files(home) == before, "the query changes the home"
        assert not list_written(folder), "the query writes a file"
    assert not any(secret in str(row) for row in found.head(1000).rows()), "the query reads a file outside"


def _hash_files(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


TARGET = Target("audit-sql", _inputs(), read, examples=150)
