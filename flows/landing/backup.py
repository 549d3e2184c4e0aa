"""Backup: a copy of a home that can be put back, complete or not there at all.

The copy is made in a hidden folder while the home is locked.  It is verified after the lock has been released, and then
renamed.  A process killed before the renaming leaves the hidden folder, which the next backup to the same
directory removes.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.audit import database
from flows.landing.check import Check
from flows.landing.home import locked_home
from flows.landing.verify import verify_home
from flows.support.atomic_files import sync, sync_folder
from flows.support.errors import InputRefused, RunFailed, is_disk_full
from flows.support.private_files import make_directory, private_files

_UNFINISHED = re.compile(r"\.\d{4}-\d{2}-\d{2}T\d{6}Z\.part")
# Without these a home cannot be put back; the others are faults of the home, which its backup shows as well.
_NEEDED = ("audit", "submission files")


@dataclass(frozen=True)
class BackedUp:
    """A finished backup: its directory, the number of its files, and the faults that the home has."""

    directory: Path
    files: int
    faults: tuple[Check, ...]


@private_files()
def back_up(home: Path, place: Path, made_at: datetime, wait_seconds: float) -> BackedUp:
    """Copies a home to a new directory, which is named after the moment.

    Args:
        home: the home, which need not be of this version.
        place: the directory of all backups of this home, which is created if it is missing.
        made_at: the moment.
        wait_seconds: how long to wait for a run that writes to the home.

    Raises:
        InputRefused: there is no audit, a run takes too long, the copy cannot be written, or the home lacks a file that
            it must have; nothing that looks like a backup is left.
        RunFailed: the disk is full.
    """
    _refuse_places(home, place)
    target = place / f"{made_at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"
    part = place / f".{target.name}.part"
    with _locked_place(place), _removed_on_error(part):
        _remove_unfinished(place)
        if target.exists():
            raise InputRefused(f"{target}: it exists already, and a backup replaces nothing; run the command again")
        with locked_home(home, "the backup", wait_seconds=wait_seconds, upgrades=False):
            _checkpoint(home)
            files = _copy_home(home, part)
        faults = _verify(home, part)
        part.rename(target)
        sync_folder(place)
    return BackedUp(target, files, faults)


def _refuse_places(home: Path, place: Path) -> None:
    path = database.audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit, so there is nothing to back up; check --home")
    if place.resolve().is_relative_to(home.resolve()):
        raise InputRefused(f"{place}: this is in the home, and would be lost with it; choose another directory")


@contextmanager
def _locked_place(place: Path) -> Iterator[None]:
    """Locks the directory of backups, so that no other backup removes what this one is writing."""
    try:
        lock = FileLock(make_directory(place) / ".lock", mode=0o600)
        lock.acquire(timeout=0)
    except Timeout:
        raise InputRefused(f"{place}: another backup is being written there; run the command again later") from None
    except OSError as error:
        raise _explain(place, error) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _removed_on_error(part: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        shutil.rmtree(part, ignore_errors=True)
        if isinstance(error, OSError):
            raise _explain(part.parent, error) from None
        raise


def _explain(place: Path, error: OSError) -> InputRefused | RunFailed:
    if is_disk_full(error):
        return RunFailed(f"{place}: the disk is full; free space there and run the command again, no backup was made")
    return InputRefused(
        f"{error.filename or place}: no backup can be made ({error.strerror}); let this account read the home and write"
        " the backup, or choose another directory"
    )


def _remove_unfinished(place: Path) -> None:
    """Removes what killed backups left, and nothing else: people may keep other things in the directory."""
    for path in sorted(place.iterdir()):
        if _UNFINISHED.fullmatch(path.name):
            shutil.rmtree(path)


def _checkpoint(home: Path) -> None:
    """Writes what the log of the audit still has into its file, because only the file is copied."""
    if database.log_path(database.audit_path(home)).exists():
        with database.open_for_writing(home) as audit:
            audit.execute("checkpoint")


def _copy_home(home: Path, part: Path) -> int:
    """Copies the files of a home and syncs them; returns their number."""
    part.mkdir()
    files = 0
    for folder, folders, names in os.walk(home, followlinks=True, onerror=_raise):
        # Hidden ones are locks, and what a command has not finished.  DuckDB's folder for large queries ends in .tmp.
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not name.endswith(".tmp"))
        copy = part / Path(folder).relative_to(home)
        copy.mkdir(exist_ok=True)
        for name in sorted(names):
            if not name.startswith(".") and Path(folder, name) != database.snapshot_path(home):
                files += _copy_file(Path(folder, name), copy / name)
        sync_folder(copy)
    return files


def _raise(error: OSError) -> None:
    raise error


def _copy_file(source: Path, copy: Path) -> int:
    """Copies and syncs a file; returns the number of files copied.

    Reports and reminders are written without the lock, so one may have been removed since it was listed.
    """
    try:
        state = source.stat()
        if not source.is_file():
            return 0
        shutil.copyfile(source, copy)
    except FileNotFoundError:
        return 0
    # The time of the audit shows whether a snapshot is of it.
    os.utime(copy, ns=(state.st_atime_ns, state.st_mtime_ns))
    sync(copy)
    return 1


def _verify(home: Path, part: Path) -> tuple[Check, ...]:
    """Returns the faults of the home that its copy shows.

    Raises:
        InputRefused: something is missing without which the home cannot be put back.
    """
    faults = tuple(check for check in verify_home(part) if check.is_fault)
    for check in faults:
        if check.name in _NEEDED:
            found = check.found.replace(str(part), str(home))
            raise InputRefused(f"{home}: no backup was made, because of a fault ({check.name}): {found}")
    return faults
