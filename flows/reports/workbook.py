"""Writes Excel workbooks that preserve every value: numbers and dates keep their type, texts stay texts."""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from flows.support.errors import InputRefused
from flows.support.text import as_text

# The limits of the XLSX format.
MOST_ROWS, MOST_COLUMNS, LONGEST_TEXT = 1_048_576, 16_384, 32_767
# A cell stores a number as a double, which is exact for up to 15 digits.
_DIGITS_KEPT = 15
_WIDEST, _NARROWEST, _ROWS_MEASURED = 60, 8, 500
# Excel treats 1900 as a leap year, so before this day it is one day off.
_FIRST_DAY = date(1900, 3, 1)
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss.000", "time": "hh:mm:ss.000"}
_Write = Callable[[int, int, Any], object]


class _Exact(float):
    """Formats a number with all its digits: the library writes sixteen, and some numbers need seventeen."""

    def __format__(self, _form: str) -> str:
        return str(int(self)) if self.is_integer() and abs(self) < 10**_DIGITS_KEPT else repr(float(self))


def build_workbook(table: pl.DataFrame) -> bytes:
    """Returns a table as an Excel workbook with one sheet; see `build_sheets`."""
    return build_sheets({"Sheet1": table})


def build_sheets(tables: Mapping[str, pl.DataFrame], wrapped: Mapping[str, int] | None = None) -> bytes:
    """Returns tables as an Excel workbook with a sheet for each.

    A column of numbers, booleans, dates or times keeps its type if a sheet can store each of its values exactly. The
    cells of every other column are texts. The header stays visible, and each column has a filter.

    Args:
        tables: any columns, by the name of the sheet; a list becomes one text.
        wrapped: the columns whose texts are wrapped, with the width of each in characters.

    Returns:
        The bytes of the workbook.

    Raises:
        InputRefused: a sheet cannot hold a table; the text gives the reason. Nothing is written.
    """
    # All columns are converted first, so that a table that does not fit is refused before anything is written.
    converted = {
        name: Cells(table.columns, [_convert_cells(column) for column in table.get_columns()])
        for name, table in tables.items()
    }
    for cells in converted.values():
        _refuse_too_large(cells.names, cells.columns)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for name, cells in converted.items():
        _write_sheet(book, name, cells, wrapped or {})
    book.close()
    return buffer.getvalue()


@dataclass(frozen=True)
class Cells:
    """A table as cell values: the names of its columns, and the values of each."""

    names: Sequence[str]
    columns: Sequence[Sequence[object]]


def _write_sheet(book: xlsxwriter.Workbook, name: str, cells: Cells, wrapped: Mapping[str, int]) -> None:
    sheet = book.add_worksheet(name)
    writers = _build_writers(sheet, {form: book.add_format({"num_format": code}) for form, code in _FORMATS.items()})
    bold, top = book.add_format({"bold": True}), book.add_format({"valign": "top"}) if wrapped else None
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for position, (header, column) in enumerate(zip(cells.names, cells.columns, strict=True)):
        sheet.write_string(0, position, header, bold)
        for row, cell in enumerate(column, start=1):
            if cell is not None:
                writers[type(cell)](row, position, cell)
        width = wrapped.get(header) or _measure_width(header, column)
        # A cell without a format of its own has that of its column.
        sheet.set_column(position, position, width, wrap if header in wrapped else top)
    sheet.freeze_panes(1, 0)
    if cells.names:
        rows = max((len(column) for column in cells.columns), default=0)
        sheet.autofilter(0, 0, rows, len(cells.names) - 1)


def _build_writers(sheet: Worksheet, formats: dict[str, Format]) -> dict[type, _Write]:
    """Returns the function that writes a cell of each Python type."""
    return {
        # Never `sheet.write`: it makes a formula or a link of a text that begins with = or http.
        str: sheet.write_string,
        bool: sheet.write_boolean,
        _Exact: sheet.write_number,
        date: lambda row, position, cell: sheet.write_datetime(row, position, cell, formats["date"]),
        datetime: lambda row, position, cell: sheet.write_datetime(row, position, cell, formats["datetime"]),
        time: lambda row, position, cell: sheet.write_datetime(row, position, cell, formats["time"]),
    }


def _convert_cells(column: pl.Series) -> Sequence[object]:
    """Converts the values of a column to cell values."""
    values = column.to_list()
    if all(value is None or _is_exact(value) for value in values):
        return [_Exact(value) if _is_number(value) else value for value in values]
    if column.dtype.is_float():
        # A value that is not finite, such as infinity, becomes a text.
        return [value if value is None else _Exact(value) if math.isfinite(value) else str(value) for value in values]
    return [None if value is None else as_text(value) for value in values]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_exact(value: object) -> bool:
    """Returns whether a cell of the value's own type preserves the value."""
    if isinstance(value, (bool, str)):
        return True
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, (int, Decimal)):
        return len(Decimal(value).normalize().as_tuple().digits) <= _DIGITS_KEPT and abs(value) < 10**_DIGITS_KEPT
    if isinstance(value, datetime):
        # Excel has no time zones and no fractions of a millisecond.
        return value.tzinfo is None and value.date() >= _FIRST_DAY and value.microsecond % 1000 == 0
    if isinstance(value, date):
        return value >= _FIRST_DAY
    return isinstance(value, time) and value.microsecond % 1000 == 0


def _refuse_too_large(names: Sequence[str], columns: Sequence[Sequence[object]]) -> None:
    advice = "select fewer rows or columns, or use --format csv or json"
    rows = len(columns[0]) if columns else 0
    if rows >= MOST_ROWS:
        raise InputRefused(f"the table has {rows} rows, but a sheet holds {MOST_ROWS - 1} below its header; {advice}")
    if len(names) > MOST_COLUMNS:
        raise InputRefused(f"the table has {len(names)} columns, but a sheet holds {MOST_COLUMNS}; {advice}")
    for name, cells in zip(names, columns, strict=True):
        for row, cell in enumerate((name, *cells)):
            # Excel counts a character outside the Basic Multilingual Plane as two.
            if (
                isinstance(cell, str)
                and len(cell) > LONGEST_TEXT // 2
                and len(cell.encode("utf-16-le")) // 2 > LONGEST_TEXT
            ):
                raise InputRefused(
                    f"row {row} of the table has a text of {len(cell)} characters in one cell, but a cell holds"
                    f" {LONGEST_TEXT}; {advice}"
                )


def _measure_width(name: str, cells: Sequence[object]) -> int:
    longest = max((len(str(cell)) for cell in cells[:_ROWS_MEASURED] if cell is not None), default=0)
    return min(max(longest, len(name), _NARROWEST), _WIDEST) + 2
