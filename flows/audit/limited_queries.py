"""Answers a query of a user within the limits of memory, time and rows; it reads no other file."""

import duckdb
import polars as pl

from flows.audit.answers import AnswerTooLong, query_frame_exactly
from flows.audit.open_errors import is_damage
from flows.audit.query_errors import convert_query_error
from flows.support.duckdb_queries import interrupt_after
from flows.support.errors import InputRefused
from flows.support.limits import Limits

_SECONDS = "{seconds} seconds; raise query_seconds"
_MEMORY = "{memory} of memory; raise query_memory"
_ROWS = "{rows} rows; select fewer rows or a summary, or raise query_rows"


def build_limited_config(limits: Limits) -> dict[str, str | bool]:
    """Returns the DuckDB settings of a connection that answers a query of a user."""
    # Without a temporary directory DuckDB cannot spill records to the disk.
    return {"memory_limit": limits.query_memory, "temp_directory": "", "python_enable_replacements": False}


def answer_within_limits(connection: duckdb.DuckDBPyConnection, text: str, limits: Limits) -> pl.DataFrame:
    """Returns the result of a query; the connection opens no file afterwards.

    Args:
        connection: a connection with the settings of `build_limited_config`, and every file open that may be read.
        text: one statement.
        limits: the time and rows it may use.

    Raises:
        InputRefused: the query is wrong, does more than read, or exceeds a limit.
        duckdb.Error: the content of a file is damaged.
    """
    # It stops the query from reading other files and cannot be reset.
    connection.execute("set enable_external_access = false")
    # Otherwise DuckDB still lets a query write to the paths of the open file and of its write-ahead log.
    connection.execute("set disabled_filesystems = 'LocalFileSystem'")
    with interrupt_after(connection, limits.query_seconds):
        try:
            return query_frame_exactly(connection, text, most_rows=limits.query_rows)
        except AnswerTooLong:
            exceeded = _ROWS
        except (duckdb.Error, pl.exceptions.PolarsError) as error:
            exceeded = _find_exceeded_limit(error)
            if not exceeded and isinstance(error, duckdb.Error) and is_damage(error):
                raise
            if not exceeded:
                raise convert_query_error(error, text) from None
    allowed = exceeded.format(seconds=f"{limits.query_seconds:g}", memory=limits.query_memory, rows=limits.query_rows)
    raise InputRefused(f"the query cannot be answered: it takes more than {allowed} in the settings")


def _find_exceeded_limit(error: Exception) -> str:
    """Returns which limit an error is about, '' for none. While rows arrive, DuckDB's errors are those of polars."""
    words = str(error).casefold() if isinstance(error, pl.exceptions.PolarsError) else ""
    if isinstance(error, duckdb.InterruptException) or "interrupt" in words:
        return _SECONDS
    return _MEMORY if isinstance(error, duckdb.OutOfMemoryException) or "out of memory" in words else ""
