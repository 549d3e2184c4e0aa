"""The page that describes every table, view and column of the audit; generated, so that it cannot become stale."""

from collections.abc import Iterator
from dataclasses import dataclass

from flows.audit.comments import find_column_meaning, read_description
from flows.audit.database import create_in_memory
from flows.audit.definitions import INTERNAL, TABLES, VIEWS, read_definition, split_name

_HEAD = """# Data dictionary of the audit

`HOME/audit.duckdb` has these tables and views. Any program with DuckDB 1.4 or later can open it; it shows the same
descriptions as comments. [audit-cookbook.md](audit-cookbook.md) has questions and their queries.

- Views that name *the latest runs* have one run for each agency and month: the last that landed or was blocked. All
  others have every run; join `latest_runs` to leave out those that were run again.
- A record has one outcome, and can have several findings. Counts of findings are therefore not counts of records.

This page is generated (`make docs`) from `sql/` and `data/audit/columns.csv`.
"""


_INSIDE = """## Inside

The views above are made of these, in the schema `internal`. They may change with any version.
"""


@dataclass(frozen=True)
class _Column:
    """A column with its type and meaning."""

    name: str
    kind: str
    meaning: str


def build_data_dictionary() -> str:
    """Returns the page."""
    columns = _read_columns()
    names = (*TABLES, *VIEWS)
    internal = [name for name in names if split_name(name)[0] == INTERNAL]
    public = [name for name in names if name not in internal]
    parts = [_HEAD, *(_describe(name, columns[name]) for name in public)]
    parts.append(_INSIDE)
    table = ["| table or view | one row per |", "| --- | --- |", *map(_describe_inside, internal)]
    parts.append("\n".join(table) + "\n")
    return "\n".join(parts)


def _read_columns() -> dict[str, list[_Column]]:
    with create_in_memory() as connection:
        listed = connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
            " order by schema_name, table_name, column_index"
        ).fetchall()
    columns: dict[str, list[_Column]] = {}
    for schema, bare, column, kind in listed:
        name = bare if schema == "main" else f"{schema}.{bare}"
        columns.setdefault(name, []).append(_Column(column, kind.lower(), find_column_meaning(bare, column) or ""))
    return columns


def _describe(name: str, columns: list[_Column]) -> str:
    rows = [f"| `{column.name}` | {column.kind} | {column.meaning.replace('*', chr(92) + '*')} |" for column in columns]
    return "\n".join(
        [f"## {name}", "", _read_text(name), "", "| column | type | meaning |", "| --- | --- | --- |", *rows, ""]
    )


def _describe_inside(name: str) -> str:
    return f"| `{name}` | {_read_text(name)} |"


def _read_text(name: str) -> str:
    return read_description(read_definition(name))


def find_undescribed_columns() -> Iterator[str]:
    """Yields the columns without a meaning, as `view.column`."""
    for name, columns in _read_columns().items():
        if name != "internal.definitions":
            yield from (f"{name}.{column.name}" for column in columns if not column.meaning)
