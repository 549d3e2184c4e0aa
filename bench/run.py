"""Measures time and memory of the pipeline relative to the floor: python -m bench.run [INTERVENTIONS ...].

Each piece of work runs several times, in turn, in its own process, so that a machine that slows down slows all of
them. The ratios of the medians are the result.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.national_export import write_export

SIZES = (100_000, 1_000_000)
ROUNDS = 3
_MEBIBYTE = 1024


def measure(what: str, export: Path) -> tuple[float, float]:
    """Returns the seconds and the peak mebibytes of one piece of work in its own process."""
    with tempfile.TemporaryDirectory() as home:
        start = time.perf_counter()
        module = ["bench.floor"] if what == "floor" else ["bench.work", what]
        process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-m", *module, str(export), home])
        # Unlike getrusage, wait4 reports the peak memory of this one process.
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{what} failed")
    return seconds, usage.ru_maxrss / _MEBIBYTE


def measure_medians(export: Path, pieces: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Returns the median time and the highest memory of each piece of work over several rounds."""
    taken: dict[str, list[tuple[float, float]]] = {piece: [] for piece in pieces}
    for _ in range(ROUNDS):
        for piece in pieces:
            taken[piece].append(measure(piece, export))
    return {
        piece: (statistics.median(seconds for seconds, _ in found), max(memory for _, memory in found))
        for piece, found in taken.items()
    }


def main(sizes: tuple[int, ...]) -> None:
    """Prints a line per size and piece of work, and how the time grows with rows and with faults."""
    whole: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            export = Path(folder) / str(size)
            write_export(export, size)
            found = measure_medians(export, ("floor", "check", "check-sql", "submit"))
            whole[size] = found["submit"][0]
            _print_line(f"{size:>9} interventions  SQL takes {found['check-sql'][0] / found['check'][0]:.2f} x columns")
            for piece, (seconds, memory) in found.items():
                ratio = seconds / found["floor"][0]
                _print_line(
                    f"{size:>9} interventions  {piece:9} {seconds:7.2f} s  {ratio:5.2f} x floor  {memory:6.0f} MiB"
                )
        # Faults take longer to report; this shows how much.
        bad = Path(folder) / "bad"
        write_export(bad, sizes[-1], share_faulty=1.0)
        seconds, memory = measure_medians(bad, ("submit",))["submit"]
        ratio = seconds / whole[sizes[-1]]
        _print_line(f"every record faulty      submit    {seconds:7.2f} s  {ratio:5.2f} x clean  {memory:6.0f} MiB")
    if len(sizes) > 1:
        growth = whole[sizes[-1]] / whole[sizes[0]]
        _print_line(f"{sizes[-1] / sizes[0]:.0f} times the rows take {growth:.1f} times the time")


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(tuple(int(argument) for argument in sys.argv[1:]) or SIZES)
