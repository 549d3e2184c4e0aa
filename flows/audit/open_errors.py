"""Explains why DuckDB cannot open or read an audit, as far as its errors show."""

from pathlib import Path

import duckdb

from flows.support.audit_key import VARIABLE
from flows.support.errors import InputRefused, RunFailed, hide_values, is_disk_full

# Errors that DuckDB raises when a file's content is damaged.
FILE_ERRORS = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
_ENCRYPTION = "docs/operating.md, Encryption"


def is_locked(error: duckdb.Error) -> bool:
    """Returns whether another process has the file open; DuckDB has no separate error for that."""
    return "set lock on file" in str(error)


def is_not_encrypted(error: duckdb.Error) -> bool:
    """Returns whether a key was given for a file that is not encrypted."""
    return "is not encrypted" in str(error)


def needs_key(error: duckdb.Error) -> bool:
    """Returns whether no key was given for a file that is encrypted."""
    return "without a key" in str(error)


def is_damage(error: duckdb.Error) -> bool:
    """Returns whether an error means that the content of a file is damaged."""
    # An encrypted block that was changed.
    return isinstance(error, FILE_ERRORS) or "AES tag" in str(error)


def explain_open_error(path: Path, error: duckdb.Error) -> InputRefused | RunFailed:
    """Returns why DuckDB could not open an audit, as far as its error shows."""
    if is_disk_full(error):
        return hide_values(error)
    if (why := _explain_key(error)) is not None:
        return InputRefused(f"{path}: {why}")
    if "Permission denied" in str(error):
        return InputRefused(f"{path}: the audit cannot be opened (permission denied); run as the account that owns it")
    if path.is_dir():
        return InputRefused(f"{path}: this is a directory, but the audit is a file; move the directory away")
    return build_damage_error(path)


def _explain_key(error: duckdb.Error) -> str | None:
    """Returns what is wrong with the key, if it is the key."""
    if needs_key(error):
        return f"this file is encrypted; set {VARIABLE} to its key ({_ENCRYPTION})"
    if "Wrong encryption key" in str(error):
        return f"{VARIABLE} is not the key of this file; set it to the key that encrypted it"
    if is_not_encrypted(error):
        return f"{VARIABLE} is set, but this file is not encrypted; `ndtms encrypt` encrypts it"
    return None


def build_damage_error(path: Path) -> InputRefused:
    """Returns the refusal of a file that DuckDB cannot read."""
    return InputRefused(
        f"{path}: the audit is damaged or is not a DuckDB file; restore it from a backup, together with submissions/"
    )


def build_older_error(path: Path, number: int, needed: int) -> InputRefused:
    """Returns the refusal of an audit whose tables are not yet those that this version's queries read."""
    return InputRefused(
        f"{path}: an earlier version of ndtms wrote this audit (schema {number}; this version needs {needed});"
        " `ndtms upgrade` upgrades it"
    )
