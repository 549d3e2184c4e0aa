"""One month of a backfill: assessed and staged in a process that shares only the store with others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from flows.audit.landed_months import SameInput
from flows.audit.previous import LandedRun, read_submission, write_submission
from flows.landing.staging import stage
from flows.months.other_months import refuse_same_input
from flows.months.run_store import RunStore
from flows.months.submit import read_patiently
from flows.pipeline.assess import Assessment, assess, load_reference_inputs, read_export
from flows.reports.summary import describe_blocking_rules
from flows.sources.request import SubmissionRequest
from flows.support.errors import InputRefused, RunFailed, hide_values, is_interrupt
from flows.support.events import log_about, log_step
from flows.support.private_files import private_files
from transforms.inputs import Previous
from transforms.link.next_submission import add_sent_records


@dataclass(frozen=True)
class MonthJob:
    """A month of an agency to assess, described only by paths and ids.

    The run is staged in `store` under its id.  The store also holds the inputs: `home` with the reference data and
    settings in force, `sent/RUN` with what the agency's `last` submission sent, and the table named by `moved`, which
    shows the agency that sent each episode last.  `same_input` is another month that landed from the same files.
    """

    request: SubmissionRequest
    run_id: str
    store: str
    last: LandedRun | None = None
    moved: str | None = None
    same_input: SameInput | None = None


@dataclass(frozen=True)
class MonthResult:
    """The result of a month: the status of its run, or why there is no run.

    `failure` explains why the month failed or is blocked.  `is_refused` is set if the export or the reference data is
    wrong, which is not recorded as a run.  `is_still_blocked` is set if the month is unchanged and its current run is
    blocked.  `restored` reports that the file of an unchanged month differed from what landed and was restored.
    """

    agency: str | None
    period: str
    run_id: str
    status: str
    rows_sent: int = 0
    failure: str = ""
    is_refused: bool = False
    is_still_blocked: bool = False
    restored: str = ""


@private_files()
def judge_month(month: MonthJob) -> MonthResult:
    """Assesses a month and stages its run; reports errors without any value from a record."""
    try:
        with log_about(**month.request.about, run_id=month.run_id), log_step("assess"):
            return _assess_and_stage(month)
    except (InputRefused, RunFailed) as error:
        return _build_failed_result(month, str(error), is_refused=isinstance(error, InputRefused))
    # A polars panic is not an Exception. The text of any other error may quote a record.
    except BaseException as error:
        if is_interrupt(error):
            raise
        return _build_failed_result(month, str(hide_values(error)), is_refused=False)


def _assess_and_stage(month: MonthJob) -> MonthResult:
    started_at, store = datetime.now(UTC), RunStore(month.store)
    # The reference data comes from the store, so a change to the home during the backfill has no effect.
    with (
        store.open_local("home") as home,
        _open_previous(month, store) as previous,
        store.new_folder(month.run_id) as folder,
    ):
        request = replace(month.request, home=home)
        # The settings in the store already contain those of the site.
        inputs = load_reference_inputs(request, with_site=False)
        assessment = assess(request, inputs, read_patiently(read_export, request, inputs), previous)
        refuse_same_input(assessment, month.same_input)
        # The audit records the real home, not the copy in the store.
        row = stage(replace(assessment, request=month.request), started_at, folder)
        _share_sent_records(month, store, assessment, previous)
        # Last, because a staged run is landed whole.
        store.put(folder, month.run_id)
    agency, period, why = (
        month.request.agency,
        str(month.request.period),
        "; ".join(describe_blocking_rules(assessment)),
    )
    return MonthResult(agency, period, month.run_id, str(row["status"]), int(str(row["rows_sent"])), why)


def _share_sent_records(month: MonthJob, store: RunStore, assessment: Assessment, previous: Previous) -> None:
    """Puts what the agency has sent up to this month into the store, for the worker of its next month."""
    if month.request.agency is None or assessment.submission.is_blocked:
        return
    frames = add_sent_records(previous.last, assessment.submission.sent, month.request.period)
    with store.new_folder(f"sent/{month.run_id}") as folder:
        # Only this parent is created: if the store itself is gone, so is the backfill.
        folder.parent.mkdir(exist_ok=True)
        folder.mkdir()
        write_submission(frames, folder)
        store.put(folder, f"sent/{month.run_id}")


@contextmanager
def _open_previous(month: MonthJob, store: RunStore) -> Iterator[Previous]:
    last, sent = month.last, None
    if last:
        with store.open_local(f"sent/{last.run_id}") as folder:
            sent = read_submission(folder, last)
    # Without an agency there is no previous submission to compare with.
    yield Previous() if month.request.agency is None else Previous(sent, _read_moved_episodes(month, store))


def _read_moved_episodes(month: MonthJob, store: RunStore) -> dict[str, str]:
    if month.moved is None:
        return {}
    with store.open_local(month.moved) as path:
        others = pl.scan_parquet(path, glob=False).filter(pl.col("agency") != month.request.agency).collect()
    return dict(others.select("EPISODID", "agency").iter_rows())


def _build_failed_result(month: MonthJob, failure: str, *, is_refused: bool) -> MonthResult:
    request = month.request
    return MonthResult(request.agency, str(request.period), month.run_id, "failed", 0, failure, is_refused)
