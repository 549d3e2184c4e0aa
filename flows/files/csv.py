"""Reads CSV: a whole table as text, with the line of each record, or an error.

The reader guesses and pads nothing: a row that does not match its header, a repeated header, or bytes in another
encoding raise one sentence. Files without quotes, the common kind, take a fast path; all others go through
Python's csv module, which knows the line that a record starts on.
"""

import codecs
import csv
import io
from dataclasses import dataclass, replace

import polars as pl

from flows.support.errors import InputRefused
from flows.support.text import format_count, join_texts
from schemas.record_columns import FILE_LINE

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
# A field may be long (a note), but must not swallow the rest of a file after an unclosed quote.
_LONGEST_FIELD = 2**20


@dataclass(frozen=True)
class Dialect:
    """Describes a file's format: its encoding, its delimiter and, for messages, where the encoding comes from."""

    encoding: str = "utf-8"
    delimiter: str = ","
    named_by: str = "the encoding that the source names; name that of the file in the mapping"


def read_csv(content: bytes, name: str, dialect: Dialect) -> pl.DataFrame:
    """Reads a table of text columns, and `FILE_LINE`, the line each record starts on (the header is line 1).

    Args:
        content: the bytes of the file.
        name: the name of the file in messages.
        dialect: the encoding and delimiter of the file.

    Returns:
        One String column for each column of the header, and `FILE_LINE` (UInt32).

    Raises:
        InputRefused: the file is not such a table; the text names the file, the line if known, what was found and
            what is allowed.
    """
    if content.startswith(_UTF16_MARKS):
        # The byte order mark overrides the encoding of the source mapping.
        content = _convert_to_utf8(content, name, replace(dialect, encoding="utf-16"))
        dialect = replace(dialect, encoding="utf-8")
    text = _convert_to_utf8(content.removeprefix(_UTF8_MARK), name, dialect)
    if not text.strip():
        raise InputRefused(f"{name}: the file is empty; a header row is needed")
    if b"\0" in text:
        line = text.count(b"\n", 0, text.index(b"\0")) + 1
        raise InputRefused(
            f"{name}, line {line}: the line contains a NUL byte; only text is allowed: export the file again"
        )
    has_quotes, has_returns = b'"' in text, b"\r" in text
    if has_returns and b"\n" not in text:
        raise InputRefused(f"{name}: lines end in a lone carriage return; a line feed, or both, must end them")
    if has_returns and not has_quotes:
        plain = text.replace(b"\r\n", b"\n")
        has_returns = b"\r" in plain
        text = text if has_returns else plain
    # The fast path supports no quotes, no carriage returns, no mark at the start of a line, which polars would leave
    # out of the first row, and only delimiters of one byte.
    if has_quotes or has_returns or b"\n" + _UTF8_MARK in text or not dialect.delimiter.isascii():
        return _read_quoted(text.decode(), name, dialect.delimiter)
    return _read_unquoted(text, name, dialect.delimiter.encode())


def _convert_to_utf8(content: bytes, name: str, dialect: Dialect) -> bytes:
    """Converts the text to UTF-8, which it nearly always is already."""
    encoding = dialect.encoding
    if codecs.lookup(encoding).name == "utf-8" and content.isascii():
        return content
    try:
        return content.decode(encoding).encode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise InputRefused(f"{name}, line {line}: {found} is not valid {encoding}, {dialect.named_by}") from None
    except UnicodeError:
        # For example half of a surrogate pair, which some encodings accept and UTF-8 does not.
        raise InputRefused(f"{name}: the file is not {encoding}, {dialect.named_by}") from None


def _read_unquoted(text: bytes, name: str, delimiter: bytes) -> pl.DataFrame:
    """Reads a table without quoted fields: every line is a record or empty."""
    top = text.lstrip(b"\n")
    first_line = len(text) - len(top) + 1
    header, _, body = top.partition(b"\n")
    names = _parse_header([cell.decode() for cell in header.split(delimiter)], name)
    rows = _read_complete_rows(body, names, delimiter)
    if rows is not None:
        lines = pl.int_range(first_line + 1, first_line + 1 + len(rows), dtype=pl.UInt32, eager=True)
        return rows.with_columns(lines.alias(FILE_LINE))
    numbered = [(number, line) for number, line in enumerate(body.split(b"\n"), start=first_line + 1) if line]
    for number, line in numbered:
        if line.count(delimiter) + 1 != len(names):
            raise _row_error(name, number, line.count(delimiter) + 1, len(names))
    if not numbered:
        return _build_empty_table(names)
    full = _parse(b"\n".join(line for _, line in numbered), names, delimiter)
    return full.with_columns(pl.Series(FILE_LINE, [number for number, _ in numbered], dtype=pl.UInt32))


def _read_complete_rows(body: bytes, names: list[str], delimiter: bytes) -> pl.DataFrame | None:
    """Returns all lines as rows if no line is empty and each is as wide as the header, else None.

    The parser rejects a longer row and pads a shorter one. The number of delimiters equals that of complete rows only
    if no row was padded.
    """
    lines = body.count(b"\n") + (not body.endswith(b"\n"))
    # With one column there are no delimiters to count, so the count below would prove nothing.
    if not body or len(names) == 1 or b"\n\n" in body or body.startswith(b"\n"):
        return None
    if body.count(delimiter) != lines * (len(names) - 1):
        return None
    try:
        rows = _parse(body, names, delimiter)
    except pl.exceptions.PolarsError:
        return None
    return rows if len(rows) == lines else None


def _parse(body: bytes, names: list[str], delimiter: bytes) -> pl.DataFrame:
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
    # Only a line feed ends a line here: a lone carriage return outside quotes raises an error.
    rows = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    names: list[str] = []
    start = 1
    try:
        for row in rows:
            if row and not names:
                names = _parse_header(row, name)
            elif row:
                if len(row) != len(names):
                    raise _row_error(name, start, len(row), len(names))
                records.append(row)
                lines.append(start)
            start = rows.line_num + 1
    except csv.Error as error:
        raise InputRefused(
            f"{name}, line {start}: the record is not well-formed CSV ({error}); a quote must be closed,"
            " and be doubled within a text"
        ) from None
    if not records:
        return _build_empty_table(names)
    return pl.DataFrame(records, schema=dict.fromkeys(names, pl.String), orient="row").with_columns(
        pl.Series(FILE_LINE, lines, dtype=pl.UInt32)
    )


def _parse_header(cells: list[str], name: str) -> list[str]:
    """Returns the column names; an unnamed column gets its position as a name, which no mapping uses."""
    names = [cell.strip() or f"column {position}" for position, cell in enumerate(cells, start=1)]
    positions: dict[str, list[int]] = {}
    for position, column in enumerate(names, start=1):
        positions.setdefault(column, []).append(position)
    repeated = next((same for same in positions.values() if len(same) > 1), None)
    if repeated:
        # The message omits the names: the first line of a file without a header is a person's record.
        columns = join_texts(map(str, repeated), most=5)
        raise InputRefused(f"{name}, line 1: the columns {columns} have the same name; each name is allowed once")
    return names


def _build_empty_table(names: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String) | {FILE_LINE: pl.UInt32})


def _row_error(name: str, line: int, width: int, allowed: int) -> InputRefused:
    length = "longer" if width > allowed else "shorter"
    return InputRefused(
        f"{name}, line {line}: the row is {length} than the header: {format_count(width, 'field')} instead of"
        f" {allowed}; export the file again, with quotes around each text that contains the delimiter or a line end"
    )
