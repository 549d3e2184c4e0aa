"""Lists the findings of a submission that has not landed, as the audit would show them."""

import duckdb
import polars as pl

from flows.audit.answers import query_frame_exactly
from flows.audit.definitions import INTERNAL, read_definition
from flows.pipeline.assess import Assessment
from flows.support.arrow_stream import ArrowStream
from flows.support.duckdb_connections import connect

# What a run has only after it has landed, and what only the program needs.
_LEFT_OUT = ("run_id", "row")


def list_findings(assessment: Assessment) -> pl.DataFrame:
    """Returns the findings of an assessment, in the columns and the order of `ndtms findings`.

    Private values are masked, as in the audit.
    """
    submission, request = assessment.submission, assessment.request
    tables = {"internal.found": submission.findings, "internal.run_rules": submission.rules}
    with connect(":memory:") as connection:
        connection.execute(f"create schema {INTERNAL}")
        # The tables and the view of the audit, so that a message has the same words in both.
        for name, given in tables.items():
            connection.execute(read_definition(name))
            connection.register("given", ArrowStream(given.with_columns(run_id=pl.lit("check"))))
            columns = ", ".join(name for name in _list_columns(connection, name) if name in ("run_id", *given.columns))
            connection.execute(f"insert into {name} ({columns}) select {columns} from given")
        # Of the run itself, the view shows no more than this.
        connection.execute(
            "create table runs as select 'check' as run_id, $1 as agency, $2 as period",
            [submission.agency, str(request.period)],
        )
        connection.execute(read_definition("findings"))
        rows = query_frame_exactly(connection, "select * from findings order by entity, source_line, rule")
    return rows.drop(_LEFT_OUT)


def _list_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(f"describe {table}").fetchall()]
