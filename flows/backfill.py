"""The backfill as a Prefect flow: oldest month first, agencies in parallel, one writer."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, cast
from uuid import UUID

from prefect import flow, runtime, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.states import Failed
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner

from flows.months.job import MonthJob, MonthResult, judge_month
from flows.months.options import BackfillOptions
from flows.months.plan import plan_backfill
from flows.months.processes import build_died_result, limit_threads
from flows.months.result import BackfillResult
from flows.months.run import run_backfill
from flows.reports.board_artefact import publish_board
from flows.sources.request import find_home
from flows.support.child_processes import end_worker_with_parent
from flows.support.environment import set_environment
from flows.support.error_lines import log_in_one_line
from flows.support.errors import InputRefused, is_interrupt
from flows.support.heartbeats import send_heartbeats
from flows.support.hidden_values import hidden_values
from flows.support.private_files import private_files
from flows.support.progress import Progress, get_progress
from flows.support.text import format_count

_MOST_NAMED = 5


class BackfillStopped(RuntimeError):
    """At least one agency stopped at a month that failed; the other agencies were completed."""

    def __init__(self, backfilled: BackfillResult) -> None:
        failed = backfilled.with_status("failed")
        first = f"{failed[0].agency or 'no agency'} {failed[0].period}: {failed[0].failure}"
        super().__init__(f"{format_count(len(failed), 'agency', 'agencies')} stopped; {first}")
        self.backfilled = backfilled


class BackfillBlocked(RuntimeError):
    """A rule of the file blocked at least one month; the others were landed."""

    def __init__(self, backfilled: BackfillResult) -> None:
        blocked = backfilled.with_status("blocked")
        names = ", ".join(f"{month.agency} {month.period}" for month in blocked[:_MOST_NAMED])
        more = f" and {len(blocked) - _MOST_NAMED} more" if len(blocked) > _MOST_NAMED else ""
        super().__init__(f"blocked by a rule of the file: {names}{more}")
        self.backfilled = backfilled


log_in_one_line(BackfillStopped, BackfillBlocked)


@task(name="judge months", task_run_name="{label}", cache_policy=NO_CACHE, persist_result=False, log_prints=False)
def judge_task(label: str, months: list[MonthJob]) -> list[MonthResult]:
    """Assesses months and stages their runs; the label names the task run."""
    return [judge_month(month) for month in months]


def _build_run_name() -> str:
    parameters = runtime.flow_run.parameters
    who = ", ".join(parameters.get("agencies") or ["all agencies"])
    return f"{who} {parameters.get('first')} to {parameters.get('last')}"


@flow(name="backfill", flow_run_name=_build_run_name, persist_result=False, log_prints=False, validate_parameters=True)
@private_files()
@hidden_values(BackfillStopped)
def backfill(
    source: str,
    first: str,
    last: str,
    agencies: list[str] | None = None,
    extracted_on: str | None = None,
    home: str | None = None,
    input_folder: str | None = None,
    as_of: str | None = None,
    accept_same_input: str | None = None,
    workers: int | None = None,
    store: str | None = None,
    distributed: bool = False,
    scheduler: str | None = None,
) -> Any:
    """Lands every month that a source has, oldest first, and returns their results (`BackfillResult`).

    Months whose inputs have not changed are skipped.

    Args:
        source: a mapping's name or path, or the directory of one plain export or of many.
        first: the first month, YYYY-MM.
        last: the last month, YYYY-MM.
        agencies: the agencies to process; None processes all agencies in the source.
        extracted_on: YYYY-MM-DD; None uses today, and then a different day does not cause a month to be run again.
        home: the directory of the audit and the submissions.
        input_folder: overrides the directory of the exports; it may contain {agency} and {period}.
        as_of: `today` or a day: assesses months against what is in force then, not what was in force in their time.
        accept_same_input: the reason for landing exports with the files of another month; the audit stores it.
        workers: the number of processes that assess months; None starts one per core.
        store: the path or URL where workers and writer share results; None uses the home.
        distributed: assesses months on Dask workers, in a cluster on this machine unless `scheduler` is set.
        scheduler: the address of a Dask scheduler.

    Raises:
        InputRefused: the command, the source or the reference data is wrong.
        BackfillStopped: an agency stopped at a month that failed; the others were completed.
        BackfillBlocked: a rule of the file blocked a month; the others were landed.
    """
    options = BackfillOptions(
        source, first, last, tuple(agencies or ()), extracted_on, home, input_folder, as_of, accept_same_input,
        workers, store, distributed, scheduler,
    )  # fmt: skip
    number = workers or os.cpu_count() or 1
    with send_heartbeats(), _set_environment(number), _open_runner(options, number) as runner:
        judge = partial(_assess_in_parallel, runner, portions=number * 2)
        with plan_backfill(options, _publish_progress(get_progress())) as plan:
            done = run_backfill(plan, judge)
    publish_board(find_home(options.home))
    if done.with_status("failed"):
        raise BackfillStopped(done)
    if done.with_status("blocked"):
        # A separate state lets alarms distinguish a blocked run from a failed one.
        blocked = BackfillBlocked(done)
        return Failed(name="Blocked", message=str(blocked), data=blocked)
    return done


def _publish_progress(report: Progress) -> Progress:
    """Returns a progress function that also updates Prefect's pages."""
    artefact = cast("UUID", create_progress_artifact(progress=0.0, description="months that are done"))

    def report_and_publish(done: int, number: int, now: str) -> None:
        update_progress_artifact(artefact, progress=100.0 * done / max(number, 1), description=f"next: {now}")
        report(done, number, now)

    return report_and_publish


def _assess_in_parallel(runner: TaskRunner[Any], months: Sequence[MonthJob], portions: int) -> Iterator[MonthResult]:
    """Assesses months in the processes of a task runner, several months per task."""
    # Each task takes every n-th month, so that all tasks have about the same number.
    parts = [list(months[start::portions]) for start in range(min(portions, len(months)))]
    waiting = [(part, runner.submit(judge_task, {"label": _format_label(part), "months": part})) for part in parts]
    for part, future in waiting:
        try:
            yield from future.result()
        # A worker that dies must not stop the months of the other workers.
        except BaseException as error:
            if is_interrupt(error):
                raise
            yield from (build_died_result(month, error) for month in part)


def _format_label(months: Sequence[MonthJob]) -> str:
    return f"{months[0].request.period} {', '.join(str(month.request.agency) for month in months)}"


@contextmanager
def _open_runner(options: BackfillOptions, workers: int) -> Iterator[TaskRunner[Any]]:
    """Yields the task runner: processes on this machine, or Dask workers."""
    if not options.is_distributed:
        with ProcessPoolTaskRunner(max_workers=workers, initializer=end_worker_with_parent) as runner:
            yield runner
        return
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 an optional extra
    except ImportError:
        raise InputRefused("a distributed backfill needs the extra `distributed` to be installed") from None
    cluster = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "dashboard_address": None,
        "silence_logs": logging.ERROR,
    }
    address = options.scheduler
    with DaskTaskRunner(address=address) if address else DaskTaskRunner(cluster_kwargs=cluster) as runner:
        yield runner


@contextmanager
def _set_environment(workers: int) -> Iterator[None]:
    """Sets the environment variables that the started processes inherit.

    They limit the threads per process so that the cores are shared, point to this run's server so that no process
    starts its own, and reduce Dask's log to errors.
    """
    with get_client(sync_client=True) as client:
        server = str(client.api_url)
    with set_environment(limit_threads(workers) | {"PREFECT_API_URL": server, "DASK_LOGGING__DISTRIBUTED": "error"}):
        yield
