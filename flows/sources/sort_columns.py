"""Columns to sort by, as a mapping writes them: `moved_in`, or `moved_in desc` for the largest value first."""

from collections.abc import Sequence
from dataclasses import dataclass

_DESCENDING = " desc"


@dataclass(frozen=True)
class SortColumn:
    """A column to sort by; `is_descending` puts the largest value first."""

    name: str
    is_descending: bool = False


def parse_sort_columns(texts: Sequence[str]) -> tuple[SortColumn, ...]:
    """Returns the columns that the texts name.

    Raises:
        ValueError: a text names no column, or two texts name the same one.
    """
    columns = tuple(
        SortColumn(text.removesuffix(_DESCENDING), is_descending=text.endswith(_DESCENDING)) for text in texts
    )
    names = [column.name for column in columns]
    if not all(name.strip() for name in names):
        raise ValueError('order_by needs the name of a column, as in "moved_in" or "moved_in desc"')
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"order_by names {repeated[0]} twice; each column may occur once")
    return columns
