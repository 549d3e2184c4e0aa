"""The checks of what else a home contains: its key, its snapshot, what is unfinished, and who can read it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flows.audit.database import audit_path, log_path, snapshot_path
from flows.audit.snapshot import is_plain_wanted, is_snapshot_due, snapshot_is_current
from flows.landing.check import Check, accept, fail
from flows.landing.forget import is_forgetting_unfinished
from flows.landing.home import is_home_locked
from flows.landing.recovery import is_recovery_needed
from flows.support.errors import InputRefused
from flows.support.fingerprint_key import KEY_FILE, read_fingerprint_key
from flows.support.text import format_count, join_texts

_SHOWN = 5
_OTHERS = 0o077
# Written by a person; it names agencies and limits, and nobody's record.
_MAY_BE_READ = "settings.toml"


def check_key(home: Path) -> Check:
    """Returns the check of the key that recognises masked ids again."""
    try:
        key = read_fingerprint_key(home)
    except InputRefused as refusal:
        return fail("key", str(refusal))
    if not key:
        return fail("key", f"{KEY_FILE} is missing, so that masked ids are not recognised again; restore a backup")
    return accept("key", f"{KEY_FILE} has {len(key)} bytes")


def check_snapshot(home: Path) -> Check:
    """Returns the check of the snapshot, which is as old as the audit, missing, or that of the run before."""
    audit, snapshot = audit_path(home), snapshot_path(home)
    if not snapshot.is_file():
        return accept("snapshot", "there is none; the next command that writes to the home makes it")
    moment = _describe_time(snapshot)
    if is_home_locked(home):
        return accept("snapshot", f"of {moment}; a run is in progress")
    is_same_time = snapshot.stat().st_mtime_ns == audit.stat().st_mtime_ns and not log_path(audit).exists()
    # Without the variable, a snapshot of either kind is good: only the commands that write know which is wanted.
    if snapshot_is_current(home) if is_plain_wanted() else is_same_time:
        return accept("snapshot", f"of {moment}, as the audit")
    older = f"of {moment}, but the audit is of {_describe_time(audit)}"
    if not is_snapshot_due(home, datetime.now(UTC)):
        return accept("snapshot", f"{older}; that of a large audit is made at most once a minute")
    return fail("snapshot", f"{older}; the next command that writes to the home, or `ndtms sql`, renews it")


def _describe_time(path: Path) -> str:
    return f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%d %H:%M:%S} UTC"


def check_unfinished(home: Path) -> Check:
    """Returns the check that no killed command waits for the next one to complete or remove it."""
    if is_home_locked(home):
        return accept("unfinished", "a run is in progress")
    found = []
    if is_recovery_needed(home):
        found.append("a landing (.landing)")
    if is_forgetting_unfinished(home):
        found.append("a deletion (.forgetting.json)")
    with suppress(OSError):
        if any((home / ".backfill").iterdir()):
            found.append("a backfill (.backfill)")
    if found:
        return fail(
            "unfinished",
            f"{join_texts(found)} was killed; the next command of that kind that writes to the home completes"
            " or removes it",
        )
    return accept("unfinished", "no landing, backfill or deletion")


def check_permissions(home: Path) -> Check:
    """Returns the check that no other account can read or write a file or directory of the home."""
    count, loose = 0, []
    for path in _walk(home):
        with suppress(FileNotFoundError):
            count += 1
            if path.stat().st_mode & _OTHERS:
                loose.append(str(path.relative_to(home)))
    if loose:
        return fail(
            "permissions",
            f"{format_count(len(loose), 'path')} that other accounts can read or write"
            f" ({join_texts(loose, _SHOWN)}); run chmod -R go-rwx {home}",
        )
    return accept(
        "permissions",
        f"only this account can read the {format_count(count, 'file or directory', 'files and directories')}",
    )


def _walk(home: Path) -> Iterator[Path]:
    yield home
    for folder, folders, files in os.walk(home):
        for name in sorted((*folders, *files)):
            if name != _MAY_BE_READ:
                yield Path(folder, name)
