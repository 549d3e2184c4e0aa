"""Encrypts the audit of a home, changes its key, or removes the encryption."""

from contextlib import closing
from pathlib import Path

import duckdb

from flows.audit import database
from flows.audit.open_errors import needs_key
from flows.audit.upgrade import remove_leftovers
from flows.support.atomic_files import replace_atomically
from flows.support.duckdb_connections import connect
from flows.support.encrypted_databases import attach


def change_key(home: Path, old: str | None, new: str | None) -> None:
    """Replaces the audit with a copy under another key.  Only the process that holds the home's lock may call it.

    A kill at any moment leaves the audit under one key or the other.

    Args:
        home: the home.
        old: the key of the audit, which is also that of the environment; None if it is not encrypted.
        new: the key of the copy; None for a copy that is not encrypted.

    Raises:
        InputRefused: the audit cannot be opened with the old key, or DuckDB lacks what it needs to encrypt.
        OSError, duckdb.Error: the copy cannot be written; the audit is unchanged.
    """
    path = database.audit_path(home)
    with database.open_for_writing(home) as audit:
        # The log would otherwise be applied to the file that replaces the audit.
        audit.execute("checkpoint")

    def write(part: Path) -> None:
        _write_copy(path, part, old, new)
        # Deleted before the audit changes, so that no copy under the old key is left; the lock makes another.
        database.snapshot_path(home).unlink(missing_ok=True)

    replace_atomically(path, write)


def is_encrypted(path: Path) -> bool:
    """Returns whether an audit is encrypted; False if it cannot be opened for another reason."""
    try:
        connect(path, read_only=True).close()
    except duckdb.Error as error:
        return needs_key(error)
    return False


def _write_copy(path: Path, part: Path, old: str | None, new: str | None) -> None:
    remove_leftovers(part)
    with closing(database.connect_for_writing(part, new or old, is_encrypted=new is not None)) as copy:
        attach(copy, path, "kept", old)
        copy.execute("copy from database kept to audit")
        copy.execute("detach kept")
        copy.execute("checkpoint")
