"""The audit: one DuckDB file under HOME, written by one process at a time.

Tables and views are created before the first run lands, in a separate file that is then moved into place.
Each run is landed in one transaction.
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

from flows.audit.comments import build_comments, read_column_file
from flows.support.atomic_files import replace_atomically
from flows.support.duckdb_connections import connect
from flows.support.errors import InputRefused, RunFailed, hide_values, is_disk_full
from flows.support.interrupts import remove_on_interrupt

SQL_DIRECTORY = Path(__file__).parents[2] / "sql"
TABLES = (
    "runs", "run_rules", "found", "recorded_outcomes", "lost_rows", "sent_clients", "sent_episodes",
    "sent_interventions", "completeness", "manifest", "unmapped_values", "month_counts", "quality",
)  # fmt: skip
# In order: later views read earlier ones.
VIEWS = (
    "latest_runs", "outcomes", "findings", "rejected_rows", "sent_rows", "rule_summary", "rule_outcomes",
    "mismatches", "unmapped", "identified_findings", "compared_runs", "compared_findings", "changes",
    "changes_since_run", "changes_since_month", "month_rates", "status", "rows_lost", "completeness_by_month",
    "rule_trend", "consent_by_month", "worklist",
)  # fmt: skip
# A fixed storage version makes the file the same on every machine; the oldest version takes twice as long to write.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "preserve_insertion_order": False,
    "storage_compatibility_version": "v1.4.0",
}
_WAIT_SECONDS, _POLL_SECONDS = 20.0, 0.2
# Errors that DuckDB raises when a file's content is damaged.
FILE_ERRORS = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
# Columns that the table `runs` has had in every version.
_RUN_COLUMNS = frozenset({"run_id", "agency", "period", "status", "output_path", "output_sha256"})


def audit_path(home: Path) -> Path:
    """Returns the path of a home's audit."""
    return home / "audit.duckdb"


def snapshot_path(home: Path) -> Path:
    """Returns the path of the snapshot: a copy of the audit for analysts that never delays a run."""
    return home / "audit-snapshot.duckdb"


def snapshot_is_current(home: Path) -> bool:
    """Returns whether the snapshot matches the audit as it is now."""
    path, snapshot = audit_path(home), snapshot_path(home)
    return snapshot.is_file() and not _log_path(path).exists() and _read_state(snapshot) == _read_state(path)


def write_snapshot(home: Path) -> None:
    """Replaces the snapshot with a full copy of the audit.

    Only the process that holds the home's lock may call it.  Readers of the previous snapshot keep their version.

    Raises:
        OSError: the snapshot cannot be written; the previous one is still there.
    """
    path, snapshot = audit_path(home), snapshot_path(home)
    if _log_path(path).exists():
        with open_for_writing(home) as audit:
            audit.execute("checkpoint")
    state = path.stat()
    part = snapshot.with_name(f".{snapshot.name}.part")
    with remove_on_interrupt(part):
        try:
            # Not synced: if the power fails before the copy is on the disk, the next landing writes it again.
            shutil.copyfile(path, part)
            # The audit's modification time marks which version the snapshot is a copy of.
            os.utime(part, ns=(state.st_atime_ns, state.st_mtime_ns))
            part.replace(snapshot)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _read_state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _log_path(path: Path) -> Path:
    """Returns the path of DuckDB's write-ahead log, which holds what was committed since the last checkpoint."""
    return path.with_name(f"{path.name}.wal")


def literal_path(path: Path) -> str:
    """Escapes wildcards in a path for DuckDB's `read_parquet`, because a directory's name may contain them."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def create_or_upgrade(home: Path) -> None:
    """Creates the audit if it is missing, and updates the views of an existing one.

    Raises:
        InputRefused: the file is damaged, or is not an audit.
    """
    path = audit_path(home)
    if not path.exists():
        replace_atomically(path, _create)
        return
    with open_for_writing(home) as audit:
        if _read_stored_digest(audit) != _hash_definitions():
            _define(audit)


def _create(path: Path) -> None:
    for leftover in (path, _log_path(path)):
        leftover.unlink(missing_ok=True)
    audit = connect(path, config=_CONFIG)
    _define(audit)
    audit.execute("checkpoint")
    audit.close()


@contextmanager
def create_in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens an audit without runs, in memory."""
    with connect(":memory:") as audit:
        _define(audit)
        yield audit


def _define(audit: duckdb.DuckDBPyConnection) -> None:
    """Creates the tables and views from sql/, and stores the digest of their text so that a run can skip this step."""
    # Every statement can be repeated: tables are created only if missing, views are replaced.
    for name, text in _read_definitions().items():
        try:
            audit.execute(text)
        except duckdb.Error as error:
            # The text quotes the definition, not a record: there is none in sql/.
            raise RunFailed(f"{name} cannot be created in the audit: {str(error).splitlines()[0]}") from None
    _describe(audit)
    audit.execute("create or replace table definitions as select ? as digest", [_hash_definitions()])


def _describe(audit: duckdb.DuckDBPyConnection) -> None:
    """Comments every table, view and column, because other programs show only what the file holds."""
    columns: dict[str, list[str]] = {}
    listed = "select table_name, column_name from duckdb_columns() where not internal order by table_name, column_index"
    for name, column in audit.execute(listed).fetchall():
        columns.setdefault(name, []).append(column)
    statements = [
        statement
        for kind, names in (("table", TABLES), ("view", VIEWS))
        for name in names
        for statement in build_comments(name, kind, read_definition(kind, name), columns[name])
    ]
    audit.execute(";\n".join(statements))


