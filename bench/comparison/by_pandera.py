"""The contestant pandera: a check per rule on its column, validated lazily, which keeps all failures."""

from collections.abc import Callable
from pathlib import Path

import pandera.errors
import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from bench.comparison.across_columns import express_across_columns
from bench.comparison.rules import EPISODES, ComparedRule, Filled, InRange, NotAfter, OneOf, list_dates, list_fields
from bench.comparison.typed_episodes import add_parsed, name_parsed
from bench.comparison.verdicts import Verdicts

_BLANK = "not_nullable"


def read(folder: Path, _home: Path, rules: tuple[ComparedRule, ...]) -> pl.DataFrame:
    """Returns the fields that the rules read, as text."""
    return pl.read_csv(folder / EPISODES, columns=list_fields(rules), infer_schema=False)


def parse(texts: pl.DataFrame, rules: tuple[ComparedRule, ...]) -> pl.DataFrame:
    """Returns the episodes with columns of dates and numbers."""
    return add_parsed(texts, rules)


def find_verdicts(episodes: pl.DataFrame, rules: tuple[ComparedRule, ...]) -> Verdicts:
    """Counts the rows that break each rule."""
    counts: dict[tuple[str, str], int] = {}
    try:
        build_schema(episodes.columns, rules).validate(episodes, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        failed = errors.failure_cases.group_by("column", "check").len()
        counts = {(column, check): rows for column, check, rows in failed.iter_rows()}
    names = {rule.name: (rule.field, _BLANK) if isinstance(rule, Filled) else _locate(rule) for rule in rules}
    return Verdicts({name: counts.get(place, 0) for name, place in names.items()}, len(episodes) * len(rules))


def build_schema(columns: list[str], rules: tuple[ComparedRule, ...]) -> pa.DataFrameSchema:
    """Returns the schema of the episodes."""
    required = {rule.field for rule in rules if isinstance(rule, Filled)}
    checks: dict[str, list[pa.Check]] = {column: [] for column in columns}
    for rule in rules:
        if not isinstance(rule, Filled):
            checks[_locate(rule)[0]].append(_build_check(rule))
    dates = {name_parsed(field) for field in list_dates(rules)}
    types = {column: pl.Date if column in dates else pl.Int64 for column in columns if column.endswith("_parsed")}
    return pa.DataFrameSchema(
        {
            column: pa.Column(types.get(column, pl.String), of_column, nullable=column not in required)
            for column, of_column in checks.items()
        }
    )


def _locate(rule: ComparedRule) -> tuple[str, str]:
    """Returns the column and the name of a rule's check."""
    is_parsed = isinstance(rule, NotAfter) or (isinstance(rule, InRange) and not rule.must_be_a_number)
    return name_parsed(rule.field) if is_parsed else rule.field, rule.name


def _build_check(rule: ComparedRule) -> pa.Check:
    match rule:
        case OneOf(codes=codes):
            return pa.Check.isin(codes, error=rule.name)
        case NotAfter(day=day):
            return pa.Check.le(day, error=rule.name)
        case InRange(first=first, last=last, must_be_a_number=False):
            return pa.Check.in_range(first, last, error=rule.name)
    holds = express_across_columns(rule)
    if holds is None:
        raise TypeError(f"the rule {rule.name} has no check")
    return pa.Check(_build_function(holds), error=rule.name)


def _build_function(holds: pl.Expr) -> Callable[[PolarsData], pl.LazyFrame]:
    return lambda data: data.lazyframe.select(holds)
