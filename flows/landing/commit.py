"""Landing: the submission file and the audit of a run, both or neither.

The file is written next to its place, the audit takes the run in with one transaction, and then the
file is moved.  A kill before the commit leaves everything as it was; one after it leaves a file that
waits for its move, which the next run makes first.  After the commit nothing is removed: whether it
happened is for the audit to say, not for the error that came with it.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb

from flows.audit import database as audit
from flows.landing.home import locked_home
from flows.landing.recovery import LandedFile, move_into_place, run_in_audit, submissions_folder, waiting_folder
from flows.landing.staging import RunRow, common_row, staged_row, staging
from flows.pipeline.assess import Assessment
from flows.sources.request import SubmissionRequest
from flows.support.errors import FileNotMoved, InputRefused, is_disk_full, is_interrupt
from flows.support.private_files import make_directory

_log = logging.getLogger("ndtms")


@dataclass(frozen=True)
class Landed:
    """The run as the audit has it: its id and status, and where the file lies (None: none was landed)."""

    run_id: str
    status: str
    output_path: Path | None


def land(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands an assessment: the audit always, the submission file where nothing blocks it.

    Only the process that holds the home (`locked_home`) may call it.

    Raises:
        FileNotMoved: the run has landed, but its file could not be moved; the next run moves it.
        Exception: the run has not landed, and nothing of it is left.
    """
    home = assessment.request.home
    with audit.write(home) as connection:
        run_id = next_run_id(connection, assessment.agency, str(assessment.request.period))
    folder = make_directory(waiting_folder(home) / run_id)
    if not assessment.is_blocked:
        # Now, and not once the run has landed: a full disk may have no room for another directory.
        make_directory(submissions_folder(home, assessment.agency))
    row: Mapping[str, object] | None
    try:
        with audit.write(home) as connection:
            with staging(assessment, started_at, folder) as whole:
                row = _commit_run(connection, folder, whole)
            _checkpoint(connection)
    except Exception as error:
        # An interrupt leaves all to the next run: this process may not open the audit again.
        if is_interrupt(error):
            raise
        row = _landed_row(home, folder)
        if row is None:
            raise
    return _finish(home, folder, row)


def _landed_row(home: Path, folder: Path) -> Mapping[str, object] | None:
    """The row of a run whose transaction went through although something failed.

    Returns:
        None where it did not go through, and the run's folder is removed, or where that cannot be known
        now, and the folder stays: the next run decides.
    """
    try:
        row = run_in_audit(home, folder.name)
    except Exception:
        return None
    if row is None:
        shutil.rmtree(folder, ignore_errors=True)
    return row


def _checkpoint(connection: duckdb.DuckDBPyConnection) -> None:
    """Moves what was committed from the log into the audit's file.  It is as safe in the log, should that fail."""
    try:
        connection.execute("checkpoint")
    except duckdb.Error as error:
        why = "the disk is full" if is_disk_full(error) else type(error).__name__
        _log.warning("the audit could not be checkpointed (%s); what has landed is safe in its log", why)


def take_in(home: Path, connection: duckdb.DuckDBPyConnection, staged: Mapping[str, Path]) -> list[Landed]:
    """Lands runs that other processes staged, in one transaction, in the order given.

    Only the process that holds the home may call it.

    Args:
        home: where they land.
        connection: the audit, open for writing.
        staged: the folder of each run, by its id.
    """
    folders = []
    for run_id, folder in staged.items():
        waiting = waiting_folder(home) / run_id
        make_directory(waiting.parent)
        folder.rename(waiting)
        folders.append(waiting)
    rows = [staged_row(folder) for folder in folders]
    for row in rows:
        if row["output_path"]:
            make_directory(submissions_folder(home, cast("str | None", row["agency"])))
    connection.execute("begin")
    for table in sorted({path.name for folder in folders for path in folder.glob("*.parquet")}):
        _insert_table(connection, table, [folder / table for folder in folders if (folder / table).exists()])
    for folder, row in zip(folders, rows, strict=True):
        _insert(connection, folder.name, row)
    connection.execute("commit")
    return [_finish(home, folder, row) for folder, row in zip(folders, rows, strict=True)]


def _finish(home: Path, folder: Path, row: Mapping[str, object]) -> Landed:
    """Moves the file of a run that is in the audit into place.

    Raises:
        FileNotMoved: it could not be moved.
    """
    path, status = cast("str | None", row["output_path"]), str(row["status"])
    output = None
    if path is not None:
        file = LandedFile(folder.name, path, str(row["output_sha256"]))
        try:
            output = move_into_place(home, folder / Path(path).name, file)
        except OSError as error:
            why = "the disk is full" if is_disk_full(error) else error.strerror
            raise FileNotMoved(
                f"{home / path}: {folder.name} has landed in the audit, but its file could not be moved there ({why});"
                " the next command that writes to the home moves it"
            ) from None
    shutil.rmtree(folder, ignore_errors=True)
    return Landed(folder.name, status, output)


def record_failure(request: SubmissionRequest, failure: str, started_at: datetime) -> str | None:
    """Marks a run that failed in the audit; the last submission stays.

    Returns:
        The run's id; None where the failure could not be recorded either, as on a full disk.
    """
    what = f"the record of a failed run of {request.source}"
    try:
        with locked_home(request.home, what) as home, audit.write(home) as connection:
            return insert_failure(connection, request, failure, started_at)
    except (InputRefused, OSError, duckdb.Error) as error:
        why = "the disk is full" if is_disk_full(error) else str(error) if isinstance(error, InputRefused) else ""
        _log.warning("the failed run could not be recorded in the audit (%s)", why or type(error).__name__)
        return None


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


def next_run_id(connection: duckdb.DuckDBPyConnection, agency: str | None, period: str) -> str:
    """The id of an agency's next run of a month."""
    same = connection.execute(
        "select count(*) from runs where agency is not distinct from ? and period = ?", [agency, period]
    ).fetchone() or (0,)
    return f"{agency or 'none'}-{period}-{same[0] + 1}"


def _commit_run(connection: duckdb.DuckDBPyConnection, folder: Path, whole: Callable[[], RunRow]) -> RunRow:
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
    paths = [audit.literal_path(file) for file in files]
    if len(files) == 1:
        # Said once, not read off the name of the file for each row.
        connection.execute(
            f"insert into {name.removesuffix('.parquet')} by name select ? as run_id, * from read_parquet(?)",
            [files[0].parent.name, paths[0]],
        )
        return
    connection.execute(
        f"insert into {name.removesuffix('.parquet')} by name"
        " select parse_path(filename)[-2] as run_id, * exclude (filename) from read_parquet(?, filename = true)",
        [paths],
    )


def _insert(connection: duckdb.DuckDBPyConnection, run_id: str, row: RunRow) -> None:
    run = {"run_id": run_id, **row}
    names, values = ", ".join(run), ", ".join("?" for _ in run)
    connection.execute(
        f"insert into runs (run_number, {names}) select coalesce(max(run_number), 0) + 1, {values} from runs",
        list(run.values()),
    )
