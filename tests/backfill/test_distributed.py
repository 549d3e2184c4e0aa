"""Dask's workers, who share nothing with the writer but a store, give what processes give."""

from pathlib import Path

import pytest

from tests.backfill.backfilling import files, reported, submitted_in_order
from tests.backfill.clusters import distributed
from tests.backfill.generated import write_history

AGENCIES, MONTHS, CLIENTS = 3, 3, 8


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_though_a_worker_is_killed(tmp_path: Path) -> None:
    exports = write_history(tmp_path / "exports", AGENCIES, MONTHS, CLIENTS)
    expected = submitted_in_order(exports, tmp_path / "single", AGENCIES, MONTHS)
    killed, stored = distributed(exports, tmp_path / "home", MONTHS, tmp_path / "store", killed_after=1)
    assert killed == 1
    assert stored > 0, "the workers wrote to the store"
    assert files(tmp_path / "home") == files(expected)
    assert reported(tmp_path / "home") == reported(expected)
    assert not list((tmp_path / "store").rglob("*.parquet")), "the store is cleared"
