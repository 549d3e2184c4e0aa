"""Defines a rule: what must be true of the data, which records it applies to, and what a finding shows.

A rule is a small function or a member of a family. A record breaks it where the rule applies and what must hold is
false. Every other record passed, was not applicable, or had no answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.condition import Condition, RuleContext
from schemas.dataset import Entity
from schemas.dataset import field as field_of

Severity = Literal["reject", "withhold", "scope", "error", "warning", "file"]
Owner = Literal["entry", "conversion", "reference"]
Basis = Literal["stated", "inferred"]
Stage = Literal["repeats", "ties", "consent", "record", "history", "dropped"]

CLIENT_DETAILS = "1 Client details"
EPISODE_DETAILS = "2 Episode details"
INTERVENTION_DETAILS = "3 Treatment intervention details"


class Verdict(StrEnum):
    """The result of a rule for one record."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NO_ANSWER = "errored"


@dataclass(frozen=True)
class Statement:
    """What a rule applies to, and what must hold there."""

    applies: Condition
    holds: Condition

    def breached(self, context: RuleContext) -> pl.Expr:
        """Returns true where the rule is broken, in three-valued logic."""
        return self.applies.truth(context) & ~self.holds.truth(context)

    def words(self) -> str:
        """Returns the statement as one sentence."""
        return f"Where {self.applies.words()}: {self.holds.words()}."


@dataclass(frozen=True)
class Applicability:
    """What a rule applies to; `holds` adds what must hold there."""

    condition: Condition

    def holds(self, truth: Condition) -> Statement:
        """Returns the complete statement."""
        return Statement(self.condition, truth)


def applies_to(condition: Condition) -> Applicability:
    """Selects the records that a rule applies to; the others are 'not applicable'."""
    return Applicability(condition)


_EVERY_RECORD = pl.lit(value=True)


def _as_given(severity: Severity, _context: RuleContext) -> Severity:
    return severity


@dataclass(frozen=True, kw_only=True)
class RuleInfo:
    """The catalogue entry of a rule.

    `truth` is the sentence that is true of good data. `dataset` and the months `from_period` to `to_period` (YYYY-MM,
    empty means open) define where the rule is in force.
    """

    name: str
    entity: Entity | Literal["file"]
    field: str
    severity: Severity
    basis: Basis
    section: str
    owner: Owner
    truth: str
    dataset: str = "R"
    from_period: str = ""
    to_period: str = ""

    def holds_in(self, period: str) -> bool:
        """Returns whether the rule is in force in this month."""
        return self.from_period <= period and (not self.to_period or period <= self.to_period)


@dataclass(frozen=True, kw_only=True)
class Rule(RuleInfo):
    """A rule that checks records of one entity.

    `allowed` returns the values that the field may hold. `severity_in_force` returns the severity where it depends on
    the code lists.
    """

    statement: Statement
    stage: Stage = "record"
    allowed: Callable[[RuleContext], str] = field(default=lambda _context: "")
    severity_in_force: Callable[[Severity, RuleContext], Severity] = _as_given

    def severity_in(self, context: RuleContext) -> Severity:
        """Returns the severity under these code lists."""
        return self.severity_in_force(self.severity, context)

    def check(self, context: RuleContext, seen: pl.Expr) -> pa.Check:
        """Returns the rule as a pandera check of a whole frame, on the records the rule may see.

        The check keeps no failing values, because pandera would quote them in its exceptions.
        """

        def is_kept(data: PolarsData) -> pl.LazyFrame:
            return data.lazyframe.select(~self.is_breached(context, seen))

        return pa.Check(is_kept, name=self.name, n_failure_cases=0, ignore_na=True)

    def is_breached(self, context: RuleContext, seen: pl.Expr) -> pl.Expr:
        """Returns whether a record that the rule sees breaks it; null where there is no answer."""
        return seen & self.statement.breached(context)

    def is_not_applicable(self, context: RuleContext, seen: pl.Expr) -> pl.Expr:
        """Returns whether the rule does not apply to a record it sees."""
        return seen & ~self.statement.applies.truth(context).fill_null(value=True)


RuleFunction = Callable[[], Statement]


class Catalogue:
    """Collects the rules of one module in the order of definition."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        """Adds one rule."""
        self.rules.append(rule)

    def rule(
        self,
        name: str,
        *,
        entity: Entity,
        severity: Severity,
        section: str,
        basis: Basis = "stated",
        owner: Owner = "entry",
        field: str = "",
        stage: Stage = "record",
    ) -> Callable[[RuleFunction], RuleFunction]:
        """Registers the decorated function as a rule; its docstring is the sentence that users see."""

        def register(function: RuleFunction) -> RuleFunction:
            self.add(
                Rule(
                    name=name,
                    entity=entity,
                    field=field or name.partition(".")[0],
                    severity=severity,
                    basis=basis,
                    section=section,
                    owner=owner,
                    truth=first_line(function),
                    statement=function(),
                    stage=stage,
                )
            )
            return function

        return register


def first_line(function: RuleFunction) -> str:
    """Returns the first line of a rule's docstring.

    Raises:
        ValueError: the function has no docstring.
    """
    if not function.__doc__:
        raise ValueError(f"rule function {function.__name__} says no truth in its docstring")
    return function.__doc__.strip().splitlines()[0]


def record_schema(
    entity: Entity, rules: Iterable[Rule], context: RuleContext, seen: pl.Expr = _EVERY_RECORD
) -> pa.DataFrameSchema:
    """Returns the pandera schema of one entity's records, with each rule as a check of the field it blames.

    `seen` selects the records that the rules check. A rule that blames a field of another entity is attached to the
    entity's id.
    """
    checks: dict[str, list[pa.Check]] = {}
    for rule in rules:
        checks.setdefault(_blamed_column(rule, entity), []).append(rule.check(context, seen))
    columns = {name: pa.Column(pl.String, found, nullable=True) for name, found in checks.items()}
    return pa.DataFrameSchema(columns, name=f"{entity} records")


def _blamed_column(rule: Rule, entity: Entity) -> str:
    if rule.stage == "history":
        return f"now.{rule.field}"
    return rule.field if field_of(rule.field).entity == entity else _id_of(entity)


def _id_of(entity: Entity) -> str:
    return {"client": "CLIENTID", "episode": "EPISODID", "intervention": "MODID"}[entity]
