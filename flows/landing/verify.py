"""Verification: whether a home, or the backup of one, has everything that its audit records.

It only reads, creates no file, and works while a run is in progress.
"""

from pathlib import Path

from flows.audit import database
from flows.landing.check import Check
from flows.landing.verified_audit import check_audit
from flows.landing.verified_home import check_key, check_permissions, check_snapshot, check_unfinished
from flows.landing.verified_submissions import check_submissions
from flows.support.errors import InputRefused

_TRIES = 3


def verify_home(home: Path) -> list[Check]:
    """Returns all checks of a home.

    Raises:
        AuditBusy: a run keeps the audit open, and there is no snapshot to read instead.
        InputRefused: there is no audit.
    """
    path = database.audit_path(home)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit, so there is nothing to verify; check --home")
    for _ in range(_TRIES - 1):
        before = _read_state(home)
        checks = _check_all(home)
        # A run that landed between two checks makes them disagree.
        if not any(check.is_fault for check in checks) or _read_state(home) == before:
            return checks
    return _check_all(home)


def _check_all(home: Path) -> list[Check]:
    audit = check_audit(home)
    return [
        *audit,
        *check_submissions(home),
        check_key(home),
        # No command can renew the snapshot of an audit that cannot be read.
        *([] if audit[0].is_fault else [check_snapshot(home)]),
        check_unfinished(home),
        check_permissions(home),
    ]


def _read_state(home: Path) -> tuple[int, int]:
    state = database.audit_path(home).stat()
    return state.st_mtime_ns, state.st_size
