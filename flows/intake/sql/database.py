"""Builds the tables of an export with the SQL of its mapping, in a locked DuckDB database in memory.

The SQL sees the files of the export, all as text, and nothing else: no other file, no network, no extension and no
setting.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from flows.intake.sql.errors import build_value_error, convert_sql_error
from flows.intake.sql.macros import build_macros
from flows.intake.sql.statements import parse_table_query, refuse_changing_functions, split_shared_statements
from flows.sources.mapping import SourceMapping, SqlFile
from flows.sources.query_parameters import NAMES, QueryParameters
from flows.support.arrow_stream import ArrowStream
from flows.support.duckdb_connections import connect
from flows.support.duckdb_queries import interrupt_after
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from flows.support.text import format_count
from schemas.record_columns import FILE_LINE, SOURCE_FILE, SOURCE_LINE

# The query starts on the second line of what DuckDB runs.
_LINES_BEFORE = 1
_CHANGING = """select function_name from duckdb_functions()
    where stability <> 'CONSISTENT' and function_type in ('scalar', 'aggregate') and function_name <> 'error'"""
# The errors of DuckDB, in the text of an error of polars, that end a query at a limit.
_LIMITS = re.compile(r"external error: (INTERRUPT|Out of Memory) Error", re.IGNORECASE)
# Precedes the name of an SQL file where a query does not return the file of its rows.
_RESULT = "result of "
_NESTED = ("list", "struct", "map", "array", "union")


@dataclass(frozen=True)
class SqlTables:
    """A locked database with the files of an export as tables, and the SQL of a mapping."""

    connection: duckdb.DuckDBPyConnection
    parameters: QueryParameters
    limits: Limits
    table_names: str

    def build(self, file: SqlFile) -> pl.DataFrame:
        """Runs the query of a table.

        Returns:
            The columns of the result as text and `FILE_LINE`, sorted, so that the order of rows never depends on
            DuckDB. With `source_file` and `source_line` in the result, `FILE_LINE` is the line in the file;
            otherwise it counts the rows of the sorted result, and the header as line 1.

        Raises:
            InputRefused: the query is wrong, takes too long or needs too much memory.
        """
        query, used = parse_table_query(file.text, file.name, NAMES)
        values = {name: value for name, value in self.parameters.values.items() if name in used}
        columns = self.list_columns(query, values, file)
        texts = ", ".join(f"cast({_quote(name)} as varchar) as {_quote(name)}" for name in columns)
        rows = self._run(f"select {texts} from (\n{query}\n) as result", values, file)
        return _number_rows(rows, file)

    def list_columns(self, query: str, values: Mapping[str, object], file: SqlFile) -> list[str]:
        """Returns the columns of a query without running it."""
        described = self._execute(f"describe\n{query}", values, file)
        columns = [(str(row[0]), str(row[1]).lower()) for row in described.fetchall()]
        for name, kind in columns:
            if kind.endswith("]") or kind.startswith(_NESTED):
                raise InputRefused(f"{file.name}: the column {name!r} is {kind}; each column must be one value")
        names = [name for name, _ in columns]
        repeated = sorted({name for name in names if [other.casefold() for other in names].count(name.casefold()) > 1})
        if repeated:
            raise InputRefused(f"{file.name}: the result has {repeated[0]!r} twice; each column is allowed once")
        return names

    def _run(self, query: str, values: Mapping[str, object], file: SqlFile) -> pl.DataFrame:
        with interrupt_after(self.connection, self.limits.mapping_seconds), self._convert_errors(file):
            # The result goes to polars as it arrives, without a second copy in the database.
            try:
                return pl.DataFrame(self.connection.sql(query, params=dict(values) or None))
            except (duckdb.Error, pl.exceptions.PolarsError) as error:
                # An error while the rows arrive is DuckDB's, in the words of polars.
                if isinstance(error, (duckdb.InterruptException, duckdb.OutOfMemoryException)) or _LIMITS.search(
                    str(error)
                ):
                    raise
            # The text that DuckDB shows is rewritten. As a statement, the same error has the line of the file.
            self.connection.execute(f"create or replace temp table ndtms_again as {query}", dict(values) or None)
        raise build_value_error(file.name, "Error")

    def _execute(self, query: str, values: Mapping[str, object], file: SqlFile) -> duckdb.DuckDBPyConnection:
        with self._convert_errors(file):
            return self.connection.execute(query, dict(values) or None)

    @contextmanager
    def _convert_errors(self, file: SqlFile) -> Iterator[None]:
        """Raises InputRefused for every error of a query."""
        try:
            yield
        except duckdb.InterruptException:
            raise self._build_limit_error(file, "interrupt") from None
        except duckdb.OutOfMemoryException:
            raise self._build_limit_error(file, "memory") from None
        except duckdb.Error as error:
            raise convert_sql_error(error, file.name, _LINES_BEFORE, self.table_names) from None
        except pl.exceptions.PolarsError as error:
            raise self._build_limit_error(file, str(error)) from None

    def _build_limit_error(self, file: SqlFile, text: str) -> InputRefused:
        exceeded = (
            f"{self.limits.mapping_seconds:g} seconds; check its joins, or raise mapping_seconds"
            if "interrupt" in text.casefold()
            else f"{self.limits.mapping_memory} of memory; check its joins, or raise mapping_memory"
        )
        return InputRefused(f"{file.name}: the query needs more than {exceeded} in the settings")


@contextmanager
def open_sql_tables(
    mapping: SourceMapping,
    tables: Mapping[str, pl.DataFrame],
    parameters: QueryParameters,
    limits: Limits,
    threads: int | None = None,
    all_names: Iterable[str] = (),
) -> Iterator[SqlTables]:
    """Opens a database for the SQL of a mapping, and checks every query before the first is run.

    Args:
        mapping: the mapping, with the texts of its SQL files.
        tables: the tables of the export, by name: text columns, `source_file` and `source_line`.
        parameters: the month, the agency and the day of the extract.
        limits: the maximum memory and time of a query.
        threads: how many threads DuckDB uses; None leaves it to DuckDB.
        all_names: the names of all tables of the export, for messages; by default those of `tables`.

    Raises:
        InputRefused: the SQL is wrong; the text names the file and the line.
    """
    config: dict[str, Any] = {
        "memory_limit": limits.mapping_memory,
        # Without a temporary directory DuckDB cannot spill records to the disk.
        "temp_directory": "",
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        **({} if threads is None else {"threads": threads}),
    }
    with connect(":memory:", config=config) as connection:
        for name, table in tables.items():
            connection.execute(f"create table {_quote(name)} ({_describe_columns(table)})")
        # Otherwise a time without an offset would depend on the time zone of the machine.
        connection.execute("set TimeZone = 'Europe/London'")
        for macro in build_macros(mapping.dates):
            connection.execute(macro)
        # From here on no SQL can reach a file or change a setting; a view that reads a file fails when it is created.
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        built = SqlTables(connection, parameters, limits, ", ".join(sorted(all_names or tables)) or "none")
        _check_queries(built, mapping)
        for number, (name, table) in enumerate(tables.items()):
            _show_rows(connection, name, table, f"ndtms_rows_{number}")
        yield built


def _check_queries(built: SqlTables, mapping: SourceMapping) -> None:
    """Creates the shared views and macros, and binds every query against the empty tables."""
    changing = {name for (name,) in built.connection.execute(_CHANGING).fetchall()}
    for file in mapping.sql_files:
        refuse_changing_functions(file.text, file.name, changing)
    if mapping.shared_sql_file:
        shared = mapping.shared_sql_file
        for statement, before in split_shared_statements(shared.text, shared.name):
            try:
                built.connection.execute(statement)
            except duckdb.Error as error:
                raise convert_sql_error(error, shared.name, -before, built.table_names) from None
    for file in mapping.table_sql_files:
        query, used = parse_table_query(file.text, file.name, NAMES)
        built.list_columns(query, {name: built.parameters.values[name] for name in used}, file)


def _describe_columns(table: pl.DataFrame) -> str:
    return ", ".join(f"{_quote(name)} {'uinteger' if name == SOURCE_LINE else 'varchar'}" for name in table.columns)


def _show_rows(connection: duckdb.DuckDBPyConnection, name: str, table: pl.DataFrame, rows: str) -> None:
    """Replaces an empty table by a view of the rows, which takes half the time of a copy."""
    connection.execute(f"drop table {_quote(name)}")
    connection.register(rows, ArrowStream(table))
    connection.execute(f"create view {_quote(name)} as select * from {rows}")


def is_result(source_file: str) -> bool:
    """Returns whether rows are of no file: their lines are those of the sorted result of a query."""
    return source_file.startswith(_RESULT)


def _number_rows(rows: pl.DataFrame, file: SqlFile) -> pl.DataFrame:
    """Sorts the result and gives each row its line."""
    has_source = SOURCE_FILE in rows.columns and SOURCE_LINE in rows.columns
    rest = [name for name in rows.columns if name not in (SOURCE_FILE, SOURCE_LINE)]
    if not has_source:
        named = rows.select(rest).sort(rest, nulls_last=True)
        lines = pl.int_range(2, len(named) + 2, dtype=pl.UInt32, eager=True)
        return named.with_columns(pl.lit(f"{_RESULT}{file.name}").alias(SOURCE_FILE), lines.alias(FILE_LINE))
    lines = rows[SOURCE_LINE].cast(pl.UInt32, strict=False)
    unknown = int((lines.is_null() | rows[SOURCE_FILE].is_null()).sum())
    if unknown:
        raise InputRefused(
            f"{file.name}: {format_count(unknown, 'row')} of the result without a source_file or a whole number as"
            " source_line; take both from the table that the row is from, or leave both columns out"
        )
    return _sort_by_line(rows.drop(SOURCE_LINE).with_columns(lines.alias(FILE_LINE)), rest)


def _sort_by_line(rows: pl.DataFrame, rest: Sequence[str]) -> pl.DataFrame:
    """Sorts rows by file and line, and by all other columns only where rows share a line, which takes far longer."""
    place = [SOURCE_FILE, FILE_LINE]
    if rows[SOURCE_FILE].n_unique() == 1 and (rows[FILE_LINE].diff() > 0).all(ignore_nulls=True):
        return rows
    is_unique = rows.select(pl.struct(place).n_unique()).item() == len(rows)
    return rows.sort(place if is_unique else [*place, *rest], nulls_last=True)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
