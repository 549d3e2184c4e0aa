"""Processes that assess the months of a backfill in parallel, without an orchestrator."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from flows.months.job import MonthJob, MonthResult, judge_month
from flows.months.run import Judge
from flows.quality.record import Compare, MonthCounts, compare_in_threads
from flows.support.child_processes import end_worker_with_parent
from flows.support.environment import set_environment
from flows.support.errors import hide_values, is_interrupt


@dataclass(frozen=True)
class Processes:
    """What the processes do: assess months, and compare the counts of months with those of earlier ones."""

    judge: Judge
    compare: Compare


@contextmanager
def start_processes(workers: int) -> Iterator[Processes]:
    """Yields functions that work in separate processes.

    Args:
        workers: the number of processes.
    """
    # A forked process can deadlock in polars, whose threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with (
        set_environment(limit_threads(workers)),
        ProcessPoolExecutor(workers, mp_context=context, initializer=end_worker_with_parent) as pool,
    ):

        def judge(months: Sequence[MonthJob]) -> Iterable[MonthResult]:
            waiting = [(month, pool.submit(judge_month, month)) for month in months]
            for month, future in waiting:
                yield _wait_for_result(month, future)

        def compare(
            find: Callable[[MonthCounts], pl.DataFrame], months: Sequence[MonthCounts]
        ) -> Iterable[pl.DataFrame]:
            try:
                return list(pool.map(find, months))
            # A process that the system killed; what it was to compare is here.
            except BrokenProcessPool:
                return compare_in_threads(find, months)

        # A single process would compare one month after another, and threads of this one compare several.
        yield Processes(judge, compare if workers > 1 else compare_in_threads)


def _wait_for_result(month: MonthJob, future: "Future[MonthResult]") -> MonthResult:
    try:
        return future.result()
    # A process that the system killed raises BrokenProcessPool for each of its months.
    except BaseException as error:
        if is_interrupt(error):
            raise
        return build_died_result(month, error)


def build_died_result(month: MonthJob, error: BaseException) -> MonthResult:
    """Returns the result of a month whose process died: it failed, and can be run again."""
    agency, period = month.request.agency, str(month.request.period)
    return MonthResult(agency, period, month.run_id, "failed", 0, str(hide_values(error)))


def limit_threads(workers: int) -> dict[str, str]:
    """Returns environment variables that limit each process to its share of the cores."""
    # A value that the user set wins: a container may have fewer cores than the system reports.
    return {"POLARS_MAX_THREADS": os.environ.get("POLARS_MAX_THREADS") or str(max(1, (os.cpu_count() or 1) // workers))}
