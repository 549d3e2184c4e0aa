"""Expresses in polars the rules that read several columns, for dataframely and pandera, which both take expressions."""

import polars as pl

from bench.comparison.rules import (
    CodeExcludes,
    CodeNeeds,
    ComparedRule,
    InOrder,
    InRange,
    IsDate,
    Needs,
    WholeNumber,
)
from bench.comparison.typed_episodes import name_parsed


def express_across_columns(rule: ComparedRule) -> pl.Expr | None:
    """Returns an expression that is false where a row breaks the rule; None for a rule that reads one column."""
    field = pl.col(rule.field)
    match rule:
        case IsDate() | WholeNumber() | InRange(must_be_a_number=True):
            parsed = pl.col(name_parsed(rule.field))
            is_parsed = parsed.is_between(rule.first, rule.last) if isinstance(rule, InRange) else parsed.is_not_null()
            return field.is_null() | is_parsed.fill_null(value=False)
        case InOrder(earlier=earlier):
            return pl.col(name_parsed(rule.field)) >= pl.col(name_parsed(earlier))
        case Needs(other=other):
            return field.is_null() | pl.col(other).is_not_null()
        case CodeNeeds(codes=codes, other=other):
            return ~field.is_in(codes) | pl.col(other).is_not_null()
        case CodeExcludes(codes=codes, other=other):
            return ~field.is_in(codes) | pl.col(other).is_null()
        case _:
            return None
