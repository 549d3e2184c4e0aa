"""Reads tables of codes that have no rules, by the positions of their columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flows.reference.pdf_headings import Columns, find_columns, is_column_name
from flows.reference.pdf_layout import Line, Word, has_unknown_letter, join_lines

# How much free space, in letter sizes, the last words of lines may leave at the right edge of their column.
_RAGGED = 4
# How far a word may be from the left edge of its column, in points.
_NEAR = 2.0
# A gap of this many letter sizes separates columns.
_GAP = 0.8
# A larger gap below a line separates a table from the text below it; lines that are double spaced have a smaller one.
_APART = 1.3


class Uncertain(Exception):
    """Reports a place in a table that cannot be read for certain."""

    def __init__(self, page: int, problem: str) -> None:
        super().__init__(problem)
        self.page = page
        self.problem = problem


@dataclass
class CodeRow:
    """A code and the lines of its text; `words` are those of the last line in a table without rules."""

    page: int
    code: str
    lines: list[str] = field(default_factory=list)
    words: Sequence[Word] = ()

    @property
    def label(self) -> str:
        """The text on one line."""
        return join_lines(self.lines)


@dataclass(frozen=True)
class TextColumns:
    """The left edges of the columns of a table without rules, and which of them are the code and the text."""

    lefts: tuple[float, ...]
    columns: Columns

    def split(self, line: Line) -> list[list[Word]] | None:
        """Returns the words of each column; None if a word crosses into the next column."""
        parts: list[list[Word]] = [[] for _ in self.lefts]
        for word in line.words:
            column = sum(left <= word.x0 + _NEAR for left in self.lefts) - 1
            is_last = column == len(self.lefts) - 1
            if column < 0 or (not is_last and word.x1 > self.lefts[column + 1] + _NEAR):
                return None
            parts[column].append(word)
        return parts

    def looks_like_row(self, line: Line) -> bool:
        """Returns whether a line has one word in the column of the code, and one at the left edge of the text."""
        code_left, label_left = self.lefts[self.columns.code], self.lefts[self.columns.label]
        label = [word for word in line.words if abs(word.x0 - label_left) <= _NEAR]
        if not label:
            return False
        if code_left > label_left:
            return any(abs(word.x0 - code_left) <= _NEAR for word in line.words)
        # Codes may be centred or aligned to the right.
        before = [word for word in line.words if word.x0 < label_left - _NEAR]
        return len(before) == 1 and label[0].x0 - before[0].x1 > _GAP * line.size / 2


def find_text_columns(line: Line) -> TextColumns | None:
    """Returns the columns of a table if a line is its header: names of columns, one of the code and one of the text."""
    for phrases in (_split_at_gaps(line), _split_at_names(line)):
        found = find_columns([" ".join(word.text for word in phrase) for phrase in phrases])
        if found and len(phrases) <= 6:
            return TextColumns(tuple(phrase[0].x0 for phrase in phrases), found)
    return None


def _split_at_gaps(line: Line) -> list[list[Word]]:
    phrases = [[line.words[0]]]
    for word in line.words[1:]:
        if word.x0 - phrases[-1][-1].x1 > _GAP * line.size:
            phrases.append([word])
        else:
            phrases[-1].append(word)
    return phrases


def _split_at_names(line: Line) -> list[list[Word]]:
    """Splits a line that consists of names of columns; returns no phrase if it contains another word."""
    phrases: list[list[Word]] = []
    rest = list(line.words)
    while rest:
        size = next((n for n in (2, 1) if is_column_name(" ".join(word.text for word in rest[:n]))), 0)
        if not size:
            return []
        phrases.append(rest[:size])
        rest = rest[size:]
    return phrases


@dataclass(frozen=True)
class _LabelLine:
    """A line of a text; `gap` is the space above it on its page, None for the first line of the table on a page."""

    page: int
    words: Sequence[Word]
    is_first: bool
    gap: float | None


class TextTable:
    """Collects the rows of one table without rules, line by line; it may continue on further pages.

    Args:
        columns: its columns.
        header: its header.
        rows: the rows to add to.
        earlier: the row that a text below the header continues, if a row is split at the end of a page.
        right: the right edge of the document's text, in points.
    """

    def __init__(
        self, columns: TextColumns, header: Line, rows: list[CodeRow], earlier: CodeRow | None, right: float
    ) -> None:
        self.columns = columns
        self._right = right
        self.rows = rows
        self._last = earlier
        self._label_lines: list[_LabelLine] = []
        if earlier is not None and earlier.words:
            self._label_lines.append(_LabelLine(earlier.page, earlier.words, is_first=True, gap=None))
        self._previous = header
        self._style = header.prominence
        self._header = header

    def take(self, line: Line) -> bool:
        """Adds a line to the table; returns whether it is part of the table.

        Raises:
            Uncertain: the line may be part of the table, but cannot be read for certain.
        """
        parts = self.columns.split(line)
        if parts is None:
            if self.columns.looks_like_row(line):
                raise Uncertain(line.page, "a text crosses the left edge of the next column")
            return False
        code, label = parts[self.columns.columns.code], parts[self.columns.columns.label]
        is_apart = line.page == self._previous.page and line.top - self._previous.bottom > _APART * line.size
        is_part = self._add_row(line, code, label, is_apart) if code else self._continue(line, label, is_apart)
        if is_part:
            self._previous = line
        return is_part

    def _add_row(self, line: Line, code: list[Word], label: list[Word], is_apart: bool) -> bool:
        if len(code) == 1 and label and self.columns.looks_like_row(line):
            self._last = CodeRow(line.page, code[0].text)
            self.rows.append(self._last)
            self._add_label(line, label, is_first=True)
            return True
        is_other_style = bool(self.rows) and line.prominence != self._style
        if is_apart or is_other_style:
            return False
        found = "more than one word" if len(code) > 1 else "no text next to it"
        raise Uncertain(line.page, f"the code {code[0].text!r} has {found}")

    def _continue(self, line: Line, label: list[Word], is_apart: bool) -> bool:
        """Adds the second or a later line of a row; a column that is not read may have more lines than the text."""
        if is_apart:
            return False
        if label:
            if self._last is None:
                raise Uncertain(line.page, "the first line of the table has a text without a code")
            self._add_label(line, label, is_first=False)
        return True

    def _add_label(self, line: Line, label: list[Word], *, is_first: bool) -> None:
        text = " ".join(word.text for word in label)
        if has_unknown_letter(text) or (is_first and has_unknown_letter(line.words[0].text)):
            raise Uncertain(line.page, "the font does not define which character a letter is")
        if abs(label[0].x0 - self.columns.lefts[self.columns.columns.label]) > _NEAR:
            raise Uncertain(line.page, "a text does not start at the left edge of its column")
        if self._last is not None:
            self._last.lines.append(text)
            self._last.words = label
        self._style = line.prominence
        is_top = line.page != self._previous.page or self._previous is self._header
        gap = None if is_top else line.top - self._previous.bottom
        self._label_lines.append(_LabelLine(line.page, label, is_first, gap))

    def check_wrapping(self) -> None:
        """Checks that each further line of a text belongs to the code above it, not to the one below it.

        It does if it is nearer to the line above than any row is, or if it was wrapped because its first word did not
        fit on the line above. Neither holds where codes are centred vertically, or where a code is missing.

        Raises:
            Uncertain: a line may belong to either code.
        """
        lines = self._label_lines
        row_gap = min((line.gap for line in lines if line.is_first and line.gap is not None), default=0.0)
        label = self.columns.columns.label
        is_last = label == len(self.columns.lefts) - 1
        edge = self._right if is_last else self.columns.lefts[label + 1]
        longest = max((line.words[-1].x1 for line in lines), default=0.0)
        for before, line in pairwise(lines):
            if line.is_first:
                continue
            word = line.words[0]
            is_near = line.gap is not None and line.gap < row_gap - 0.1 * word.size
            # A space is about a quarter of the letter size; half a size allows for rounding.
            end = before.words[-1].x1 + word.x1 - word.x0 + 0.5 * word.size
            if end < longest or (not is_near and end < edge - _RAGGED * word.size):
                raise Uncertain(line.page, "a line of text may belong to the code above it or to the one below it")