def _read_definitions() -> dict[str, str]:
    """Returns the text of each definition by its file, tables before views."""
    names = [*(("table", name) for name in TABLES), *(("view", name) for name in VIEWS)]
    return {f"sql/{kind}s/{name}.sql": read_definition(kind, name) for kind, name in names}


def read_definition(kind: str, name: str) -> str:
    """Returns the text of the file in sql/ that defines a `table` or `view`."""
    return (SQL_DIRECTORY / f"{kind}s" / f"{name}.sql").read_text(encoding="utf-8")


def _hash_definitions() -> str:
    return hashlib.sha256("".join([*_read_definitions().values(), read_column_file()]).encode()).hexdigest()


def _read_stored_digest(audit: duckdb.DuckDBPyConnection) -> str | None:
    try:
        row = audit.execute("select digest from definitions").fetchone()
    except duckdb.CatalogException:
        return None
    return row[0] if row else None


@contextmanager
def open_for_writing(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the audit for writing.  Only the process that holds the home's lock may call it.

    Raises:
        InputRefused: another program keeps the audit open, the file is damaged, or it belongs to another program.
    """
    path = audit_path(home)
    audit = _connect(path, time.monotonic() + _WAIT_SECONDS)
    try:
        _refuse_foreign(audit, path)
        yield audit
    finally:
        audit.close()


def _connect(path: Path, until: float) -> duckdb.DuckDBPyConnection:
    """Connects to the audit and retries for a while, because a reader may be about to close it."""
    while True:
        try:
            return connect(path, config=_CONFIG)
        except duckdb.Error as error:
            if not _is_locked(error):
                raise _explain_open_error(path, error) from None
            if time.monotonic() > until:
                raise InputRefused(
                    f"{path}: another program has the audit open; close it there and run the command again"
                ) from None
            time.sleep(_POLL_SECONDS)


@contextmanager
def open_read_only(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the audit for reading; while another process writes to it, opens the snapshot of the last run.

    Raises:
        InputRefused: there is no audit yet, the first one is being written right now, the file is damaged, or it
            belongs to another program.
    """
    path = audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` creates it")
    try:
        audit = _connect_read_only(path, snapshot_path(home))
    except duckdb.Error as error:
        if not _is_locked(error):
            raise _explain_open_error(path, error) from None
        raise InputRefused(f"{path}: the audit is being written to; try again when the run has ended") from None
    with _guard_reading(audit, path):
        yield audit


@contextmanager
def open_snapshot(home: Path, config: Mapping[str, str | bool]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the snapshot for reading, so that a long query delays no landing; without a snapshot, the audit.

    Args:
        home: the directory of the audit.
        config: DuckDB settings for this connection.

    Raises:
        InputRefused: as `open_read_only`.
    """
    snapshot = snapshot_path(home)
    path = snapshot if snapshot.is_file() else audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` creates it")
    try:
        audit = connect(path, read_only=True, config=config)
    except duckdb.Error as error:
        raise _explain_open_error(path, error) from None
    with _guard_reading(audit, path):
        yield audit


@contextmanager
def _guard_reading(audit: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    try:
        _refuse_foreign(audit, path)
        yield
    except FILE_ERRORS:
        # The query itself is valid; the content of the file is damaged.
        raise _damage_error(path) from None
    finally:
        audit.close()


def _connect_read_only(path: Path, snapshot: Path) -> duckdb.DuckDBPyConnection:
    try:
        return connect(path, read_only=True)
    except duckdb.IOException as error:
        if not _is_locked(error) or not snapshot.is_file():
            raise
        return connect(snapshot, read_only=True)


def _is_locked(error: duckdb.Error) -> bool:
    """Returns whether another process has the file open; DuckDB has no separate error for that."""
    return "set lock on file" in str(error)


def _explain_open_error(path: Path, error: duckdb.Error) -> InputRefused | RunFailed:
    """Returns why DuckDB could not open an audit, as far as its error shows."""
    if is_disk_full(error):
        return hide_values(error)
    if "Permission denied" in str(error):
        return InputRefused(f"{path}: the audit cannot be opened (permission denied); run as the account that owns it")
    if path.is_dir():
        return InputRefused(f"{path}: this is a directory, but the audit is a file; move the directory away")
    return _damage_error(path)


def _damage_error(path: Path) -> InputRefused:
    return InputRefused(
        f"{path}: the audit is damaged or is not a DuckDB file; restore it from a backup, together with submissions/"
    )


def _refuse_foreign(audit: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises InputRefused for a DuckDB file whose tables are not those of an audit."""
    tables = {name for (name,) in audit.execute("select distinct table_name from duckdb_tables()").fetchall()}
    runs = audit.execute("select column_name from duckdb_columns() where table_name = 'runs'").fetchall()
    if tables and not ({"definitions", "runs"} <= tables and {name for (name,) in runs} >= _RUN_COLUMNS):
        raise InputRefused(f"{path}: this DuckDB file belongs to another program; move it away, or use another home")


def query_frame(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> pl.DataFrame:
    """Returns the rows of a query, in the types of the audit."""
    relation = connection.sql(query, params=list(values)) if values else connection.sql(query)
    return pl.DataFrame(relation) if relation is not None else pl.DataFrame()
