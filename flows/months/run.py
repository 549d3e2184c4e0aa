"""Runs a planned backfill: the months are assessed and landed in order; the agencies of a month run in parallel.

Results are staged in HOME/.backfill.  Only this process writes to the audit.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import tomlkit

from flows.landing.commit import commit_staged_runs, insert_failure
from flows.months.job import MonthJob, MonthResult
from flows.months.plan import BackfillPlan, PlannedMonth
from flows.months.result import BackfillResult
from flows.months.run_store import RunStore
from flows.pipeline.settings import SETTINGS_FILE, merge_settings
from flows.quality.record import Compare, compare_in_threads
from flows.reference.numbered_files import reference_folder
from flows.support.events import Level, log_event, measure_seconds
from flows.support.fingerprint_key import KEY_FILE

# Assesses and stages months, in any order and possibly in parallel.
Judge = Callable[[Sequence[MonthJob]], Iterable[MonthResult]]


def run_backfill(plan: BackfillPlan, judge: Judge, compare: Compare = compare_in_threads) -> BackfillResult:
    """Assesses and lands the months of a plan, one after another, and returns the results of all its months.

    Args:
        plan: the months, from `plan_backfill`.
        judge: assesses and stages months, in any order and possibly in parallel.
        compare: compares the counts of months with those of earlier ones, possibly in parallel.
    """
    if not plan.is_empty:
        _share_reference_data(plan.home, plan.store)
    while plan.waiting is not None:
        month, start = plan.waiting, time.perf_counter()
        month.results |= {result.agency: result for result in judge(list(month.jobs.values()))}
        _land(plan, month, compare)
        for job in month.jobs.values():
            _log_end(job, month.results[job.request.agency], measure_seconds(start))
        plan.settle(month)
        plan.advance()
    return plan.result


def _share_reference_data(home: Path, store: RunStore) -> None:
    """Copies the reference data, settings and key in force to the store, where workers read them."""
    for path in [*sorted(reference_folder(home).glob("*")), home / KEY_FILE]:
        if path.is_file():
            store.put_file(path, f"home/{path.relative_to(home)}")
    # With what the site sets, because a worker on another machine may have another site.
    store.put_content(tomlkit.dumps(merge_settings(home)).encode(), f"home/{SETTINGS_FILE}")


def _land(plan: BackfillPlan, month: PlannedMonth, compare: Compare) -> None:
    """Lands the staged runs of a month, in the order of the agencies, and records those that failed."""
    jobs = [job for _, job in sorted(month.jobs.items(), key=lambda item: str(item[0]))]
    ran = [job.run_id for job in jobs if month.results[job.request.agency].status != "failed"]
    staged = {run_id: _fetch_run(plan, run_id) for run_id in ran}
    if staged:
        commit_staged_runs(jobs[0].request.home, plan.connection, staged, compare)
    for job in jobs:
        if job.request.agency and month.results[job.request.agency].status == "landed":
            plan.planner.note_landed(job)
    for agency, job in month.jobs.items():
        result = month.results[agency]
        if result.status == "failed" and not result.is_refused:
            insert_failure(plan.connection, job.request, result.failure, month.started_at)


def _log_end(job: MonthJob, result: MonthResult, seconds: float) -> None:
    state = "refused" if result.is_refused else result.status
    level: Level = "warning" if state == "refused" else "error" if state == "failed" else "info"
    counts = {"run_id": job.run_id, "state": state, "rows_sent": result.rows_sent, "seconds": seconds}
    log_event("run", job.request.about | counts, level)


def _fetch_run(plan: BackfillPlan, run_id: str) -> Path:
    """Returns the folder of a staged run on this machine, after copying it from the store if necessary."""
    if plan.store.is_shared_folder and Path(plan.store.url) == plan.room:
        return plan.room / run_id
    if plan.store.is_shared_folder:
        return Path(shutil.copytree(Path(plan.store.url) / run_id, plan.room / run_id))
    return plan.store.fetch(run_id, plan.room)
