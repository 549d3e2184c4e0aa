"""The door for CSV: a table is read whole, as text, with the line of each record, or refused.

Nothing is guessed or padded: a row that does not fit its header, a header that repeats, or bytes of
another encoding end in one sentence.  Files without a quote, the common kind, take a fast way; all
others go through Python's csv module, which knows which line a record starts on.
"""

import codecs
import csv
import io
from dataclasses import dataclass, replace

import polars as pl

from flows.support.errors import InputRefused
from flows.support.text import listed
from schemas.record_columns import FILE_LINE

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
# One field may be long (a note), but not the rest of a file after a quote that nobody closed.
_LONGEST_FIELD = 2**20


@dataclass(frozen=True)
class Dialect:
    """How a file is written: its encoding, the character between its fields, and who says what encoding it is."""

    encoding: str = "utf-8"
    delimiter: str = ","
    said: str = "the encoding the source names"


def read_csv(content: bytes, name: str, dialect: Dialect) -> pl.DataFrame:
    """A table of text columns, and `FILE_LINE`, the line each record starts on (the header is line 1).

    Args:
        content: the bytes of the file.
        name: what the file is called in messages.
        dialect: its encoding and delimiter.

    Raises:
        InputRefused: naming the file, the line where there is one, what was found and what is allowed.
    """
    if content.startswith(_UTF16_MARKS):
        # Its mark says what it is, whatever the source does.
        content = _as_utf8(content, name, replace(dialect, encoding="utf-16"))
        dialect = replace(dialect, encoding="utf-8")
    text = _as_utf8(content.removeprefix(_UTF8_MARK), name, dialect)
    if not text.strip():
        raise InputRefused(f"{name}: the file is empty; a header row is needed")
    if b"\0" in text:
        line = text.count(b"\n", 0, text.index(b"\0")) + 1
        raise InputRefused(f"{name}, line {line}: a NUL byte; text is needed")
    has_quotes, has_returns = b'"' in text, b"\r" in text
    if has_returns and b"\n" not in text:
        raise InputRefused(f"{name}: lines end in a carriage return alone; line feeds, or both, are allowed")
    if has_returns and not has_quotes:
        plain = text.replace(b"\r\n", b"\n")
        has_returns = b"\r" in plain
        text = text if has_returns else plain
    # The fast way knows no quotes, no carriage returns, and delimiters of one byte.
    if has_quotes or has_returns or not dialect.delimiter.isascii():
        return _read_quoted(text.decode(), name, dialect.delimiter)
    return _read_plain(text, name, dialect.delimiter.encode())


def _as_utf8(content: bytes, name: str, dialect: Dialect) -> bytes:
    """The text in UTF-8, which it nearly always is already."""
    encoding = dialect.encoding
    if codecs.lookup(encoding).name == "utf-8" and content.isascii():
        return content
    try:
        return content.decode(encoding).encode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise InputRefused(f"{name}, line {line}: {found} is not {encoding}, {dialect.said}") from None
    except UnicodeError:
        # Such as a half of a character, which some encodings let through and UTF-8 does not.
        raise InputRefused(f"{name}: the file is not {encoding}, {dialect.said}") from None


def _read_plain(text: bytes, name: str, delimiter: bytes) -> pl.DataFrame:
    """A table in which no field is quoted: every line is a record, or empty."""
    top = text.lstrip(b"\n")
    first_line = len(text) - len(top) + 1
    header, _, body = top.partition(b"\n")
    names = _header([cell.decode() for cell in header.split(delimiter)], name)
    rows = _rows_of_one_width(body, names, delimiter)
    if rows is not None:
        lines = pl.int_range(first_line + 1, first_line + 1 + len(rows), dtype=pl.UInt32, eager=True)
        return rows.with_columns(lines.alias(FILE_LINE))
    numbered = [(number, line) for number, line in enumerate(body.split(b"\n"), start=first_line + 1) if line]
    for number, line in numbered:
        if line.count(delimiter) + 1 != len(names):
            raise _misfit(name, number, line.count(delimiter) + 1, len(names))
    if not numbered:
        return _no_records(names)
    full = _parsed(b"\n".join(line for _, line in numbered), names, delimiter)
    return full.with_columns(pl.Series(FILE_LINE, [number for number, _ in numbered], dtype=pl.UInt32))


def _rows_of_one_width(body: bytes, names: list[str], delimiter: bytes) -> pl.DataFrame | None:
    """All lines as rows, where none is empty and each is as wide as the header; else None.

    The parser refuses a longer row and pads a shorter one; that there are as many delimiters as whole
    rows have tells that none was padded.
    """
    lines = body.count(b"\n") + (not body.endswith(b"\n"))
    if not body or len(names) == 1 or b"\n\n" in body or body.startswith(b"\n"):
        return None
    if body.count(delimiter) != lines * (len(names) - 1):
        return None
    try:
        rows = _parsed(body, names, delimiter)
    except pl.exceptions.PolarsError:
        return None
    return rows if len(rows) == lines else None


def _parsed(body: bytes, names: list[str], delimiter: bytes) -> pl.DataFrame:
    return pl.read_csv(
        body,
        has_header=False,
        new_columns=names,
        separator=delimiter.decode(),
        quote_char=None,
        infer_schema=False,
    )


def _read_quoted(text: str, name: str, delimiter: str) -> pl.DataFrame:
    csv.field_size_limit(_LONGEST_FIELD)
    # Only a line feed ends a line here: a carriage return alone outside quotes is told, not taken for an end.
    rows = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    names: list[str] = []
    start = 1
    try:
        for row in rows:
            if row and not names:
                names = _header(row, name)
            elif row:
                if len(row) != len(names):
                    raise _misfit(name, start, len(row), len(names))
                records.append(row)
                lines.append(start)
            start = rows.line_num + 1
    except csv.Error as error:
        raise InputRefused(f"{name}, line {start}: the record is no well-formed CSV ({error})") from None
    if not records:
        return _no_records(names)
    return pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row").with_columns(
        pl.Series(FILE_LINE, lines, dtype=pl.UInt32)
    )


def _header(cells: list[str], name: str) -> list[str]:
    """The column names; one without a name is called after its place, and later not known."""
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    places: dict[str, list[int]] = {}
    for place, column in enumerate(names, start=1):
        places.setdefault(column, []).append(place)
    repeated = next((found for found in places.values() if len(found) > 1), None)
    if repeated:
        # Not its text: a file without a header begins with a person.
        columns = listed(map(str, repeated), most=5)
        raise InputRefused(f"{name}, line 1: the columns {columns} have the same name; each name is allowed once")
    return names


def _no_records(names: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String) | {FILE_LINE: pl.UInt32})


def _misfit(name: str, line: int, width: int, allowed: int) -> InputRefused:
    length = "longer" if width > allowed else "shorter"
    return InputRefused(
        f"{name}, line {line}: the row is {length} than the header, {width} fields where {allowed} are allowed"
    )
