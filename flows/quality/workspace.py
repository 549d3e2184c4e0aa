"""A DuckDB connection in memory, in which the queries of sql/quality/ run on frames."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import duckdb
import polars as pl

from flows.audit.database import SQL_DIRECTORY
from flows.support.arrow_stream import ArrowStream


@contextmanager
def open_workspace(frames: Mapping[str, pl.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a connection in memory that has these frames as tables."""
    # The tables are small, so that more threads would only wait for each other.
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for name, frame in frames.items():
            connection.register("given", ArrowStream(frame))
            connection.execute(f"create temp table {name} as select * from given")
            connection.unregister("given")
        yield connection


@cache
def read_query(name: str) -> str:
    """Returns the text of a file of sql/quality/, by its path without the ending."""
    return (SQL_DIRECTORY / "quality" / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")
