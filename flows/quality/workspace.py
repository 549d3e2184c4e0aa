"""A DuckDB connection in memory, in which the queries of sql/quality/ run on frames."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import duckdb
import polars as pl

from flows.audit.definitions import SQL_DIRECTORY
from flows.support.arrow_stream import ArrowStream
from flows.support.duckdb_connections import connect


@contextmanager
def open_workspace(frames: Mapping[str, pl.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a connection in memory that has these frames as tables."""
    # A cursor is a connection of its own, with its own temporary tables, and opens at once.
    with _open_memory(os.getpid()).cursor() as connection:
        for name, frame in frames.items():
            connection.register("given", ArrowStream(frame))
            connection.execute(f"create temp table {name} as select * from given")
            connection.unregister("given")
        yield connection


@cache
def _open_memory(_process: int) -> duckdb.DuckDBPyConnection:
    """Opens a database in memory, once per process: that takes as long as several queries."""
    # The tables are small, so that more threads would only wait for each other.
    return connect(":memory:", config={"threads": 1})


@cache
def read_query(name: str) -> str:
    """Returns the text of a file of sql/quality/, by its path without the ending."""
    return (SQL_DIRECTORY / "quality" / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")
