"""Messages about wrong queries that show no value of the audit, because DuckDB's own text may quote one."""

import re

import duckdb
import polars as pl

from flows.support.duckdb_queries import QUERY_ERRORS
from flows.support.errors import InputRefused

_CANNOT = "the query cannot be answered"
_CAST = re.compile(r"::|(?:TRY_)?CAST\b", re.IGNORECASE)
# Statements that read.  DuckDB splits a pivot into several statements, of which the last decides.
_READING = frozenset({"SELECT", "EXPLAIN", "CALL"})
_KIND = re.compile("[A-Z][A-Za-z ]* Error(?=:)")
_WRITES = re.compile(r'Cannot execute statement of type "([A-Z_ ]+)"')


def refuse_unless_one_statement(text: str) -> None:
    """Raises InputRefused unless there is exactly one statement: DuckDB returns only the last one's result."""
    if mistake := _find_mistake(text):
        raise InputRefused(f"{_CANNOT}: {mistake}")


def _find_mistake(text: str) -> str:
    # The tokenizer returns byte offsets, so the text is compared as bytes.
    try:
        written = text.encode()
    except UnicodeEncodeError:
        # An argument of the command line that is not UTF-8 arrives as halves of surrogate pairs.
        return "it is not UTF-8 text; write it in UTF-8"
    statements, is_begun = 0, False
    for offset, _ in duckdb.tokenize(text):
        is_end = written[offset : offset + 1] == b";"
        statements += not is_end and not is_begun
        is_begun = not is_end
    if statements == 1:
        return _find_unreadable_error(text)
    return f"{f'it has {statements} statements' if statements else 'it is empty'}; exactly one is allowed"


def _find_unreadable_error(text: str) -> str:
    """Returns a message if DuckDB's own about a query is not text; '' otherwise."""
    try:
        duckdb.extract_statements(text)
    except UnicodeDecodeError:
        # DuckDB cuts a long name in its message, perhaps within a character.
        return "it is not SQL, and DuckDB's message about it cannot be shown; check the longest name in it"
    except duckdb.Error:
        # Reported when the query runs.
        return ""
    return ""


def refuse_unless_reading(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Raises InputRefused for a statement that does more than read, where the connection itself would execute it."""
    try:
        kinds = [statement.type.name for statement in connection.extract_statements(text)]
    except duckdb.Error as error:
        raise convert_query_error(error, text) from None
    *_, last = [kind for kind in kinds if kind != "TRANSACTION"] or kinds
    if last not in _READING:
        raise InputRefused(f"{_CANNOT}: it contains {last}, but the audit can only be read")


def convert_query_error(error: duckdb.Error | pl.exceptions.PolarsError, text: str) -> InputRefused:
    """Returns the refusal: the error's first line if it quotes only the query, otherwise its kind and position."""
    first_line = str(error).splitlines()[0]
    if isinstance(error, duckdb.PermissionException) and "file system" in first_line.casefold():
        return InputRefused(f"{_CANNOT}: it reads or writes a file, but only the audit can be read")
    if isinstance(error, QUERY_ERRORS):
        return InputRefused(f"{_CANNOT}: {first_line}; docs/data-dictionary.md lists the tables and columns")
    if writes := _WRITES.search(first_line):
        return InputRefused(f"{_CANNOT}: it contains {writes[1]}, but the audit can only be read")
    kind = found[0] if (found := _KIND.match(first_line)) else type(error).__name__
    return InputRefused(
        f"{_CANNOT}: {kind}{_locate_cast(error, text)}; the details are hidden, because they may quote a record;"
        " use try_cast where a value may have another form"
    )


def _locate_cast(error: Exception, text: str) -> str:
    """Returns the position in the query where a value could not be cast, if the error shows it.

    The error shows a rewritten query, and marks the position in the query as it was typed.
    """
    _, _, shown = str(error).rpartition("\n\nLINE ")
    line, _, mark = shown.partition("\n")
    position = mark.find("^") - len("LINE ") - len(line.partition(" ")[0]) - 1
    # Only a mark at a cast is a reliable position.
    if position < 0 or not _CAST.match(text, position):
        return ""
    before = text[:position]
    return f" in line {before.count(chr(10)) + 1}, character {position - before.rfind(chr(10))}"
