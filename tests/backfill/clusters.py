"""Backfills on a Dask cluster of this machine, undisturbed or with a worker killed on the way."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from distributed import LocalCluster

from flows.months.options import BackfillOptions
from flows.support.environment import set_environment
from flows.support.prefect_server import prefect_server
from flows.support.progress import no_progress, set_progress
from tests.backfill.backfilling import DAY
from tests.backfill.generated import SOURCE, months


def distributed(
    exports: Path, home: Path, number_of_months: int, store: Path, killed_after: int | None = None
) -> tuple[int, int]:
    """Backfills on two workers that share a store; one of them is killed after so many months.

    Returns:
        How many workers were killed, and how many tables were in the store at most when a month was done.
    """
    from flows.backfill import BackfillBlocked, backfill

    first, *_, last = months(number_of_months)
    asked = BackfillOptions(str(exports / SOURCE), str(first), str(last))
    with (
        # Found by the workers in their environment: else each would start a server of its own.
        prefect_server(),
        environment_of_server(),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        _killing(cluster, killed_after, store) as (killed, stored),
        suppress(BackfillBlocked),
    ):
        backfill(
            source=asked.source, first=asked.first, last=asked.last, extracted_on=DAY, home=str(home), workers=2,
            scheduler=cluster.scheduler_address, store=str(store), accept_same_input="generated",
        )  # fmt: skip
    return len(killed), max(stored)


@contextmanager
def environment_of_server() -> Iterator[None]:
    """The address of the Prefect server that answers, in the environment."""
    from prefect.settings import PREFECT_API_URL

    with set_environment({"PREFECT_API_URL": str(PREFECT_API_URL.value())}):
        yield


@contextmanager
def _killing(cluster: LocalCluster, killed_after: int | None, store: Path) -> Iterator[tuple[list[int], list[int]]]:
    """Yields the ids of the workers killed so far, and how many tables were in the store at each month."""
    killed: list[int] = []
    stored = [0]

    def kill_one(done: int, _of: int, _now: str) -> None:
        stored.append(sum(1 for _ in store.rglob("*.parquet")))
        if done == killed_after and not killed:
            killed.append(next(iter(cluster.workers.values())).process.pid)
            os.kill(killed[0], signal.SIGKILL)

    set_progress(kill_one)
    try:
        yield killed, stored
    finally:
        set_progress(no_progress)
