"""The heat map: whole numbers, rounded down, and a mark where the number that is shown is lower than before."""

import pytest

from flows.reports.run_page.heat_map import Cell, build_heat_map
from flows.reports.run_page.queries import Row


def count(period: str, records: int, understood: int) -> Row:
    return {"period": period, "field": "SEX", "records": records, "populated": records, "understood": understood}


def build_cells(*counts: tuple[int, int]) -> list[Cell]:
    periods = [f"2023-{month:02}" for month in range(1, len(counts) + 1)]
    months = [{"period": period, "run_id": period} for period in periods]
    completeness = [count(period, *numbers) for period, numbers in zip(periods, counts, strict=True)]
    [[field]] = build_heat_map({"months": months, "completeness": completeness}).tables.values()
    return field.cells


@pytest.mark.parametrize(
    ("before", "now", "fell"),
    [((1000, 960), (1000, 959), True), ((1000, 969), (1000, 960), False), ((1000, 960), (1000, 950), True),
     ((1000, 950), (1000, 960), False), ((0, 0), (1000, 900), False), ((1000, 900), (0, 0), False)],
)  # fmt: skip
def test_a_mark_means_a_lower_number(before: tuple[int, int], now: tuple[int, int], fell: bool) -> None:
    assert build_cells(before, now)[1].fell == fell


def test_100_means_that_nothing_is_missing() -> None:
    cells = build_cells((3000, 2999), (3000, 3000), (0, 0))
    assert [(cell.percent, cell.shade) for cell in cells] == [(99, 0), (100, 0), (None, None)]
