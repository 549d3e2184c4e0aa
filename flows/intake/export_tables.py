"""Opens an export and reads its three tables, each from a file, a database or the SQL of the mapping."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import polars as pl

from flows.intake.export_files import find_tables
from flows.intake.sql.database import open_sql_tables
from flows.intake.sql.stability import refuse_unstable_results
from flows.intake.tables import RawTable, TableSource, hash_file, read_file, read_table
from flows.sources.mapping import TableFile
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, Entity
from schemas.record_columns import FILE_LINE, SOURCE_FILE, SOURCE_LINE
from transforms.parse.clean import clean_text
from transforms.tables.threads import map_in_threads

ReadTable = Callable[[Entity], RawTable]


@contextmanager
def open_export(source: TableSource) -> Iterator[ReadTable]:
    """Yields a function that reads the table of an entity.

    The files that SQL reads are loaded once, for all tables. The function can be called from several threads.

    Raises:
        InputRefused: a file is missing or does not match the mapping, or the SQL is wrong.
    """
    if not source.mapping.table_sql_files:
        yield lambda entity: read_table(source, source.mapping.table(entity))
        return
    with _open_sql_export(source, find_tables(source.folder, source.mapping.tables, source.limits)) as opened:
        yield opened[0]


@contextmanager
def open_checked_export(source: TableSource) -> Iterator[tuple[ReadTable, dict[str, int | None]]]:
    """As `open_export`, and checks that the results of SQL do not depend on the order of the rows of the export.

    Also yields the rows of each table of the export, by name; None for a table that the SQL does not mention. Without
    SQL there are none.

    Raises:
        InputRefused: as `open_export`, or a result depends on the order of the rows.
    """
    if not source.mapping.table_sql_files or source.parameters is None:
        with open_export(source) as read:
            yield read, {}
        return
    every = find_tables(source.folder, source.mapping.tables, source.limits)
    with _open_sql_export(source, every) as (read, frames):
        refuse_unstable_results(source.mapping, frames, source.parameters, source.limits)
        yield read, {name: len(frames[name]) if name in frames else None for name in sorted(every)}


@contextmanager
def _open_sql_export(
    source: TableSource, every: Mapping[str, TableFile]
) -> Iterator[tuple[ReadTable, dict[str, pl.DataFrame]]]:
    """Yields a function that reads the table of an entity, and the tables that the SQL reads."""
    mapping = source.mapping
    if source.parameters is None:
        raise RuntimeError("a mapping with SQL needs its parameters")
    inputs = _read_sql_inputs(source, every)
    digests = {name: digest for table in inputs.values() for name, digest in table.digests.items()}
    frames = {name: table.rows for name, table in inputs.items()}
    with open_sql_tables(mapping, frames, source.parameters, source.limits, all_names=every) as built:
        # A connection runs one query at a time.
        lock = threading.Lock()

        def read(entity: Entity) -> RawTable:
            table = mapping.table(entity)
            if not table.sql:
                return read_table(source, table)
            with lock:
                return RawTable(built.build(mapping.get_sql_file(entity)), table.sql, digests)

        yield read, frames


def hash_inputs(source: TableSource) -> dict[str, str]:
    """Returns the SHA-256 of each file or query result that an export is read from, by name.

    Raises:
        InputRefused: a file is missing.
    """
    tables = [source.mapping.table(entity) for entity in ENTITIES]
    parts: list[TableFile] = [part for table in tables if not table.sql for part in (table, *table.joins)]
    if source.mapping.table_sql_files:
        every = find_tables(source.folder, source.mapping.tables, source.limits)
        parts += _select_mentioned(source, every).values()
    return {name: digest for part in parts for name, digest in hash_file(source, part).items()}


def _select_mentioned(source: TableSource, every: Mapping[str, TableFile]) -> dict[str, TableFile]:
    """Returns the tables of the export that the SQL mentions: reading the others would take time for nothing."""
    text = "\n".join(file.text for file in source.mapping.sql_files)
    return {
        name: table
        for name, table in every.items()
        if re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text, re.IGNORECASE)
    }


def _read_sql_inputs(source: TableSource, every: Mapping[str, TableFile]) -> dict[str, RawTable]:
    found = _select_mentioned(source, every)
    tables = map_in_threads(lambda table: _prepare_rows(source, read_file(source, table)), found.values())
    return dict(zip(found, tables, strict=True))


def _prepare_rows(source: TableSource, table: RawTable) -> RawTable:
    """Adds the file and the line of each row, and turns the mapping's blank values into NULL."""
    _refuse_names_that_sql_confuses(table)
    rows = clean_text(table.rows.drop(FILE_LINE), source.mapping.blanks)
    rows = rows.with_columns(pl.lit(table.name).alias(SOURCE_FILE), table.rows[FILE_LINE].alias(SOURCE_LINE))
    return RawTable(rows, table.name, table.digests)


def _refuse_names_that_sql_confuses(table: RawTable) -> None:
    """Refuses columns whose names are the same in SQL, which ignores case, or are those of the file and the line."""
    positions: dict[str, int] = {}
    for position, column in enumerate(table.rows.columns, start=1):
        name = column.casefold()
        if name in (SOURCE_FILE, SOURCE_LINE):
            raise InputRefused(
                f"{table.name}, line 1: a column is called {name}, which is the name of the file or line of a row in"
                " SQL; rename the column in the export"
            )
        if name in positions:
            # The message omits the name: the first line of a file without a header is a person's record.
            raise InputRefused(
                f"{table.name}, line 1: the columns {positions[name]} and {position} differ only in case, which SQL"
                " ignores; rename one of them in the export"
            )
        positions[name] = position
