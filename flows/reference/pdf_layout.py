"""Builds the lines and ruled tables of a document from its words and cells, in reading order.

A line that is repeated at the edge of several pages, and a page number, is left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import polars as pl

from flows.reference.pdf_headings import find_columns, find_named_list

# Letters that have no meaning in the document: the font does not define which characters they are.
_UNKNOWN_LETTER = re.compile(r"\(cid:[0-9]+\)|[\ufffd\ue000-\uf8ff]")
_PAGE_NUMBER = re.compile(r"(page )?[0-9]+( of [0-9]+)?", re.IGNORECASE)
_NUMBERED = re.compile(r"page [0-9]+( of [0-9]+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """A word with its position on the page, in points from the top left corner."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    is_bold: bool


@dataclass(frozen=True)
class Line:
    """The words of one line, from left to right."""

    page: int
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """The words, separated by spaces."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def top(self) -> float:
        """The upper edge."""
        return min(word.top for word in self.words)

    @cached_property
    def bottom(self) -> float:
        """The lower edge."""
        return max(word.bottom for word in self.words)

    @cached_property
    def size(self) -> float:
        """The size of the largest letters."""
        return max(word.size for word in self.words)

    @cached_property
    def prominence(self) -> tuple[float, bool]:
        """The size and weight of the letters: a heading has more of it than the text below it."""
        return round(self.size, 1), all(word.is_bold for word in self.words)


@dataclass(frozen=True)
class Cell:
    """The text of a cell; `is_certain` is false if a word crosses its border or a letter is unknown."""

    text: str
    left: float
    is_certain: bool = True


@dataclass(frozen=True)
class Grid:
    """A ruled table. A cell that is merged with the one before it is None."""

    page: int
    top: float
    bottom: float
    rows: tuple[tuple[Cell | None, ...], ...]

    @property
    def texts(self) -> list[list[str]]:
        """The texts of the cells; '' for a merged cell."""
        return [[cell.text if cell else "" for cell in row] for row in self.rows]


def read_layout(frame: pl.DataFrame) -> list[Line | Grid]:
    """Returns the lines and ruled tables of a document in reading order.

    Args:
        frame: the words and cells, in the columns of `flows.files.pdf.LAYOUT`.
    """
    blocks: list[Line | Grid] = []
    for (page,), part in frame.group_by("page", maintain_order=True):
        grids = [
            _build_grid(int(str(page)), grid)
            for _, grid in part.filter(pl.col("grid").is_not_null()).group_by("grid", maintain_order=True)
        ]
        words = _list_words(part.filter(pl.col("grid").is_null()))
        blocks += sorted([*grids, *_build_lines(int(str(page)), words)], key=lambda block: block.top)
    return _leave_out_repeated(blocks)


def has_unknown_letter(text: str) -> bool:
    """Returns whether a text has a letter that the document's font does not define."""
    return bool(_UNKNOWN_LETTER.search(text))


def join_lines(texts: Iterable[str]) -> str:
    """Joins the lines of a text that was wrapped: without a space after a hyphen within a word."""
    joined = ""
    for text in texts:
        is_within_word = re.search(r"[^\W\d_]-$", joined) is not None
        joined += text if is_within_word or not joined else f" {text}"
    return joined


def _list_words(frame: pl.DataFrame) -> list[Word]:
    columns = ("text", "x0", "x1", "top", "bottom", "size", "is_bold")
    return [Word(*row) for row in frame.select(columns).iter_rows()]


def _build_lines(page: int, words: Iterable[Word]) -> list[Line]:
    """Groups words whose middle is at the same height."""
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom) / 2):
        middle = (word.top + word.bottom) / 2
        last = groups[-1][0] if groups else None
        if last and abs(middle - (last.top + last.bottom) / 2) < 0.4 * min(word.size, last.size):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [Line(page, tuple(sorted(group, key=lambda word: word.x0))) for group in groups]


def _build_grid(page: int, frame: pl.DataFrame) -> Grid:
    cells = frame.filter("is_cell")
    width = int(str(cells["column"].max())) + 1
    rows: list[list[Cell | None]] = [[None] * width for _ in range(int(str(cells["row"].max())) + 1)]
    for (row, column), part in frame.group_by("row", "column"):
        words = part.filter(~pl.col("is_cell"))
        lines = [line.text for line in _build_lines(page, _list_words(words))]
        text = join_lines(lines)
        left = float(str(part.filter("is_cell")["x0"].item()))
        is_certain = not words["overflows"].any() and not has_unknown_letter(text)
        rows[int(str(row))][int(str(column))] = Cell(text, left, is_certain)
    top, bottom = float(str(cells["top"].min())), float(str(cells["bottom"].max()))
    return Grid(page, top, bottom, tuple(map(tuple, rows)))


def _leave_out_repeated(blocks: Sequence[Line | Grid]) -> list[Line | Grid]:
    """Leaves out page numbers, and what is repeated at the same place at the edge of several pages."""
    pages = [list(page) for _, page in groupby(blocks, key=lambda block: block.page)]
    counts = Counter(_describe_place(block) for block in blocks)
    kept: list[Line | Grid] = []
    for page in pages:
        first, last = 0, len(page)
        while first < last and _is_repeated(page[first], counts):
            first += 1
        while last > first and _is_repeated(page[last - 1], counts):
            last -= 1
        kept += page[first:last]
    return kept


def _describe_place(block: Line | Grid) -> tuple[int, str]:
    return round(block.top), _NUMBERED.sub("page", block.text) if isinstance(block, Line) else repr(block.texts)


def _is_repeated(block: Line | Grid, counts: Counter[tuple[int, str]]) -> bool:
    if isinstance(block, Grid):
        return find_columns(block.texts[0]) is None and counts[_describe_place(block)] > 1
    if _PAGE_NUMBER.fullmatch(block.text):
        # A code alone on the first line of a page looks the same, but its text would be on that line too.
        return True
    has_meaning = find_named_list(block.text) is not None or find_columns([word.text for word in block.words])
    return not has_meaning and counts[_describe_place(block)] > 1
