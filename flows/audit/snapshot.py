"""The snapshot: a copy of the audit for analysts, which never delays a run.

A copy takes longer the larger the audit is, and a landing does not. So a large audit is copied at most once a minute.
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
SECONDS_BETWEEN = 60
# Up to these sizes of the audit, a snapshot takes a small part of the time of a landing.
SMALL_FULL, SMALL_PLAIN = 64 * 2**20, 4 * 2**20


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


def is_snapshot_due(home: Path, now: datetime) -> bool:
    """Returns whether a snapshot that is not current is to be made now, and not by a later landing.

    It is not if the audit is large, and the snapshot was made less than a minute ago.

    Args:
        home: the home.
        now: the present time.
    """
    snapshot, size = snapshot_path(home), audit_path(home).stat().st_size
    if not snapshot.is_file() or size <= (SMALL_PLAIN if is_plain_wanted() else SMALL_FULL):
        return True
    # The time of the last change is that of the audit, but the file got it when the snapshot was made.
    seconds = now.timestamp() - snapshot.stat().st_ctime
    # A clock that was set back must not delay snapshots for longer.
    return not 0 <= seconds < SECONDS_BETWEEN or _is_other_kind(snapshot)


def _is_other_kind(snapshot: Path) -> bool:
    """Returns whether a snapshot is of the kind that is no longer wanted, or cannot be read."""
    try:
        with database.connect_to_snapshot(snapshot) as connection:
            return database.is_plain(connection) != is_plain_wanted()
    except duckdb.Error:
        return True


def find_snapshot_times(home: Path) -> tuple[datetime, datetime] | None:
    """Returns the times of the snapshot and of the audit; None if the snapshot is not older, or there is none."""
    snapshot = snapshot_path(home)
    if not snapshot.is_file() or not audit_path(home).exists():
        return None
    made, changed = (
        datetime.fromtimestamp(path.stat().st_mtime_ns // 10**9, UTC) for path in (snapshot, audit_path(home))
    )
    return (made, changed) if snapshot.stat().st_mtime_ns < audit_path(home).stat().st_mtime_ns else None


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
