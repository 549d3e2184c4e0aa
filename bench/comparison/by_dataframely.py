"""The contestant dataframely: one schema, with checks on columns and with rules across columns."""

from pathlib import Path

import dataframely as dy
import polars as pl

from bench.comparison.across_columns import express_across_columns
from bench.comparison.rules import (
    EPISODES,
    ComparedRule,
    Filled,
    InRange,
    NotAfter,
    OneOf,
    list_dates,
    list_fields,
    list_numbers,
)
from bench.comparison.typed_episodes import add_parsed, name_parsed
from bench.comparison.verdicts import Verdicts


def read(folder: Path, _home: Path, rules: tuple[ComparedRule, ...]) -> pl.DataFrame:
    """Returns the fields that the rules read, as text."""
    return pl.read_csv(folder / EPISODES, columns=list_fields(rules), infer_schema=False)


def parse(texts: pl.DataFrame, rules: tuple[ComparedRule, ...]) -> pl.DataFrame:
    """Returns the episodes with columns of dates and numbers."""
    return add_parsed(texts, rules)


def find_verdicts(episodes: pl.DataFrame, rules: tuple[ComparedRule, ...]) -> Verdicts:
    """Counts the rows that break each rule."""
    _, failure = build_schema(rules).filter(episodes)
    counts = failure.counts()
    # A rule that no row breaks has no count.
    return Verdicts({rule.name: counts.get(_name_in_schema(rule), 0) for rule in rules}, len(episodes) * len(rules))


def build_schema(rules: tuple[ComparedRule, ...]) -> type[dy.Schema]:
    """Returns the schema; a class statement with the same columns and rules makes the same schema."""
    required = {rule.field for rule in rules if isinstance(rule, Filled)}
    codes = {rule.field: rule.codes for rule in rules if isinstance(rule, OneOf)}
    ends = {rule.field: rule.day for rule in rules if isinstance(rule, NotAfter)}
    ranges = {rule.field: rule for rule in rules if isinstance(rule, InRange) and not rule.must_be_a_number}
    columns: dict[str, dy.Column] = {
        field: _build_text(codes.get(field), is_nullable=field not in required) for field in list_fields(rules)
    }
    for field in list_dates(rules):
        columns[name_parsed(field)] = dy.Date(nullable=True, max=ends.get(field))
    for field in list_numbers(rules):
        columns[name_parsed(field)] = _build_number(ranges.get(field))
    across = {rule.name: _build_rule(holds) for rule, holds in _list_across(rules)}
    schema: type[dy.Schema] = type("Episodes", (dy.Schema,), {**columns, **across})
    return schema


def _build_text(codes: tuple[str, ...] | None, *, is_nullable: bool) -> dy.String:
    return dy.String(nullable=is_nullable, check={"code": lambda column: column.is_in(codes)} if codes else None)


def _build_rule(holds: pl.Expr) -> object:
    return dy.rule()(lambda _schema: holds)


def _build_number(rule: InRange | None) -> dy.Int64:
    # `min` and `max` would be two rules.
    return dy.Int64(
        nullable=True, check={"range": lambda column: column.is_between(rule.first, rule.last)} if rule else None
    )


def _list_across(rules: tuple[ComparedRule, ...]) -> list[tuple[ComparedRule, pl.Expr]]:
    expressed = [(rule, express_across_columns(rule)) for rule in rules]
    return [(rule, holds) for rule, holds in expressed if holds is not None]


def _name_in_schema(rule: ComparedRule) -> str:
    """Returns the name that dataframely gives to the rule."""
    match rule:
        case Filled():
            return f"{rule.field}|nullability"
        case NotAfter():
            return f"{name_parsed(rule.field)}|max"
        case OneOf():
            return f"{rule.field}|check__code"
        case InRange(must_be_a_number=False):
            return f"{name_parsed(rule.field)}|check__range"
        case _:
            return rule.name
