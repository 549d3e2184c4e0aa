"""One month of a backfill: judged and staged in a process that shares nothing with others but the store."""

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.assessment import assess, grounds_of, read_export
from flows.errors import InputRefused, RunFailed, SourceUnreadable, without_values
from flows.past import Past, submission_in
from flows.request import SubmissionRequest
from flows.staging import stage

_PAUSES = (2.0, 10.0, 30.0)


@dataclass(frozen=True)
class LastLanded:
    """The agency's last submission: its run, rows and SHA-256, and the folder that holds what it sent."""

    run_id: str
    rows_sent: int
    sha256: str
    folder: str


@dataclass(frozen=True)
class MonthToDo:
    """A month of an agency that is to be judged: paths and ids alone.

    `store` is where the run is staged, under its id; `moved` a table of the agencies that sent episodes last.
    """

    request: SubmissionRequest
    run_id: str
    store: str
    last: LastLanded | None = None
    moved: str | None = None


@dataclass(frozen=True)
class MonthDone:
    """What came of a month: the status of its run, or why there is none.

    `is_refused` where the export or the reference data is wrong, which no run records.
    """

    agency: str | None
    period: str
    run_id: str
    status: str
    rows_sent: int = 0
    failure: str = ""
    is_refused: bool = False


def judge_month(month: MonthToDo) -> MonthDone:
    """Judges a month and stages its run; what goes wrong is told, without a value of any record."""
    try:
        return _judged(month)
    except (InputRefused, RunFailed) as error:
        return _failed(month, str(error), is_refused=isinstance(error, InputRefused))
    except Exception as error:
        return _failed(month, str(without_values(error)), is_refused=False)


def _judged(month: MonthToDo) -> MonthDone:
    request, started_at = month.request, datetime.now(UTC)
    grounds = grounds_of(request)
    for pause in (*_PAUSES, None):
        try:
            export = read_export(request, grounds)
            break
        except SourceUnreadable:
            if pause is None:
                raise
            time.sleep(pause)
    assessment = assess(request, grounds, export, lambda agency: _past(month, agency))
    folder = Path(month.store) / month.run_id
    part = folder.with_name(f"{month.run_id}.{os.getpid()}")
    row = stage(assessment, started_at, part)
    # Another worker may have been given the same month and be done with it, or have died with it.
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return MonthDone(request.agency, str(request.period), month.run_id, str(row["status"]), int(str(row["rows_sent"])))


def _past(month: MonthToDo, agency: str | None) -> Past:
    if agency is None:
        return Past()
    last = month.last
    sent = submission_in(Path(last.folder), last.run_id, last.rows_sent, last.sha256) if last else None
    return Past(sent, _moved(month, agency))


def _moved(month: MonthToDo, agency: str) -> dict[str, str]:
    if month.moved is None:
        return {}
    others = pl.scan_parquet(month.moved).filter(pl.col("agency") != agency).collect()
    return dict(others.select("EPISODID", "agency").iter_rows())


def _failed(month: MonthToDo, failure: str, *, is_refused: bool) -> MonthDone:
    request = month.request
    return MonthDone(request.agency, str(request.period), month.run_id, "failed", 0, failure, is_refused)
