"""Quotes names and texts for SQL and its comments."""

import re

from flows.intake.draft.conditions import Condition
from flows.intake.draft.source_tables import SourceTable
from transforms.tables.printable import printable

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The words that DuckDB allows as a name only in quotes.
_RESERVED = frozenset([
    "all", "analyse", "analyze", "and", "anti", "any", "array", "as", "asc", "asof", "asymmetric", "at",
    "authorization", "binary", "both", "by", "case", "cast", "check", "collate", "collation", "column",
    "columns", "concurrently", "constraint", "create", "cross", "default", "deferrable", "desc", "describe",
    "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign", "freeze", "from", "full",
    "generated", "glob", "group", "having", "ilike", "in", "initially", "inner", "intersect", "into", "is",
    "isnull", "join", "lambda", "lateral", "leading", "left", "like", "limit", "map", "natural", "not",
    "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "pivot", "pivot_longer",
    "pivot_wider", "placing", "positional", "primary", "qualify", "references", "returning", "right",
    "select", "semi", "show", "similar", "some", "struct", "summarize", "symmetric", "table", "tablesample",
    "then", "to", "trailing", "true", "try_cast", "union", "unique", "unpack", "unpivot", "using", "variadic",
    "verbose", "when", "where", "window", "with",
])  # fmt: skip


def name_of(name: str) -> str:
    """Returns the name of a table or column, in quotes if SQL needs them."""
    if _PLAIN_NAME.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Returns a text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def comment(text: str) -> str:
    """Returns a text that stays on its line."""
    return printable(text)


def write_condition(table: SourceTable, condition: Condition) -> str:
    """Returns a condition on the rows of a table; a blank cell is allowed."""
    kept = ", ".join(map(quote_text, sorted({"", *condition.kept})))
    return f"coalesce({name_of(table.name)}.{name_of(condition.column)}, '') in ({kept})"
