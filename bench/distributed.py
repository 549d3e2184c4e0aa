"""Times a distributed backfill with one and with two Dask workers of one thread: python -m bench.distributed."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, print_figures
from bench.national_export import write_export
from bench.profiles import Taken, profile_second_process
from schemas.period import Period

AGENCIES, INTERVENTIONS = 40, 1_000
MONTHS = Period(2022, 4).until(Period(2023, 3))
_MOST = 0.65


def write_year(exports: Path) -> None:
    """Writes a small national year: forty agencies, twelve months, half a million interventions in total."""
    for place in range(1, AGENCIES + 1):
        agency = f"L{place:04}"
        first, *others = (exports / agency / str(month) for month in MONTHS)
        write_export(first, INTERVENTIONS, seed=place + 1, agency=agency)
        for folder in others:
            # A copy is faster to make than a new month, and takes as long to assess.
            shutil.copytree(first, folder)


def measure_backfill(exports: Path, home: Path, workers: int) -> Taken:
    """Returns what a whole backfill with a number of workers takes."""
    command = [sys.executable, "-m", "flows", "backfill", "--source", str(exports), "--home", str(home)]
    # The months of an agency are copies.
    command += ["--accept-same-input", "copies"]
    command += ["--from", str(MONTHS[0]), "--to", str(MONTHS[-1]), "--distributed", "--workers", str(workers)]
    start, cpu = time.perf_counter(), _read_cpu()
    # One thread per worker, so that a second worker can halve the time.
    env = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env, check=False)
    # 3 means that a month is blocked, which the random data may cause.
    if done.returncode not in (0, 3):
        sys.exit(f"the backfill ended with {done.returncode}: {done.stderr}")
    return Taken(time.perf_counter() - start, _read_cpu() - cpu)


def _read_cpu() -> float:
    """Returns the seconds of CPU of all processes that have been started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure() -> Iterator[Figure]:
    """Yields the ratio of the times.

    Raises:
        SystemExit: the files differ.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        exports = place / "exports"
        write_year(exports)
        one, two = (measure_backfill(exports, place / f"workers-{workers}", workers) for workers in (1, 2))
        # More workers must not change any file.
        same = all(
            (place / "workers-2" / path.relative_to(place / "workers-1")).read_bytes() == path.read_bytes()
            for path in (place / "workers-1" / "submissions").rglob("*.csv")
        )
    if not same:
        sys.exit("the files of the backfills with one and with two Dask workers differ")
    yield Figure(
        f"backfill of {AGENCIES} agencies and {len(MONTHS)} months with two Dask workers",
        two.seconds / one.seconds,
        "x with one",
        _MOST,
        f"{one.seconds:.0f} s and {two.seconds:.0f} s",
        profile_second_process(one, two),
    )


if __name__ == "__main__":
    print_figures(measure())
