"""Runs queries of an audit next to each other: the result of each is converted by one core."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import duckdb

_Result = TypeVar("_Result")


def query_in_parallel(
    connection: duckdb.DuckDBPyConnection, queries: Sequence[Callable[[duckdb.DuckDBPyConnection], _Result]]
) -> list[_Result]:
    """Returns the results of queries, in order; raises the first error.

    Args:
        connection: the audit, without a transaction: the queries see only what is committed.
        queries: each gets a connection of its own to the audit, with its own variables and temporary tables.
    """
    (name,) = connection.execute("select current_database()").fetchone() or ("",)

    def run(query: Callable[[duckdb.DuckDBPyConnection], _Result]) -> _Result:
        with connection.cursor() as own:
            # An encrypted audit is attached to a database in memory, which a new connection would use.
            own.execute(f'use "{name}"')
            return query(own)

    # No more threads than cores, because each result takes memory twice while it is converted.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(run, queries))
