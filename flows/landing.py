"""Landing: the submission file and the audit of a run, both or neither.

The file is written beside its place, the audit takes the run in with one transaction, and then the
file is moved.  A kill before the commit leaves everything as it was; one after it leaves a file that
waits for its move, which the next run makes first.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import duckdb
from filelock import FileLock, Timeout

from flows import audit
from flows.assessment import Assessment
from flows.durable import sync_folder
from flows.errors import InputRefused
from flows.request import SubmissionRequest
from flows.staging import RunRow, common_row, staged_row, staging

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
    with audit.write(home) as connection:
        run_id = next_run_id(connection, assessment.agency, str(assessment.request.period))
        folder = _waiting(home) / run_id
        folder.mkdir(parents=True)
        try:
            with staging(assessment, started_at, folder) as whole:
                status = str(_take_in(connection, folder, whole)["status"])
            connection.execute("checkpoint")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    # From here the audit says landed: should the move fail, the file waits for the next run to make it.
    return Landed(run_id, status, _finish(home, folder, assessment.agency))


def take_in(home: Path, connection: duckdb.DuckDBPyConnection, staged: Mapping[str, Path]) -> list[Landed]:
    """Lands runs that other processes staged, in one transaction, in the order given.

    Only the one who holds the home may call it.

    Args:
        home: where they land.
        connection: the audit, open for writing.
        staged: the folder of each run, by its id.
    """
    folders = []
    for run_id, folder in staged.items():
        place = _waiting(home) / run_id
        place.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(place)
        folders.append(place)
    rows = [staged_row(folder) for folder in folders]
    connection.execute("begin")
    for table in sorted({path.name for folder in folders for path in folder.glob("*.parquet")}):
        _insert_table(connection, table, [folder / table for folder in folders if (folder / table).exists()])
    for folder, row in zip(folders, rows, strict=True):
        _insert(connection, folder.name, row)
    connection.execute("commit")
    return [
        Landed(folder.name, str(row["status"]), _finish(home, folder, cast("str | None", row["agency"])))
        for folder, row in zip(folders, rows, strict=True)
    ]


def _finish(home: Path, folder: Path, agency: str | None) -> Path | None:
    output = _move_into_place(home, folder, agency)
    shutil.rmtree(folder, ignore_errors=True)
    return output


def record_failure(request: SubmissionRequest, failure: str, started_at: datetime) -> str:
    """Marks a run that failed in the audit; the last submission stays.  Returns the run's id."""
    what = f"the record of a failed run of {request.source}"
    with holding(request.home, what) as home, audit.write(home) as connection:
        return insert_failure(connection, request, failure, started_at)


def insert_failure(
    connection: duckdb.DuckDBPyConnection, request: SubmissionRequest, failure: str, started_at: datetime
) -> str:
    """Marks a run that failed in an audit that is open.  Returns the run's id."""
    run_id = next_run_id(connection, request.agency, str(request.period))
    row = common_row(request, started_at) | {
        "agency": request.agency,
        "status": "failed",
        "failure": failure,
        "rows_sent": 0,
        "provisional_lists": [],
    }
    _insert(connection, run_id, row)
    return run_id


@contextmanager
def holding(home: Path, what: str = "another command") -> Iterator[Path]:
    """The home made ready and held by this process alone, with what a killed run left put in order.

    Args:
        home: the home.
        what: what is done with it: those who have to wait are told.

    Raises:
        InputRefused: it cannot be written, or another run holds it for too long; the text names that run.
    """
    holder = home / ".held-by"
    try:
        # Health records: nobody else on the machine may look.
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(home / ".lock")
        with lock.acquire(timeout=_LOCK_SECONDS, poll_interval=0.1), _named(holder, what):
            audit.make_ready(home)
            _recover(home)
            before = _state(home)
            yield home
            if _state(home) != before or not audit.snapshot_path(home).exists():
                audit.publish(home)
    except Timeout:
        raise InputRefused(f"{home}: {_held_by(holder)} holds this home; try again when it is over") from None
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise InputRefused(f"{home}: the home cannot be written ({error.strerror})") from None


@contextmanager
def _named(holder: Path, what: str) -> Iterator[None]:
    """Lets those who wait read who holds the home, for as long as it is held."""
    holder.write_text(f"{what} (process {os.getpid()}, since {datetime.now():%H:%M})", encoding="utf-8")
    try:
        yield
    finally:
        holder.unlink(missing_ok=True)


def _held_by(holder: Path) -> str:
    """Who holds the home.  A run that was killed leaves its name behind, and holds nothing any more."""
    try:
        said = holder.read_text(encoding="utf-8")
    except OSError:
        said = ""
    process = re.search(r"\(process ([0-9]+), since", said)
    is_over = process and Path("/proc").is_dir() and not Path("/proc", process[1]).exists()
    return "another program" if is_over or not said else said


def _state(home: Path) -> tuple[int, int]:
    found = audit.audit_path(home).stat()
    return found.st_size, found.st_mtime_ns


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


def next_run_id(connection: duckdb.DuckDBPyConnection, agency: str | None, period: str) -> str:
    """The id of an agency's next run of a month."""
    same = connection.execute(
        "select count(*) from runs where agency is not distinct from ? and period = ?", [agency, period]
    ).fetchone() or (0,)
    return f"{agency or 'none'}-{period}-{same[0] + 1}"


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


def _take_in(connection: duckdb.DuckDBPyConnection, folder: Path, whole: Callable[[], RunRow]) -> RunRow:
    """One transaction: the run and all its tables, or nothing."""
    connection.execute("begin")
    tables = sorted(folder.glob("*.parquet"))
    for table in tables:
        _insert_table(connection, table.name, [table])
    row = whole()
    for table in sorted(set(folder.glob("*.parquet")).difference(tables)):
        _insert_table(connection, table.name, [table])
    _insert(connection, folder.name, row)
    connection.execute("commit")
    return row


def _insert_table(connection: duckdb.DuckDBPyConnection, name: str, files: list[Path]) -> None:
    """Takes a table of some runs in; the folder that a file lies in is called after its run."""
    if len(files) == 1:
        # Said once, not read off the name of the file for each row.
        connection.execute(
            f"insert into {name.removesuffix('.parquet')} by name select ? as run_id, * from read_parquet(?)",
            [files[0].parent.name, str(files[0])],
        )
        return
    connection.execute(
        f"insert into {name.removesuffix('.parquet')} by name"
        " select parse_path(filename)[-2] as run_id, * exclude (filename) from read_parquet(?, filename = true)",
        [list(map(str, files))],
    )


def _insert(connection: duckdb.DuckDBPyConnection, run_id: str, row: RunRow) -> None:
    run = {"run_id": run_id, **row}
    names, places = ", ".join(run), ", ".join("?" for _ in run)
    connection.execute(
        f"insert into runs (run_number, {names}) select coalesce(max(run_number), 0) + 1, {places} from runs",
        list(run.values()),
    )
