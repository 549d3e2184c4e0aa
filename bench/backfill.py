"""Measures backfills and what grows with the years: python -m bench.backfill [processes] [months] [snapshot].

- processes: two processes take at most 0.55 of the time of one, for 20 agencies and 24 months.
- months: the 60th month of a prison takes at most 1.1 times the time and CPU of the 2nd.
- snapshot: the snapshot of a prison's audit takes at most a tenth of the landing in the 60th month; that of a large
  audit is made at most once a minute, however many submissions land.

Each piece of work runs in its own process.  They run alternately, so that a machine that slows down slows all of them.
Other load makes two processes look faster than they are: the output has the load of the machine.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.prison_history import write_history
from schemas.period import Period

ROOT = Path(__file__).parents[1]
ROUNDS = 3
_AGENCIES, _YEARS, _SMALL_PRISON = 20, Period(2022, 4).until(Period(2024, 3)), 500
_PRISON, _SIXTY = 1_000, Period(2019, 4).until(Period(2024, 3))
_LARGE = 512 * 2**20
_DAY = "2026-05-03"


@dataclass(frozen=True)
class Taken:
    """The seconds that a piece of work took, and the seconds of CPU of its process and of those that it started."""

    seconds: float
    cpu: float


def main(parts: list[str]) -> None:
    """Prints each figure next to its goal."""
    known: dict[str, Callable[[Path], None]] = {
        "processes": measure_processes, "months": measure_months, "snapshot": measure_snapshot,
    }  # fmt: skip
    for part in parts or known:
        with tempfile.TemporaryDirectory() as folder:
            known[part](Path(folder))


def measure_processes(folder: Path) -> None:
    """Compares backfills with one and with two processes."""
    write_history(folder / "exports", _AGENCIES, _YEARS, _SMALL_PRISON)
    taken: dict[int, list[Taken]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for workers, found in taken.items():
            home = folder / f"workers-{workers}"
            shutil.rmtree(home, ignore_errors=True)
            found.append(_backfill(folder / "exports", home, _YEARS, workers))
    for workers, found in taken.items():
        median = _find_medians(found)
        _print(
            f"{_AGENCIES} agencies, {len(_YEARS)} months, {workers} process{'es' * (workers > 1)}:"
            f" {median.seconds:.1f} s, {median.cpu:.1f} s of CPU, {median.cpu / median.seconds:.2f} cores"
        )
    _report("2 processes", _find_medians(taken[2]).seconds / _find_medians(taken[1]).seconds, "x 1 process", 0.55)
    one, two = (_read_files(folder / f"workers-{workers}") for workers in (1, 2))
    _print(f"{len(one)} files, {'the same' if one == two else 'DIFFERENT'} with one and two processes")


def measure_months(folder: Path) -> None:
    """Compares the 60th month of a prison with its 2nd."""
    homes = _prepare_prison(folder)
    taken: dict[Period, list[Taken]] = {month: [] for month in homes}
    # The first round fills the caches of the operating system, and does not count.
    for number in range(2 * ROUNDS + 1):
        for month, home in homes.items():
            shutil.copytree(home, folder / "now")
            found = _submit(folder, folder / "now", month)
            shutil.rmtree(folder / "now")
            if number:
                taken[month].append(found)
    second, sixtieth = (_find_medians(found) for found in taken.values())
    _print(f"month 2: {second.seconds:.2f} s, {second.cpu:.2f} s of CPU")
    _print(f"month 60: {sixtieth.seconds:.2f} s, {sixtieth.cpu:.2f} s of CPU")
    _report("month 60", sixtieth.seconds / second.seconds, "x month 2", 1.1)
    _report("month 60, CPU", sixtieth.cpu / second.cpu, "x month 2", 1.1)


def measure_snapshot(folder: Path) -> None:
    """Shows what a snapshot costs in the 60th month of a prison, and how often that of a large audit is made."""
    home = _prepare_prison(folder)[_SIXTY[-1]]
    taken = _submit(folder, home, _SIXTY[-1])
    [seconds] = _read_seconds(folder / "log", "snapshot")
    size = (home / "audit.duckdb").stat().st_size
    _print(f"60 months of a prison: the audit has {size / 2**20:.0f} MiB, its snapshot takes {seconds:.3f} s")
    _report("the snapshot", seconds / taken.seconds, "x its landing", 0.1)
    _enlarge(home / "audit.duckdb")
    landings = 0
    (folder / "log").unlink()
    start = time.perf_counter()
    while time.perf_counter() - start < 60 or landings < 2:
        _submit(folder, home, _SIXTY[-1])
        landings += 1
    minutes = (time.perf_counter() - start) / 60
    copies = _read_seconds(folder / "log", "snapshot")
    size = (home / "audit.duckdb").stat().st_size
    _print(f"audit of {size / 2**20:.0f} MiB: {landings} landings, {len(copies)} snapshots of {max(copies):.2f} s")
    _report("snapshots", len(copies), f"in {minutes:.1f} minutes", int(minutes) + 1)


def _prepare_prison(folder: Path) -> dict[Period, Path]:
    """Returns a home for the 2nd month, and one for the 60th, each with the months before it."""
    write_history(folder / "exports", 1, _SIXTY, _PRISON)
    homes = {month: folder / f"before-{month}" for month in (_SIXTY[1], _SIXTY[-1])}
    for month, home in homes.items():
        _backfill(folder / "exports", home, _SIXTY[: _SIXTY.index(month)], 1)
    return homes


def _backfill(exports: Path, home: Path, months: tuple[Period, ...], workers: int) -> Taken:
    wanted = ["--from", str(months[0]), "--to", str(months[-1]), "--workers", str(workers)]
    return _run("backfill", "--source", str(exports), "--home", str(home), "--extracted-on", _DAY, *wanted)


def _submit(folder: Path, home: Path, month: Period) -> Taken:
    source = ["--source", str(folder / "exports" / "L0001" / str(month)), "--agency", "L0001", "--period", str(month)]
    return _run(
        "submit", *source, "--home", str(home), "--extracted-on", _DAY, variables={"NDTMS_LOG": str(folder / "log")}
    )


def _run(*words: str, variables: Mapping[str, str] | None = None) -> Taken:
    """Runs a command, and returns what it took; the random data may block a month."""
    start, environment = time.perf_counter(), {**os.environ, "PREFECT_API_URL": "", **(variables or {})}
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-m", "flows", *words], environment, file_actions=nowhere
    )  # fmt: skip
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{' '.join(words)} ended with {os.waitstatus_to_exitcode(status)}")
    return Taken(time.perf_counter() - start, usage.ru_utime + usage.ru_stime)


def _find_medians(taken: list[Taken]) -> Taken:
    return Taken(statistics.median(one.seconds for one in taken), statistics.median(one.cpu for one in taken))


def _read_files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in (home / "submissions").rglob("*.csv")}


def _read_seconds(log: Path, event: str) -> list[float]:
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [float(found["seconds"]) for found in events if found["event"] == event]


def _enlarge(audit: Path) -> None:
    """Adds findings of a run that does not exist, until the audit has the size of many prisons."""
    with duckdb.connect(str(audit)) as connection:
        while audit.stat().st_size < _LARGE:
            connection.execute(
                "insert into internal.found by name select 'none' as run_id, 'client' as entity, 'none' as rule,"
                " md5(random()::varchar) || md5(random()::varchar) as note from range(1000000)"
            )
            connection.execute("checkpoint")


def _report(what: str, ratio: float, floor: str, goal: float) -> None:
    _print(f"{what}: {ratio:.2f} {floor} (goal: {goal:g}; load {os.getloadavg()[0]:.1f})")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
