"""Opens encrypted DuckDB databases.

DuckDB takes the key of a database only where it attaches it: the connection is one to memory that uses the database.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from flows.support.duckdb_connections import connect
from flows.support.errors import InputRefused

_NAME = "audit"
_LOAD = "load httpfs"
# A missing extension is reported, and never downloaded.
_OFFLINE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


def connect_to_write(path: Path, key: str | None, config: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    """Opens a database for writing, and encrypts what DuckDB spills to the disk.

    Args:
        path: the database, which is created if it is missing.
        key: its key; None for a database that is not encrypted.
        config: DuckDB settings for this connection.

    Raises:
        duckdb.Error: the file cannot be opened with this key.
        InputRefused: DuckDB lacks what it needs to encrypt.
    """
    spill = {"temp_directory": f"{path}.tmp", "temp_file_encryption": True}
    connection = connect(":memory:", config={**_OFFLINE, **spill, **config})
    try:
        load_encryption(connection)
        _use(connection, path, key, is_read_only=False)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path, key: str, config: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """Opens an encrypted database for reading, which needs no extension; nothing is spilled to the disk.

    Raises:
        duckdb.Error: the file cannot be opened with this key.
    """
    connection = connect_in_memory(config)
    try:
        _use(connection, path, key, is_read_only=True)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_in_memory(config: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """Opens a database in memory, to which encrypted databases can be attached; nothing is spilled to the disk."""
    return connect(":memory:", config={**_OFFLINE, "temp_directory": "", **(config or {})})


def attach(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, key: str | None, *, is_read_only: bool = True
) -> None:
    """Attaches a database to a connection.  The key is a parameter, so that no SQL text and no error contains it.

    Raises:
        duckdb.Error: the file cannot be opened with this key.
    """
    escaped = str(path).replace("'", "''")
    options = [*(["read_only"] if is_read_only else []), *(["encryption_key ?"] if key is not None else [])]
    statement = f"attach '{escaped}' as {name}" + (f" ({', '.join(options)})" if options else "")
    connection.execute(statement, [key] if key is not None else None)


def load_encryption(connection: duckdb.DuckDBPyConnection) -> None:
    """Loads DuckDB's extension httpfs, whose OpenSSL has the random numbers that encryption needs.

    Raises:
        InputRefused: the extension is not installed for this version of DuckDB.
    """
    try:
        connection.execute(_LOAD)
    except duckdb.Error:
        raise InputRefused(
            f"DuckDB {duckdb.__version__} needs its extension httpfs to write an encrypted audit, and it is not"
            " installed for this account; install it (docs/operating.md, Encryption)"
        ) from None


def _use(connection: duckdb.DuckDBPyConnection, path: Path, key: str | None, *, is_read_only: bool) -> None:
    attach(connection, path, _NAME, key, is_read_only=is_read_only)
    connection.execute(f"use {_NAME}")
