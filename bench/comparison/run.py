"""Compares this project with other ways to check the same rows: python -m bench.comparison.run [ROWS ...].

The contestants run alternately, each in its own process. If two of them disagree on how many rows break a rule, nothing
is reported and the exit code is 1. Without ROWS, writes the table into docs/performance.md.
"""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.comparison.chosen_rules import build_context, choose_rules
from bench.comparison.contestant import RESULT
from bench.comparison.page import PAGE, Line, Size, build_tables, replace_tables
from bench.comparison.rows import write_rows
from bench.comparison.verdicts import Verdicts, find_differences

SIZES = (100_000, 1_000_000)
ROUNDS = 3
SHARE_FAULTY = 0.05
_FAULTS, _SMALL = 3, 500
CONTESTANTS = ("rules", "check", "dataframely", "pandera", "python")
# Rows of Python objects take minutes where columns take seconds, and the rate stays the same.
_MOST_ROWS = {"python": 100_000}
_MEBIBYTE = 1024


@dataclass(frozen=True)
class Measured:
    """One run of a contestant: its verdicts, its seconds in all and in parts, and its peak memory in MiB."""

    verdicts: Verdicts
    seconds: float
    parsing: float
    judging: float
    mebibytes: float


def main(sizes: Sequence[int]) -> None:
    """Measures each size, prints the tables, and writes them into the page if the sizes are the usual ones."""
    rules = choose_rules(build_context())
    with tempfile.TemporaryDirectory() as name:
        small = Path(name) / "small"
        write_rows(small, _SMALL, rules, share_faulty=1, faults=len(rules) // 4)
        measured = []
        for rows in sizes or SIZES:
            folder = Path(name) / str(rows)
            write_rows(folder, rows, rules, share_faulty=SHARE_FAULTY, faults=_FAULTS)
            measured.append(Size(rows, _measure_contestants(folder, small, rows)))
    tables = build_tables(measured, len(rules), SHARE_FAULTY, ROUNDS)
    sys.stdout.write(tables)
    if not sizes:
        PAGE.write_text(replace_tables(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


def refuse_different_verdicts(verdicts: Mapping[str, Verdicts]) -> None:
    """Exits with 1 if contestants disagree, and names the rules."""
    differences = find_differences(verdicts)
    if differences:
        sys.exit("nothing is reported, because the contestants disagree:\n" + "\n".join(differences))


def _measure_contestants(folder: Path, small: Path, rows: int) -> dict[str, Line]:
    contestants = [name for name in CONTESTANTS if rows <= _MOST_ROWS.get(name, rows)]
    runs: dict[str, list[Measured]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name in contestants:
            runs[name].append(_measure(name, folder, small))
        refuse_different_verdicts({name: of_contestant[-1].verdicts for name, of_contestant in runs.items()})
    return {name: _summarise(of_contestant) for name, of_contestant in runs.items()}


def _measure(name: str, folder: Path, small: Path) -> Measured:
    """Runs a contestant in its own process."""
    with tempfile.TemporaryDirectory() as home:
        arguments = ["-m", "bench.comparison.contestant", name, str(folder), str(small), home]
        process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *arguments])
        # Unlike getrusage, wait4 reports the peak memory of this one process.
        _, status, usage = os.wait4(process, 0)
        if status:
            sys.exit(f"the contestant {name} failed")
        result = json.loads((Path(home) / RESULT).read_text(encoding="utf-8"))
    verdicts = Verdicts(**result.pop("verdicts"))
    return Measured(verdicts, **result, mebibytes=usage.ru_maxrss / _MEBIBYTE)


def _summarise(runs: list[Measured]) -> Line:
    return Line(
        verdicts=runs[0].verdicts.given,
        seconds=statistics.median(run.seconds for run in runs),
        parsing=statistics.median(run.parsing for run in runs),
        judging=statistics.median(run.judging for run in runs),
        mebibytes=max(run.mebibytes for run in runs),
    )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]])
