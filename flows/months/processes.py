"""Processes that judge the months of a backfill side by side, without an orchestrator."""

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager

from flows.months.job import MonthDone, MonthToDo, judge_month
from flows.months.run import Judge
from flows.support.child_processes import end_worker_with_parent
from flows.support.errors import is_interrupt, without_values


@contextmanager
def judging_processes(workers: int) -> Iterator[Judge]:
    """A function that judges months in processes of their own.

    Args:
        workers: how many processes.
    """
    context = multiprocessing.get_context("spawn")
    with (
        environment(threads_of_each(workers)),
        ProcessPoolExecutor(workers, mp_context=context, initializer=end_worker_with_parent) as pool,
    ):

        def judge(months: Sequence[MonthToDo]) -> Iterable[MonthDone]:
            waiting = [(month, pool.submit(judge_month, month)) for month in months]
            for month, future in waiting:
                yield _result(month, future)

        yield judge


def _result(month: MonthToDo, future: "Future[MonthDone]") -> MonthDone:
    try:
        return future.result()
    except BaseException as error:
        if is_interrupt(error):
            raise
        return died(month, error)


def died(month: MonthToDo, error: BaseException) -> MonthDone:
    """What came of a month whose process died: it failed, and can be run again."""
    agency, period = month.request.agency, str(month.request.period)
    return MonthDone(agency, period, month.run_id, "failed", 0, str(without_values(error)))


def threads_of_each(workers: int) -> dict[str, str]:
    """Environment variables that give each of so many processes its share of the cores."""
    return {"POLARS_MAX_THREADS": os.environ.get("POLARS_MAX_THREADS") or str(max(1, (os.cpu_count() or 1) // workers))}


@contextmanager
def environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables for the processes that are started inside the block, and puts them back."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
