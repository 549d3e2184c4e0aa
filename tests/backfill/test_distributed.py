"""Dask's workers, who share nothing with the writer but a store, give what processes give."""

import os
import signal
from pathlib import Path

import pytest
from distributed import LocalCluster

from flows.months_in_turn import Asked
from flows.progress import silently, watched_by
from tests.backfill.backfilling import DAY, files, submitted_in_order, told
from tests.backfill.generated import SOURCE, months, write_history

AGENCIES, MONTHS, CLIENTS = 3, 3, 8


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("exports"), AGENCIES, MONTHS, CLIENTS)


def distributed(exports: Path, home: Path, scheduler: str, store: str | None = None) -> None:
    from flows.backfill import backfill

    first, *_, last = months(MONTHS)
    asked = Asked(str(exports / SOURCE), str(first), str(last))
    backfill(
        source=asked.source, first=asked.first, last=asked.last, extracted_on=DAY, home=str(home), workers=2,
        scheduler=scheduler, store=store,
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_though_a_worker_is_killed(exports: Path, tmp_path: Path) -> None:
    expected = submitted_in_order(exports, tmp_path / "single", AGENCIES, MONTHS)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        killed: list[int] = []

        def kill_one(done: int, _of: int, _now: str) -> None:
            if done == 1 and not killed:
                killed.append(next(iter(cluster.workers.values())).process.pid)
                os.kill(killed[0], signal.SIGKILL)

        watched_by(kill_one)
        try:
            distributed(exports, tmp_path / "home", cluster.scheduler_address, str(tmp_path / "store"))
        finally:
            watched_by(silently)
    assert killed
    assert files(tmp_path / "home") == files(expected)
    assert told(tmp_path / "home") == told(expected)
    assert not list((tmp_path / "store").rglob("*.parquet")), "the store is cleared"
