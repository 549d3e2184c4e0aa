"""Backfills ten million interventions of ten agencies: python -m bench.ten_million [INTERVENTIONS_OF_EACH].

First with the processes of this machine, which together stay under 16 GiB; then on two Dask workers with 4 GiB each,
which a worker may not exceed.  Both write the same files.
"""

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.checkouts import ROOT
from bench.figures import Figure, print_figures
from bench.national_export import write_export

AGENCIES, INTERVENTIONS = 10, 1_000_000
MOST_GIBIBYTES, MOST_OF_WORKER = 16.0, 4.0
_MONTH, _DAY = "2023-04", "2026-05-03"
_GIBIBYTE = 2**30
_SECONDS_BETWEEN_SAMPLES = 0.5
# A worker that stops because of its memory would be started again, and hide that it did.
_ENVIRONMENT = {**os.environ, "PREFECT_API_URL": "", "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}


class MemoryOfProcesses:
    """The most memory that a process and those it started have together, and the most of one of them, in bytes."""

    def __init__(self, process: int) -> None:
        self.together, self.of_one = 0, 0
        self._root = psutil.Process(process)

    def sample(self) -> None:
        """Adds what they have now."""
        sizes = []
        for process in [self._root, *self._root.children(recursive=True)]:
            try:
                sizes.append(process.memory_info().rss)
            except psutil.Error:
                continue
        self.together, self.of_one = max(self.together, sum(sizes)), max(self.of_one, *sizes)


def measure(interventions: int = INTERVENTIONS) -> Iterator[Figure]:
    """Yields the memory and the times of both backfills.

    Raises:
        SystemExit: a backfill failed, or the files differ.
    """
    what = f"{AGENCIES * interventions:,} interventions of {AGENCIES} agencies"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place in range(1, AGENCIES + 1):
            agency = f"L{place:04}"
            write_export(folder / "exports" / agency / _MONTH, interventions, seed=place + 1, agency=agency)
        taken, memory = _backfill(folder, "processes")
        yield Figure(f"{what}, all processes", memory.together / _GIBIBYTE, "GiB", MOST_GIBIBYTES, f"{taken:.0f} s")
        with _dask_workers(folder) as (address, workers):
            taken, _ = _backfill(folder, "workers", "--distributed", "--scheduler", address)
        yield Figure(f"{what}, one of two Dask workers", workers.of_one / _GIBIBYTE, "GiB", MOST_OF_WORKER,
                     f"{taken:.0f} s")  # fmt: skip
        first, second = (sorted((folder / home / "submissions").rglob("*.csv")) for home in ("processes", "workers"))
        if len(first) != AGENCIES or list(map(_hash, first)) != list(map(_hash, second)):
            sys.exit(f"{len(first)} and {len(second)} files, which must be {AGENCIES} and the same")


def _backfill(folder: Path, home: str, *more: str) -> tuple[float, MemoryOfProcesses]:
    """Backfills into a new home.  Returns the seconds, and the memory of the processes."""
    command = [sys.executable, "-m", "flows", "backfill", "--source", str(folder / "exports"), "--home",
               str(folder / home), "--from", _MONTH, "--to", _MONTH, "--extracted-on", _DAY, *more]  # fmt: skip
    messages = folder / f"{home}.log"
    start = time.perf_counter()
    with (
        messages.open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=log) as process,
        _sampling(process.pid) as memory,
    ):
        process.wait()
    # 3 means that a month is blocked, which the random data may cause.
    if process.returncode not in (0, 3):
        sys.exit(f"the backfill ended with {process.returncode}: {messages.read_text(encoding='utf-8')}")
    return time.perf_counter() - start, memory


@contextmanager
def _dask_workers(folder: Path) -> Iterator[tuple[str, MemoryOfProcesses]]:
    """Runs a scheduler and two limited workers; yields the scheduler's address and the memory of the workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    scheduler = [sys.executable, "-m", "dask", "scheduler", "--host", address, "--no-dashboard"]
    workers = [sys.executable, "-m", "dask", "worker", address, "--nworkers", "2", "--nthreads", "1", "--memory-limit",
               "4GiB", "--no-dashboard", "--local-directory", str(folder / "dask")]  # fmt: skip
    # One thread each, because there are as many workers as cores.
    environment = {**_ENVIRONMENT, "POLARS_MAX_THREADS": "1"}
    with (
        _running(scheduler, folder, environment),
        _running(workers, folder, environment) as process,
        _sampling(process.pid) as memory,
    ):
        yield address, memory


@contextmanager
def _running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program until the block ends; what it prints goes to a file in the folder."""
    with (folder / f"{command[3]}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _sampling(process: int) -> Iterator[MemoryOfProcesses]:
    """Samples the memory of a process and of those it starts until the block ends."""
    memory, ended = MemoryOfProcesses(process), threading.Event()

    def sample() -> None:
        while not ended.wait(_SECONDS_BETWEEN_SAMPLES):
            try:
                memory.sample()
            except psutil.NoSuchProcess:
                return

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join()


def _hash(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        return path.name, hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    print_figures(measure(*(int(argument) for argument in sys.argv[1:])))
