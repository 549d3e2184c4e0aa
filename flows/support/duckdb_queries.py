"""What the queries of users have in common: which errors quote only the query, and a limit of time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

# These errors quote only the query: DuckDB raises them before it reads any row.
QUERY_ERRORS = (
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.PermissionException,
)


@contextmanager
def interrupt_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupts a query of the connection that takes longer than this inside the block."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
