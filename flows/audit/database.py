"""The audit: one DuckDB file under HOME, written by one process at a time.

Tables and views are created before the first run lands, in a separate file that is then moved into place.
Each run is landed in one transaction.  With a key in the environment the file is encrypted.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from flows.audit.definitions import current_schema_number, define, read_schema_number
from flows.audit.open_errors import (
    build_damage_error,
    build_older_error,
    explain_open_error,
    is_damage,
    is_locked,
    is_not_encrypted,
)
from flows.support import encrypted_databases
from flows.support.audit_key import read_audit_key
from flows.support.duckdb_connections import connect
from flows.support.errors import InputRefused

# A fixed storage version makes the file the same on every machine; the oldest version takes twice as long to write.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "preserve_insertion_order": False,
    "storage_compatibility_version": "v1.4.0",
}
_WAIT_SECONDS, _POLL_SECONDS = 20.0, 0.2
# Columns that the table `runs` has had in every version.
_RUN_COLUMNS = frozenset({"run_id", "agency", "period", "status", "output_path", "output_sha256"})


class AuditBusy(InputRefused):
    """Reports an audit that cannot be read now, because another process writes to it."""


def audit_path(home: Path) -> Path:
    """Returns the path of a home's audit."""
    return home / "audit.duckdb"


def snapshot_path(home: Path) -> Path:
    """Returns the path of the snapshot: a copy of the audit for analysts that never delays a run."""
    return home / "audit-snapshot.duckdb"


def log_path(path: Path) -> Path:
    """Returns the path of DuckDB's write-ahead log, which holds what was committed since the last checkpoint."""
    return path.with_name(f"{path.name}.wal")


def literal_path(path: Path) -> str:
    """Escapes wildcards in a path for DuckDB's `read_parquet`, because a directory's name may contain them."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def connect_for_writing(path: Path, key: str | None, *, is_encrypted: bool = True) -> duckdb.DuckDBPyConnection:
    """Connects to the file of an audit, with the settings that every writer of it shares.

    Args:
        path: the audit.
        key: the key of the home; None without encryption.
        is_encrypted: whether the file is encrypted, if there is a key; what DuckDB spills always is.
    """
    if key is None:
        return connect(path, config=_CONFIG)
    return encrypted_databases.connect_to_write(path, key if is_encrypted else None, _CONFIG)


def _connect_to_read(
    path: Path, key: str | None, config: Mapping[str, str | bool] | None = None
) -> duckdb.DuckDBPyConnection:
    if key is None:
        return connect(path, read_only=True, config=config)
    return encrypted_databases.connect_to_read(path, key, config)


def connect_to_snapshot(path: Path, config: Mapping[str, str | bool] | None = None) -> duckdb.DuckDBPyConnection:
    """Connects to a snapshot for reading; one without personal data has no key."""
    try:
        return _connect_to_read(path, read_audit_key(), config)
    except duckdb.Error as error:
        if not is_not_encrypted(error):
            raise
        return _connect_to_read(path, None, config)


@contextmanager
def create_in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens an audit without runs, in memory."""
    with connect(":memory:") as audit:
        define(audit)
        yield audit


