"""The door for CSV: a table is read whole, as text, with the line of each record, or refused.

Nothing is guessed or padded: a row that does not fit its header, a header that repeats, or bytes of
another encoding end in one sentence.  Files without a quote, the common kind, take a fast way; all
others go through Python's csv module, which knows which line a record starts on.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.errors import InputRefused, SourceUnreadable
from schemas.record_columns import SOURCE_LINE

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
# One field may be long (a note), but not the rest of a file after a quote that nobody closed.
_LONGEST_FIELD = 2**20


@dataclass(frozen=True)
class Dialect:
    """How a file is written: its encoding and the character between its fields."""

    encoding: str = "utf-8"
    delimiter: str = ","


def read_csv(content: bytes, name: str, dialect: Dialect) -> pl.DataFrame:
    """A table of text columns, and `source_line`, the line each record starts on (the header is line 1).

    Args:
        content: the bytes of the file.
        name: what the file is called in messages.
        dialect: its encoding and delimiter.

    Raises:
        InputRefused: naming the file, the line where there is one, what was found and what is allowed.
    """
    text = _decoded(content, name, dialect.encoding)
    if not text.strip():
        raise InputRefused(f"{name}: the file is empty; a header row is needed")
    if "\0" in text:
        raise InputRefused(f"{name}, line {_line_at(text, text.index(chr(0)))}: a NUL byte; text is needed")
    if "\r" in text:
        if "\n" not in text:
            raise InputRefused(f"{name}: lines end in a carriage return alone; line feeds, or both, are allowed")
        if '"' not in text:
            text = text.replace("\r\n", "\n")
    if '"' in text or "\r" in text:
        return _read_quoted(text, name, dialect.delimiter)
    return _read_plain(text, name, dialect.delimiter)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.  Raises InputRefused where it is not there or can't be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(f"{path}: the file is missing") from None
    except OSError as error:
        raise SourceUnreadable(f"{path}: the file cannot be read ({error.strerror})") from None


def _decoded(content: bytes, name: str, encoding: str) -> str:
    if content.startswith(_UTF16_MARKS) and not encoding.lower().startswith(("utf-16", "utf16")):
        raise InputRefused(f"{name}: the file is UTF-16; {encoding} is what the source says it is")
    if content.startswith(_UTF8_MARK):
        content = content[len(_UTF8_MARK) :]
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputRefused(
            f"{name}, line {line}: byte 0x{content[error.start]:02x} is not {encoding}, the encoding the source names"
        ) from None


def _read_plain(text: str, name: str, delimiter: str) -> pl.DataFrame:
    lines = pl.Series("line", text.split("\n"), dtype=pl.String).to_frame().with_row_index(SOURCE_LINE, offset=1)
    records = lines.filter(pl.col("line") != "")
    names = _header(records["line"][0].split(delimiter), name)
    widths = records.select(SOURCE_LINE, width=pl.col("line").str.count_matches(delimiter, literal=True) + 1).slice(1)
    misfit = widths.filter(pl.col("width") != len(names))
    if not misfit.is_empty():
        raise _misfit(name, misfit[SOURCE_LINE][0], misfit["width"][0], len(names))
    if len(records) == 1:
        return _no_records(names)
    columns = _columns_of_text(text, delimiter, names)
    return columns.with_columns(records[SOURCE_LINE].slice(1).cast(pl.UInt32))


def _columns_of_text(text: str, delimiter: str, names: list[str]) -> pl.DataFrame:
    body = text.lstrip("\n").partition("\n")[2]
    if "\n\n" in body or len(names) == 1:
        body = "\n".join(line for line in body.split("\n") if line)
    return pl.read_csv(
        io.BytesIO(body.encode()),
        has_header=False,
        new_columns=names,
        separator=delimiter,
        quote_char=None,
        infer_schema=False,
    )


def _read_quoted(text: str, name: str, delimiter: str) -> pl.DataFrame:
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
        pl.Series(SOURCE_LINE, lines, dtype=pl.UInt32)
    )


def _header(cells: list[str], name: str) -> list[str]:
    """The column names; one without a name is called after its place, and later not known."""
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    repeated = [column for column, times in Counter(names).items() if times > 1]
    if repeated:
        raise InputRefused(f"{name}, line 1: the header names the column {repeated[0]} more than once")
    return names


def _no_records(names: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String) | {SOURCE_LINE: pl.UInt32})


def _misfit(name: str, line: int, width: int, allowed: int) -> InputRefused:
    length = "longer" if width > allowed else "shorter"
    return InputRefused(
        f"{name}, line {line}: the row is {length} than the header, {width} fields where {allowed} are allowed"
    )


def _line_at(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
