"""Years of months as a Prefect flow: oldest first, agencies side by side, one writer."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, cast
from uuid import UUID

# Nothing about a run leaves the machine; said before Prefect reads its settings.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

from prefect import flow, runtime, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.states import Failed
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner

from flows.months.job import MonthDone, MonthToDo, judge_month
from flows.months.processes import died, environment, threads_of_each
from flows.months.result import Backfilled
from flows.months.run import Asked, work_through
from flows.support.child_processes import end_worker_with_parent
from flows.support.errors import InputRefused, is_interrupt
from flows.support.private_files import private_files
from flows.support.progress import Progress, watcher

_MOST_NAMED = 5


class BackfillStopped(RuntimeError):
    """Some agency could not go on; what could be done was done."""

    def __init__(self, backfilled: Backfilled) -> None:
        super().__init__(f"{len(backfilled.having('failed'))} agencies stopped; see the table")
        self.backfilled = backfilled


class BackfillBlocked(RuntimeError):
    """Some month was blocked by a rule of the file; the others were landed."""

    def __init__(self, backfilled: Backfilled) -> None:
        blocked = backfilled.having("blocked")
        names = ", ".join(f"{month.agency} {month.period}" for month in blocked[:_MOST_NAMED])
        more = f" and {len(blocked) - _MOST_NAMED} more" if len(blocked) > _MOST_NAMED else ""
        super().__init__(f"blocked by a rule of the file: {names}{more}")
        self.backfilled = backfilled


@task(name="judge months", task_run_name="{label}", cache_policy=NO_CACHE, persist_result=False, log_prints=False)
def judge_task(label: str, months: list[MonthToDo]) -> list[MonthDone]:
    """Judges months and stages their runs; the label names them."""
    return [judge_month(month) for month in months]


def _run_name() -> str:
    parameters = runtime.flow_run.parameters
    who = ", ".join(parameters.get("agencies") or ["all agencies"])
    return f"{who} {parameters.get('first')} to {parameters.get('last')}"


@flow(name="backfill", flow_run_name=_run_name, persist_result=False, log_prints=False, validate_parameters=True)
@private_files()
def backfill(
    source: str,
    first: str,
    last: str,
    agencies: list[str] | None = None,
    extracted_on: str | None = None,
    home: str | None = None,
    input_folder: str | None = None,
    as_of: str | None = None,
    workers: int | None = None,
    store: str | None = None,
    distributed: bool = False,
    scheduler: str | None = None,
) -> Any:
    """Lands every month that a source has, oldest first; gives what came of each (`Backfilled`).

    What is unchanged is left alone.

    Args:
        source: a mapping's name or path, the directory of a plain export, or of many of them.
        first: the first month, YYYY-MM.
        last: the last month, YYYY-MM.
        agencies: those to do; None is all the source has.
        extracted_on: YYYY-MM-DD; None is today, and then no reason to do a month again.
        home: where the audit and the submissions are kept.
        input_folder: where the exports lie instead; it may name {agency} and {period}.
        as_of: `today`, or a day: what months are judged by instead of what held in their time.
        workers: how many processes judge; None is one a core.
        store: where workers and writer share results, a path or URL; None is in the home.
        distributed: have Dask's workers judge, on a cluster of this machine where no scheduler is named.
        scheduler: the address of a Dask scheduler.

    Raises:
        InputRefused: the command, the source or the reference data is wrong.
        BackfillStopped: an agency could not go on; the others did.
        BackfillBlocked: a month was blocked by a rule of the file; the others were landed.
    """
    number = workers or os.cpu_count() or 1
    asked = Asked(source, first, last, tuple(agencies or ()), extracted_on, home, input_folder, as_of, store)
    is_distributed = distributed or scheduler is not None
    with _environment_of(number), _runner(number, scheduler, is_distributed=is_distributed) as runner:
        judge = partial(_side_by_side, runner, portions=number * 2)
        done = work_through(asked, judge, _shown(watcher()))
    if done.having("failed"):
        raise BackfillStopped(done)
    if done.having("blocked"):
        # A state of its own, so that a schedule's alarms tell it from a failure.
        blocked = BackfillBlocked(done)
        return Failed(name="Blocked", message=str(blocked), data=blocked)
    return done


def _shown(told: Progress) -> Progress:
    """Tells of progress in Prefect's pages too."""
    artefact = cast("UUID", create_progress_artifact(progress=0.0, description="months that are done"))

    def tell(done: int, number: int, now: str) -> None:
        update_progress_artifact(artefact, progress=100.0 * done / max(number, 1), description=f"next: {now}")
        told(done, number, now)

    return tell


def _side_by_side(runner: TaskRunner[Any], months: Sequence[MonthToDo], portions: int) -> Iterator[MonthDone]:
    """Judges months in the processes of a task runner, some in each task."""
    parts = [list(months[start::portions]) for start in range(min(portions, len(months)))]
    waiting = [(part, runner.submit(judge_task, {"label": _label(part), "months": part})) for part in parts]
    for part, future in waiting:
        try:
            yield from future.result()
        except BaseException as error:
            if is_interrupt(error):
                raise
            yield from (died(month, error) for month in part)


def _label(months: Sequence[MonthToDo]) -> str:
    return f"{months[0].request.period} {', '.join(str(each.request.agency) for each in months)}"


@contextmanager
def _runner(workers: int, scheduler: str | None, *, is_distributed: bool) -> Iterator[TaskRunner[Any]]:
    """Who judges: processes of this one, or Dask's workers.  All else is the same."""
    if not is_distributed:
        with ProcessPoolTaskRunner(max_workers=workers, initializer=end_worker_with_parent) as runner:
            yield runner
        return
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 since it comes with an extra
    except ImportError:
        raise InputRefused("a distributed backfill needs the extra `distributed` to be installed") from None
    cluster = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "dashboard_address": None,
        "silence_logs": logging.ERROR,
    }
    with DaskTaskRunner(address=scheduler) if scheduler else DaskTaskRunner(cluster_kwargs=cluster) as runner:
        yield runner


@contextmanager
def _environment_of(workers: int) -> Iterator[None]:
    """What the processes that are started find in their environment.

    How many threads each may use, so that all have their share; the server of this run, so that none starts
    a server of its own; and that Dask tells of errors alone.
    """
    with get_client(sync_client=True) as client:
        server = str(client.api_url)
    with environment(threads_of_each(workers) | {"PREFECT_API_URL": server, "DASK_LOGGING__DISTRIBUTED": "error"}):
        yield
