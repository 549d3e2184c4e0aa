"""Every table, view and column of the audit is described, in the file and on the page."""

import csv
from pathlib import Path

import duckdb

from flows.audit.comments import read_column_file
from flows.audit.database import audit_path, create_in_memory
from flows.audit.definitions import TABLES, VIEWS, split_name
from flows.audit.upgrade import create_or_upgrade
from flows.reports.data_dictionary import find_undescribed_columns

_OBJECTS = (
    "select schema_name, table_name, comment from duckdb_tables() where not internal"
    " union all select schema_name, view_name, comment from duckdb_views() where not internal"
)


def test_every_column_has_a_meaning() -> None:
    assert list(find_undescribed_columns()) == []


def test_no_meaning_is_left_over() -> None:
    with create_in_memory() as audit:
        listed = audit.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall()
    columns, pairs = {column for _, column in listed}, set(listed)
    rows = list(csv.DictReader(read_column_file().splitlines()))
    unused = [row for row in rows if row["column"] not in columns]
    unused += [row for row in rows if row["object"] and (row["object"], row["column"]) not in pairs]
    assert unused == []


def test_the_file_itself_has_the_comments(tmp_path: Path) -> None:
    create_or_upgrade(tmp_path)
    with duckdb.connect(str(audit_path(tmp_path)), read_only=True) as audit:
        listed = {(schema, name): comment for schema, name, comment in audit.execute(_OBJECTS).fetchall()}
        missing = audit.execute(
            "select table_name, column_name from duckdb_columns()"
            " where not internal and comment is null and table_name <> 'definitions'"
        ).fetchall()
    del listed["internal", "definitions"]
    assert missing == []
    assert listed.keys() == {split_name(name) for name in (*TABLES, *VIEWS)}
    assert [name for name, comment in listed.items() if not comment] == []


def test_every_view_has_agency_and_period() -> None:
    with create_in_memory() as audit:
        listed = audit.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall()
    of_view = {view: {column for name, column in listed if name == view} for view in VIEWS if "." not in view}
    assert [view for view, columns in of_view.items() if not {"agency", "period"} <= columns] == []
