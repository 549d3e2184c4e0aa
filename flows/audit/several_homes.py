"""One query on the audits of several homes: each table and view is the union over the homes, with a column `home`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl

from flows.audit import database
from flows.audit.definitions import (
    INTERNAL,
    TABLES,
    VIEWS,
    current_schema_number,
    read_definition,
    read_schema_number,
    split_name,
)
from flows.audit.limited_queries import answer_within_limits, build_limited_config
from flows.audit.open_errors import build_older_error, is_damage
from flows.audit.query_errors import refuse_unless_one_statement, refuse_unless_reading
from flows.support.encrypted_databases import connect_in_memory
from flows.support.errors import InputRefused
from flows.support.limits import Limits


def query_homes(homes: Sequence[Path], text: str, limits: Limits | None = None) -> pl.DataFrame:
    """Returns the result of a query, which can read the audits of these homes and nothing else.

    The query runs on the snapshots, so that it delays no landing.  Its memory, time and rows are limited.

    Args:
        homes: the directories of the audits.
        text: one statement that reads.  Each table and view of the audit has the column `home` first.
        limits: the memory, time and rows it may use.

    Raises:
        InputRefused: a home has no audit, or one of another version; the query is wrong, is blank, has several
            statements, does more than read, or exceeds a limit; or a file is damaged.
    """
    refuse_unless_one_statement(text)
    limits = limits or Limits()
    config = build_limited_config(limits)
    for home in homes:
        _refuse_unless_current(home, config)
    with closing(connect_in_memory(config)) as connection:
        refuse_unless_reading(connection, text)
        try:
            _define_unions(connection, homes)
            return answer_within_limits(connection, text, limits)
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            # The error does not name the file.
            for home in homes:
                _refuse_damaged(home, config)
            raise


def name_homes(homes: Sequence[Path]) -> list[str]:
    """Returns the values of the column `home`: the name of each directory, or its path if another has the same name."""
    names = Counter(home.name for home in homes)
    return [home.name if names[home.name] == 1 else str(home) for home in homes]


def _refuse_unless_current(home: Path, config: Mapping[str, str | bool]) -> None:
    if not database.find_snapshot(home).exists():
        raise InputRefused(f"{home}: there is no audit in this directory; select only homes that have one")
    with database.open_snapshot(home, config) as connection:
        number = read_schema_number(connection)
    if number < current_schema_number():
        raise build_older_error(database.find_snapshot(home), number, current_schema_number())


def _refuse_damaged(home: Path, config: Mapping[str, str | bool]) -> None:
    """Reads every value of a home's audit, and raises InputRefused if the file is damaged."""
    with database.open_snapshot(home, config) as connection:
        for table in TABLES:
            connection.execute(f"select max(hash(every_value)) from {table} as every_value").fetchall()


def _define_unions(connection: duckdb.DuckDBPyConnection, homes: Sequence[Path]) -> None:
    """Creates a view per table and view that people query: the union over the homes, with the column `home`."""
    for number, home in enumerate(homes, start=1):
        _define_home(connection, home, f"home_{number}")
    connection.execute("use memory")
    values = [value.replace("'", "''") for value in name_homes(homes)]
    for view in (name for name in (*TABLES, *VIEWS) if split_name(name)[0] != INTERNAL):
        # By name: the order of the columns of a table depends on the version that created it.
        union = " union all by name ".join(
            f"select '{value}' as home, * from home_{number}.main.{view}"
            for number, value in enumerate(values, start=1)
        )
        connection.execute(f"create view {view} as {union}")


def _define_home(connection: duckdb.DuckDBPyConnection, home: Path, name: str) -> None:
    """Attaches an audit, and a database in memory that has its tables and the views of this version.

    The views of the audit itself may be those of an earlier version.
    """
    database.attach_snapshot(connection, home, f"{name}_file")
    connection.execute(f"attach ':memory:' as {name}")
    connection.execute(f"use {name}")
    connection.execute(f"create schema {INTERNAL}")
    for table in TABLES:
        schema, bare = split_name(table)
        connection.execute(f"create view {schema}.{bare} as from {name}_file.{schema}.{bare}")
    for view in VIEWS:
        connection.execute(read_definition(view))
