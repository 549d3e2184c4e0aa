"""Months in turn: planned, judged and landed one after the other, all agencies of a month side by side.

A month is judged once all agencies have the one before, since an episode may have been sent by
another.  What is judged is staged in HOME/.backfill; this process alone writes to the audit.
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
from flows.landing.commit import insert_failure, take_in
from flows.landing.home import locked_home, refuse_unwritable
from flows.months.job import MonthDone, MonthToDo
from flows.months.plan import Plan
from flows.months.result import Backfilled
from flows.months.run_store import Store
from flows.pipeline.assess import grounds_of
from flows.reference.in_force import reference_folder
from flows.sources.months import SourceMonths, months_of
from flows.sources.request import SubmissionRequest, home_of, submission_request
from flows.support.errors import InputRefused
from flows.support.progress import Progress, silently
from schemas.period import Period

# Judges and stages months, side by side perhaps, in any order.
Judge = Callable[[Sequence[MonthToDo]], Iterable[MonthDone]]


@dataclass(frozen=True)
class Asked:
    """What is asked of a backfill."""

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
        """The months asked for, whether or not the source has them."""
        first, last = (self._month(text) for text in (self.first, self.last))
        if last < first:
            raise InputRefused(f"--from is {first} and --to {last}; the first month comes before the last")
        return first.until(last)

    def months(self) -> SourceMonths:
        """The months the source has."""
        periods = self.periods()
        return months_of(self.source, self.input_folder, periods[0], periods[-1], self.agencies)

    def request(self, found: SourceMonths, period: Period, agency: str | None) -> SubmissionRequest:
        """The submission of one month."""
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


def work_through(asked: Asked, judge: Judge, progress: Progress = silently) -> Backfilled:
    """Plans, judges and lands month after month.

    Args:
        asked: what is asked.
        judge: judges and stages months, side by side perhaps, in any order.
        progress: is told how many months are done, of how many, and which come next.
    """
    found, home = asked.months(), home_of(asked.home)
    refuse_unwritable(home)
    # A name of its own: workers of a backfill that was killed may still write to theirs.
    rooms, token = home / ".backfill", uuid.uuid4().hex
    room = rooms / token
    store = Store(asked.store).child(token) if asked.store else Store(str(room))
    with locked_home(home, f"the backfill of {asked.source}"), audit.write(home) as connection:
        shutil.rmtree(rooms, ignore_errors=True)
        room.mkdir(parents=True)
        _share_grounds(home, store)
        plan = Plan(connection, room, store, is_day_given=asked.extracted_on is not None)
        done, stopped = Backfilled(asked=tuple(map(str, asked.periods()))), set[str | None]()
        for place, period in enumerate(found.agencies_of):
            progress(place, len(found.agencies_of), str(period))
            _work_on(_Month(asked, found, period, room, store, connection), plan, judge, done, stopped)
        progress(len(found.agencies_of), len(found.agencies_of), "")
        connection.execute("checkpoint")
        store.clear()
        shutil.rmtree(rooms)
    return done


def _share_grounds(home: Path, store: Store) -> None:
    """What months are judged by, as it is in force now, where workers find it."""
    for path in [*sorted(reference_folder(home).glob("*")), home / "settings.toml"]:
        if path.is_file():
            store.put_file(path, f"home/{path.relative_to(home)}")
    if store.is_shared_folder:
        (Path(store.url) / "home").mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class _Month:
    asked: Asked
    found: SourceMonths
    period: Period
    room: Path
    store: Store
    connection: duckdb.DuckDBPyConnection


def _work_on(month: _Month, plan: Plan, judge: Judge, done: Backfilled, stopped: set[str | None]) -> None:
    """One month of all agencies that have not stopped."""
    started_at = datetime.now(UTC)
    asked = [request for request in _requests(month) if request.agency not in stopped]
    if not asked:
        return
    grounds, moved = grounds_of(asked[0]), plan.moved(asked[0].source, str(month.period))
    results: dict[str | None, MonthDone] = {}
    to_do: dict[str | None, MonthToDo] = {}
    for request in asked:
        try:
            planned = plan.month(request, grounds, moved)
        except InputRefused as refusal:
            results[request.agency] = _refused(request, str(refusal))
            continue
        if isinstance(planned, MonthDone):
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
    """The submissions of one month; where the location does not tell agencies, the export does."""
    agencies: Sequence[str | None] = month.found.agencies_of[month.period]
    if not agencies:
        whole = month.asked.request(month.found, month.period, None)
        grounds = grounds_of(whole)
        agencies = agencies_in(whole.mapping, whole.folder, grounds.lists, grounds.settings.limits) or [None]
    return [month.asked.request(month.found, month.period, agency) for agency in agencies]


def _brought(month: _Month, run_id: str) -> Path:
    """A staged run on this machine, in a folder of its own."""
    if month.store.is_shared_folder and Path(month.store.url) == month.room:
        return month.room / run_id
    if month.store.is_shared_folder:
        return Path(shutil.copytree(Path(month.store.url) / run_id, month.room / run_id))
    return month.store.fetched(run_id, month.room)


def _land(
    month: _Month,
    plan: Plan,
    to_do: dict[str | None, MonthToDo],
    results: dict[str | None, MonthDone],
    started_at: datetime,
) -> None:
    """Takes in what was staged, in the order of the agencies, and marks what failed."""
    order = sorted(to_do.items(), key=lambda item: str(item[0]))
    ran = [each.run_id for agency, each in order if results[agency].status != "failed"]
    staged = {run_id: _brought(month, run_id) for run_id in ran}
    for run_id, folder in staged.items():
        kept = month.room / "sent" / run_id
        kept.mkdir(parents=True)
        for table in SENT_TABLES:
            if (folder / f"{table}.parquet").exists():
                os.link(folder / f"{table}.parquet", kept / f"{table}.parquet")
        plan.keep(run_id)
    if staged:
        take_in(order[0][1].request.home, month.connection, staged)
    for agency, each in to_do.items():
        result = results[agency]
        if result.status == "failed" and not result.is_refused:
            insert_failure(month.connection, each.request, result.failure, started_at)


def _refused(request: SubmissionRequest, why: str) -> MonthDone:
    return MonthDone(request.agency, str(request.period), "", "failed", 0, why, is_refused=True)


class _SomethingToDo(Exception):
    """A month is not as it was."""


def left_unchanged(asked: Asked) -> Backfilled | None:
    """The table of a backfill that has nothing to do; None where it has."""

    def judge(months: Sequence[MonthToDo]) -> Iterable[MonthDone]:
        if months:
            raise _SomethingToDo
        return ()

    try:
        return work_through(asked, judge)
    except _SomethingToDo:
        return None
