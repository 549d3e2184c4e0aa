"""Measures everything that has a goal: python -m bench [NAME ...], such as `python -m bench national_year`.

Prints each figure next to its goal, and at the end those that miss theirs, with the steps that take the time.
"""

import sys
from collections.abc import Callable, Iterator

from bench import (
    audit_queries,
    backfill,
    distributed,
    look_up,
    national_year,
    one_submission,
    report_pages,
    ten_million,
)
from bench.figures import Figure, print_figures, print_goals

PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "look_up": look_up.measure,
    "audit_queries": audit_queries.measure,
    "report_pages": report_pages.measure,
    "one_submission": one_submission.measure,
    "national_year": national_year.measure,
    "distributed": distributed.measure,
    "backfill": backfill.measure,
    "ten_million": ten_million.measure,
}


def main(names: list[str]) -> None:
    """Measures the parts with these names, by default all."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; known: {', '.join(PARTS)}")
    print_goals([figure for name in names or PARTS for figure in print_figures(PARTS[name]())])


if __name__ == "__main__":
    main(sys.argv[1:])
