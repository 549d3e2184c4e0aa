"""Compares what this checkout takes with what an earlier commit takes: python -m bench.compare_commits REVISION.

Runs the same work alternately with the program of both: the month of one prison, and a national year with the month
after it.  Seconds, CPU and memory may grow by at most 5 %.  The exit code is 1 if something grew more.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.checkouts import ROOT, checked_out
from bench.figures import Figure, print_figures, print_goals
from bench.national_export import write_export_apart
from bench.national_year import Taken, measure_medians, measure_piece
from bench.one_submission import MONTH, measure_command

_SIZE, _ROUNDS, _MONTH_ROUNDS = 1_000_000, 3, 9
_MOST = 1.05
_PIECES = ("check", "submit", "following month")


def measure(revision: str) -> Iterator[Figure]:
    """Yields the ratio of each figure here to that of the commit."""
    with tempfile.TemporaryDirectory() as name, checked_out(revision, Path(name) / "checkout") as earlier:
        folder = Path(name)
        yield from _compare_month(earlier, folder)
        export, landed = folder / "export", {earlier: folder / "landed-before", ROOT: folder / "landed-now"}
        write_export_apart(export, _SIZE)
        taken: dict[str, dict[Path, list[Taken]]] = {piece: {earlier: [], ROOT: []} for piece in _PIECES}
        for code, home in landed.items():
            home.mkdir()
            measure_piece("submit", export, home, code)
        for _ in range(_ROUNDS):
            for code, home in landed.items():
                for piece, found in measure_medians(_PIECES, export, home, code, rounds=1).items():
                    taken[piece][code].append(found)
        for piece, of_code in taken.items():
            yield from _compare(f"{piece}, {_SIZE:,} interventions", of_code[earlier], of_code[ROOT])


def _compare_month(earlier: Path, folder: Path) -> Iterator[Figure]:
    taken: dict[str, dict[Path, list[float]]] = {what: {earlier: [], ROOT: []} for what in ("check", "submit")}
    for number in range(_MONTH_ROUNDS):
        for what, of_code in taken.items():
            for code, seconds in of_code.items():
                home = folder / f"{what}-{number}-{code.name}"
                command = (sys.executable, "-m", "flows", what, *MONTH, "--home", str(home))
                seconds.append(measure_command(command, _select_environment(code), code))
    for what, of_code in taken.items():
        before, now = (statistics.median(of_code[code]) for code in (earlier, ROOT))
        yield Figure(
            f"{what} of a month, seconds", now / before, "x before", _MOST, f"{now:.2f} s, before {before:.2f} s"
        )


def _select_environment(code: Path) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(code), "PREFECT_API_URL": ""}


def _compare(what: str, before: list[Taken], now: list[Taken]) -> Iterator[Figure]:
    for part in ("seconds", "cpu", "memory"):
        first, second = (statistics.median(getattr(one, part) for one in taken) for taken in (before, now))
        yield Figure(f"{what}, {part}", second / first, "x before", _MOST, f"{second:.2f}, before {first:.2f}")


if __name__ == "__main__":
    figures = print_figures(measure(sys.argv[1]))
    print_goals(figures)
    sys.exit(any(figure.is_missed for figure in figures))
