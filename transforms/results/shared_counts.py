"""Counts of a page to share: each is shown, or rounded down, so that no count of one to four can be calculated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transforms.results.small_counts import SMALLEST_SHOWN

# The least counts and percentages that are shown in place of exact ones.
_STEPS = (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5)
_PERCENTAGES = (99, 95, 80, 50)
# Less than half of fewer records would always be a small count.
_LEAST_RECORDS = 4 * SMALLEST_SHOWN


def show_count(count: int) -> int | None:
    """Returns a count, or None if it is hidden because it is from one to four."""
    return None if 0 < count < SMALLEST_SHOWN else count


def add_shown(counts: Iterable[int | None]) -> int | None:
    """Returns the sum of counts, or None if one of them is hidden: the sum and the others would give it away."""
    parts = list(counts)
    shown = [part for part in parts if part is not None]
    return sum(shown) if len(shown) == len(parts) else None


def round_down(counts: Sequence[int], total: int) -> list[int | None]:
    """Rounds counts that may overlap down to a step, so that their total minus all of them stays five or more.

    Otherwise, the total and the counts could show that few records are not in any of them.

    Args:
        counts: the counts, highest first; each is a number of records of the total.
        total: the number of all records, which is shown.

    Returns:
        The step of each count; None for a count that is not shown.
    """
    left = total - SMALLEST_SHOWN
    steps: list[int | None] = []
    for count in counts:
        step = next((step for step in _STEPS if step <= min(count, left)), None)
        left -= step or 0
        steps.append(step)
    return steps


@dataclass(frozen=True)
class ShareRange:
    """A range of percentages: from `least` up to but not including `below`, or to 100 if `below` is None."""

    least: int
    below: int | None

    @property
    def words(self) -> str:
        """The range in words."""
        if self.least == 0:
            return f"less than {self.below}%"
        return f"{self.least}% or more" if self.below is None else f"{self.least}% to less than {self.below}%"


def find_share_range(count: int, records: int) -> ShareRange | None:
    """Returns the range of the share of a count, or None if the records are too few for one.

    A range starts at a percentage only if five records or more may be missing from the count at that percentage.  So
    neither the count nor the number that is missing is known to be small.
    """
    if records < _LEAST_RECORDS:
        return None
    below = None
    for percent in _PERCENTAGES:
        # The least count that has this percentage, rounded up.
        least = -(-percent * records // 100)
        if records - least < SMALLEST_SHOWN:
            continue
        if count >= least:
            return ShareRange(percent, below)
        below = percent
    return ShareRange(0, below)
