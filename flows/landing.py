"""Landing: the submission file and the audit of a run, both or neither.

The file is written beside its place, the audit takes the run in with one transaction, and then the
file is moved.  A kill before the commit leaves everything as it was; one after it leaves a file that
waits for its move, which the next run makes first.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from flows import audit
from flows.assessment import Assessment
from flows.durable import sync_folder
from flows.errors import InputRefused
from flows.request import SubmissionRequest
from flows.staging import RunRow, common_row, staging

_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Landed:
    """The run as the audit has it: its id and status, and where the file lies (None: none was landed)."""

    run_id: str
    status: str
    output_path: Path | None


def land(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands an assessment: the audit always, the submission file where nothing blocks it.

    Only the one who holds the home (`holding`) may call it.
    """
    home = assessment.request.home
    run_number, run_id = _next_run(home, assessment.agency, str(assessment.request.period))
    folder = _waiting(home) / run_id
    folder.mkdir(parents=True)
    try:
        with staging(assessment, started_at, folder) as whole:
            status = _take_in(home, run_number, run_id, folder, whole)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    # From here the audit says landed: should the move fail, the file waits for the next run to make it.
    output = _move_into_place(home, folder, assessment.agency)
    shutil.rmtree(folder, ignore_errors=True)
    return Landed(run_id, status, output)


def record_failure(request: SubmissionRequest, failure: str, started_at: datetime) -> str:
    """Marks a run that failed in the audit; the last submission stays.  Returns the run's id."""
    with holding(request.home) as home:
        run_number, run_id = _next_run(home, request.agency, str(request.period))
        row = common_row(request, started_at) | {
            "agency": request.agency,
            "status": "failed",
            "failure": failure,
            "rows_sent": 0,
            "provisional_lists": [],
        }
        with audit.write(home) as connection:
            _insert(connection, run_number, run_id, row)
    return run_id


@contextmanager
def holding(home: Path) -> Iterator[Path]:
    """The home made ready and held by this process alone, with what a killed run left put in order.

    Raises:
        InputRefused: it cannot be written, or another run holds it for too long.
    """
    try:
        # Health records: nobody else on the machine may look.
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(home / ".lock")
        with lock.acquire(timeout=_LOCK_SECONDS, poll_interval=0.1):
            audit.make_ready(home)
            _recover(home)
            yield home
    except Timeout:
        raise InputRefused(f"{home}: another run holds this home; try again when it is over") from None
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise InputRefused(f"{home}: the home cannot be written ({error.strerror})") from None


def refuse_unwritable(home: Path) -> None:
    """Raises InputRefused where a home, or the place it would be made in, cannot be written."""
    place = home
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise InputRefused(f"{home}: the home cannot be made, {place} is no directory")
    probe = place / f".ndtms-probe-{datetime.now(UTC).timestamp():.6f}"
    try:
        probe.touch()
    except OSError as error:
        raise InputRefused(f"{home}: the home cannot be written ({error.strerror})") from None
    probe.unlink()


def _waiting(home: Path) -> Path:
    return home / ".landing"


def _recover(home: Path) -> None:
    """Moves the file of a run that was committed but not moved; clears away what never was."""
    for folder in sorted(_waiting(home).glob("*")):
        with audit.write(home) as connection:
            landed = connection.execute("select agency from runs where run_id = ?", [folder.name]).fetchone()
        if landed:
            _move_into_place(home, folder, landed[0])
        shutil.rmtree(folder)


def _next_run(home: Path, agency: str | None, period: str) -> tuple[int, str]:
    with audit.write(home) as connection:
        last, same = connection.execute(
            "select coalesce(max(run_number), 0), count(*) filter (agency is not distinct from ? and period = ?)"
            " from runs",
            [agency, period],
        ).fetchone() or (0, 0)
    return last + 1, f"{agency or 'none'}-{period}-{same + 1}"


def _move_into_place(home: Path, folder: Path, agency: str | None) -> Path | None:
    """Moves the waiting file of a committed run to where submissions lie."""
    waiting = next(folder.glob("*.csv"), None)
    if waiting is None:
        return None
    submissions = home / "submissions" / str(agency)
    submissions.mkdir(parents=True, exist_ok=True)
    place = submissions / waiting.name
    waiting.replace(place)
    sync_folder(submissions)
    return place


def _take_in(home: Path, run_number: int, run_id: str, folder: Path, whole: Callable[[], RunRow]) -> str:
    """One transaction: the run and all its tables, or nothing.  Returns the run's status."""
    with audit.write(home) as connection:
        connection.execute("begin")
        tables = sorted(folder.glob("*.parquet"))
        for table in tables:
            _insert_table(connection, run_id, table)
        row = whole()
        for table in set(folder.glob("*.parquet")).difference(tables):
            _insert_table(connection, run_id, table)
        _insert(connection, run_number, run_id, row)
        connection.execute("commit")
        connection.execute("checkpoint")
    return str(row["status"])


def _insert_table(connection: duckdb.DuckDBPyConnection, run_id: str, table: Path) -> None:
    connection.execute(
        f"insert into {table.stem} by name select ? as run_id, * from read_parquet(?)", [run_id, str(table)]
    )


def _insert(connection: duckdb.DuckDBPyConnection, run_number: int, run_id: str, row: RunRow) -> None:
    run = {"run_number": run_number, "run_id": run_id, **row}
    names, places = ", ".join(run), ", ".join("?" for _ in run)
    connection.execute(f"insert into runs ({names}) values ({places})", list(run.values()))
