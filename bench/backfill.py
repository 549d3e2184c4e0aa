"""Measures backfills and what grows with the years: python -m bench.backfill [processes] [months] [snapshot].

- processes: two processes take at most 0.55 of the time of one, for 20 agencies and 24 months.
- months: the 60th month of a prison takes at most 1.1 times the time and CPU of the 2nd.
- snapshot: the snapshot of a prison's audit takes at most a tenth of the landing in the 60th month; that of a large
  audit is made at most once a minute, however many submissions land.

Each piece of work runs in its own process.  They run alternately, so that a machine that slows down slows all of them.
Other load makes two processes look faster than they are, so the note has the load of the machine.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from bench.figures import Figure, print_figures
from bench.prison_history import write_history
from bench.profiles import Taken, profile_growth, profile_second_process, read_steps
from schemas.period import Period

ROOT = Path(__file__).parents[1]
ROUNDS = 3
_MOST_OF_ONE, _MOST_OF_SECOND, _MOST_OF_LANDING = 0.55, 1.1, 0.1
_AGENCIES, _YEARS, _SMALL_PRISON = 20, Period(2022, 4).until(Period(2024, 3)), 500
_PRISON, _SIXTY = 1_000, Period(2019, 4).until(Period(2024, 3))
_LARGE = 512 * 2**20
_DAY = "2026-05-03"


def measure(parts: Sequence[str] = ()) -> Iterator[Figure]:
    """Yields the figures of the parts with these names, by default all."""
    known: dict[str, Callable[[Path], Iterator[Figure]]] = {
        "processes": measure_processes, "months": measure_months, "snapshot": measure_snapshot,
    }  # fmt: skip
    for part in parts or known:
        with tempfile.TemporaryDirectory() as folder:
            yield from known[part](Path(folder))


def measure_processes(folder: Path) -> Iterator[Figure]:
    """Compares backfills with one and with two processes."""
    write_history(folder / "exports", _AGENCIES, _YEARS, _SMALL_PRISON)
    # Once each, because they take minutes.
    one, two = (_backfill(folder / "exports", folder / f"workers-{workers}", _YEARS, workers) for workers in (1, 2))
    files = [_read_files(folder / f"workers-{workers}") for workers in (1, 2)]
    if files[0] != files[1]:
        sys.exit("the files of the backfills with one and with two processes differ")
    ratio = two.seconds / one.seconds
    yield Figure(
        f"backfill of {_AGENCIES} agencies and {len(_YEARS)} months with two processes",
        ratio,
        "x with one",
        _MOST_OF_ONE,
        f"{_describe(one)}; {_describe(two)}; load {os.getloadavg()[0]:.1f}",
        profile_second_process(one, two) if ratio > _MOST_OF_ONE else "",
    )


def _describe(taken: Taken) -> str:
    return f"{taken.seconds:.1f} s with {taken.cpu:.1f} s of CPU"


def measure_months(folder: Path) -> Iterator[Figure]:
    """Compares the 60th month of a prison with its 2nd."""
    homes = _prepare_prison(folder)
    taken: dict[Period, list[Taken]] = {month: [] for month in homes}
    steps: dict[Period, list[Mapping[str, float]]] = {month: [] for month in homes}
    # The first round fills the caches of the operating system, and does not count.
    for number in range(2 * ROUNDS + 1):
        for month, home in homes.items():
            shutil.copytree(home, folder / "now")
            found = _submit(folder, folder / "now", month)
            shutil.rmtree(folder / "now")
            if number:
                taken[month].append(found)
                steps[month].append(read_steps(folder / "log"))
            (folder / "log").unlink()
    second, sixtieth = (_find_medians(found) for found in taken.values())
    note = f"{_describe(sixtieth)}; month 2: {_describe(second)}"
    by_time, by_cpu = sixtieth.seconds / second.seconds, sixtieth.cpu / second.cpu
    grown = profile_growth(*steps.values()) if max(by_time, by_cpu) > _MOST_OF_SECOND else ""
    yield Figure("month 60 of a prison", by_time, "x month 2", _MOST_OF_SECOND, note, grown)
    yield Figure("month 60 of a prison, CPU", by_cpu, "x month 2", _MOST_OF_SECOND, profile=grown)


def measure_snapshot(folder: Path) -> Iterator[Figure]:
    """Shows what a snapshot costs in the 60th month of a prison, and how often that of a large audit is made."""
    home = _prepare_prison(folder)[_SIXTY[-1]]
    taken = _submit(folder, home, _SIXTY[-1])
    [seconds] = _read_seconds(folder / "log", "snapshot")
    size = (home / "audit.duckdb").stat().st_size
    note = f"{seconds:.3f} s; the audit has {size / 2**20:.0f} MiB"
    yield Figure("snapshot in month 60 of a prison", seconds / taken.seconds, "x its landing", _MOST_OF_LANDING, note)
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
    note = f"{landings} landings; the audit has {size / 2**20:.0f} MiB, and its snapshot takes {max(copies):.2f} s"
    yield Figure("snapshots of a large audit", len(copies), f"in {minutes:.1f} minutes", int(minutes) + 1, note)


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


if __name__ == "__main__":
    print_figures(measure(sys.argv[1:]))
