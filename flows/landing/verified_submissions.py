"""The checks of a home's submission files: each is the one that landed, and there are no others.

A run may land while files are read.  What it has changed since the audit was read is not a fault.
"""

from dataclasses import dataclass
from pathlib import Path

from flows.audit import database
from flows.landing.check import Check, accept, fail
from flows.landing.home import is_home_locked
from flows.landing.recovery import LandedFile, waiting_folder
from flows.support.errors import InputRefused
from flows.support.text import format_count, join_texts

_SHOWN = 5
_IN_FORCE = """
    select run_id, output_path, output_sha256 from runs where output_path is not null
    qualify row_number() over (partition by output_path order by run_number desc) = 1
    order by output_path
"""


@dataclass(frozen=True)
class _Landed:
    """The file that the audit has for each path, and the runs that were forgotten.

    `read_ns` is the time of the audit that was read: the snapshot, while a run writes.
    """

    files: tuple[LandedFile, ...]
    forgotten: frozenset[str]
    read_ns: int


def check_submissions(home: Path) -> list[Check]:
    """Returns the checks of the landed files and of the other files in submissions/.

    Raises:
        AuditBusy: a run keeps the audit open, and there is no snapshot to read instead.
    """
    try:
        landed = _read_landed(home)
    except database.AuditBusy:
        raise
    except InputRefused:
        return [fail("submission files", "not checked, because the audit cannot be read")]
    return [_check_landed_files(home, landed), _check_other_files(home, landed)]


def _read_landed(home: Path) -> _Landed:
    paths = [database.audit_path(home), *([database.snapshot_path(home)] if is_home_locked(home) else [])]
    times = [path.stat().st_mtime_ns for path in paths if path.is_file()]
    with database.open_read_only(home, is_older_allowed=True) as audit:
        files = tuple(LandedFile(*row) for row in audit.execute(_IN_FORCE).fetchall())
        # An earlier version could not forget.
        has_forgotten = audit.execute("from duckdb_tables() where table_name = 'forgotten_runs'").fetchone()
        query = "select run_id from internal.forgotten_runs" if has_forgotten else "select run_id from runs where false"
        forgotten = frozenset(run for (run,) in audit.execute(query).fetchall())
    return _Landed(files, forgotten, min(times))


def _check_landed_files(home: Path, landed: _Landed) -> Check:
    kept = [file for file in landed.files if file.run_id not in landed.forgotten]
    left = [file.path for file in landed.files if file.run_id in landed.forgotten and (home / file.path).exists()]
    wrong = [file.path for file in kept if not _is_in_place(home, file) and not _is_changing(home, file, landed)]
    forgotten = len(landed.files) - len(kept)
    if wrong:
        return fail(
            "submission files",
            f"missing, or not as landed: {len(wrong)} of {format_count(len(kept), 'file')}"
            f" ({join_texts(wrong, _SHOWN)}); run `ndtms backfill` for the month, or restore a backup",
        )
    if left:
        return fail(
            "submission files",
            f"the run was forgotten, but not its file: {join_texts(left, _SHOWN)}; delete it",
        )
    also = f"; {forgotten} of forgotten runs deleted" if forgotten else ""
    return accept("submission files", f"{format_count(len(kept), 'file')} there, as landed{also}")


def _is_in_place(home: Path, file: LandedFile) -> bool:
    """Returns whether the file is the one that landed, or waits for the run in progress to move it."""
    try:
        if file.is_in_place(home):
            return True
        is_waiting = is_home_locked(home) and (waiting_folder(home) / file.run_id).is_dir()
        # The run may have moved it between the two lines above.
        return is_waiting or file.is_in_place(home)
    except (InputRefused, OSError):
        return False


def _is_changing(home: Path, file: LandedFile, landed: _Landed) -> bool:
    return is_home_locked(home) and _is_newer(home / file.path, landed)


def _is_newer(path: Path, landed: _Landed) -> bool:
    """Returns whether a file was put where it is after the audit that was read; a rename changes that time too."""
    try:
        return path.stat().st_ctime_ns > landed.read_ns
    except OSError:
        return False


def _check_other_files(home: Path, landed: _Landed) -> Check:
    known = {home / file.path for file in landed.files}
    found = sorted(path for path in (home / "submissions").rglob("*") if not path.is_dir() and path not in known)
    is_locked = is_home_locked(home)
    others = [str(path.relative_to(home)) for path in found if not (is_locked and _is_newer(path, landed))]
    if others:
        return fail(
            "other files",
            f"{format_count(len(others), 'file')} in submissions/ of no run ({join_texts(others, _SHOWN)});"
            " move them elsewhere, or delete them",
        )
    return accept("other files", "submissions/ has no file that no run landed")
