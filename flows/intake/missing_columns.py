"""The header of a source's table: what is told of it when a column that is asked for is not there."""

import re
from collections.abc import Collection, Sequence

import polars as pl

from flows.support.errors import InputRefused
from flows.support.text import listed
from schemas.record_columns import FILE_LINE
from transforms.parse.stray_postcodes import contains_postcode

# A birthday, a phone number or an id: no name of a column.
_OF_A_RECORD = re.compile(r"[0-9]{4}|[0-9][/.-][0-9]")

_MOST_WORDS = 8
_NO_HEADER = "the file may have no header, or another delimiter or encoding than the mapping says"


def is_like_a_value(column: str) -> bool:
    """Whether a column's name looks like a value: a birthday, a number, a postcode, or a text of many words."""
    postcode = bool(pl.select(contains_postcode(pl.lit(column))).item())
    return postcode or _OF_A_RECORD.search(column) is not None or len(column.split()) > _MOST_WORDS


def absent_column(name: str, key: str, column: str, columns: Sequence[str], mapped: Collection[str]) -> InputRefused:
    """The refusal of a table without a column that its mapping names.

    Args:
        name: what the table is called.
        key: where the mapping names the column.
        column: the column that is not there.
        columns: those of the table.
        mapped: all that the mapping names for it.
    """
    found = [each for each in columns if each != FILE_LINE]
    # A file without a header begins with a person: only of a line that holds most of what is named is more told.
    if not any(each in mapped for each in found):
        told = "nor is any other that it names; " + _NO_HEADER
        told += ": the whole line is one column" if len(found) == 1 else ""
    elif 2 * len(set(mapped).intersection(found)) < len(mapped) or any(is_like_a_value(each) for each in found):
        told = "the first line looks like a record; " + _NO_HEADER
    else:
        told = f"there are {listed(found)}"
    return InputRefused(f"{name}, line 1: the mapping's {key} names the column {column!r}, which is not there; {told}")
