"""Reads the values of a place, as the drafted mapping would."""

import polars as pl

from flows.intake.draft.columns import look_up
from flows.intake.draft.places import Export, Place


def read_place(export: Export, place: Place) -> pl.Series:
    """Returns the values of a place, before codes are applied."""
    if place.through:
        table, column = place.through
        other = export.tables[place.table]
        return look_up(export.tables[table].rows[column], other, export.keys.key[place.table], place.column)
    rows = export.tables[place.table].rows
    for column, value in place.only:
        rows = rows.filter(pl.col(column) == value)
    values = rows[place.column]
    if place.part is None:
        return values
    parts = values.str.split(place.separator).list.get(place.part - 1, null_on_oob=True)
    return parts.str.strip_chars()
