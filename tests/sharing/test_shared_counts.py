"""Counts that are rounded: every possibility is tried, and none leaves a count of one to four without doubt."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest

from tests.sharing.attacker import SMALL
from transforms.results.shared_counts import ShareRange, add_shown, find_share_range, round_down, show_count

MOST = 34
# What somebody may know about two faults: nothing, that no record has both, that all with the second have the first.
KNOWN: dict[str, Callable[[int, int, int], bool]] = {
    "nothing": lambda total, one, two: True,
    "disjoint": lambda total, one, two: one + two <= total,
    "nested": lambda total, one, two: two <= one,
}
# The counts that can then be calculated.
CALCULATED: dict[str, Callable[[int, int, int], int]] = {
    "first": lambda total, one, two: one,
    "second": lambda total, one, two: two,
    "not the first": lambda total, one, two: total - one,
    "not the second": lambda total, one, two: total - two,
    "neither": lambda total, one, two: total - one - two,
    "first only": lambda total, one, two: one - two,
}


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (1, None), (4, None), (5, 5), (1_000, 1_000)])
def test_counts_from_one_to_four_are_hidden(count: int, expected: int | None) -> None:
    assert show_count(count) == expected


def test_a_total_is_shown_if_all_of_its_parts_are() -> None:
    assert (add_shown([5, 0, 7]), add_shown([5, None]), add_shown([])) == (12, None, 0)


@pytest.mark.parametrize(
    ("counts", "total", "expected"),
    [
        ([11, 9, 7, 6, 5], 55, [10, 5, 5, 5, 5]),
        ([7], 7, [None]),
        ([10], 10, [5]),
        ([20, 20], 24, [10, 5]),
        ([4], 100, [None]),
        ([120, 30], 130, [100, 20]),
    ],
)
def test_counts_are_rounded_down(counts: list[int], total: int, expected: list[int | None]) -> None:
    assert round_down(counts, total) == expected


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("calculated", CALCULATED)
def test_no_small_count_of_two_faults_can_be_calculated(known: str, calculated: str) -> None:
    """The total, the steps and their algorithm are known; each page is compared with all others that look the same."""
    values: dict[tuple[object, ...], set[int]] = {}
    for total in (0, *range(5, MOST)):
        for one, two in product(range(total + 1), repeat=2):
            # Two faults are shown in the order of their counts, but not under which count each is.
            if one >= two and KNOWN[known](total, one, two):
                page = (total, *round_down([one, two], total))
                values.setdefault(page, set()).add(CALCULATED[calculated](total, one, two))
    pinned = {page: found for page, found in values.items() if len(found) == 1 and found <= set(SMALL)}
    assert len(values) > MOST
    assert pinned == {}


def test_the_rest_of_what_is_rounded_may_be_five_or_more() -> None:
    """If no two faults are of one record, no upper limit of those without a fault is from one to four."""
    for total in range(5, 120):
        for counts in product((0, 3, 6, 11, 24, 60, 110), repeat=3):
            lost = sorted((count for count in counts if count <= total), reverse=True)
            steps = [step for step in round_down(lost, total) if step is not None]
            assert total - sum(steps) >= 5
            assert all(step <= count for step, count in zip(round_down(lost, total), lost, strict=True) if step)


@pytest.mark.parametrize("records", [0, 4, 5, 19, 20, 21, 24, 25, 26, 39, 63, 99, 100, 101, 499, 500, 501, 2_000])
def test_a_range_includes_counts_of_five_or_more_on_both_sides(records: int) -> None:
    by_range: dict[ShareRange | None, list[int]] = {}
    for count in range(records + 1):
        by_range.setdefault(find_share_range(count, records), []).append(count)
    assert (set(by_range) == {None}) == (records < 20)
    for found, counts in by_range.items():
        if found is not None:
            assert counts[-1] >= 5
            assert records - counts[0] >= 5
            assert len(counts) >= 5
            below = 101 if found.below is None else found.below
            assert all(found.least <= Fraction(100 * count, records) < below for count in counts)


def test_ranges_in_words() -> None:
    found = {find_share_range(count, 100) for count in range(101)}
    assert {share.words for share in found if share} == {
        "less than 50%", "50% to less than 80%", "80% to less than 95%", "95% or more",
    }  # fmt: skip
