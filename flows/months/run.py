"""The months of a backfill, planned, assessed and landed in order; the agencies of a month run in parallel.

A month is assessed after all agencies have landed the previous one, because another agency may have sent an
episode.  Results are staged in HOME/.backfill.  Only this process writes to the audit.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.audit import database as audit
from flows.audit.previous import SENT_TABLES
from flows.intake.extract import agencies_in
from flows.landing.commit import commit_staged_runs, insert_failure
from flows.landing.home import locked_home, refuse_unwritable
from flows.months.job import MonthJob, MonthResult
from flows.months.plan import Plan
from flows.months.result import BackfillResult
from flows.months.run_store import RunStore
from flows.pipeline.assess import load_reference_inputs
from flows.reference.in_force import reference_folder
from flows.sources.months import SourceMonths, find_months
from flows.sources.request import SubmissionRequest, find_home, submission_request
from flows.support.errors import InputRefused
from flows.support.progress import Progress, no_progress
from schemas.period import Period

# Assesses and stages months, in any order and possibly in parallel.
Judge = Callable[[Sequence[MonthJob]], Iterable[MonthResult]]


@dataclass(frozen=True)
class BackfillRequest:
    """The options of a backfill."""

    source: str
    first: str
    last: str
    agencies: tuple[str, ...] = ()
    extracted_on: str | None = None
    home: str | None = None
    input_folder: str | None = None
    as_of: str | None = None
    store: str | None = None

    def periods(self) -> tuple[Period, ...]:
        """Returns the requested months, whether or not the source has them."""
        first, last = (self._month(text) for text in (self.first, self.last))
        if last < first:
            raise InputRefused(f"--from is {first} and --to {last}; the first month comes before the last")
        return first.until(last)

    def months(self) -> SourceMonths:
        """Returns the requested months that the source has."""
        periods = self.periods()
        return find_months(self.source, self.input_folder, periods[0], periods[-1], self.agencies)

    def request(self, found: SourceMonths, period: Period, agency: str | None) -> SubmissionRequest:
        """Returns the submission of one month."""
        return submission_request(
            found.source,
            str(period),
            agency=agency,
            extracted_on=self.extracted_on,
            home=self.home,
            input_folder=found.input_folder,
            as_of=self.as_of,
        )

    def _month(self, text: str) -> Period:
        try:
            return Period.parse(text)
        except ValueError as error:
            raise InputRefused(str(error)) from None


def run_backfill(asked: BackfillRequest, judge: Judge, progress: Progress = no_progress) -> BackfillResult:
    """Plans, assesses and lands one month after another.

    Args:
        asked: the options.
        judge: assesses and stages months, in any order and possibly in parallel.
        progress: called with the number of completed months, the total, and the month that is next.
    """
    found, home = asked.months(), find_home(asked.home)
    refuse_unwritable(home)
    # A unique name, because workers of a killed backfill may still write to theirs.
    rooms, token = home / ".backfill", uuid.uuid4().hex
    room = rooms / token
    store = RunStore(asked.store).child(token) if asked.store else RunStore(str(room))
    with locked_home(home, f"the backfill of {asked.source}"), audit.open_for_writing(home) as connection:
        shutil.rmtree(rooms, ignore_errors=True)
        room.mkdir(parents=True)
        _share_grounds(home, store)
        plan = Plan(connection, room, store, is_day_given=asked.extracted_on is not None)
        done, stopped = BackfillResult(asked=tuple(map(str, asked.periods()))), set[str | None]()
        for place, period in enumerate(found.agencies_of):
            progress(place, len(found.agencies_of), str(period))
            _run_month(_Month(asked, found, period, room, store, connection), plan, judge, done, stopped)
        progress(len(found.agencies_of), len(found.agencies_of), "")
        connection.execute("checkpoint")
        store.clear()
        shutil.rmtree(rooms)
    return done


def _share_grounds(home: Path, store: RunStore) -> None:
    """Copies the reference data and settings in force to the store, where workers read them."""
    for path in [*sorted(reference_folder(home).glob("*")), home / "settings.toml"]:
        if path.is_file():
            store.put_file(path, f"home/{path.relative_to(home)}")
    if store.is_shared_folder:
        (Path(store.url) / "home").mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class _Month:
    asked: BackfillRequest
    found: SourceMonths
    period: Period
    room: Path
    store: RunStore
    connection: duckdb.DuckDBPyConnection


def _run_month(month: _Month, plan: Plan, judge: Judge, done: BackfillResult, stopped: set[str | None]) -> None:
    """Runs one month for all agencies that have not stopped."""
    started_at = datetime.now(UTC)
    asked = [request for request in _requests(month) if request.agency not in stopped]
    if not asked:
        return
    inputs, moved = load_reference_inputs(asked[0]), plan.moved(asked[0].source, str(month.period))
    results: dict[str | None, MonthResult] = {}
    to_do: dict[str | None, MonthJob] = {}
    for request in asked:
        try:
            planned = plan.month(request, inputs, moved)
        except InputRefused as refusal:
            results[request.agency] = _refused(request, str(refusal))
            continue
        if isinstance(planned, MonthResult):
            results[request.agency] = planned
        else:
            to_do[request.agency] = planned
    results |= {result.agency: result for result in judge(list(to_do.values()))}
    _land(month, plan, to_do, results, started_at)
    for request in asked:
        result = results[request.agency]
        done.months.append(result)
        if result.status == "failed":
            stopped.add(request.agency)


def _requests(month: _Month) -> list[SubmissionRequest]:
    """Returns the submissions of one month; reads the agencies from the export if its location does not name them."""
    agencies: Sequence[str | None] = month.found.agencies_of[month.period]
    if not agencies:
        whole = month.asked.request(month.found, month.period, None)
        inputs = load_reference_inputs(whole)
        agencies = agencies_in(whole.mapping, whole.folder, inputs.lists, inputs.settings.limits) or [None]
    return [month.asked.request(month.found, month.period, agency) for agency in agencies]


def _brought(month: _Month, run_id: str) -> Path:
    """Returns the folder of a staged run on this machine, after copying it from the store if necessary."""
    if month.store.is_shared_folder and Path(month.store.url) == month.room:
        return month.room / run_id
    if month.store.is_shared_folder:
        return Path(shutil.copytree(Path(month.store.url) / run_id, month.room / run_id))
    return month.store.fetched(run_id, month.room)


def _land(
    month: _Month,
    plan: Plan,
    to_do: dict[str | None, MonthJob],
    results: dict[str | None, MonthResult],
    started_at: datetime,
) -> None:
    """Lands the staged runs, in the order of the agencies, and records those that failed."""
    order = sorted(to_do.items(), key=lambda item: str(item[0]))
    ran = [each.run_id for agency, each in order if results[agency].status != "failed"]
    staged = {run_id: _brought(month, run_id) for run_id in ran}
    for run_id, folder in staged.items():
        kept = month.room / "sent" / run_id
        kept.mkdir(parents=True)
        for table in SENT_TABLES:
            if (folder / f"{table}.parquet").exists():
                # Landing removes the staged folder; a hard link keeps the table for the next month without a copy.
                os.link(folder / f"{table}.parquet", kept / f"{table}.parquet")
        plan.keep(run_id)
    if staged:
        commit_staged_runs(order[0][1].request.home, month.connection, staged)
    for agency, each in to_do.items():
        result = results[agency]
        if result.status == "failed" and not result.is_refused:
            insert_failure(month.connection, each.request, result.failure, started_at)


def _refused(request: SubmissionRequest, why: str) -> MonthResult:
    return MonthResult(request.agency, str(request.period), "", "failed", 0, why, is_refused=True)


class _SomethingToDo(Exception):
    """A month has changed."""


def left_unchanged(asked: BackfillRequest) -> BackfillResult | None:
    """Returns the result of a backfill that has nothing to do; None if it has something to do."""

    def judge(months: Sequence[MonthJob]) -> Iterable[MonthResult]:
        if months:
            raise _SomethingToDo
        return ()

    try:
        return run_backfill(asked, judge)
    except _SomethingToDo:
        return None
