"""The tables of a source as text, however they come: files of every kind, queries, joined and filtered."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import polars as pl

from flows.files.archives import unpack
from flows.files.csv import Dialect, read_csv
from flows.files.databases import read_query
from flows.files.isolated_reading import PARQUET_ENDINGS, WORKBOOK_ENDINGS, read_parquet, read_workbook
from flows.files.locations import Place, shown_url
from flows.intake.missing_columns import absent_column
from flows.sources.mapping import SourceMapping, TableFile, TableMapping
from flows.support.errors import InputRefused, SourceUnreadable
from flows.support.limits import Limits
from transforms.tables.joins import JoinsSeveral, joined, kept

_WILDCARDS = frozenset("*?[")
_TABS = (".tsv", ".tab")


@dataclass(frozen=True)
class RawTable:
    """A table as it came: text columns and `FILE_LINE`; `name` is its file's, `digests` of all that was read."""

    rows: pl.DataFrame
    name: str
    digests: dict[str, str] = field(default_factory=dict)


def read_table(mapping: SourceMapping, table: TableMapping, folder: Place, limits: Limits | None = None) -> RawTable:
    """A table of a source, with what it is joined with and without what is filtered out.

    Raises:
        InputRefused: a file is missing or is not what the mapping says.
        SourceUnreadable: it cannot be read this time.
    """
    limits = limits or Limits()
    main = _read(mapping, table, folder, limits)
    rows, digests = main.rows, dict(main.digests)
    for each in table.joins:
        other = _read(mapping, each, folder, limits)
        digests |= other.digests
        _refuse_absent(main.name, rows, list(each.on), "join.on", _named(table))
        beside = {column.removeprefix(f"{each.name}.") for column in _named(table)}
        _refuse_absent(other.name, other.rows, list(each.on.values()), "join.on", {*beside, *each.on.values()})
        try:
            rows = joined(rows, other.rows, each.on, each.name)
        except JoinsSeveral as several:
            raise InputRefused(
                f"{other.name}, line {several.line}: a second row for the same {', '.join(each.on.values())}; one is"
                " allowed where it is joined"
            ) from None
    _refuse_absent(main.name, rows, list(table.where), "where", _named(table))
    return RawTable(kept(rows, table.where), main.name, digests)


def digests_of_tables(mapping: SourceMapping, tables: Sequence[TableMapping], folder: Place) -> dict[str, str]:
    """The SHA-256 of everything that the tables of a source are read from."""
    digests: dict[str, str] = {}
    for table in tables:
        for each in (table, *table.joins):
            if each.query:
                digests |= _read(mapping, each, folder, Limits()).digests
            else:
                place = _file(each, folder)
                digests[shown_url(each.file)] = hashlib.sha256(_content(each, place)).hexdigest()
    return digests


def _read(mapping: SourceMapping, table: TableFile, folder: Place, limits: Limits) -> RawTable:
    if table.query:
        rows = read_query(table.query, table.database or mapping.database, "query")
        # What a database answers has no bytes: its rows in the order of their texts stand for it.
        digest = hashlib.sha256(str(rows.hash_rows(seed=1).sort().to_list()).encode()).hexdigest()
        return RawTable(rows, "query", {f"query {hashlib.sha256(table.query.encode()).hexdigest()[:8]}": digest})
    place = _file(table, folder)
    packed = _content(table, place)
    content, name = unpack(packed, str(place), table.member, limits)
    rows = _parsed(content, name, str(place), table, mapping, limits)
    return RawTable(rows, shown_url(table.file), {shown_url(table.file): hashlib.sha256(packed).hexdigest()})


def _parsed(
    content: bytes, name: str, place: str, table: TableFile, mapping: SourceMapping, limits: Limits
) -> pl.DataFrame:
    ending = PurePosixPath(name.lower()).suffix
    if ending in WORKBOOK_ENDINGS:
        return read_workbook(content, place, table.sheet, limits)
    if ending in PARQUET_ENDINGS:
        return read_parquet(content, place, limits)
    delimiter = table.delimiter or ("\t" if ending in _TABS else mapping.delimiter)
    dialect = Dialect(table.encoding or mapping.encoding, delimiter)
    if isinstance(table, TableMapping) and table.by_header and dialect.encoding == Dialect.encoding:
        dialect = replace(dialect, said="the encoding a plain export must be in")
    return read_csv(content, place, dialect)


def _file(table: TableFile, folder: Place) -> Place:
    """The file of a table; of a name with wildcards the one that fits."""
    place = folder / table.file
    if not _WILDCARDS.intersection(table.file) or place.exists():
        return place
    found = folder.matching(table.file)
    if len(found) != 1:
        raise InputRefused(f"{place}: {len(found)} files fit; one is needed")
    return found[0]


def _content(table: TableFile, place: Place) -> bytes:
    """The bytes of a file that is whole: where the mapping asks for its marker, once that lies beside it."""
    if table.marker:
        marker = Place(place.url + table.marker)
        if not marker.exists():
            raise SourceUnreadable(f"{place}: its marker {marker.name} is not there yet; the file may not be whole")
    return place.read()


def _refuse_absent(name: str, rows: pl.DataFrame, columns: Sequence[str], key: str, mapped: Collection[str]) -> None:
    for column in columns:
        if column not in rows.columns:
            raise absent_column(name, key, column, rows.columns, mapped)


def _named(table: TableMapping) -> set[str]:
    """Every column that a mapping names of a table itself."""
    return {*table.columns.values(), *table.where, *(column for each in table.joins for column in each.on)}
