"""Parses a sheet of an Excel workbook as a table of text.

The program calls these functions through `flows.files.isolated_reading`, because the library may abort.
"""

import fastexcel
import polars as pl

from flows.support.errors import InputRefused
from schemas.record_columns import FILE_LINE


def parse_workbook(content: bytes, name: str, sheet: str | None = None) -> pl.DataFrame:
    """Parses a sheet as text columns, and `FILE_LINE`, the row of the sheet.

    Args:
        content: the bytes of the workbook.
        name: the name of the workbook in messages.
        sheet: the name of the sheet; None is the first.

    Returns:
        One String column for each column of the header, and `FILE_LINE` (UInt32).

    Raises:
        InputRefused: the file is not a workbook, the sheet is missing, or its header is invalid.
    """
    try:
        workbook = fastexcel.read_excel(content)
    except Exception:
        raise InputRefused(f"{name}: the file is not a readable Excel workbook; export it again") from None
    names = workbook.sheet_names
    if sheet is not None and sheet not in names:
        raise InputRefused(f"{name}: there is no sheet {sheet!r}; the sheets are {', '.join(map(repr, names))}")
    try:
        # Reads each cell as its own text, independent of the types of the other cells in its column.
        cells = workbook.load_sheet(sheet if sheet is not None else 0, header_row=None, dtypes="string").to_polars()
    except Exception:
        raise InputRefused(f"{name}: the sheet cannot be read as a table; export the file again") from None
    return _apply_header(cells, name)


def list_sheets(content: bytes, name: str) -> list[str]:
    """Returns the names of a workbook's sheets.

    Raises:
        InputRefused: the file is not a workbook.
    """
    try:
        return list(fastexcel.read_excel(content).sheet_names)
    except Exception:
        raise InputRefused(f"{name}: the file is not a readable Excel workbook; export it again") from None


def _apply_header(cells: pl.DataFrame, name: str) -> pl.DataFrame:
    """Returns the rows below the first non-empty row, with its texts as column names."""
    numbered = cells.with_row_index(FILE_LINE, offset=1)
    filled = numbered.filter(~pl.all_horizontal(pl.exclude(FILE_LINE).is_null()))
    if filled.is_empty():
        raise InputRefused(f"{name}: the sheet is empty; a header row is needed")
    first = int(filled[FILE_LINE][0])
    table = filled.filter(pl.col(FILE_LINE) > first)
    header = [(text or "").strip() for text in cells.row(first - 1)]
    # Column 0 of the table is the row number, so column n of the sheet is at n + 1.
    for position, text in enumerate(header):
        if not text and table.to_series(position + 1).count():
            raise InputRefused(
                f"{name}, row {first}: column {position + 1} has values but no header; write one above them"
            )
        if text and header.index(text) != position:
            # The message omits the name: the first row of a sheet without a header is a person's record.
            raise InputRefused(
                f"{name}, row {first}: the columns {header.index(text) + 1} and {position + 1} have the same name;"
                " each name is allowed once"
            )
    used = [pl.nth(position + 1).alias(text) for position, text in enumerate(header) if text]
    return table.select(*used, pl.col(FILE_LINE).cast(pl.UInt32))
