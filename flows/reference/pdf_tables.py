"""Finds the tables of codes in a document, ruled or not, and the code list that the heading of each one names.

A table belongs to the list of the heading above it. A table without any text since the table before it continues that
one, as after a page break. Any other table is reported and not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flows.reference.pdf_columns import CodeRow, TextTable, Uncertain, find_text_columns
from flows.reference.pdf_headings import Columns, find_columns, find_named_list
from flows.reference.pdf_layout import Cell, Grid, Line

# Cells of a table that continues on the next page have the same left edges, in points.
_NEAR = 2.0


@dataclass
class CodeTable:
    """A table of codes, or any other ruled table, which has no rows here.

    `name` is its code list, '' if its heading names none. `heading` is the text above it. `problem` describes a place
    that cannot be read for certain.
    """

    page: int
    name: str
    heading: str
    headers: tuple[str, ...] = ()
    rows: list[CodeRow] = field(default_factory=list)
    problem: str = ""


def find_tables(blocks: Sequence[Line | Grid], page_width: float) -> list[CodeTable]:
    """Returns the tables of a document: those of codes, and the other ruled tables.

    Args:
        blocks: the lines and ruled tables, in reading order.
        page_width: the width of the widest page, in points.
    """
    words = [word for block in blocks if isinstance(block, Line) for word in block.words]
    # The margins of a page are assumed to be equal.
    margin = min((word.x0 for word in words), default=0.0)
    finder = _Finder(max([page_width - margin, *(word.x1 for word in words)]))
    for block in blocks:
        if isinstance(block, Grid):
            finder.add_grid(block)
        else:
            finder.add_line(block)
    finder.end_table()
    return finder.tables


class _Finder:
    """Holds what was found so far: the tables, the text since the last one, and the table that is open."""

    def __init__(self, right: float) -> None:
        self.tables: list[CodeTable] = []
        self._right = right
        self._text: list[Line] = []
        self._open: TextTable | None = None
        # The last table without rules: a row of it below its end means that its end was not recognised.
        self._ended: TextTable | None = None
        # Whether the rest of a table is left out, because a line of it cannot be read for certain.
        self._is_broken = False
        self._grid: tuple[Columns | None, tuple[float, ...]] = None, ()

    def add_line(self, line: Line) -> None:
        """Adds a line: of the open table, the header of a table, or text."""
        columns, is_heading = find_text_columns(line), find_named_list(line.text) is not None
        if columns is not None:
            self.end_table()
            table = self._start(line.page, tuple(word.text for word in line.words))
            self._open = TextTable(columns, line, table.rows, self._last_row(table), self._right)
        elif is_heading or not self._is_in_table(line):
            self.end_table()
            self._ended = None if is_heading else self._ended
            self._is_broken = self._is_broken and not is_heading
            self._text.append(line)

    def _is_in_table(self, line: Line) -> bool:
        """Returns whether a line is part of the open table, or of one that cannot be read for certain."""
        if self._is_broken:
            return True
        try:
            if self._open is not None and self._open.take(line):
                return True
        except Uncertain as uncertain:
            self._report(uncertain)
            return True
        self.end_table()
        if self._ended is not None and self._ended.columns.looks_like_row(line):
            self._report(Uncertain(line.page, "a row is separated from the table above it"))
        return self._is_broken

    def add_grid(self, grid: Grid) -> None:
        """Adds a ruled table, which may continue the last one."""
        self.end_table()
        self._ended, self._is_broken = None, False
        columns, lefts = find_columns(grid.texts[0]), _list_lefts(grid)
        continues = columns is None and not self._text and self._grid[0] and _are_near(lefts, self._grid[1])
        if continues and self.tables:
            table, columns, rows = self.tables[-1], self._grid[0], grid.rows
        else:
            table, rows = self._start(grid.page, tuple(grid.texts[0])), grid.rows[1:]
        self._grid = columns, lefts
        if columns is None:
            return
        try:
            _read_rows(grid, rows, columns, table.rows, self._last_row(table))
        except Uncertain as uncertain:
            self._report(uncertain)

    def end_table(self) -> None:
        """Ends the open table without rules, and checks it as a whole."""
        if self._open is None:
            return
        try:
            self._open.check_wrapping()
        except Uncertain as uncertain:
            # The table ended as it should, so the text below it is read as usual.
            was_broken = self._is_broken
            self._report(uncertain)
            self._is_broken = was_broken
        self._ended, self._open = self._open, None

    def _start(self, page: int, headers: tuple[str, ...]) -> CodeTable:
        """Adds a table below the text since the last one; without text it belongs to the list of the last one."""
        if not self._text and self.tables:
            name, heading = self.tables[-1].name, self.tables[-1].heading
        else:
            name, heading = _find_heading(self._text)
        table = CodeTable(page, name, heading, headers)
        self.tables.append(table)
        self._text, self._ended, self._is_broken = [], None, False
        self._grid = None, ()
        return table

    def _last_row(self, table: CodeTable) -> CodeRow | None:
        """Returns the row before the first of a table: a row may be split at the end of a page."""
        if table.rows:
            return table.rows[-1]
        before = self.tables[-2] if len(self.tables) > 1 else None
        return before.rows[-1] if before and before.rows and before.heading == table.heading else None

    def _report(self, uncertain: Uncertain) -> None:
        table = self.tables[-1]
        self._is_broken = True
        table.problem = table.problem or f"page {uncertain.page}: {uncertain.problem}"


def _find_heading(lines: Sequence[Line]) -> tuple[str, str]:
    """Returns the list that the text above a table names, and the heading.

    The nearest paragraph counts, or one above it that is set in larger or bolder letters than all that follow it.
    """
    below: list[tuple[float, bool]] = []
    for paragraph in reversed(_group_paragraphs(lines)):
        text = " ".join(line.text for line in paragraph)
        prominence = paragraph[0].prominence
        if any(prominence <= other for other in below):
            below.append(prominence)
            continue
        if name := find_named_list(text):
            return name, text
        below.append(prominence)
    return "", lines[-1].text if lines else ""


def _group_paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Groups lines of the same style with a small gap between them."""
    paragraphs = [[line] for line in lines[:1]]
    for before, line in pairwise(lines):
        is_near = line.page == before.page and line.top - before.bottom < 0.4 * line.size
        if is_near and line.prominence == before.prominence:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _read_rows(
    grid: Grid, rows: Sequence[Sequence[Cell | None]], columns: Columns, into: list[CodeRow], last: CodeRow | None
) -> None:
    """Adds the rows of a ruled table.

    Raises:
        Uncertain: a cell is merged or blank, or a text crosses its border.
    """
    for index, row in enumerate(rows):
        code, label = row[columns.code], row[columns.label]
        if code is None or label is None:
            raise Uncertain(grid.page, "cells of the code or of the text are merged")
        if not (code.is_certain and label.is_certain):
            raise Uncertain(grid.page, "a text crosses the border of its cell, or has a letter that is not defined")
        if not code.text and last is not None and index == 0:
            # A row that is split at the end of a page has its code on the first of the two pages.
            if label.text:
                last.lines.append(label.text)
        elif not code.text or not label.text:
            raise Uncertain(grid.page, f"a row has no {'text' if code.text else 'code'}")
        elif " " in code.text:
            raise Uncertain(grid.page, f"the code {code.text!r} has more than one word")
        else:
            into.append(CodeRow(grid.page, code.text, [label.text]))


def _list_lefts(grid: Grid) -> tuple[float, ...]:
    return tuple(cell.left for cell in grid.rows[0] if cell)


def _are_near(lefts: Sequence[float], others: Sequence[float]) -> bool:
    return len(lefts) == len(others) and all(
        abs(left - other) <= _NEAR for left, other in zip(lefts, others, strict=True)
    )
