"""Runs one contestant in this process: python -m bench.comparison.contestant NAME FOLDER SMALL_FOLDER HOME.

Writes the seconds it took and its verdicts to HOME. A contestant is a module `by_NAME` with three functions: `read`
reads the rows as text, `parse` adds their values, and `find_verdicts` counts the rows that break each rule. It first
runs on a small folder, because the first use of a library imports more of it.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from bench.comparison.rules import read_rules
from bench.comparison.verdicts import Verdicts

RESULT = "result.json"


@dataclass(frozen=True)
class Timed:
    """The verdicts of a contestant, the seconds from the file to the verdicts, and those of two parts of them."""

    verdicts: Verdicts
    seconds: float
    parsing: float
    judging: float


def run_contestant(name: str, folder: Path, home: Path) -> Timed:
    """Returns the verdicts of a contestant on the rows and rules of a folder, with the seconds it took."""
    contestant = import_module(f"bench.comparison.by_{name}")
    rules = read_rules(folder)
    start = time.perf_counter()
    texts = contestant.read(folder, home, rules)
    was_read = time.perf_counter()
    rows = contestant.parse(texts, rules)
    was_parsed = time.perf_counter()
    verdicts = contestant.find_verdicts(rows, rules)
    end = time.perf_counter()
    return Timed(verdicts, end - start, parsing=was_parsed - was_read, judging=end - was_parsed)


def main(name: str, folder: Path, small_folder: Path, home: Path) -> None:
    """Runs a contestant twice, and writes the result of the second time."""
    run_contestant(name, small_folder, home)
    result = run_contestant(name, folder, home)
    (home / RESULT).write_text(json.dumps(asdict(result)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
