"""The audit: one DuckDB file under HOME, written by one process at a time.

Tables and views are made before anything is landed, in a file of their own that is moved into place;
a run is landed in one transaction.
"""

import hashlib
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from flows.durable import place_whole
from flows.errors import InputRefused

SQL_DIRECTORY = Path(__file__).parent.parent / "sql"
TABLES = (
    "runs", "run_rules", "found", "recorded_outcomes", "sent_clients", "sent_episodes", "sent_interventions",
    "completeness", "manifest", "unmapped_values",
)  # fmt: skip
# Later ones speak of earlier ones.
VIEWS = (
    "latest_runs", "outcomes", "findings", "rejected_rows", "sent_rows", "rule_summary", "rule_outcomes",
    "mismatches", "changes", "unmapped",
)  # fmt: skip
# One form of the file for every machine; the oldest form takes twice as long to write.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "preserve_insertion_order": False,
    "storage_compatibility_version": "v1.4.0",
}
_PATIENCE, _PAUSE = 20.0, 0.2


def audit_path(home: Path) -> Path:
    """Where the audit of a home lies."""
    return home / "audit.duckdb"


def snapshot_path(home: Path) -> Path:
    """Where analysts find a copy of the audit that no run ever waits for."""
    return home / "audit-snapshot.duckdb"


def publish(home: Path) -> None:
    """Puts a copy of the audit in the place of the last one, whole.  Only the one who holds the home may ask for it.

    Who has the last one open keeps it as it was.
    """
    path, place = audit_path(home), snapshot_path(home)
    if path.with_name(f"{path.name}.wal").exists():
        with write(home) as audit:
            audit.execute("checkpoint")
    # A copy: should the power fail before it is on the disk, the next landing makes it again.
    beside = place.with_name(f".{place.name}.part")
    shutil.copyfile(path, beside)
    beside.replace(place)


def make_ready(home: Path) -> None:
    """Makes the audit where there is none, and brings its views up to date where there is one."""
    path = audit_path(home)
    if not path.exists():
        place_whole(path, _create)
        return
    with write(home) as audit:
        if _digest_of_definitions(audit) != _digest():
            _define(audit)


def _create(path: Path) -> None:
    for left in (path, path.with_name(f"{path.name}.wal")):
        left.unlink(missing_ok=True)
    audit = duckdb.connect(str(path), config=_CONFIG)
    _define(audit)
    audit.execute("checkpoint")
    audit.close()


def _define(audit: duckdb.DuckDBPyConnection) -> None:
    """Tables and views from sql/, and the digest of their text, so that a run need not define them again."""
    for text in _definitions():
        audit.execute(text)
    audit.execute("create or replace table definitions as select ? as digest", [_digest()])


def _definitions() -> list[str]:
    files = [SQL_DIRECTORY / "tables" / f"{name}.sql" for name in TABLES]
    files += [SQL_DIRECTORY / "views" / f"{name}.sql" for name in VIEWS]
    return [file.read_text(encoding="utf-8") for file in files]


def _digest() -> str:
    return hashlib.sha256("".join(_definitions()).encode()).hexdigest()


def _digest_of_definitions(audit: duckdb.DuckDBPyConnection) -> str | None:
    try:
        found = audit.execute("select digest from definitions").fetchone()
    except duckdb.CatalogException:
        return None
    return found[0] if found else None


@contextmanager
def write(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The audit open for writing.  Only the one who holds the home's lock may ask for it.

    Raises:
        InputRefused: another program has the audit open and does not let go of it, or it is damaged.
    """
    audit = _opened(audit_path(home), time.monotonic() + _PATIENCE)
    try:
        yield audit
    finally:
        audit.close()


def _opened(path: Path, until: float) -> duckdb.DuckDBPyConnection:
    """A reader may be just about to close the audit: a little patience costs nothing."""
    while True:
        try:
            return duckdb.connect(str(path), config=_CONFIG)
        except duckdb.IOException as error:
            if not _is_held(error):
                raise _damaged(path) from None
            if time.monotonic() > until:
                raise InputRefused(f"{path}: another program has the audit open; close it and run again") from None
            time.sleep(_PAUSE)


@contextmanager
def read(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The audit open for reading; while somebody writes to it, as it was after the last run.

    Raises:
        InputRefused: there is none yet, somebody is writing to the first one right now, or it is damaged.
    """
    path = audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` makes it")
    try:
        audit = _read_only(path, snapshot_path(home))
    except duckdb.IOException as error:
        if not _is_held(error):
            raise _damaged(path) from None
        raise InputRefused(f"{path}: the audit is being written to; try again when the run is over") from None
    try:
        yield audit
    except duckdb.IOException:
        # The question was understood; it is the file that does not hold what it says.
        raise _damaged(path) from None
    finally:
        audit.close()


def _read_only(path: Path, snapshot: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        if not _is_held(error) or not snapshot.exists():
            raise
        return duckdb.connect(str(snapshot), read_only=True)


def _is_held(error: duckdb.IOException) -> bool:
    """Whether another process has the file open; DuckDB has no error of its own for that."""
    return "set lock on file" in str(error)


def _damaged(path: Path) -> InputRefused:
    return InputRefused(
        f"{path}: the audit is damaged or no DuckDB file; put it back from a backup, with submissions/ beside it"
    )


def frame_of(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> pl.DataFrame:
    """The rows of a query, in the types of the audit."""
    relation = connection.sql(query, params=list(values)) if values else connection.sql(query)
    return pl.DataFrame(relation) if relation is not None else pl.DataFrame()
