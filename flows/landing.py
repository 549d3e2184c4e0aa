"""Landing: the submission file and the audit of a run, both or neither.

The file is written beside its place, the audit takes the run in with one transaction, and then the
file is moved.  A kill before the commit leaves everything as it was; one after it leaves a file that
waits for its move, which the next run makes first.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl
from filelock import FileLock, Timeout

from flows import audit
from flows.assessment import DISTRIBUTION, Assessment
from flows.durable import sync, sync_folder
from flows.errors import InputRefused
from flows.request import SubmissionRequest
from flows.settings import settings_in_words
from schemas.submission_file import file_format, sent_interventions_schema, submission_schema
from transforms.submission_rows import with_date_format
from transforms.validation import conforms

_LOCK_SECONDS = 60
# As large as the audit's own row groups: it would write others again to fill them.
_ROW_GROUP = 122_880


@dataclass(frozen=True)
class Landed:
    """The run as the audit has it: its id and status, and where the file lies (None: none was landed)."""

    run_id: str
    status: str
    output_path: Path | None


@dataclass(frozen=True)
class _Waiting:
    """A submission file that is whole and waits for its move, with its digest."""

    path: Path
    sha256: str


def land(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands an assessment: the audit always, the submission file where nothing blocks it.

    Only the one who holds the home (`holding`) may call it.
    """
    home = assessment.request.home
    run_number, run_id = _next_run(home, assessment.agency, str(assessment.request.period))
    staging = _staging(home) / run_id
    staging.mkdir(parents=True)
    try:
        waiting = _make_ready_to_land(assessment, run_id, staging)
        run = _run_row(assessment, run_number, run_id, started_at, waiting)
        _take_in(home, run, staging)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    # From here the audit says landed: should the move fail, the file waits for the next run to make it.
    output = _move_into_place(home, staging) if waiting else None
    shutil.rmtree(staging, ignore_errors=True)
    return Landed(run_id, str(run["status"]), output)


def record_failure(request: SubmissionRequest, failure: str, started_at: datetime) -> str:
    """Marks a run that failed in the audit; the last submission stays.  Returns the run's id."""
    with holding(request.home) as home:
        run_number, run_id = _next_run(home, request.agency, str(request.period))
        row = _common(request, run_number, run_id, started_at) | {
            "agency": request.agency,
            "status": "failed",
            "failure": failure,
            "rows_sent": 0,
            "provisional_lists": [],
        }
        with audit.write(home) as connection:
            _insert(connection, row)
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


def _staging(home: Path) -> Path:
    return home / ".landing"


def _recover(home: Path) -> None:
    """Moves the file of a run that was committed but not moved; clears away what never was."""
    for staging in sorted(_staging(home).glob("*")):
        with audit.write(home) as connection:
            landed = connection.execute("select 1 from runs where run_id = ?", [staging.name]).fetchone()
        if landed:
            _move_into_place(home, staging)
        shutil.rmtree(staging)


def _next_run(home: Path, agency: str | None, period: str) -> tuple[int, str]:
    with audit.write(home) as connection:
        last, same = connection.execute(
            "select coalesce(max(run_number), 0), count(*) filter (agency is not distinct from ? and period = ?)"
            " from runs",
            [agency, period],
        ).fetchone() or (0, 0)
    return last + 1, f"{agency or 'none'}-{period}-{same + 1}"


def _write_submission(assessment: Assessment, staging: Path) -> _Waiting:
    """The submission file, whole and safe, in the staging folder under the name it will have."""
    form, period = file_format(), assessment.request.period
    conforms(assessment.sent["intervention"], sent_interventions_schema())
    path = staging / form.file_name(str(assessment.agency), period.first_day, period.last_day)
    with path.open("wb") as handle:
        for number, portion in enumerate(assessment.rows.portions()):
            rows = with_date_format(conforms(portion, submission_schema()), form.date_format)
            rows.write_csv(
                handle,
                include_header=number == 0,
                separator=form.delimiter,
                line_terminator=form.line_end,
                quote_style=form.quoting,
                null_value="",
            )
    sync(path)
    (staging / "agency").write_text(str(assessment.agency), encoding="utf-8")
    with path.open("rb") as handle:
        return _Waiting(path, hashlib.file_digest(handle, "sha256").hexdigest())


