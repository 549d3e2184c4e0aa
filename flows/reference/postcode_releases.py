"""Reads the releases of the postcode directory that a user loads.

The reader parses a release in pieces of a few megabytes, so that a whole ONS Postcode Directory of 1.3 GB is never
in memory. It checks every line: a reader that pads short rows would produce blank districts.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import polars as pl

from flows.reference.packed_directory import DirectoryError
from transforms.derive.postcode_directory import (
    DirectoryLayout,
    UnknownDirectoryLayout,
    detect_layout,
    directory,
    find_unusable,
    unique_postcodes,
)

_DATA = Path(__file__).resolve().parents[2] / "data"
COUNTIES = _DATA / "authorities" / "ltla21_utla21_ew.csv"

Progress = Callable[[int, int], None]

_ALLOWED = (
    "allowed: an ONS Postcode Directory or a National Statistics Postcode Lookup of any release since 2018,"
    " as CSV or as the published ZIP"
)
_PIECE = 16 * 2**20
_LONGEST_HEADER = 2**16
_RELEASE = re.compile(r"(ONSPD|NSPL(?:21)?)_(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*_([0-9]{4})")


@dataclass(frozen=True)
class _Table:
    """Describes one CSV table of a release: a file, or a member of a ZIP."""

    path: Path
    member: str | None
    size: int

    @property
    def name(self) -> str:
        return f"{self.path} ({self.member})" if self.member else str(self.path)

    def open(self) -> IO[bytes]:
        if self.member is None:
            return self.path.open("rb")
        # The stream reopens the archive itself, so it stays readable after this handle is closed.
        with zipfile.ZipFile(self.path) as archive:
            return archive.open(self.member)


def read_release(path: Path, progress: Progress | None = None) -> pl.DataFrame:
    """Reads a release of the ONSPD or NSPL, detected by its columns (definitions: UTLA).

    Args:
        path: the CSV, or the published ZIP.
        progress: called after each piece with the bytes done and the total; at the end both are equal.

    Returns:
        `sector`, `unit`, `authority` (String; authority is null if there is none), sorted by sector and unit, one row
        per postcode.

    Raises:
        DirectoryError: the file is missing, empty, damaged, without rows or not such a release; the text names the
            file, what was found and what is allowed.
    """
    tables = _find_tables(path)
    counties = pl.read_csv(COUNTIES.read_bytes(), infer_schema=False)
    total, done = sum(table.size for table in tables), 0
    pieces: list[pl.DataFrame] = []
    for table in tables:
        for rows, size in _read_pieces(table, counties):
            pieces.append(rows)
            done += size
            if progress is not None:
                progress(done, total)
    if not any(piece.height for piece in pieces):
        raise _load_error(path, "it has a header but no rows")
    if progress is not None:
        progress(total, total)
    return unique_postcodes(pl.concat(pieces))


def release_name(path: Path) -> str:
    """Returns the name of a release: `ONSPD Nov 2025` from ONSPD_NOV_2025_UK.csv, else the file's name.

    Args:
        path: the CSV or the published ZIP.

    Returns:
        The name, from the table inside the ZIP if there is one.

    Raises:
        DirectoryError: as in `read_release`, if the file contains no directory.
    """
    table = _find_tables(path)[0]
    for name in (PurePosixPath(table.member or "").name, path.name):
        if match := _RELEASE.search(name.upper()):
            return f"{match[1]} {match[2].title()} {match[3]}"
    return path.name


def _find_tables(path: Path) -> list[_Table]:
    """Returns the table of a release; its parts by area only if a ZIP contains no whole table."""
    if not path.is_file():
        raise _load_error(path, "it is a folder" if path.is_dir() else "there is no such file")
    if path.stat().st_size == 0:
        raise _load_error(path, "the file is empty")
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            # A truncated ZIP is not recognised as one, but still starts like one.
            if file.read(4) == b"PK\x03\x04":
                raise _load_error(path, "the ZIP is damaged or incomplete")
        return [_Table(path, None, path.stat().st_size)]
    with _convert_errors(path), zipfile.ZipFile(path) as archive:
        members = [
            _Table(path, member.filename, member.file_size)
            for member in archive.infolist()
            if member.filename.lower().endswith(".csv") and member.file_size
        ]
        directories = [table for table in members if _is_directory(table)]
    if not directories:
        raise _load_error(
            path, "no CSV in it has the columns of a postcode directory" if members else "it contains no CSV"
        )
    # A published ZIP has the directory as a whole and again in parts by area.
    whole = [table for table in directories if "multi_csv" not in str(table.member).lower()]
    return [max(whole, key=lambda table: table.size)] if whole else directories


def _is_directory(table: _Table) -> bool:
    try:
        with table.open() as stream:
            detect_layout(_read_header(table, stream))
    except (UnknownDirectoryLayout, DirectoryError):
        return False
    return True


def _read_header(table: _Table, stream: IO[bytes]) -> list[str]:
    """Reads the column names from a stream at its start."""
    line = stream.readline(_LONGEST_HEADER)
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _load_error(table.name, "its first line is not UTF-8 text") from None
    if "\r" in text:
        raise _load_error(table.name, "its lines end in a lone carriage return, not in a line feed")
    if not text.strip():
        raise _load_error(table.name, "its first line is blank")
    return next(csv.reader([text]))


def _read_pieces(table: _Table, counties: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, int]]:
    """Yields the rows of a table a few megabytes at a time, with the size of each piece in bytes."""
    with _convert_errors(table.path), table.open() as stream:
        header = _read_header(table, stream)
        try:
            layout = detect_layout(header)
        except UnknownDirectoryLayout as unknown:
            raise _load_error(table.name, str(unknown)) from None
        line = 2
        for piece in _split_at_line_ends(stream):
            try:
                rows = _parse_piece(piece, header, layout)
            except _RowError as row_error:
                raise _load_error(table.name, row_error.describe(line)) from None
            yield directory(rows, layout, counties), len(piece)
            line += piece.count(b"\n")


def _split_at_line_ends(stream: IO[bytes]) -> Iterator[bytes]:
    """Yields the rest of a stream in blocks that end at line ends."""
    # A block may end within a line; the rest of the line is put before the next block.
    rest = b""
    while block := stream.read(_PIECE):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield rest + block[:cut]
            rest = block[cut:]
        else:
            rest += block
    if rest:
        yield rest


class _RowError(Exception):
    """Reports a row that does not match the header, by its line within the piece (the first is 0)."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.found = reason

    def describe(self, first_line: int) -> str:
        return f"line {first_line + self.line} {self.found}"


