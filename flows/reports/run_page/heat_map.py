"""Completeness as a heat map: a row for each field of the file, a column for each month."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.reports.run_page.queries import Parts, Row
from flows.reports.run_page.wording import name_month
from schemas.dataset import ENTITIES, TABLE, list_entity_fields

# The least percentages of the five shades, from the best to the worst.
SHADES = (99.0, 95.0, 80.0, 50.0, 0.0)
_LEAST_FALL = 1.0


@dataclass(frozen=True)
class Cell:
    """A field in a month: the percentage that was understood, its shade from 0 to 4, and whether it fell."""

    percent: float | None
    shade: int | None
    fell: bool

    @property
    def words(self) -> str:
        """The percentage as a whole number, rounded down: 100 means that nothing is missing."""
        return "–" if self.percent is None else f"{self.percent // 1:.0f}"


@dataclass(frozen=True)
class FieldRow:
    """A field: its header, its title, the records of this month and those with a value, and a cell for each month."""

    header: str
    title: str
    records: int
    populated: float | None
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
    shares = [month["percent_understood"] if month else None for month in months]
    this = months[-1]
    return FieldRow(
        header,
        title,
        this["records"] if this else 0,
        this["percent_populated"] if this else None,
        [_build_cell(now, before) for now, before in zip(shares, [None, *shares[:-1]], strict=True)],
    )


def _build_cell(percent: float | None, before: float | None) -> Cell:
    if percent is None:
        return Cell(None, None, fell=False)
    shade = next(number for number, least in enumerate(SHADES) if percent >= least)
    return Cell(percent, shade, fell=before is not None and before - percent >= _LEAST_FALL)
