"""Measures time and memory of large exports relative to the floor: python -m bench.national_year [INTERVENTIONS ...].

The floor is the least that any tool must do: read the export, join it, and write the file.  `submit` takes at most
twice the time of the floor and 3 GiB at the largest size, the following month at most 2.5 times and 3 GiB.  Each piece
of work runs several times, in turn, in its own process, so that a machine that slows down slows all of them.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, print_figures
from bench.national_export import write_export_apart
from bench.profiles import profile_steps

ROOT = Path(__file__).parents[1]
_WORK = Path(__file__).parent
SIZES = (100_000, 1_000_000)
ROUNDS = 3
# What each piece of work may take, relative to the floor.
GOALS = {"submit": 2.0, "following month": 2.5}
MOST_GIBIBYTES = 3.0
_KIBIBYTES = 2**20
_PIECES = ("floor", "check", "check-sql", "submit", "following month")


@dataclass(frozen=True)
class Taken:
    """What a piece of work took in its own process: seconds, seconds of CPU, and the peak of its memory in GiB."""

    seconds: float
    cpu: float
    memory: float


def measure(sizes: tuple[int, ...] = SIZES) -> Iterator[Figure]:
    """Yields the figures of each size, and how the time grows with rows and with faults."""
    whole: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            export, home = folder / str(size), folder / f"landed-{size}"
            write_export_apart(export, size)
            home.mkdir()
            measure_piece("submit", export, home)
            found = measure_medians(_PIECES, export, home)
            whole[size] = found["submit"].seconds
            yield from _compare_with_floor(size, size == max(sizes), found, export, home)
        # Faults take longer to report; this shows how much.
        bad = folder / "bad"
        write_export_apart(bad, sizes[-1], share_faulty=1.0)
        taken = measure_medians(("submit",), bad, folder / "nothing")["submit"]
        yield Figure("submit, every record with a fault", taken.seconds / whole[sizes[-1]], "x that of the others")
    if len(sizes) > 1:
        growth = whole[sizes[-1]] / whole[sizes[0]]
        yield Figure(f"submit, {sizes[-1] / sizes[0]:.0f} times the rows", growth, "times the time")


def measure_medians(
    pieces: tuple[str, ...], export: Path, landed: Path, code: Path = ROOT, rounds: int = ROUNDS
) -> dict[str, Taken]:
    """Returns the medians of the time and the most memory of each piece of work, which run alternately.

    Args:
        pieces: names that `bench.work` knows, or `floor`.
        export: the export.
        landed: a home in which the month before the following month has landed.
        code: the checkout whose program is measured.
        rounds: how many times each runs.
    """
    taken: dict[str, list[Taken]] = {piece: [] for piece in pieces}
    for _ in range(rounds):
        for piece in pieces:
            with _prepare_home(piece, landed) as home:
                taken[piece].append(measure_piece(piece, export, home, code))
    return {
        piece: Taken(
            statistics.median(one.seconds for one in found),
            statistics.median(one.cpu for one in found),
            max(one.memory for one in found),
        )
        for piece, found in taken.items()
    }


@contextmanager
def _prepare_home(piece: str, landed: Path) -> Iterator[Path]:
    """Yields a new home: for the following month a copy of `landed`, otherwise an empty one."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        if piece == "following month":
            shutil.copytree(landed, home)
        else:
            home.mkdir()
        yield home


def measure_piece(piece: str, export: Path, home: Path, code: Path = ROOT) -> Taken:
    """Runs one piece of work in its own process, with the program of a checkout."""
    command = build_command(piece, export, home)
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, {**os.environ, "PYTHONPATH": str(code)})
    # Unlike getrusage, wait4 reports the peak memory of this one process.
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"{piece} failed")
    return Taken(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIBIBYTES)


def build_command(piece: str, export: Path, home: Path) -> list[str]:
    """Returns the command that does a piece of work with the program that PYTHONPATH has."""
    name, period = ("submit", "2023-05") if piece == "following month" else (piece, "2023-04")
    if name == "floor":
        return [sys.executable, "-P", str(_WORK / "floor.py"), str(export), str(home)]
    return [sys.executable, "-P", str(_WORK / "work.py"), name, str(export), str(home), period]


def _compare_with_floor(
    size: int, is_largest: bool, found: dict[str, Taken], export: Path, landed: Path
) -> Iterator[Figure]:
    floor = found["floor"]
    for piece, taken in found.items():
        goal = GOALS.get(piece) if is_largest else None
        ratio = taken.seconds / floor.seconds
        yield Figure(
            f"{piece}, {size:,} interventions",
            ratio,
            "x the floor",
            goal,
            f"{taken.seconds:.2f} s, {taken.cpu:.2f} s of CPU, {taken.memory:.2f} GiB",
            _profile(piece, export, landed) if goal and ratio > goal else "",
        )
        if goal:
            yield Figure(f"{piece}, {size:,} interventions, memory", taken.memory, "GiB", MOST_GIBIBYTES)
    ratio = found["check-sql"].seconds / found["check"].seconds
    yield Figure(f"check of tables that SQL builds, {size:,} interventions", ratio, "x check of mapped columns")


def _profile(piece: str, export: Path, landed: Path) -> str:
    with _prepare_home(piece, landed) as home:
        return profile_steps(build_command(piece, export, home), ROOT)


if __name__ == "__main__":
    print_figures(measure(tuple(int(argument) for argument in sys.argv[1:]) or SIZES))
