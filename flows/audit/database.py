"""The audit: one DuckDB file under HOME, written by one process at a time.

Tables and views are made before anything is landed, in a file of their own that is moved into place;
a run is landed in one transaction.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from flows.support.atomic_files import replace_atomically
from flows.support.errors import InputRefused, RunFailed, is_disk_full, without_values
from flows.support.interrupts import removed_on_interrupt

SQL_DIRECTORY = Path(__file__).parents[2] / "sql"
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
# What DuckDB raises when a file does not hold what it says.
OF_THE_FILE = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
# Columns that the table `runs` has had in every version.
_OF_EVERY_RUN = frozenset({"run_id", "agency", "period", "status", "output_path", "output_sha256"})


def audit_path(home: Path) -> Path:
    """Where the audit of a home lies."""
    return home / "audit.duckdb"


def snapshot_path(home: Path) -> Path:
    """Where analysts find a copy of the audit that no run ever waits for."""
    return home / "audit-snapshot.duckdb"


def snapshot_is_current(home: Path) -> bool:
    """Whether the snapshot was made of the audit as it is now."""
    path, snapshot = audit_path(home), snapshot_path(home)
    return snapshot.is_file() and not _log_path(path).exists() and _state(snapshot) == _state(path)


def publish(home: Path) -> None:
    """Puts a copy of the audit in the place of the last snapshot, whole.

    Only the process that holds the home may call it.  Whoever has the last one open keeps it as it was.

    Raises:
        OSError: it cannot be written; the last snapshot is still there.
    """
    path, snapshot = audit_path(home), snapshot_path(home)
    if _log_path(path).exists():
        with write(home) as audit:
            audit.execute("checkpoint")
    state = path.stat()
    part = snapshot.with_name(f".{snapshot.name}.part")
    with removed_on_interrupt(part):
        try:
            # Not synced: should the power fail before the copy is on the disk, the next landing makes it again.
            shutil.copyfile(path, part)
            # The time of the audit's last change tells later what it is a copy of.
            os.utime(part, ns=(state.st_atime_ns, state.st_mtime_ns))
            part.replace(snapshot)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _log_path(path: Path) -> Path:
    """DuckDB's log next to a database: what was committed since the last checkpoint."""
    return path.with_name(f"{path.name}.wal")


def literal_path(path: Path) -> str:
    """A path as DuckDB's `read_parquet` takes it, where a directory's name may hold wildcards."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def make_ready(home: Path) -> None:
    """Makes the audit where there is none, and brings its views up to date where there is one.

    Raises:
        InputRefused: the file is damaged, or is no audit.
    """
    path = audit_path(home)
    if not path.exists():
        replace_atomically(path, _create)
        return
    with write(home) as audit:
        if _digest_of_definitions(audit) != _digest():
            _define(audit)


def _create(path: Path) -> None:
    for left in (path, _log_path(path)):
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
    """The audit open for writing.  Only the process that holds the home's lock may ask for it.

    Raises:
        InputRefused: another program has the audit open and does not let go of it, it is damaged, or it
            belongs to another program.
    """
    path = audit_path(home)
    audit = _opened(path, time.monotonic() + _PATIENCE)
    try:
        _refuse_foreign(audit, path)
        yield audit
    finally:
        audit.close()


def _opened(path: Path, until: float) -> duckdb.DuckDBPyConnection:
    """A reader may be just about to close the audit: a little patience costs nothing."""
    while True:
        try:
            return duckdb.connect(str(path), config=_CONFIG)
        except duckdb.Error as error:
            if not _is_held(error):
                raise _cannot_open(path, error) from None
            if time.monotonic() > until:
                raise InputRefused(f"{path}: another program has the audit open; close it and run again") from None
            time.sleep(_PAUSE)


@contextmanager
def read(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The audit open for reading; while somebody writes to it, as it was after the last run.

    Raises:
        InputRefused: there is none yet, somebody is writing to the first one right now, it is damaged, or
            it belongs to another program.
    """
    path = audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` makes it")
    try:
        audit = _read_only(path, snapshot_path(home))
    except duckdb.Error as error:
        if not _is_held(error):
            raise _cannot_open(path, error) from None
        raise InputRefused(f"{path}: the audit is being written to; try again when the run is over") from None
    with _reading(audit, path):
        yield audit


@contextmanager
def read_snapshot(home: Path, config: Mapping[str, str | bool]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot open for reading, so that no landing waits for a long query; the audit where there is none.

    Args:
        home: where the audit lies.
        config: settings of DuckDB for this connection.

    Raises:
        InputRefused: as `read`.
    """
    snapshot = snapshot_path(home)
    path = snapshot if snapshot.is_file() else audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` makes it")
    try:
        audit = duckdb.connect(str(path), read_only=True, config=dict(config))
    except duckdb.Error as error:
        raise _cannot_open(path, error) from None
    with _reading(audit, path):
        yield audit


@contextmanager
def _reading(audit: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    try:
        _refuse_foreign(audit, path)
        yield
    except OF_THE_FILE:
        # The question was understood; it is the file that does not hold what it says.
        raise _damaged(path) from None
    finally:
        audit.close()


def _read_only(path: Path, snapshot: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        if not _is_held(error) or not snapshot.is_file():
            raise
        return duckdb.connect(str(snapshot), read_only=True)


def _is_held(error: duckdb.Error) -> bool:
    """Whether another process has the file open; DuckDB has no error of its own for that."""
    return "set lock on file" in str(error)


def _cannot_open(path: Path, error: duckdb.Error) -> InputRefused | RunFailed:
    """Why DuckDB could not open an audit, as far as its error tells."""
    if is_disk_full(error):
        return without_values(error)
    if "Permission denied" in str(error):
        return InputRefused(f"{path}: the audit cannot be opened (permission denied); run as the account that owns it")
    if path.is_dir():
        return InputRefused(f"{path}: an audit is needed there, and this is a directory; move it away")
    return _damaged(path)


def _damaged(path: Path) -> InputRefused:
    return InputRefused(
        f"{path}: the audit is damaged or no DuckDB file; put it back from a backup, with submissions/ beside it"
    )


def _refuse_foreign(audit: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuses a DuckDB file that holds tables, but not those of an audit."""
    found = {name for (name,) in audit.execute("select distinct table_name from duckdb_tables()").fetchall()}
    runs = audit.execute("select column_name from duckdb_columns() where table_name = 'runs'").fetchall()
    if found and not ({"definitions", "runs"} <= found and {name for (name,) in runs} >= _OF_EVERY_RUN):
        raise InputRefused(
            f"{path}: this DuckDB file is no audit, it belongs to another program; move it away, or name another home"
        )


def frame_of(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> pl.DataFrame:
    """The rows of a query, in the types of the audit."""
    relation = connection.sql(query, params=list(values)) if values else connection.sql(query)
    return pl.DataFrame(relation) if relation is not None else pl.DataFrame()
