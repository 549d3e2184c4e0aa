"""Forty agencies over a year on a Dask cluster: python -m tests.backfill.national_distributed.

Two workers, and two of which one is killed half-way, against processes of one machine: file for file and
finding for finding.  It takes some minutes, so it is a task of its own (`make test-distributed`).
"""

import os
import tempfile
import time
from pathlib import Path

from tests.backfill.clusters import distributed
from tests.backfill.generated import write_history
from tests.backfill.national import backfill, same, say

AGENCIES, MONTHS, CLIENTS = 40, 12, 14


def main() -> None:
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        exports = write_history(place / "exports", AGENCIES, MONTHS, CLIENTS)
        taken = backfill(exports, place / "processes", 2, MONTHS)
        say(f"{AGENCIES} agencies, {MONTHS} months, two processes: {taken:.0f} s")
        for name, killed_after in (("undisturbed", None), ("one worker killed half-way", MONTHS // 2)):
            start, home = time.perf_counter(), place / name
            killed, _ = distributed(exports, home, MONTHS, place / f"{name} store", killed_after)
            taken = time.perf_counter() - start
            same(f"two workers, {name} ({killed} killed), {taken:.0f} s", home, place / "processes")


if __name__ == "__main__":
    main()
