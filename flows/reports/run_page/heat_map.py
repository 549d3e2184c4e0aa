"""Completeness as a heat map: a row for each field of the file, a column for each month."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.reports.run_page.queries import Parts, Row
from flows.reports.run_page.wording import name_month
from schemas.dataset import ENTITIES, TABLE, list_entity_fields

# The least percentages of the five shades, from the best to the worst.
SHADES = (99, 95, 80, 50, 0)


@dataclass(frozen=True)
class Cell:
    """A field in a month: the percentage that was understood, its shade from 0 to 4, and whether it is lower now.

    Percentages are whole numbers, rounded down: 100 means that nothing is missing.
    """

    percent: int | None
    shade: int | None
    fell: bool


@dataclass(frozen=True)
class FieldRow:
    """A field: its header, its title, the records of this month and those with a value, and a cell for each month."""

    header: str
    title: str
    records: int
    populated: int | None
    cells: list[Cell]


@dataclass(frozen=True)
class HeatMap:
    """The months in words, and the fields by the name of their table."""

    months: list[str]
    tables: dict[str, list[FieldRow]]


def build_heat_map(parts: Parts) -> HeatMap:
    """Returns the completeness of each field in each month that has a run."""
    periods = [month["period"] for month in parts["months"] if month["run_id"]]
    counted = {(row["field"], row["period"]): row for row in parts["completeness"]}
    tables = {
        TABLE[entity]: [
            _build_row(field.header, field.title, [counted.get((field.header, period)) for period in periods])
            for field in list_entity_fields(entity)
            if any((field.header, period) in counted for period in periods)
        ]
        for entity in ENTITIES
    }
    return HeatMap([name_month(period) for period in periods], {name: rows for name, rows in tables.items() if rows})


def _build_row(header: str, title: str, months: Sequence[Row | None]) -> FieldRow:
    shares = [_count_percent(month, "understood") for month in months]
    this = months[-1]
    return FieldRow(
        header,
        title,
        this["records"] if this else 0,
        _count_percent(this, "populated"),
        [_build_cell(now, before) for now, before in zip(shares, [None, *shares[:-1]], strict=True)],
    )


def _count_percent(month: Row | None, counted: str) -> int | None:
    return int(100 * month[counted] // month["records"]) if month and month["records"] else None


def _build_cell(percent: int | None, before: int | None) -> Cell:
    if percent is None:
        return Cell(None, None, fell=False)
    shade = next(number for number, least in enumerate(SHADES) if percent >= least)
    return Cell(percent, shade, fell=before is not None and percent < before)
