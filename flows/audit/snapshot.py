"""The snapshot: a copy of the audit for analysts, which never delays a run.

`NDTMS_SNAPSHOT=plain` makes it a copy without personal data: no rows sent, no ids and no values.
It is not encrypted; the full copy is encrypted as the audit.
"""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.audit import database
from flows.audit.database import audit_path, log_path, snapshot_path
from flows.audit.forgotten import choose_for_snapshot, write_remaining
from flows.support.errors import InputRefused
from flows.support.interrupts import remove_on_interrupt
from flows.support.software_version import read_build

VARIABLE = "NDTMS_SNAPSHOT"
_KINDS = ("full", "plain")


def is_plain_wanted() -> bool:
    """Returns whether the snapshot is to have no personal data.

    Raises:
        InputRefused: the environment variable has another value than full or plain.
    """
    kind = os.environ.get(VARIABLE) or _KINDS[0]
    if kind not in _KINDS:
        raise InputRefused(f"{VARIABLE} is {kind!r}; set it to {' or '.join(_KINDS)}, or remove it")
    return kind == "plain"


def snapshot_is_current(home: Path) -> bool:
    """Returns whether the snapshot matches the audit as it is now, and is of the kind that is wanted."""
    path, snapshot = audit_path(home), snapshot_path(home)
    if not snapshot.is_file() or log_path(path).exists():
        return False
    # The audit's modification time marks which version the snapshot was made from.
    is_same_time = snapshot.stat().st_mtime_ns == path.stat().st_mtime_ns
    if not is_plain_wanted():
        return is_same_time and snapshot.stat().st_size == path.stat().st_size
    try:
        with database.connect_to_snapshot(snapshot) as connection:
            return is_same_time and database.is_plain(connection)
    except duckdb.Error:
        # It was made with another key, or is damaged.
        return False


def write_snapshot(home: Path) -> None:
    """Replaces the snapshot with a copy of the audit, in full or without personal data.

    Only the process that holds the home's lock may call it.  Readers of the previous snapshot keep their version.

    Raises:
        OSError, duckdb.Error: the snapshot cannot be written; the previous one is still there.
        InputRefused: the environment variable has another value than full or plain.
    """
    path, snapshot = audit_path(home), snapshot_path(home)
    if log_path(path).exists():
        with database.open_for_writing(home) as audit:
            audit.execute("checkpoint")
    state = path.stat()
    part = snapshot.with_name(f".{snapshot.name}.part")
    with remove_on_interrupt(part):
        try:
            # Not synced: if the power fails before the copy is on the disk, the next landing writes it again.
            if is_plain_wanted():
                _write_plain(home, part, datetime.fromtimestamp(state.st_mtime, UTC))
            else:
                shutil.copyfile(path, part)
            os.utime(part, ns=(state.st_atime_ns, state.st_mtime_ns))
            part.replace(snapshot)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _write_plain(home: Path, part: Path, made_at: datetime) -> None:
    with database.open_read_only(home) as connection:
        everything = choose_for_snapshot(connection)
    reason = f"{VARIABLE}=plain"
    write_remaining(audit_path(home), part, everything, reason, made_at, read_build(), is_encrypted=False)
