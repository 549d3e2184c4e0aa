"""The home: the directory of a site's audit, submissions and reference data.

One process at a time writes to it.  Each new writer first recovers what a killed run left.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.audit import database as audit
from flows.audit.definitions import current_schema_number
from flows.audit.snapshot import (
    find_snapshot_times,
    is_plain_wanted,
    is_snapshot_due,
    snapshot_is_current,
    write_snapshot,
)
from flows.audit.upgrade import create_or_upgrade, is_upgrade_needed
from flows.landing.forget import finish_forgetting
from flows.landing.recovery import is_recovery_needed, recover
from flows.support.audit_key import read_audit_key
from flows.support.errors import InputRefused, is_disk_full
from flows.support.events import log_step
from flows.support.fingerprint_key import create_fingerprint_key
from flows.support.interrupts import remove_on_interrupt
from flows.support.private_files import make_directory, private_files

_LOCK_SECONDS = 60
_log = logging.getLogger("ndtms")


@contextmanager
def locked_home(
    home: Path,
    purpose: str = "another command",
    *,
    wait_seconds: float | None = None,
    upgrades: bool = True,
    is_last: bool = False,
) -> Iterator[Path]:
    """Prepares the home and locks it against all other writers inside the block.

    Recovers what a killed run left on entry, and renews the snapshot of the audit at the end; the snapshot of a large
    audit is made at most once a minute.
    Only this account can read files created inside the block.

    Args:
        home: the home, which need not exist yet.
        purpose: what the lock is for, shown to processes that have to wait.
        wait_seconds: how long to wait for the lock; a minute by default.
        upgrades: whether to upgrade an audit of an earlier version; without it, such a home is only locked.
        is_last: whether the snapshot is to be current at the end, because no landing follows that would renew it.

    Raises:
        InputRefused: the home cannot be written, or another run keeps it locked for too long; the text names that run.
    """
    holder = home / ".held-by"
    # Checked first, so that a wrong setting fails before any work.
    is_plain_wanted()
    read_audit_key()
    with private_files():
        lock = _acquire_lock(home, holder, _LOCK_SECONDS if wait_seconds is None else wait_seconds)
        try:
            with _record_holder(holder, purpose):
                if not upgrades and is_upgrade_needed(home):
                    yield home
                    return
                # Recovery comes before anything else, so that no code sees a home that is half recovered.
                is_upgraded = _recover_locked(home)
                yield home
                _publish_snapshot(home, is_due=is_last or is_upgraded)
        finally:
            lock.release()


def _recover_locked(home: Path) -> bool:
    """Completes what a killed run left; returns whether the audit was upgraded, which its snapshot must be as well."""
    if (number := create_or_upgrade(home)) is not None:
        _log.warning("%s: upgraded from schema %d to %d", audit.audit_path(home), number, current_schema_number())
    finish_forgetting(home)
    create_fingerprint_key(home)
    for sentence in recover(home):
        _log.warning("%s", sentence)
    return number is not None


def is_home_locked(home: Path) -> bool:
    """Returns whether a process is writing to a home.  Creates no file and waits for nobody."""
    path = home / ".lock"
    if not path.is_file():
        return False
    try:
        with FileLock(path, timeout=0, mode=0o600):
            return False
    except Timeout:
        return True
    except OSError:
        # Nobody writes to a home that this account cannot write, such as a backup on a read-only disk.
        return False


def recover_home(home: Path) -> None:
    """Recovers what a killed run left in a home, if anything."""
    if is_recovery_needed(home):
        with locked_home(home, "the recovery of a run that was killed"):
            pass


def _acquire_lock(home: Path, holder: Path, wait_seconds: float) -> FileLock:
    """Acquires and returns the lock of a home."""
    try:
        lock = FileLock(make_directory(home) / ".lock", mode=0o600)
        lock.acquire(timeout=wait_seconds, poll_interval=0.1)
    except Timeout:
        raise InputRefused(
            f"{home}: {_read_holder(holder)} has locked this home; run the command again when it has ended"
        ) from None
    except OSError as error:
        raise _build_unwritable_error(home, error) from None
    return lock


def renew_snapshot(home: Path) -> str:
    """Renews a snapshot that is older than the audit, unless another process writes to the home.

    Returns:
        How old the snapshot still is, as a sentence; blank if it is current, or if there is none.
    """
    if find_snapshot_times(home) is None:
        return ""
    # Somebody who may only read the home queries the older snapshot.
    with suppress(InputRefused), locked_home(home, "the snapshot", wait_seconds=0, upgrades=False, is_last=True):
        pass
    times = find_snapshot_times(home)
    if times is None:
        return ""
    made, changed = (f"{moment:%Y-%m-%d %H:%M:%S} UTC" for moment in times)
    return (
        f"the snapshot is of {made}, and the audit has changed since, last at {changed}; the answer is of the snapshot"
    )


def _publish_snapshot(home: Path, *, is_due: bool) -> None:
    """Writes a new snapshot if the audit has changed.  A landing never fails because of it."""
    try:
        if not snapshot_is_current(home) and (is_due or is_snapshot_due(home, datetime.now(UTC))):
            with log_step("snapshot"):
                write_snapshot(home)
    except Exception as error:
        why = "the disk is full" if is_disk_full(error) else f"{type(error).__name__}"
        _log.warning("%s: the snapshot of the audit could not be renewed (%s); the next landing renews it",
                     audit.snapshot_path(home), why)  # fmt: skip


@contextmanager
def _record_holder(holder: Path, purpose: str) -> Iterator[None]:
    """Writes who holds the home to a file that waiting processes read, and removes it at the end."""
    with remove_on_interrupt(holder, lambda: _write_holder(holder, purpose)):
        try:
            yield
        finally:
            holder.unlink(missing_ok=True)


def _write_holder(holder: Path, purpose: str) -> None:
    try:
        holder.write_text(f"{purpose} (process {os.getpid()}, since {datetime.now():%H:%M})", encoding="utf-8")
    except OSError as error:
        # The lock does not depend on this name, so a full disk is no reason to fail.
        if not is_disk_full(error):
            raise _build_unwritable_error(holder, error) from None


def _read_holder(holder: Path) -> str:
    """Returns who holds the home.  A killed run leaves its name behind but no longer holds the lock."""
    try:
        text = holder.read_text(encoding="utf-8")
    except OSError:
        text = ""
    process = re.search(r"\(process ([0-9]+), since", text)
    is_over = process and Path("/proc").is_dir() and not Path("/proc", process[1]).exists()
    return "another program" if is_over or not text else text


def refuse_unwritable(home: Path) -> None:
    """Raises InputRefused if a home, or the directory it would be created in, cannot be written."""
    directory = home
    # The home may not exist yet; then its nearest existing parent must be writable.
    while not directory.exists() and directory != directory.parent:
        directory = directory.parent
    if not directory.is_dir():
        raise InputRefused(
            f"{home}: the home cannot be created, because {directory} is not a directory; choose another --home"
        )
    # Only an attempt shows whether a share or a read-only disk accepts files.
    probe = directory / f".ndtms-probe-{datetime.now(UTC).timestamp():.6f}"
    try:
        probe.touch(mode=0o600)
    except OSError as error:
        raise _build_unwritable_error(home, error) from None
    probe.unlink()


def _build_unwritable_error(path: Path, error: OSError) -> InputRefused:
    return InputRefused(
        f"{path}: the home cannot be written ({error.strerror}); let this account write there, or choose another --home"
    )
