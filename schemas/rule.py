"""A rule: a truth of good data, what it applies to, and what is told when it is broken.

A rule is a small function or one of a family.  It is breached where what it applies to is true
and what must hold is false; every other record passed, was not applicable, or had no answer.
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
    """What a rule found of one record."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    ERRORED = "errored"


@dataclass(frozen=True)
class Statement:
    """What a rule applies to and what must hold there."""

    applies: Condition
    holds: Condition

    def breached(self, context: RuleContext) -> pl.Expr:
        """True where the rule is broken, in three-valued logic."""
        return self.applies.truth(context) & ~self.holds.truth(context)

    def words(self) -> str:
        """The statement as one sentence."""
        return f"Where {self.applies.words()}: {self.holds.words()}."


@dataclass(frozen=True)
class Applicability:
    """What a rule applies to, waiting for what must hold there."""

    condition: Condition

    def holds(self, truth: Condition) -> Statement:
        """The whole statement."""
        return Statement(self.condition, truth)


def applies_to(condition: Condition) -> Applicability:
    """The records a rule speaks of; the others are 'not applicable'."""
    return Applicability(condition)


_EVERY_RECORD = pl.lit(value=True)


def _as_given(severity: Severity, _context: RuleContext) -> Severity:
    return severity


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the catalogue says of any rule.

    `truth` is the sentence that holds of good data.  `dataset` and the months `from_period` to
    `to_period` (YYYY-MM, empty is open) say what the rule belongs to.
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
        """Whether the rule is one of this month's."""
        return self.from_period <= period and (not self.to_period or period <= self.to_period)


@dataclass(frozen=True, kw_only=True)
class Rule(Entry):
    """A rule that looks at records of one entity.

    `allowed` says what may stand in the field; `severity_in_force` is the severity where it depends
    on the code lists.
    """

    statement: Statement
    stage: Stage = "record"
    allowed: Callable[[RuleContext], str] = field(default=lambda _context: "")
    severity_in_force: Callable[[Severity, RuleContext], Severity] = _as_given

    def severity_in(self, context: RuleContext) -> Severity:
        """The severity with these code lists."""
        return self.severity_in_force(self.severity, context)

    def check(self, context: RuleContext, seen: pl.Expr) -> pa.Check:
        """The rule as a pandera check of a whole frame, over the records it may see.

        It keeps no failing value: an exception of pandera's would carry it in its text.
        """

        def is_kept(data: PolarsData) -> pl.LazyFrame:
            return data.lazyframe.select(~self.is_breached(context, seen))

        return pa.Check(is_kept, name=self.name, n_failure_cases=0, ignore_na=True)

    def is_breached(self, context: RuleContext, seen: pl.Expr) -> pl.Expr:
        """Whether a record it sees breaks the rule; null where there is no answer."""
        return seen & self.statement.breached(context)

    def is_not_applicable(self, context: RuleContext, seen: pl.Expr) -> pl.Expr:
        """Whether the rule does not speak of a record it sees."""
        return seen & ~self.statement.applies.truth(context).fill_null(value=True)


RuleFunction = Callable[[], Statement]


class Catalogue:
    """Collects the rules of one module as they are written."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        """Takes one rule in."""
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
        """Decorates the function that states the rule; its docstring is the truth told."""

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
    """The first line of a rule's docstring; a rule without one is a mistake."""
    if not function.__doc__:
        raise ValueError(f"rule function {function.__name__} says no truth in its docstring")
    return function.__doc__.strip().splitlines()[0]


def record_schema(
    entity: Entity, rules: Iterable[Rule], context: RuleContext, seen: pl.Expr = _EVERY_RECORD
) -> pa.DataFrameSchema:
    """The pandera schema of one entity's records: each rule is a check of the field it blames.

    `seen` says which records the rules look at.  A rule that blames a field of another entity hangs on the entity's id.
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
