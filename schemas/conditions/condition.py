"""Defines what a condition is, and joins conditions in three-valued logic.

A condition is what a rule checks in a record. It is true, false or has no answer (null), as in SQL (definitions,
section 4). It provides both a polars expression and a description in words, so that the check, the explanation and the
catalogue always agree.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_

import polars as pl

from schemas.code_lists import CodeList, CodeLists
from schemas.record_columns import get_referenced_field


@dataclass(frozen=True)
class RuleContext:
    """What rules need in addition to the records: the day of the extract and the code lists in force.

    `same_areas` are pairs of UTLA codes that belong to one area on different days, `same_concepts` the concepts of such
    areas. `lists_then` are the code lists of all days, for the earlier submissions; only those of `judged_as_of` where
    it is given.
    """

    extracted_on: date
    lists: CodeLists
    same_areas: frozenset[tuple[str, str]] = frozenset()
    same_concepts: frozenset[tuple[str, str]] = frozenset()
    lists_then: CodeLists | None = None
    judged_as_of: date | None = None

    def list_of(self, reference: str) -> CodeList:
        """Returns the code list of a field; for `last.F`, the list in force for the previous submission."""
        # A code that was sent last time means what it meant then, even if it has expired since.
        lists = self.lists_then if reference.startswith("last.") and self.lists_then else self.lists
        return lists[get_referenced_field(reference).code_list]


EVERY_RECORD = "every record"


class Condition(ABC):
    """Something that is true or false of a record, or has no answer."""

    @abstractmethod
    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns a Boolean expression on the record frame; null means 'no answer'."""

    @abstractmethod
    def words(self) -> str:
        """Returns the condition in words."""

    def negated_words(self) -> str:
        """Returns the negation of the condition in words."""
        return f"not ({self.words()})"

    def clauses(self) -> Iterator["Condition"]:
        """Yields the smallest conditions that this one consists of, in order."""
        yield self

    def __and__(self, other: "Condition") -> "Condition":
        return all_of(self, other)

    def __or__(self, other: "Condition") -> "Condition":
        return any_of(self, other)

    def __invert__(self) -> "Condition":
        return Not(self)


@dataclass(frozen=True)
class AllOf(Condition):
    """Conditions that must all be true."""

    parts: tuple[Condition, ...]

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns false if one part is false, even if another has no answer."""
        # Polars follows SQL: false and null is false.
        return reduce(and_, (part.expression(context) for part in self.parts))

    def words(self) -> str:
        """Returns '... and ... and ...'."""
        return " and ".join(map(_bracket, self.parts))

    def clauses(self) -> Iterator[Condition]:
        """Yields the clauses of all parts."""
        for part in self.parts:
            yield from part.clauses()


@dataclass(frozen=True)
class AnyOf(Condition):
    """Conditions of which at least one must be true."""

    parts: tuple[Condition, ...]

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns true if one part is true, even if another has no answer."""
        # Polars follows SQL: true or null is true.
        return reduce(or_, (part.expression(context) for part in self.parts))

    def words(self) -> str:
        """Returns '... or ... or ...'."""
        return " or ".join(map(_bracket, self.parts))

    def clauses(self) -> Iterator[Condition]:
        """Yields the clauses of all parts."""
        for part in self.parts:
            yield from part.clauses()


@dataclass(frozen=True)
class Not(Condition):
    """The negation of a condition; no answer stays no answer."""

    inner: Condition

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns the negation of the inner condition."""
        return ~self.inner.expression(context)

    def words(self) -> str:
        """Returns the words that the inner condition has for its negation."""
        return self.inner.negated_words()

    def clauses(self) -> Iterator[Condition]:
        """Yields the negation of a single clause as one clause, and the clauses of several otherwise."""
        inner = list(self.inner.clauses())
        yield from [self] if inner == [self.inner] else inner


@dataclass(frozen=True)
class Always(Condition):
    """A condition that is true of every record."""

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns true."""
        return pl.lit(value=True)

    def words(self) -> str:
        """Returns 'every record'."""
        return EVERY_RECORD

    def clauses(self) -> Iterator[Condition]:
        """Yields nothing: there is no clause."""
        yield from ()


@dataclass(frozen=True)
class KnownTrue(Condition):
    """A condition that must be known to be true; no answer counts as false."""

    inner: Condition

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns the inner condition, with false instead of null."""
        return self.inner.expression(context).fill_null(value=False)

    def words(self) -> str:
        """Returns the inner condition, followed by 'without doubt'."""
        return f"{self.inner.words()}, without doubt"

    def clauses(self) -> Iterator[Condition]:
        """Yields the clauses of the inner condition."""
        yield from self.inner.clauses()


def all_of(*conditions: Condition) -> Condition:
    """Returns the condition that all of these are true."""
    return AllOf(tuple(_flatten(conditions, AllOf)))


def any_of(*conditions: Condition) -> Condition:
    """Returns the condition that at least one of these is true."""
    return AnyOf(tuple(_flatten(conditions, AnyOf)))


def _flatten(conditions: Iterable[Condition], kind: type[AllOf] | type[AnyOf]) -> Iterator[Condition]:
    """Yields the conditions, with the parts of those that are of this kind instead of them."""
    for condition in conditions:
        # Nested conditions become one list, so that the words need fewer brackets.
        if isinstance(condition, kind):
            yield from condition.parts
        else:
            yield condition


def _bracket(condition: Condition) -> str:
    return f"({condition.words()})" if isinstance(condition, AllOf | AnyOf) else condition.words()
