"""Query results of the audit as data frames: all DuckDB types, with every value exact.

Some types cannot be converted to polars (intervals, unions).  Others lose information (integers of 39 digits,
infinite dates).  Both are transferred as the text that DuckDB prints, and parsed into numbers or dates where that
is exact.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import duckdb
import polars as pl

# Types that polars represents without loss.
_EXACT = frozenset({
    "boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint",
    "float", "double", "decimal", "varchar", "enum",
})  # fmt: skip
# Types transferred as text, with their parsers. If one value cannot be parsed, the column stays text.
_FROM_TEXT: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "hugeint": lambda text: text.cast(pl.Int128, strict=False),
    "uhugeint": lambda text: text.cast(pl.UInt128, strict=False),
    "date": lambda text: text.str.to_date("%Y-%m-%d", strict=False),
    "timestamp": lambda text: text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False),
    "timestamp_s": lambda text: text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False),
    "timestamp_ms": lambda text: text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False),
    "time": lambda text: text.str.to_time("%H:%M:%S%.f", strict=False),
}
_DESCRIBES = re.compile(r"\s*(show|describe|desc|summarize|pragma|call|explain)\b", re.IGNORECASE)


class AnswerTooLong(ValueError):
    """A result has more rows than allowed."""


def query_frame_exactly(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: Sequence[object] | Mapping[str, object] = (),
    most_rows: int | None = None,
) -> pl.DataFrame:
    """Returns the rows of a query.

    Args:
        connection: the audit.
        query: a single statement that reads.
        values: the values of its parameters, in order or by name.
        most_rows: how many rows are allowed; None allows any number.

    Returns:
        The query's columns, in order.  Repeated column names get a numeric suffix, as `run_id_1`.  Booleans, numbers,
        text and lists of these keep their type.  Dates and times keep theirs if polars can represent every value.
        Everything else is text as DuckDB prints it.

    Raises:
        duckdb.Error: the query is wrong, or was interrupted.
        AnswerTooLong: there are more rows than allowed.
    """
    relation: duckdb.DuckDBPyRelation | None = connection.sql(
        query, params=(dict(values) if isinstance(values, Mapping) else list(values)) or None
    )
    if relation is None:
        return pl.DataFrame()
    if most_rows is not None:
        # One extra row shows that the limit is exceeded.
        relation = relation.limit(most_rows + 1)
        # The table of an answer would be in its own list of tables; such lists are short.
        relation = relation if _DESCRIBES.match(query) else _keep_answer(connection, relation)
    names, kinds = _make_unique(relation.columns), [_classify_type(dtype) for dtype in relation.types]
    if names == relation.columns and all(kind in (*_EXACT, "list") for kind in kinds):
        return _refuse_too_long(pl.DataFrame(relation), most_rows)
    view, numbered = "ndtms_answer", [f"c{number}" for number in range(len(names))]
    columns = [
        name if kind in (*_EXACT, "list") else f"cast({name} as varchar) as {name}"
        for name, kind in zip(numbered, kinds, strict=True)
    ]
    # Columns are renamed by position, because a join of two tables can repeat a name.
    transferred = relation.query(view, f"select {', '.join(columns)} from {view} as t({', '.join(numbered)})")
    frame = _refuse_too_long(pl.DataFrame(transferred), most_rows).rename(dict(zip(numbered, names, strict=True)))
    return frame.with_columns(
        _parse_texts(frame[name], _FROM_TEXT[kind])
        for name, kind in zip(names, kinds, strict=True)
        if kind in _FROM_TEXT
    )


def _keep_answer(connection: duckdb.DuckDBPyConnection, answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Returns the rows of a query from a temporary table, because DuckDB limits its memory but not that of a result."""
    numbered = [f"c{number}" for number in range(len(answer.columns))]
    answer.query("ndtms_rows", f"create temp table ndtms_kept as from ndtms_rows as t({', '.join(numbered)})")
    names = (name.replace('"', '""') for name in answer.columns)
    columns = (f'{number} as "{name}"' for number, name in zip(numbered, names, strict=True))
    return connection.sql(f"select {', '.join(columns)} from ndtms_kept")


def _refuse_too_long(frame: pl.DataFrame, most_rows: int | None) -> pl.DataFrame:
    if most_rows is not None and len(frame) > most_rows:
        raise AnswerTooLong
    return frame


def _classify_type(dtype: object) -> str:
    """Returns the kind of a DuckDB type: `list` for a list of exact values, `nested` for any other list."""
    kind = str(getattr(dtype, "id", dtype))
    if kind == "list":
        (_, child), *_ = getattr(dtype, "children", [("", "nested")])
        return "list" if _classify_type(child) in _EXACT else "nested"
    return kind


def _make_unique(names: Sequence[str]) -> list[str]:
    """Returns the names, with a numeric suffix on repeated ones."""
    taken: set[str] = set()
    unique: list[str] = []
    for name in names:
        candidate, number = name, 0
        # A suffixed name must not collide with an original name that comes later.
        while candidate in taken or (number and candidate in names):
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate)
        unique.append(candidate)
    return unique


def _parse_texts(texts: pl.Series, parse: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """Parses texts into values; returns them as text if any of them cannot be parsed."""
    values = texts.to_frame().select(parse(pl.col(texts.name)))[texts.name]
    return values if values.null_count() == texts.null_count() else texts
