"""The tables and views of the audit: their names, their text in sql/, and how they are created and described.

What people query is in the schema `main`; what the views are made of is in the schema `internal`.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import duckdb

from flows.audit.comments import build_comments, read_column_file
from flows.support.errors import RunFailed

SQL_DIRECTORY = Path(__file__).parents[2] / "sql"
INTERNAL = "internal"
TABLES = (
    "runs", "internal.run_rules", "internal.found", "internal.recorded_outcomes", "internal.lost_rows",
    "internal.sent_clients", "internal.sent_episodes", "internal.sent_interventions", "completeness", "manifest",
    "internal.unmapped_values", "month_counts", "quality", "forgotten", "internal.forgotten_runs",
)  # fmt: skip
# In order: later views read earlier ones.
VIEWS = (
    "latest_runs", "outcomes", "findings", "rejected_rows", "sent_rows", "rule_summary", "rule_outcomes",
    "mismatches", "unmapped", "internal.identified_findings", "internal.counted_findings", "internal.compared_runs",
    "internal.compared_findings",
    "changes", "changes_since_run", "changes_since_month", "month_rates", "status", "rows_lost",
    "completeness_by_month", "rule_trend", "consent_by_month", "worklist",
)  # fmt: skip
_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")


def list_migrations() -> Mapping[int, Path]:
    """Returns the files that bring an audit from one schema number to the next, by the number they lead to."""
    files = sorted((SQL_DIRECTORY / "migrations").iterdir())
    return {int(found[1]): file for file in files if (found := _MIGRATION.fullmatch(file.name))}


@cache
def current_schema_number() -> int:
    """Returns the number of the tables that this version writes."""
    return max(list_migrations())


@cache
def qualify(table: str) -> str:
    """Returns the name of a table with its schema, as queries need it."""
    return next(name for name in TABLES if name.removeprefix(f"{INTERNAL}.") == table)


def split_name(name: str) -> tuple[str, str]:
    """Returns the schema and the name of a table or view."""
    schema, _, bare = name.rpartition(".")
    return schema or "main", bare


def read_definition(name: str) -> str:
    """Returns the text of the file in sql/ that defines a table or view."""
    return (SQL_DIRECTORY / _locate(name)).read_text(encoding="utf-8")


def _locate(name: str) -> str:
    schema, bare = split_name(name)
    folder = "tables" if name in TABLES else "views"
    return f"{INTERNAL}/{folder}/{bare}.sql" if schema == INTERNAL else f"{folder}/{bare}.sql"


def define(audit: duckdb.DuckDBPyConnection) -> None:
    """Creates the tables that are missing and replaces the views, with their comments and the schema number."""
    audit.execute(f"create schema if not exists {INTERNAL}")
    for name in (*TABLES, *VIEWS):
        try:
            audit.execute(read_definition(name))
        except duckdb.Error as error:
            # The text quotes the definition, not a record: there is none in sql/.
            raise RunFailed(
                f"sql/{_locate(name)} cannot be created in the audit: {str(error).splitlines()[0]}"
            ) from None
    audit.execute(";\n".join(_build_comments(audit)))
    audit.execute(
        f"create or replace table {INTERNAL}.definitions as select ?::integer as schema_number, ? as digest",
        [current_schema_number(), hash_definitions()],
    )


def _build_comments(audit: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yields what describes every table, view and column, because other programs show only what the file holds."""
    columns: dict[tuple[str, str], list[str]] = {}
    listed = (
        "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        " order by table_name, column_index"
    )
    for schema, name, column in audit.execute(listed).fetchall():
        columns.setdefault((schema, name), []).append(column)
    for name in (*TABLES, *VIEWS):
        kind = "table" if name in TABLES else "view"
        yield from build_comments(name, kind, read_definition(name), columns[split_name(name)])


def drop_views(audit: duckdb.DuckDBPyConnection) -> None:
    """Drops every view, so that none reads a table that is about to change."""
    for schema, name in audit.execute(
        "select schema_name, view_name from duckdb_views() where not internal"
    ).fetchall():
        audit.execute(f'drop view "{schema}"."{name}"')


@cache
def hash_definitions() -> str:
    """Returns the digest of every definition and comment, which shows whether an audit has the current views."""
    texts = [read_definition(name) for name in (*TABLES, *VIEWS)]
    return hashlib.sha256("".join([*texts, read_column_file()]).encode()).hexdigest()


def read_schema_number(audit: duckdb.DuckDBPyConnection) -> int:
    """Returns the schema number of an audit; 0 for one from before there were numbers."""
    try:
        row = audit.execute(f"select schema_number from {INTERNAL}.definitions").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        return 0
    return row[0] if row else 0


def read_stored_digest(audit: duckdb.DuckDBPyConnection) -> str | None:
    """Returns the digest of the definitions that an audit has; None if it has none."""
    try:
        row = audit.execute(f"select digest from {INTERNAL}.definitions").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    return row[0] if row else None
