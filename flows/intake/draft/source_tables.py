"""Reads every table of a folder, an archive or files, to draft a mapping from; detects the format of each file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl

from flows.files.archives import list_archive_members, unpack
from flows.files.csv import Dialect, read_csv
from flows.files.isolated_reading import (
    PARQUET_ENDINGS,
    WORKBOOK_ENDINGS,
    read_parquet,
    read_sheet_names,
    read_workbook,
)
from flows.files.locations import Location
from flows.intake.export_files import TABLE_ENDINGS
from flows.support.errors import InputRefused
from schemas.record_columns import FILE_LINE
from transforms.parse.clean import clean_text

# The encoding of a file with only such characters shows in the other files of the export.
_ASCII = "ascii"
_DELIMITERS = ",;|\t"
# Texts that systems write for a blank; a draft proposes those that a column contains.
BLANKS = ("NULL", "N/A", "None recorded", "Not recorded", "Not asked", "-")
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_AGENCY_FOLDER = re.compile(r"[A-Z]{1,3}[0-9]{3,5}")


@dataclass(frozen=True)
class SourceTable:
    """Holds a table of a system as cleaned text, and how to read its file."""

    name: str
    file: str
    rows: pl.DataFrame
    sheet: str | None = None
    member: str | None = None
    dialect: Dialect | None = None
    blanks: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Returns its columns, except the line."""
        return [column for column in self.rows.columns if column != FILE_LINE]


@dataclass(frozen=True)
class ExportTables:
    """Holds the tables of an export, and the location of its files, which may contain {period} and {agency}.

    `unread` has the files of the folder that are not tables, each with the reason, and `period` is the month of the
    folder that was read, if there is one for each month.
    """

    location: str
    tables: tuple[SourceTable, ...]
    unread: tuple[tuple[str, str], ...] = ()
    period: str = ""


def read_export_tables(paths: Sequence[Path]) -> ExportTables:
    """Reads the tables of a folder, an archive or files.

    Raises:
        InputRefused: a path does not exist or contains no table.
    """
    if len(paths) != 1 or not paths[0].is_dir():
        tables = [table for path in paths for table in _read_tables(path)]
        return ExportTables(str(paths[0].parent), tuple(_name_apart(tables)))
    folder, location = _find_month(paths[0])
    month = _MONTH.search(folder.name)
    found: list[SourceTable] = []
    unread: list[tuple[str, str]] = []
    for file in sorted(file for file in folder.iterdir() if file.is_file() and _is_table_file(file)):
        # A folder may contain files that are not part of the export, such as a note.
        try:
            found += _read_tables(file)
        except InputRefused as refusal:
            unread.append((file.name, str(refusal).removeprefix(f"{file}: ").removeprefix(f"{file}, ")))
    if not found:
        endings = ", ".join((*TABLE_ENDINGS, *WORKBOOK_ENDINGS))
        raise InputRefused(f"{folder}: the folder contains no table that can be read; allowed: {endings}, .zip and .gz")
    return ExportTables(location, tuple(_name_apart(found)), tuple(unread), month[0] if month else "")


def _find_month(folder: Path) -> tuple[Path, str]:
    """Returns the folder with the tables of the latest month, and the location of every month."""
    location = str(folder)
    for _ in range(2):
        children = sorted(child for child in folder.iterdir() if child.is_dir())
        months = [child for child in children if _MONTH.search(child.name)]
        agencies = [child for child in children if _AGENCY_FOLDER.fullmatch(child.name)]
        if any(child.is_file() and _is_table_file(child) for child in folder.iterdir()) or not (months or agencies):
            break
        folder = (months or agencies)[-1]
        location += "/" + (_MONTH.sub("{period}", folder.name, count=1) if months else "{agency}")
    return folder, location


def _is_table_file(file: Path) -> bool:
    ending = PurePosixPath(file.name.lower().removesuffix(".gz")).suffix
    return ending in (*TABLE_ENDINGS, *WORKBOOK_ENDINGS, ".zip") and not file.name.startswith((".", "~"))


def _name_apart(tables: Sequence[SourceTable]) -> Iterator[SourceTable]:
    """Gives a second table of the same name another one, because SQL ignores the case of names."""
    taken: set[str] = set()
    for table in tables:
        name = table.name
        while name.casefold() in taken:
            name += "_2"
        taken.add(name.casefold())
        yield replace(table, name=name, dialect=_choose_encoding(table.dialect, tables))


def _choose_encoding(dialect: Dialect | None, tables: Sequence[SourceTable]) -> Dialect | None:
    """Returns the dialect of a table with the encoding of the other tables, if its own bytes do not show it."""
    if dialect is None or dialect.encoding != _ASCII:
        return dialect
    is_windows = any(table.dialect and table.dialect.encoding == "cp1252" for table in tables)
    return replace(dialect, encoding="cp1252" if is_windows else "utf-8")


def _read_tables(path: Path) -> Iterator[SourceTable]:
    content = Location(str(path)).read()
    if path.suffix.lower() != ".zip":
        yield from _parse_tables(unpack(content, str(path))[0], path, path.name.removesuffix(".gz"), None)
        return
    members = list_archive_members(content, str(path))
    members = [member for member in members if PurePosixPath(member.lower()).suffix in TABLE_ENDINGS]
    if not members:
        raise InputRefused(f"{path}: the archive contains no table; allowed: {', '.join(TABLE_ENDINGS)}")
    for member in members:
        unpacked, _ = unpack(content, str(path), member)
        for table in _parse_tables(unpacked, path, member, member):
            yield table if len(members) > 1 else replace(table, name=path.stem, member=None)


def _parse_tables(content: bytes, path: Path, name: str, member: str | None) -> Iterator[SourceTable]:
    """Yields the tables of one file: one, or one for each sheet that is not empty."""
    ending, stem = PurePosixPath(name.lower()).suffix, PurePosixPath(name).stem
    if ending in PARQUET_ENDINGS:
        yield _clean_table(SourceTable(stem, path.name, read_parquet(content, str(path)), member=member))
    elif ending in WORKBOOK_ENDINGS:
        sheets = read_sheet_names(content, str(path))
        for sheet in sheets:
            rows = read_workbook(content, str(path), sheet)
            yield _clean_table(SourceTable(sheet if len(sheets) > 1 else stem, path.name, rows, sheet, member))
    else:
        dialect = _detect_dialect(content)
        rows = read_csv(content, str(path), dialect)
        yield _clean_table(SourceTable(stem, path.name, rows, member=member, dialect=dialect))


def _clean_table(table: SourceTable) -> SourceTable:
    """Cleans the table, and records which blank texts it contains."""
    texts = pl.col(pl.String).str.strip_chars()
    blanks = [blank for blank in BLANKS if any(table.rows.select((texts == blank).any()).row(0))]
    return replace(table, rows=clean_text(table.rows, blanks), blanks=tuple(blanks))


def _detect_dialect(content: bytes) -> Dialect:
    """Detects the likely encoding and delimiter of a file."""
    try:
        text, encoding = content.decode("utf-8-sig"), _ASCII if content.isascii() else "utf-8"
    except UnicodeDecodeError:
        text, encoding = content.decode("cp1252", errors="replace"), "cp1252"
    # The delimiter is the most frequent candidate in the header, whose names rarely contain one.
    header = text.lstrip().partition("\n")[0]
    return Dialect(encoding, max(_DELIMITERS, key=header.count))
