"""One month of a backfill: judged and staged in a process that shares nothing with others but the store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from flows.audit.previous import LandedRun, Past, submission_in
from flows.landing.staging import stage
from flows.months.run_store import Store
from flows.months.submit import read_patiently
from flows.pipeline.assess import assess, grounds_of, read_export
from flows.reports.summary import blocked_by
from flows.sources.request import SubmissionRequest
from flows.support.errors import InputRefused, RunFailed, is_interrupt, without_values
from flows.support.private_files import private_files


@dataclass(frozen=True)
class MonthToDo:
    """A month of an agency that is to be judged: paths and ids alone.

    `store` is where the run is staged, under its id, and where what it is judged by lies: `home`, with the
    reference data and settings in force, `sent/RUN` with what the agency's `last` submission sent and, by its
    name, the table `moved` of who sent episodes last.
    """

    request: SubmissionRequest
    run_id: str
    store: str
    last: LandedRun | None = None
    moved: str | None = None


@dataclass(frozen=True)
class MonthDone:
    """What came of a month: the status of its run, or why there is none.

    `failure` says why it failed or is blocked; `is_refused` where the export or the reference data is wrong,
    which no run records; `stands_blocked` where it was left alone and the run that stands was blocked;
    `restored` says, of a month that was left alone, that its file was not the one that landed and is again.
    """

    agency: str | None
    period: str
    run_id: str
    status: str
    rows_sent: int = 0
    failure: str = ""
    is_refused: bool = False
    stands_blocked: bool = False
    restored: str = ""


@private_files()
def judge_month(month: MonthToDo) -> MonthDone:
    """Judges a month and stages its run; what goes wrong is told, without a value of any record."""
    try:
        return _judged(month)
    except (InputRefused, RunFailed) as error:
        return _failed(month, str(error), is_refused=isinstance(error, InputRefused))
    except BaseException as error:
        if is_interrupt(error):
            raise
        return _failed(month, str(without_values(error)), is_refused=False)


def _judged(month: MonthToDo) -> MonthDone:
    started_at, store = datetime.now(UTC), Store(month.store)
    with store.local("home") as home, _past(month, store) as past, store.room(month.run_id) as folder:
        request = replace(month.request, home=home)
        grounds = grounds_of(request)
        assessment = assess(request, grounds, read_patiently(read_export, request, grounds), past)
        row = stage(replace(assessment, request=month.request), started_at, folder)
        store.put(folder, month.run_id)
    agency, period, why = month.request.agency, str(month.request.period), "; ".join(blocked_by(assessment))
    return MonthDone(agency, period, month.run_id, str(row["status"]), int(str(row["rows_sent"])), why)


@contextmanager
def _past(month: MonthToDo, store: Store) -> Iterator[Callable[[str | None], Past]]:
    last, sent = month.last, None
    if last:
        with store.local(f"sent/{last.run_id}") as folder:
            sent = submission_in(folder, last)
    agency_of = _moved(month, store)
    yield lambda agency: Past() if agency is None else Past(sent, agency_of)


def _moved(month: MonthToDo, store: Store) -> dict[str, str]:
    if month.moved is None:
        return {}
    with store.local(month.moved) as path:
        others = pl.scan_parquet(path, glob=False).filter(pl.col("agency") != month.request.agency).collect()
    return dict(others.select("EPISODID", "agency").iter_rows())


def _failed(month: MonthToDo, failure: str, *, is_refused: bool) -> MonthDone:
    request = month.request
    return MonthDone(request.agency, str(request.period), month.run_id, "failed", 0, failure, is_refused)
