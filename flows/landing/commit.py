"""Landing: writes the submission file and the audit of a run, both or neither.

The file is first written to a waiting folder, one transaction then adds the run to the audit, and finally the file
is moved into place.  A process killed before the commit leaves everything unchanged.  A process killed after it
leaves a waiting file, which the next run moves before anything else.  Nothing is removed after the commit.  If an
error occurs around the commit, the audit shows whether the run landed; the error does not.
"""

import logging
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb

from flows.audit import database as audit
from flows.audit.definitions import qualify
from flows.landing.home import locked_home
from flows.landing.landed import Landed
from flows.landing.recovery import LandedFile, move_into_place, run_in_audit, submissions_folder, waiting_folder
from flows.landing.staging import RunRow, build_common_row, read_staged_row, staging
from flows.pipeline.assess import Assessment
from flows.pipeline.settings import read_settings
from flows.quality.record import Compare, compare_in_threads, record_quality
from flows.sources.request import SubmissionRequest
from flows.support.errors import FileNotMoved, InputRefused, is_disk_full, is_interrupt
from flows.support.events import add_about, log_event, log_step, measure_seconds
from flows.support.private_files import make_directory

_log = logging.getLogger("ndtms")


def land(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands an assessment: always the audit, and the submission file unless the run is blocked.

    Only the process that holds the home's lock (`locked_home`) may call it.

    Raises:
        FileNotMoved: the run has landed, but its file could not be moved; the next run moves it.
        Exception: the run has not landed, and no trace of it is left. If the audit cannot be read after the error, the
            run may have landed; the next run finds out and finishes it.
    """
    home = assessment.request.home
    with audit.open_for_writing(home) as connection:
        run_id = build_run_id(connection, assessment.submission.agency, str(assessment.request.period))
    folder = make_directory(waiting_folder(home) / run_id)
    row: Mapping[str, object] | None
    unusual: tuple[str, ...] = ()
    try:
        if not assessment.submission.is_blocked:
            # Created before the commit: afterwards a full disk may have no room for another directory.
            make_directory(submissions_folder(home, assessment.submission.agency))
        with audit.open_for_writing(home) as connection:
            add_about(run_id=run_id)
            with log_step("commit") as counts, staging(assessment, started_at, folder) as finish:
                row, unusual = _commit_run(connection, assessment, folder, finish)
                counts.update(_describe_committed(row), findings=len(assessment.submission.findings))
            _checkpoint(connection)
    except Exception as error:
        # After an interrupt the next run decides, because this process may not open the audit again.
        if is_interrupt(error):
            raise
        row = _find_landed_row(home, folder)
        if row is None:
            raise
    return replace(_publish_file(home, folder, row), unusual=unusual)


def _find_landed_row(home: Path, folder: Path) -> Mapping[str, object] | None:
    """Returns the row of a run whose transaction was committed although an error occurred.

    Returns:
        None if it was not committed, in which case the run's folder is removed.  Also None if that cannot be
        determined now, in which case the folder stays and the next run decides.
    """
    try:
        row = run_in_audit(home, folder.name)
    except Exception:
        return None
    if row is None:
        shutil.rmtree(folder, ignore_errors=True)
    return row


def _checkpoint(connection: duckdb.DuckDBPyConnection) -> None:
    """Writes the committed log into the audit's file.  If that fails, the run is still safe in the log."""
    try:
        connection.execute("checkpoint")
    except duckdb.Error as error:
        why = "the disk is full" if is_disk_full(error) else type(error).__name__
        _log.warning("the audit could not be checkpointed (%s); what has landed is safe in the audit's log", why)


def commit_staged_runs(
    home: Path,
    connection: duckdb.DuckDBPyConnection,
    staged: Mapping[str, Path],
    compare: Compare = compare_in_threads,
) -> list[Landed]:
    """Lands runs that other processes staged, in one transaction, in the given order.

    Only the process that holds the home's lock may call it.

    Args:
        home: the home to land in.
        connection: the audit, open for writing.
        staged: the run folders, by run id.
        compare: compares the months of the runs with earlier ones.
    """
    settings = read_settings(home).quality
    folders = []
    for run_id, folder in staged.items():
        waiting = waiting_folder(home) / run_id
        make_directory(waiting.parent)
        folder.rename(waiting)
        folders.append(waiting)
    rows = [read_staged_row(folder) for folder in folders]
    for row in rows:
        if row["output_path"]:
            make_directory(submissions_folder(home, cast("str | None", row["agency"])))
    start = time.perf_counter()
    connection.execute("begin")
    # One statement per table for all runs: DuckDB inserts a few large batches faster than many small ones.
    for table in sorted({path.name for folder in folders for path in folder.glob("*.parquet")}):
        _insert_table(connection, table, [folder / table for folder in folders if (folder / table).exists()])
    for folder, row in zip(folders, rows, strict=True):
        _insert_run(connection, folder.name, row)
    unusual = record_quality(connection, home, [folder.name for folder in folders], settings, compare)
    connection.execute("commit")
    for folder, row in zip(folders, rows, strict=True):
        about: dict[str, object] = {"run_id": folder.name, "agency": row["agency"], "period": row["period"]}
        # One transaction for all runs, so each has its seconds.
        log_event("commit", about | _describe_committed(row) | {"seconds": measure_seconds(start)})
    return [
        replace(_publish_file(home, folder, row), unusual=unusual[folder.name])
        for folder, row in zip(folders, rows, strict=True)
    ]


def _describe_committed(row: Mapping[str, object]) -> dict[str, object]:
    return {"status": row["status"], "rows_sent": row["rows_sent"]}


def _publish_file(home: Path, folder: Path, row: Mapping[str, object]) -> Landed:
    """Moves the file of a run that is in the audit into place.

    Raises:
        FileNotMoved: the file could not be moved.
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
    """Records a failed run in the audit; the previous submission stays.

    Returns:
        The run's id; None if the failure could not be recorded either, as on a full disk.
    """
    what = f"the record of a failed run of {request.source}"
    try:
        with locked_home(request.home, what) as home, audit.open_for_writing(home) as connection:
            return insert_failure(connection, request, failure, started_at)
    except (InputRefused, OSError, duckdb.Error) as error:
        why = "the disk is full" if is_disk_full(error) else str(error) if isinstance(error, InputRefused) else ""
        _log.warning("the failed run could not be recorded in the audit (%s)", why or type(error).__name__)
        return None


def insert_failure(
    connection: duckdb.DuckDBPyConnection, request: SubmissionRequest, failure: str, started_at: datetime
) -> str:
    """Records a failed run in an open audit.  Returns the run's id."""
    run_id = build_run_id(connection, request.agency, str(request.period))
    row = build_common_row(request, started_at) | {
        "agency": request.agency,
        "status": "failed",
        "failure": failure,
        "rows_sent": 0,
        "provisional_lists": [],
    }
    _insert_run(connection, run_id, row)
    return run_id


def build_run_id(connection: duckdb.DuckDBPyConnection, agency: str | None, period: str) -> str:
    """Returns the id of an agency's next run of a month."""
    # Runs are never deleted, so the count of earlier runs never repeats a number.
    same = connection.execute(
        "select count(*) from runs where agency is not distinct from ? and period = ?", [agency, period]
    ).fetchone() or (0,)
    return f"{agency or 'none'}-{period}-{same[0] + 1}"


def _commit_run(
    connection: duckdb.DuckDBPyConnection, assessment: Assessment, folder: Path, finish: Callable[[], RunRow]
) -> tuple[RunRow, tuple[str, ...]]:
    """Inserts the run and all its tables in one transaction; returns its row and what is unusual about it."""
    connection.execute("begin")
    tables = sorted(folder.glob("*.parquet"))
    for table in tables:
        _insert_table(connection, table.name, [table])
    # Waits for the submission file, which a thread writes while the tables above are inserted.
    row = finish()
    for table in sorted(set(folder.glob("*.parquet")).difference(tables)):
        _insert_table(connection, table.name, [table])
    _insert_run(connection, folder.name, row)
    unusual = record_quality(connection, assessment.request.home, [folder.name], assessment.quality)[folder.name]
    connection.execute("commit")
    return row, unusual


def _insert_table(connection: duckdb.DuckDBPyConnection, name: str, files: list[Path]) -> None:
    """Inserts one table of one or more runs; the folder of a Parquet file is named after its run."""
    paths = [audit.literal_path(file) for file in files]
    if len(files) == 1:
        # A constant run id is faster than one parsed from the file name for each row.
        connection.execute(
            f"insert into {qualify(name.removesuffix('.parquet'))} by name select ? as run_id, * from read_parquet(?)",
            [files[0].parent.name, paths[0]],
        )
        return
    connection.execute(
        f"insert into {qualify(name.removesuffix('.parquet'))} by name"
        " select parse_path(filename)[-2] as run_id, * exclude (filename) from read_parquet(?, filename = true)",
        [paths],
    )


def _insert_run(connection: duckdb.DuckDBPyConnection, run_id: str, row: RunRow) -> None:
    run = {"run_id": run_id, **row}
    names, values = ", ".join(run), ", ".join("?" for _ in run)
    connection.execute(
        f"insert into runs (run_number, {names}) select coalesce(max(run_number), 0) + 1, {values} from runs",
        list(run.values()),
    )
