"""The plan of a backfill: its months in order. Months whose inputs have not changed are settled at once.

A month is planned after all agencies have landed the previous one, because another agency may have sent an episode.
"""

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.audit import database as audit
from flows.intake.extract import find_agencies_in
from flows.landing.home import locked_home, refuse_unwritable
from flows.months.board import renew_board
from flows.months.job import MonthJob, MonthResult
from flows.months.metrics import renew_metrics
from flows.months.options import BackfillOptions
from flows.months.planner import MonthPlanner
from flows.months.result import BackfillResult
from flows.months.run_store import RunStore
from flows.pipeline.assess import load_reference_inputs
from flows.sources.months import SourceMonths
from flows.sources.request import SubmissionRequest, find_home
from flows.support.errors import InputRefused
from flows.support.progress import Progress, no_progress
from schemas.period import Period


@dataclass
class PlannedMonth:
    """A month to run: the jobs of the agencies that changed, and the results of the others."""

    requests: list[SubmissionRequest]
    started_at: datetime
    jobs: dict[str | None, MonthJob] = field(default_factory=dict)
    results: dict[str | None, MonthResult] = field(default_factory=dict)


@dataclass
class BackfillPlan:
    """An open backfill: `result` has the settled months, `waiting` is the month to run next.

    The home is locked and the audit is open (`connection`) for as long as the plan is.  Runs are staged in `room`, a
    folder of the home; `store` is what workers share with this process.
    """

    options: BackfillOptions
    found: SourceMonths
    home: Path
    connection: duckdb.DuckDBPyConnection
    room: Path
    store: RunStore
    planner: MonthPlanner
    result: BackfillResult
    progress: Progress = no_progress
    waiting: PlannedMonth | None = None
    _planned: int = 0

    @property
    def is_empty(self) -> bool:
        """Returns whether no month is left to run."""
        return self.waiting is None

    def settle(self, month: PlannedMonth) -> None:
        """Adds the results of a month, in the order of its requests."""
        self.result.months += [month.results[request.agency] for request in month.requests]

    def advance(self) -> None:
        """Settles months up to the next one that has jobs, and makes that one the month that is waiting."""
        self.waiting = None
        periods = list(self.found.agencies_by_month)
        while self.waiting is None and self._planned < len(periods):
            period = periods[self._planned]
            self.progress(self._planned, len(periods), str(period))
            month = self._plan_month(period)
            self._planned += 1
            if month.jobs:
                self.waiting = month
            else:
                self.settle(month)
        if self.waiting is None:
            self.progress(len(periods), len(periods), "")

    def _plan_month(self, period: Period) -> PlannedMonth:
        """Plans one month for all agencies that have not stopped."""
        started_at = datetime.now(UTC)
        # A later month would be compared with a submission that is missing, so an agency stops at a failure.
        stopped = {month.agency for month in self.result.with_status("failed")}
        requests = [request for request in self._build_requests(period) if request.agency not in stopped]
        month = PlannedMonth(requests, started_at)
        if not requests:
            return month
        # All agencies of a month share the home and the day, so one request loads the inputs for all.
        inputs = load_reference_inputs(requests[0])
        moved = self.planner.write_moved_episodes(requests[0].source, str(period))
        for request in requests:
            try:
                planned = self.planner.plan_month(request, inputs, moved)
            except InputRefused as refusal:
                planned = _build_refused_result(request, str(refusal))
            if isinstance(planned, MonthResult):
                month.results[request.agency] = planned
            else:
                month.jobs[request.agency] = planned
        return month

    def _build_requests(self, period: Period) -> list[SubmissionRequest]:
        """Returns the submissions of one month; reads the agencies from the export if its location has none."""
        agencies: Sequence[str | None] = self.found.agencies_by_month[period]
        # An export of many agencies names them only in its client records.
        if not agencies:
            whole = self.options.build_request(self.found, period, None)
            inputs = load_reference_inputs(whole)
            agencies = find_agencies_in(
                whole.mapping, whole.folder, inputs.settings.limits, whole.query_parameters
            ) or [None]
        return [self.options.build_request(self.found, period, agency) for agency in agencies]


@contextmanager
def plan_backfill(options: BackfillOptions, progress: Progress = no_progress) -> Iterator[BackfillPlan]:
    """Locks the home, settles the months up to the first one that has jobs, and yields the plan.

    Args:
        options: the options of the backfill.
        progress: called with the number of completed months, the total, and the month that is next.

    Raises:
        InputRefused: an option is wrong, the source has none of the months, or the home cannot be written.
    """
    found, home = options.find_months(), find_home(options.home)
    refuse_unwritable(home)
    # A unique name, because workers of a killed backfill may still write to theirs.
    rooms, token = home / ".backfill", uuid.uuid4().hex
    room = rooms / token
    store = RunStore(options.store).get_child(token) if options.store else RunStore(str(room))
    with (
        locked_home(home, f"the backfill of {options.source}", is_last=True),
        audit.open_for_writing(home) as connection,
    ):
        # A killed backfill leaves its folder behind. The lock proves that no other backfill uses it.
        shutil.rmtree(rooms, ignore_errors=True)
        room.mkdir(parents=True)
        planner = MonthPlanner(connection, room, store, is_day_given=options.extracted_on is not None)
        result = BackfillResult(asked=tuple(map(str, options.list_periods())))
        plan = BackfillPlan(options, found, home, connection, room, store, planner, result, progress)
        try:
            plan.advance()
            yield plan
            # Without this, the next command has to replay DuckDB's log.
            connection.execute("checkpoint")
        finally:
            # After an error too: what workers share are records of clients, which may be outside the home.
            store.clear()
        shutil.rmtree(rooms)
    renew_board(home)
    renew_metrics(home)


def _build_refused_result(request: SubmissionRequest, why: str) -> MonthResult:
    return MonthResult(request.agency, str(request.period), "", "failed", 0, why, is_refused=True)
