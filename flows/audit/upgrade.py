"""Brings the audit of a home to the tables and views of this version."""

import shutil
from contextlib import closing
from pathlib import Path

import duckdb

from flows.audit import database
from flows.audit.definitions import (
    current_schema_number,
    define,
    drop_views,
    hash_definitions,
    list_migrations,
    read_schema_number,
    read_stored_digest,
)
from flows.support.atomic_files import part_path, replace_atomically
from flows.support.audit_key import read_audit_key
from flows.support.errors import InputRefused, hide_values, is_disk_full


def is_upgrade_needed(home: Path) -> bool:
    """Returns whether an earlier version wrote the audit.  Only the process that holds the home's lock may call it.

    Raises:
        InputRefused: the file is damaged, is not an audit, or was written by a newer version.
    """
    if not database.audit_path(home).exists():
        return False
    with database.open_for_writing(home) as audit:
        return read_schema_number(audit) < current_schema_number()


def create_or_upgrade(home: Path) -> int | None:
    """Creates the audit if it is missing, and upgrades one of an earlier version.

    Only the process that holds the home's lock may call it.  A migration works on a copy, which replaces the audit
    only when it is complete, so that a kill at any moment leaves one or the other.

    Returns:
        The schema number that the audit had before an upgrade; None if there was nothing to upgrade.

    Raises:
        InputRefused: the file is damaged, is not an audit, was written by a newer version, or cannot be upgraded.
    """
    path = database.audit_path(home)
    # A killed command may have left a copy that is not encrypted.
    remove_leftovers(part_path(path))
    if not path.exists():
        replace_atomically(path, _create)
        return None
    with database.open_for_writing(home) as audit:
        number = read_schema_number(audit)
        is_empty = audit.execute("from duckdb_tables()").fetchone() is None
        if number == current_schema_number() or is_empty:
            if read_stored_digest(audit) != hash_definitions():
                audit.execute("begin")
                define(audit)
                audit.execute("commit")
            return None
        # The copy below must have what the log still holds.
        audit.execute("checkpoint")
    replace_atomically(path, lambda part: _migrate_copy(path, part, number))
    return number


def _create(path: Path) -> None:
    remove_leftovers(path)
    with closing(database.connect_for_writing(path, read_audit_key())) as audit:
        # In one transaction, because the log is written to the disk at the end of each.
        audit.execute("begin")
        define(audit)
        audit.execute("commit")
        audit.execute("checkpoint")


def _migrate_copy(path: Path, part: Path, number: int) -> None:
    """Writes a copy of an audit with every migration after its schema number."""
    remove_leftovers(part)
    shutil.copyfile(path, part)
    with closing(database.connect_for_writing(part, read_audit_key())) as audit:
        try:
            # Without a transaction, in which a table cannot be altered and then written to: a copy needs none.
            drop_views(audit)
            for step, file in list_migrations().items():
                if step > number:
                    audit.execute(file.read_text(encoding="utf-8"))
            define(audit)
            audit.execute("checkpoint")
        except duckdb.Error as error:
            if is_disk_full(error):
                raise hide_values(error) from None
            raise InputRefused(
                f"{path}: the audit cannot be upgraded from schema {number} to {current_schema_number()}"
                f" ({type(error).__name__}); it is unchanged: install the version that wrote it, or use another home"
            ) from None


def remove_leftovers(path: Path) -> None:
    """Removes a file that a killed command left, and its write-ahead log."""
    for leftover in (path, database.log_path(path)):
        leftover.unlink(missing_ok=True)