@contextmanager
def open_for_writing(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the audit for writing.  Only the process that holds the home's lock may call it.

    Raises:
        InputRefused: another program keeps the audit open, the file is damaged, or belongs to another program or to
            a newer version.
    """
    path = audit_path(home)
    audit = _connect(path, read_audit_key(), time.monotonic() + _WAIT_SECONDS)
    try:
        _refuse_foreign(audit, path)
        yield audit
    finally:
        audit.close()


def _connect(path: Path, key: str | None, until: float) -> duckdb.DuckDBPyConnection:
    """Connects to the audit and retries for a while, because a reader may be about to close it."""
    while True:
        try:
            return connect_for_writing(path, key)
        except duckdb.Error as error:
            if not is_locked(error):
                raise explain_open_error(path, error) from None
            if time.monotonic() > until:
                raise InputRefused(
                    f"{path}: another program has the audit open; close it there and run the command again"
                ) from None
            time.sleep(_POLL_SECONDS)


@contextmanager
def open_read_only(home: Path, *, is_older_allowed: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the audit for reading; while another process writes to it, opens the snapshot of the last run.

    Args:
        home: the directory of the audit.
        is_older_allowed: whether an audit may be opened that must be upgraded before this version's queries read it.

    Raises:
        AuditBusy: another process writes to the audit, and there is no snapshot of all of it.
        InputRefused: there is no audit yet, the first one is being written right now, the file is damaged, or it
            belongs to another program or version.
    """
    path = audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` creates it")
    try:
        audit = _connect_read_only(path, snapshot_path(home))
    except duckdb.Error as error:
        if not is_locked(error):
            raise explain_open_error(path, error) from None
        raise AuditBusy(f"{path}: the audit is being written to; try again when the run has ended") from None
    with _guard_reading(audit, path):
        if not is_older_allowed:
            _refuse_older(audit, path)
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
    path = find_snapshot(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` creates it")
    try:
        audit = (
            connect_to_snapshot(path, config)
            if path == snapshot_path(home)
            else _connect_to_read(path, read_audit_key(), config)
        )
    except duckdb.Error as error:
        raise explain_open_error(path, error) from None
    with _guard_reading(audit, path):
        yield audit


def find_snapshot(home: Path) -> Path:
    """Returns the path of the file that answers a long query: the snapshot, or without one the audit."""
    snapshot = snapshot_path(home)
    return snapshot if snapshot.is_file() else audit_path(home)


def attach_snapshot(connection: duckdb.DuckDBPyConnection, home: Path, name: str) -> None:
    """Attaches to a connection what `open_snapshot` opens, for reading.

    Args:
        connection: a connection to memory, whose settings apply.
        home: the directory of the audit.
        name: the name of the attached database.

    Raises:
        InputRefused: the file cannot be opened, or not with the key in the environment.
    """
    path = find_snapshot(home)
    try:
        try:
            encrypted_databases.attach(connection, path, name, read_audit_key())
        except duckdb.Error as error:
            # One without personal data has no key.
            if path != snapshot_path(home) or not is_not_encrypted(error):
                raise
            encrypted_databases.attach(connection, path, name, None)
    except duckdb.Error as error:
        raise explain_open_error(path, error) from None


@contextmanager
def _guard_reading(audit: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    try:
        _refuse_foreign(audit, path)
        yield
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        # The query itself is valid; the content of the file is damaged.
        raise build_damage_error(path) from None
    finally:
        audit.close()


def _connect_read_only(path: Path, snapshot: Path) -> duckdb.DuckDBPyConnection:
    try:
        return _connect_to_read(path, read_audit_key())
    except duckdb.IOException as error:
        if not is_locked(error) or not snapshot.is_file():
            raise
        audit = connect_to_snapshot(snapshot)
        # One without personal data would answer differently from the audit.
        if is_plain(audit):
            audit.close()
            raise
        return audit


def is_plain(connection: duckdb.DuckDBPyConnection) -> bool:
    """Returns whether an open file is a snapshot without personal data."""
    try:
        row = connection.execute("select count(*) from forgotten where what = 'snapshot'").fetchone()
    except duckdb.CatalogException:
        return False
    return bool(row and row[0])


def _refuse_foreign(audit: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises InputRefused for a DuckDB file whose tables are not those of an audit, or of a later one."""
    tables = {name for (name,) in audit.execute("select distinct table_name from duckdb_tables()").fetchall()}
    runs = audit.execute("select column_name from duckdb_columns() where table_name = 'runs'").fetchall()
    if tables and not ({"definitions", "runs"} <= tables and {name for (name,) in runs} >= _RUN_COLUMNS):
        raise InputRefused(f"{path}: this DuckDB file belongs to another program; move it away, or use another home")

    number = read_schema_number(audit)
    if number > current_schema_number():
        raise InputRefused(
            f"{path}: a newer version of ndtms wrote this audit (schema {number}; this version knows"
            f" {current_schema_number()}); install that version or a later one"
        )


def _refuse_older(audit: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises InputRefused for an audit whose tables are not yet those that this version's queries read."""
    number = read_schema_number(audit)
    if audit.execute("from duckdb_tables()").fetchone() and number < current_schema_number():
        raise build_older_error(path, number, current_schema_number())


def query_frame(
    connection: duckdb.DuckDBPyConnection, query: str, variables: Mapping[str, object] | None = None
) -> pl.DataFrame:
    """Returns the rows of a query, in the types of the audit.

    Args:
        connection: the audit.
        query: the query; it reads a value as `getvariable('name')`.
        variables: the values, by name. With parameters instead, DuckDB first copies the whole result, which takes
            several times as long as the query.
    """
    for name, value in (variables or {}).items():
        connection.execute(f"set variable {name} = ?", [value])
    relation = connection.sql(query)
    return pl.DataFrame(relation) if relation is not None else pl.DataFrame()
