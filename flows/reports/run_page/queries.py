"""Runs the queries of sql/report/, from which every number of the report comes."""

import re
from collections.abc import Mapping
from typing import Any

import duckdb

from flows.audit.definitions import SQL_DIRECTORY

Row = dict[str, Any]
Parts = Mapping[str, list[Row]]
MOST_CARDS = 5
_FOLDER = SQL_DIRECTORY / "report"
_PARAMETER = re.compile(r"\$(\w+)")
# Parts that need no more than the run, its months and the run of the month before.
_OTHERS = (
    "blocking", "cascade", "changes", "completeness", "differences", "do_first", "dropouts", "last_submission",
    "manifest", "muted", "other_runs", "outcomes", "owners", "quality", "quality_months", "rule_counts", "rules",
    "unmapped",
)  # fmt: skip


def read_parts(connection: duckdb.DuckDBPyConnection, run_id: str) -> Parts:
    """Returns the rows of every query in sql/report/ for a run, by the name of the query.

    Args:
        connection: the audit.
        run_id: the run.
    """
    given: dict[str, object] = {"run": run_id}
    parts = {name: _read_rows(connection, name, given) for name in ("months", "compared_with")}
    given["months"] = [month["run_id"] for month in parts["months"] if month["run_id"]] or [run_id]
    given["before"] = next((row["run_id"] for row in parts["compared_with"]), None)
    parts |= {name: _read_rows(connection, name, given) for name in _OTHERS}
    given["rules"] = [card["rule"] for card in parts["do_first"][:MOST_CARDS]]
    return parts | {"regained": _read_rows(connection, "regained", given)}


def _read_rows(connection: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, object]) -> list[Row]:
    query = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    # DuckDB refuses a parameter that the query does not have; the comments of a query name some, too.
    named = {parameter: given[parameter] for parameter in _PARAMETER.findall(_remove_comments(query))}
    rows = connection.execute(query, named).fetchall()
    columns = [column[0] for column in connection.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _remove_comments(query: str) -> str:
    return "\n".join(line for line in query.splitlines() if not line.lstrip().startswith("--"))
