"""A distributed backfill with one Dask worker and with two, each held to one thread: python -m bench.distributed."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.backfill.generated import SOURCE, months, write_history

AGENCIES, MONTHS, CLIENTS = 40, 12, 140
_MOST = 0.65


def seconds(exports: Path, home: Path, workers: int) -> float:
    """Seconds of a whole backfill with so many workers."""
    first, *_, last = months(MONTHS)
    command = [sys.executable, "-m", "flows", "backfill", "--source", str(exports / SOURCE), "--home", str(home)]
    command += ["--from", str(first), "--to", str(last), "--distributed", "--workers", str(workers)]
    start = time.perf_counter()
    env = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.DEVNULL, env=env, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"the backfill ended with {done.returncode}")
    return time.perf_counter() - start


def main() -> None:
    """Prints the times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        exports = write_history(place / "exports", AGENCIES, MONTHS, CLIENTS)
        one, two = (seconds(exports, place / f"workers-{workers}", workers) for workers in (1, 2))
        same = all(
            (place / "workers-2" / path.relative_to(place / "workers-1")).read_bytes() == path.read_bytes()
            for path in (place / "workers-1" / "submissions").rglob("*.csv")
        )
    sys.stdout.write(
        f"{AGENCIES} agencies, {MONTHS} months: 1 worker {one:.0f} s, 2 workers {two:.0f} s, {two / one:.2f} of it"
        f" (at most {_MOST}); files {'the same' if same else 'DIFFER'}\n"
    )


if __name__ == "__main__":
    main()
