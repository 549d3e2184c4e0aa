"""Parses the words of a PDF document and the cells of its ruled tables, with their positions.

The program calls this function through `flows.files.isolated_reading`, because a damaged file may need any amount of
memory or time. The libraries read the bytes that they are given; they open no other file and no connection.
"""

import io
import logging
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl

from flows.support.errors import InputRefused

# `page` counts from 1. `grid`, `row` and `column` count from 0: the cell of a ruled table; null for a word outside of
# one. Positions are in points, from the top left corner of the page. `is_cell` marks the cell itself, with its borders.
# `overflows` marks a word that crosses a border of its cell.
LAYOUT = {
    "page": pl.UInt32, "grid": pl.UInt32, "row": pl.UInt32, "column": pl.UInt32, "is_cell": pl.Boolean,
    "text": pl.String, "x0": pl.Float64, "x1": pl.Float64, "top": pl.Float64, "bottom": pl.Float64,
    "size": pl.Float64, "is_bold": pl.Boolean, "overflows": pl.Boolean, "page_width": pl.Float64,
}  # fmt: skip
# How far a word may reach over the border of its cell, in points.
_OVER_BORDER = 2.0
_Cell = tuple[int, int, int, tuple[float, float, float, float]]


def parse_pdf(content: bytes, name: str) -> pl.DataFrame:
    """Parses a PDF document as one row per word or cell of a ruled table, with the columns of `LAYOUT`.

    Args:
        content: the bytes of the document.
        name: the name of the file in messages.

    Raises:
        InputRefused: the package for PDF is not installed, or the file is not a PDF document, is encrypted or has no
            text.
    """
    try:
        import pdfplumber  # noqa: PLC0415 an optional extra
    except ImportError:
        raise InputRefused(
            f"{name}: the package that reads PDF documents is not installed; install it with"
            " `pip install 'ndtms-submission[pdf]'`"
        ) from None
    rows: list[dict[str, Any]] = []
    try:
        with _refuse_losses(name), pdfplumber.open(io.BytesIO(content)) as document:
            for page in document.pages:
                rows += _parse_page(page, name)
                page.close()
    except (MemoryError, InputRefused):
        raise
    # The libraries raise errors of many types for a damaged document.
    except Exception:
        raise InputRefused(
            f"{name}: the file is not a readable PDF document; it may be damaged or need a password; save it again, or"
            " load its tables as CSV or XLSX"
        ) from None
    if not any(not row["is_cell"] for row in rows):
        raise InputRefused(f"{name}: the document has no text; it may be a scan; load its tables as CSV or XLSX")
    return pl.DataFrame(rows, schema=LAYOUT)


@contextmanager
def _refuse_losses(name: str) -> Iterator[None]:
    """Refuses a document in which the library found damage and went on without a part of the text."""
    losses = _Losses()
    logger = logging.getLogger("pdfminer")
    logger.addHandler(losses)
    try:
        yield
    finally:
        logger.removeHandler(losses)
    if losses.found:
        raise InputRefused(f"{name}: a part of the document is damaged; get it again from where it is published")


class _Losses(logging.Handler):
    """Notes whether the library lost a part of a damaged document, which it only logs."""

    found = False

    def emit(self, record: logging.LogRecord) -> None:
        self.found = self.found or "Data-loss" in record.getMessage()


def _parse_page(page: Any, name: str) -> Iterator[dict[str, Any]]:
    """Yields the cells and words of a page.

    Raises:
        InputRefused: letters have no width, so that two of them cannot be distinguished from one printed twice.
    """
    if any(_has_no_width(letter) for letter in page.chars):
        raise InputRefused(
            f"{name}, page {page.page_number}: letters have no width, so the text cannot be read for certain; save the"
            " document again, or load its tables as CSV or XLSX"
        )
    number = {"page": page.page_number, "page_width": float(page.width)}
    cells = list(_find_cells(page))
    for grid, row, column, (x0, top, x1, bottom) in cells:
        place = {"grid": grid, "row": row, "column": column}
        yield {**number, **place, "is_cell": True, "x0": x0, "x1": x1, "top": top, "bottom": bottom, "text": ""}
    # Some programs print a letter twice, slightly shifted, to make it bold: without this step 1 is read as 11.
    # Letters that are turned are watermarks and notes in the margin.
    upright = page.dedupe_chars().filter(lambda item: item.get("upright", True))
    for word in upright.extract_words(x_tolerance_ratio=0.15, extra_attrs=["fontname", "size"]):
        yield {**number, **_place_word(word, cells), "is_cell": False}


def _has_no_width(letter: Mapping[str, Any]) -> bool:
    text = letter["text"]
    # An accent may have no width of its own.
    is_accent = all(unicodedata.category(part) == "Mn" for part in text)
    return letter["upright"] and not text.isspace() and not is_accent and letter["x1"] - letter["x0"] < 0.01


def _find_cells(page: Any) -> Iterator[_Cell]:
    """Yields the cells of the ruled tables; a table of one column is a frame around a text."""
    for grid, table in enumerate(page.find_tables()):
        rows = [row.cells for row in table.rows]
        if max(map(len, rows), default=0) < 2:
            continue
        for row, cells in enumerate(rows):
            for column, box in enumerate(cells):
                # A cell that is merged with the one before it has no box.
                if box is not None:
                    yield grid, row, column, box


def _place_word(word: Mapping[str, Any], cells: list[_Cell]) -> dict[str, Any]:
    x0, x1, top, bottom = word["x0"], word["x1"], word["top"], word["bottom"]
    across, down = (x0 + x1) / 2, (top + bottom) / 2
    placed = {
        "text": word["text"], "x0": x0, "x1": x1, "top": top, "bottom": bottom, "size": word["size"],
        "is_bold": "bold" in word["fontname"].lower(), "overflows": False,
    }  # fmt: skip
    for grid, row, column, (left, upper, right, lower) in cells:
        if left <= across <= right and upper <= down <= lower:
            overflows = x0 < left - _OVER_BORDER or x1 > right + _OVER_BORDER
            return {**placed, "grid": grid, "row": row, "column": column, "overflows": overflows}
    return placed
