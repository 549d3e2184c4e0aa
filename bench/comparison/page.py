"""Writes the result of the comparison as tables of a page."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- Written by `make compare`; do not edit. -->", "<!-- End of what `make compare` writes. -->"
_OURS = "rules"
_TITLES = {
    "rules": "this project, the same rules",
    "check": "this project, `ndtms check`: all rules, three tables",
    "dataframely": "dataframely",
    "pandera": "pandera, a check per rule",
    "python": "plain Python, row by row",
}
# Of the other two, one does all at once for each row, and one reads and parses more than the others.
_HAS_PARTS = frozenset({"rules", "dataframely", "pandera"})
_HEAD = (
    "| contestant | verdicts | seconds | parsing | rules | million verdicts per second | time relative to this"
    " project | peak MiB |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
)


@dataclass(frozen=True)
class Line:
    """The result of a contestant: medians of its seconds, and its highest memory.

    `verdicts` are those it gives in all, one per rule and row.
    """

    verdicts: int
    seconds: float
    parsing: float
    judging: float
    mebibytes: float


@dataclass(frozen=True)
class Size:
    """The results of the contestants on a number of rows, by name."""

    rows: int
    lines: dict[str, Line]


def build_tables(sizes: Sequence[Size], rules: int, share_faulty: float, rounds: int) -> str:
    """Returns a table per size, after a line about the machine and the versions."""
    cores, gibibytes = len(os.sched_getaffinity(0)), psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{package} {version(package)}" for package in ("polars", "dataframely", "pandera"))
    about = (
        f"{rules} rules; {share_faulty:.0%} of the rows have other values in three fields; medians of {rounds} rounds,"
        f" {cores} cores, {gibibytes:.0f} GiB of memory, Python {platform.python_version()}, {versions}.\n"
    )
    return "\n".join([about, *(_build_table(size) for size in sizes)])


def replace_tables(page: str, tables: str) -> str:
    """Returns the page with the tables between its two markers.

    Raises:
        ValueError: the page does not have both markers, in order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no line {BEGIN} before a line {END}; add both where the tables belong")
    return f"{before}{begin}\n\n{tables}\n{end}{after}"


def _build_table(size: Size) -> str:
    ours = size.lines[_OURS].seconds
    lines = "".join(_build_line(name, line, ours) for name, line in size.lines.items())
    return f"### {size.rows:,} rows\n\n{_HEAD}{lines}"


def _build_line(name: str, line: Line, ours: float) -> str:
    parts = f"{line.parsing:.2f} | {line.judging:.2f}" if name in _HAS_PARTS else " | "
    rate, ratio = line.verdicts / line.seconds / 1_000_000, line.seconds / ours
    return (
        f"| {_TITLES[name]} | {line.verdicts:,} | {line.seconds:.2f} | {parts} | {rate:.1f} | {ratio:.2f} |"
        f" {line.mebibytes:,.0f} |\n"
    )
