"""Loads the tables of a source as text from files of every format or queries, with joins and filters."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import PurePath, PurePosixPath

import polars as pl

from flows.files.archives import unpack
from flows.files.csv import Dialect, read_csv
from flows.files.databases import read_query
from flows.files.isolated_reading import PARQUET_ENDINGS, WORKBOOK_ENDINGS, read_parquet, read_workbook
from flows.files.locations import Location, redact_url
from flows.intake.corrected_records import PREFIX, WHOLE_FILES
from flows.intake.joins import add_joined_columns, list_mapped_columns
from flows.intake.missing_columns import require_columns
from flows.sources.mapping import SourceMapping, TableFile, TableMapping
from flows.sources.query_parameters import QueryParameters
from flows.support.errors import InputRefused, SourceUnreadable
from flows.support.limits import Limits
from schemas.record_columns import FILE_LINE
from transforms.inputs import RowCount
from transforms.tables.joins import filter_rows

_WILDCARDS = frozenset("*?[")
_TABS = (".tsv", ".tab")


@dataclass(frozen=True)
class RawTable:
    """Holds a table as loaded: text columns and `FILE_LINE`, its file's `name`, and `digests` of every input.

    `counts` are the rows of its files, those of joins included.
    """

    rows: pl.DataFrame
    name: str
    digests: dict[str, str] = field(default_factory=dict)
    counts: tuple[RowCount, ...] = ()


@dataclass(frozen=True)
class TableSource:
    """Where the tables of an export are: the mapping, the folder, what its queries may use, and the limits of reading.

    Without `parameters` no query can be filled in, so a mapping with SQL needs them. A file in the folder `replacing`
    is read in place of the export's file of the same name.
    """

    mapping: SourceMapping
    folder: Location
    parameters: QueryParameters | None = None
    limits: Limits = field(default_factory=Limits)
    replacing: Location | None = None


def read_table(source: TableSource, table: TableMapping) -> RawTable:
    """Reads a table of a source, joins its other tables, and removes the rows that its filters exclude.

    Raises:
        InputRefused: a file is missing or does not match the mapping.
        SourceUnreadable: a file cannot be read now.
    """
    main = read_file(source, table)
    digests, joins = dict(main.digests), []
    # A row that a filter removes needs no match, so filters on the table's own columns come first.
    own = {column: texts for column, texts in table.where.items() if column in main.rows.columns}
    rows = filter_rows(main.rows, own)
    for join in table.joins:
        other = read_file(source, join)
        digests |= other.digests
        # A missing key would make the join fail without naming the file.
        require_columns(main.name, rows, join.on, "join.on", list_mapped_columns(table))
        rows, count = add_joined_columns(rows, other.rows, other.name, join, table, source.mapping)
        joins.append(count)
    require_columns(main.name, rows, table.where, "where", list_mapped_columns(table))
    kept = filter_rows(rows, {column: texts for column, texts in table.where.items() if column not in own})
    removed = len(main.rows) - len(kept) if table.where else None
    return RawTable(kept, main.name, digests, (RowCount(main.name, len(main.rows), removed), *joins))


def hash_file(source: TableSource, table: TableFile) -> dict[str, str]:
    """Returns the SHA-256 of the file or query result of a table, by its name."""
    if table.query:
        return read_file(source, table).digests
    location = _find_file(table, source.folder)
    return {redact_url(table.file): hashlib.sha256(_read_content(table, location)).hexdigest()}


def read_file(source: TableSource, table: TableFile) -> RawTable:
    """Reads the rows of a file or a query as they are.

    Raises:
        InputRefused: the file is missing or is not a table.
        SourceUnreadable: the file cannot be read now.
    """
    mapping, limits = source.mapping, source.limits
    if table.query:
        query = source.parameters.fill_in(table.query) if source.parameters else table.query
        rows = _number_rows(read_query(query, table.database or mapping.database, "query"))
        # A query result has no bytes, so the digest covers its row hashes in sorted order.
        digest = hash_rows(rows)
        return RawTable(rows, "query", {name_query(table.query): digest})
    replacement = _find_replacement(table, source.replacing)
    location = replacement or _find_file(table, source.folder)
    packed = location.read() if replacement else _read_content(table, location)
    content, name = unpack(packed, str(location), table.member, limits)
    rows = _parse_content(content, name, str(location), table, mapping, limits)
    shown = f"{PREFIX}{WHOLE_FILES}/{make_relative(table.file)}" if replacement else redact_url(table.file)
    return RawTable(rows, shown, {shown: hashlib.sha256(packed).hexdigest()})


def _number_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Sorts the rows of a query, so that their lines do not depend on the order in which a database returns them."""
    values = rows.drop(FILE_LINE)
    return values.sort(values.columns, nulls_last=True).with_columns(rows[FILE_LINE])


def name_query(query: str) -> str:
    """Returns the name of a query's result among the inputs."""
    return f"query {hashlib.sha256(query.encode()).hexdigest()[:8]}"


def is_query(name: str) -> bool:
    """Returns whether the name of an input is that of a query's result."""
    return re.fullmatch("query [0-9a-f]{8}", name) is not None


def hash_rows(rows: pl.DataFrame) -> str:
    """Returns the SHA-256 of a table's values, whatever the order in which a database returned its rows."""
    values = rows.drop(FILE_LINE)
    return hashlib.sha256(values.sort(values.columns, nulls_last=True).write_csv().encode()).hexdigest()


def _parse_content(
    content: bytes, name: str, location: str, table: TableFile, mapping: SourceMapping, limits: Limits
) -> pl.DataFrame:
    ending = PurePosixPath(name.lower()).suffix
    if ending in WORKBOOK_ENDINGS:
        return read_workbook(content, location, table.sheet, limits)
    if ending in PARQUET_ENDINGS:
        return read_parquet(content, location, limits)
    delimiter = table.delimiter or ("\t" if ending in _TABS else mapping.delimiter)
    dialect = Dialect(table.encoding or mapping.encoding, delimiter)
    if isinstance(table, TableMapping) and table.by_header and dialect.encoding == Dialect.encoding:
        dialect = replace(dialect, named_by="the encoding of a plain export; export the file in this encoding")
    return read_csv(content, location, dialect)


def _find_file(table: TableFile, folder: Location) -> Location:
    """Returns the file of a table; resolves a name with wildcards to its only match."""
    location = folder / table.file
    # The name of an existing file may contain brackets, so it is not a pattern.
    if not _WILDCARDS.intersection(table.file) or location.exists():
        return location
    matches = folder.matching(table.file)
    if len(matches) != 1:
        raise InputRefused(f"{location}: {len(matches)} files match this name; exactly one must match")
    return matches[0]


def _find_replacement(table: TableFile, folder: Location | None) -> Location | None:
    """Returns the file in a folder that is read in place of a table's own file, if there is one."""
    if folder is None:
        return None
    name = make_relative(table.file)
    has_file = (folder / name).exists() or folder.matching(name)
    return _find_file(table.model_copy(update={"file": name}), folder) if has_file else None


def make_relative(file: str) -> str:
    """Returns the name of a file for another folder: without its own folder if that is absolute or a URL."""
    is_elsewhere = "://" in file or PurePath(file).is_absolute()
    return PurePosixPath(redact_url(file)).name if is_elsewhere else file


def _read_content(table: TableFile, location: Location) -> bytes:
    """Reads a complete file: if the mapping names a marker, only once the marker file is next to it."""
    if table.marker:
        marker = Location(location.url + table.marker)
        if not marker.exists():
            raise SourceUnreadable(f"{location}: its marker file {marker.name} is missing; the file may be incomplete")
    return location.read()
