"""A table with any text, encoding, delimiter and quoting reads back with the same cells and lines."""

import csv
import io
import os
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.files.csv import Dialect, read_csv
from schemas.record_columns import FILE_LINE

EXAMPLES = int(os.environ.get("NDTMS_EXAMPLES", "200"))
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1")


@st.composite
def written(draw: st.DrawFn) -> "tuple[bytes, Dialect, list[list[str]], list[int]]":
    """The bytes of a table, how it is written, its cells, and the line each record starts on."""
    encoding, delimiter = draw(st.sampled_from(ENCODINGS)), draw(st.sampled_from(",;|\t"))
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    quoting: Literal[0, 1] = draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
    codec = "cp1252" if encoding == "cp1252" else "latin-1" if encoding == "latin-1" else None
    letters = st.characters(codec=codec or "utf-8", exclude_characters="\0\r", exclude_categories=["Cs"])
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(st.text(letters, max_size=6), min_size=width, max_size=width), max_size=8))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    names = [f"c{place}" for place in range(width)]
    writer.writerow(names)
    lines = []
    for row in rows:
        lines.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    content = text.getvalue().encode(encoding)
    shown = "utf-8" if encoding in ("utf-8-sig", "utf-16") else encoding
    return content, Dialect(shown, delimiter), rows, lines


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(written())
def test_every_cell_and_line_comes_back(table: "tuple[bytes, Dialect, list[list[str]], list[int]]") -> None:
    content, dialect, rows, lines = table
    found = read_csv(content, "x.csv", dialect)
    cells = [["" if cell is None else cell for cell in row] for row in found.drop(FILE_LINE).rows()]
    # An empty line is no record: in a table of one column that is what a blank cell comes to.
    kept = [place for place, row in enumerate(rows) if row != [""] or cells_are_quoted(content)]
    assert cells == [rows[place] for place in kept]
    assert found[FILE_LINE].to_list() == [lines[place] for place in kept]


def cells_are_quoted(content: bytes) -> bool:
    """Whether blank cells are written with quotes: the csv module does so where a row has nothing else."""
    return b'"' in content