def _parse_piece(piece: bytes, header: Sequence[str], layout: DirectoryLayout) -> pl.DataFrame:
    """Parses the columns of a layout in a piece of a table, as text."""
    # Columns get numbers as names, because a release may repeat names of columns that are not used here.
    numbered = {name: f"c{header.index(name)}" for name in layout.columns}
    numbers = ",".join(f"c{index}" for index in range(len(header)))
    try:
        frame = pl.read_csv(
            f"{numbers}\n".encode() + piece,
            columns=list(numbered.values()),
            infer_schema=False,
            # Place names in other columns may be in another encoding; the codes are ASCII.
            encoding="utf8-lossy",
        )
    except pl.exceptions.PolarsError:
        _refuse_ragged(piece, len(header))
        raise _RowError(0, "or one of the next lines cannot be read as CSV") from None
    # polars pads a short row with nulls and, if it reads only some columns, accepts a long one.
    if piece.count(b",") != frame.height * (len(header) - 1):
        _refuse_ragged(piece, len(header))
    rows = frame.select(pl.col(number).alias(name) for name, number in numbered.items())
    for row, column in find_unusable(rows, layout).head(1).iter_rows():
        # The message omits the value: a file loaded by mistake may be about people.
        what = "a postcode" if column == layout.postcode else "the code of an area"
        raise _RowError(_find_line(piece, row), f"has a value in {column} that is not {what}")
    return rows


def _refuse_ragged(piece: bytes, width: int) -> None:
    """Raises for the first row of another width; quoted commas and empty lines are allowed."""
    for line, row in _number_rows(piece):
        if row and len(row) != width:
            raise _RowError(line, f"has {len(row)} values, but the header has {width}")


def _find_line(piece: bytes, row: int) -> int:
    return next(line for index, (line, _) in enumerate(_number_rows(piece)) if index == row)


def _number_rows(piece: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yields each row with the line it starts on, counted from 0."""
    reader = csv.reader(io.StringIO(piece.decode("utf-8", "replace"), newline=""), strict=True)
    line = 0
    try:
        for row in reader:
            yield line, row
            line = reader.line_num
    except csv.Error:
        raise _RowError(line, "cannot be read as CSV") from None


@contextmanager
def _convert_errors(path: Path) -> Iterator[None]:
    """Converts the errors of a damaged or encrypted file to a sentence about the file."""
    try:
        yield
    except DirectoryError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError) as error:
        # A name that is not in the encoding that the ZIP says is a UnicodeDecodeError, which is a ValueError.
        raise _load_error(path, "the ZIP is damaged or incomplete") from error
    except (NotImplementedError, RuntimeError) as error:
        # zipfile raises these for unknown compression and for passwords.
        raise _load_error(path, "the ZIP is encrypted or uses an unsupported compression; unpack it first") from error
    except OSError as error:
        raise _load_error(path, f"it cannot be read ({error.strerror or error})") from error


def _load_error(where: Path | str, reason: str) -> DirectoryError:
    return DirectoryError(f"{where} cannot be loaded as a postcode directory: {reason}; {_ALLOWED}")
