"""Messages about a mapping's SQL, which show no value of a record: DuckDB's own text may quote one."""

import re

import duckdb

from flows.intake.sql.macros import TIED
from flows.support.duckdb_queries import QUERY_ERRORS
from flows.support.errors import InputRefused

# What DuckDB adds to an error that helps to correct it; its lists of functions do not.
_HINTS = ("Did you mean", "Candidate bindings", "Candidate tables")


def convert_sql_error(error: duckdb.Error, file: str, before: int, tables: str = "") -> InputRefused:
    """Returns the refusal of a query: DuckDB's message where it quotes only the query, otherwise its kind.

    Args:
        error: what DuckDB raised.
        file: the name of the SQL file.
        before: how many lines precede the first line of the file in the text that DuckDB ran.
        tables: the names of the tables, for an unknown table.
    """
    head, line = _split(str(error), before)
    where = file if line is None else f"{file}, line {line}"
    kind, _, message = head[0].partition(": ")
    if message == TIED:
        return InputRefused(
            f"{where}: {TIED}, so latest() or answer() cannot choose; add a last argument in which they differ, such"
            " as a number that grows: tie := try_cast(answer_id as bigint)"
        )
    if not isinstance(error, QUERY_ERRORS):
        return build_value_error(where, kind)
    hints = [text.strip().rstrip("!?") for text in head[1:] if text.startswith(_HINTS)]
    if tables and message.startswith("Table with name"):
        hints = [f"the tables of the export are {tables}"]
    if isinstance(error, duckdb.PermissionException):
        hints = ["SQL sees the files of the export only, each as a table under its name"]
    return InputRefused(f"{where}: {'; '.join([message.rstrip('!?'), *hints])}")


def build_value_error(where: str, kind: str) -> InputRefused:
    """Returns the refusal of a query that fails on the values of some records."""
    return InputRefused(
        f"{where}: the query failed on a value ({kind}); the details are hidden, because they may quote a record;"
        " use try_cast, or as_day for dates, and check what the query does with values in another form"
    )


def _split(text: str, before: int) -> tuple[list[str], int | None]:
    """Returns the lines of an error before its excerpt of the query, and the line of the file that it points to."""
    head, _, excerpt = text.partition("\n\nLINE ")
    line = re.match(r"[0-9]+", excerpt)
    return head.splitlines(), None if line is None else max(1, int(line[0]) - before)