def _move_into_place(home: Path, staging: Path) -> Path | None:
    """Moves the waiting file of a committed run to where submissions lie."""
    waiting = next(staging.glob("*.csv"), None)
    if waiting is None:
        return None
    folder = home / "submissions" / (staging / "agency").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / waiting.name
    waiting.replace(place)
    sync_folder(folder)
    return place


def _common(request: SubmissionRequest, run_number: int, run_id: str, started_at: datetime) -> dict[str, object]:
    return {
        "run_number": run_number,
        "run_id": run_id,
        "period": str(request.period),
        "dataset": request.mapping.dataset,
        "source": request.source,
        "input_folder": str(request.folder.absolute()),
        "started_at": started_at,
        "finished_at": datetime.now(UTC),
        "extracted_on": request.extracted_on,
        "software_version": version(DISTRIBUTION),
    }


def _run_row(
    assessment: Assessment, run_number: int, run_id: str, started_at: datetime, waiting: _Waiting | None
) -> dict[str, object]:
    settings = assessment.settings_changed
    return _common(assessment.request, run_number, run_id, started_at) | {
        "agency": assessment.agency,
        "status": "blocked" if assessment.is_blocked else "landed",
        "clients_in": assessment.read["client"],
        "episodes_in": assessment.read["episode"],
        "interventions_in": assessment.read["intervention"],
        "rows_sent": 0 if waiting is None else len(assessment.rows),
        "provisional_lists": list(assessment.lists_not_published),
        "settings_changed": "; ".join(settings_in_words(settings)) or None,
        "output_path": f"submissions/{assessment.agency}/{waiting.path.name}" if waiting else None,
        "output_sha256": waiting.sha256 if waiting else None,
    }


def _make_ready_to_land(assessment: Assessment, run_id: str, staging: Path) -> _Waiting | None:
    """The submission file and the tables of the run, side by side, since one waits for the disk."""
    with ThreadPoolExecutor(1) as beside:
        writing = None if assessment.is_blocked else beside.submit(_write_submission, assessment, staging)
        _stage(_tables(assessment), run_id, staging)
        waiting = writing.result() if writing else None
    manifest = list(assessment.manifest)
    if waiting:
        manifest.append(("output", "submission file", waiting.sha256))
    _stage({"manifest": pl.DataFrame(manifest, schema=["item", "name", "digest"], orient="row")}, run_id, staging)
    return waiting


def _tables(assessment: Assessment) -> dict[str, pl.DataFrame]:
    """The tables of a run, by name; what was sent only where nothing blocks it."""
    tables = {
        "run_rules": assessment.rules,
        "found": assessment.findings,
        "outcomes": assessment.outcomes,
        "completeness": assessment.completeness,
        "unmapped_values": assessment.unmapped,
    }
    if not assessment.is_blocked:
        tables |= {
            "sent_clients": assessment.sent["client"],
            "sent_episodes": assessment.sent["episode"].rename({"parent_row": "client_row"}),
            "sent_interventions": assessment.sent["intervention"].rename({"parent_row": "episode_row"}),
        }
    return tables


def _stage(tables: Mapping[str, pl.DataFrame], run_id: str, staging: Path) -> None:
    """Tables as Parquet, which the audit reads fast and without another library."""
    for name, table in tables.items():
        table.select(pl.lit(run_id).alias("run_id"), pl.all()).write_parquet(
            staging / f"{name}.parquet", compression="lz4", statistics=False, row_group_size=_ROW_GROUP
        )


def _take_in(home: Path, run: Mapping[str, object], staging: Path) -> None:
    """One transaction: the run and all its tables, or nothing."""
    with audit.write(home) as connection:
        connection.execute("begin")
        _insert(connection, run)
        for table in staging.glob("*.parquet"):
            connection.execute(f"insert into {table.stem} by name select * from read_parquet(?)", [str(table)])
        connection.execute("commit")
        connection.execute("checkpoint")


def _insert(connection: duckdb.DuckDBPyConnection, run: Mapping[str, object]) -> None:
    names, places = ", ".join(run), ", ".join("?" for _ in run)
    connection.execute(f"insert into runs ({names}) values ({places})", list(run.values()))
