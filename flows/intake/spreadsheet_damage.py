"""Refuses tables that a spreadsheet damaged when it saved them again, because the damage cannot be undone."""

import re

import polars as pl

from flows.support.errors import InputRefused
from schemas.dataset import ID_FIELD, Entity, list_entity_fields
from schemas.record_columns import SOURCE_LINE

# A long number as a spreadsheet shows it, and the serial number of a day from 1927 to 2091.
_ROUNDED = r"^[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}$"
_SERIAL = r"^[1-6][0-9]{4}(?:[.][0-9]+)?$"


def refuse_spreadsheet_damage(table: pl.DataFrame, entity: Entity, name: str) -> None:
    """Refuses ids that were rounded, and dates that became numbers.

    Args:
        table: cleaned text with the dataset's headers, and `source_line`.
        entity: the entity of the records.
        name: the name of the file.

    Raises:
        InputRefused: the table is damaged; the text names the file, line and column, never the value.
    """
    ids = dict.fromkeys([*ID_FIELD.values(), "CLIENT"])
    for column in (header for header in ids if header in table.columns):
        # A literal search is fast and rarely finds a suspect, so the regular expression seldom runs.
        suspects = table[column].str.contains("E+", literal=True)
        rounded = table.filter(suspects & table[column].str.contains(_ROUNDED)) if suspects.any() else table.head(0)
        if len(rounded):
            raise InputRefused(
                f"{name}, line {rounded[SOURCE_LINE][0]}: {column} is a rounded number such as 1.11E+08, because a"
                " spreadsheet saved the file; export it again"
            )
    dates = [field.header for field in list_entity_fields(entity) if field.kind in ("date", "partial_date")]
    for column in (header for header in dates if header in table.columns):
        # The first value decides for nearly every column, so the others are rarely checked.
        first = table[column].is_not_null().arg_max()
        if first is None or not table[column][first] or not re.match(_SERIAL, table[column][first]):
            continue
        if table[column].drop_nulls().str.contains(_SERIAL).all():
            raise InputRefused(
                f"{name}, line {table[SOURCE_LINE][first]}: every {column} is a number of days such as 45017,"
                " because a spreadsheet saved the file; export it again, or write dates as YYYY-MM-DD"
            )
