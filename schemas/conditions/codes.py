"""Conditions on codes: whether a code list has them, and what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from schemas.conditions.condition import Condition, Not, RuleContext
from schemas.conditions.values import Flag
from schemas.record_columns import get_referenced_field, parsed_value, raw_value


@dataclass(frozen=True)
class InCodeList(Condition):
    """The value of the field is in its code list; `CodeListIsChecked` guards lists that check nothing."""

    reference: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns whether the value is a code of the list."""
        return parsed_value(self.reference).is_not_null()

    def words(self) -> str:
        """Returns 'F is in the code list L'."""
        return f"{self.reference} is in the code list {get_referenced_field(self.reference).code_list}"


@dataclass(frozen=True)
class CodeListIsChecked(Condition):
    """The field's code list is checked: published or provisional, and not empty."""

    reference: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns the same answer for every record."""
        # A literal, because the answer depends on the list and not on the record.
        return pl.lit(context.list_of(self.reference).checks)

    def words(self) -> str:
        """Returns 'the code list L checks'."""
        return f"the code list {get_referenced_field(self.reference).code_list} checks (is not partial or empty)"


@dataclass(frozen=True)
class Meaning(Condition):
    """The field's code means one of these concepts, under any code."""

    reference: str
    concepts: tuple[str, ...]

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns false for a blank, and null for a value that is in no list."""
        # Compares with every code of the concepts, because another list may have other codes.
        codes = context.list_of(self.reference).find_codes_meaning(self.concepts)
        # A blank is false and not null: it is known to have none of the meanings.
        return raw_value(self.reference).is_not_null() & parsed_value(self.reference).is_in(list(codes))

    def words(self) -> str:
        """Returns 'F is a or b'."""
        return f"{self.reference} is " + " or ".join(f"'{concept}'" for concept in self.concepts)

    def negated_words(self) -> str:
        """Returns 'F is not a or b'."""
        return self.words().replace(" is ", " is not ", 1)


@dataclass(frozen=True)
class IsCode(Condition):
    """The field is one of these codes, where the definitions name codes and not a meaning that they share."""

    reference: str
    codes: tuple[str, ...]

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns false for a blank, and null for a value that is in no list."""
        return raw_value(self.reference).is_not_null() & parsed_value(self.reference).is_in(list(self.codes))

    def words(self) -> str:
        """Returns 'F is a or b'."""
        return f"{self.reference} is {' or '.join(self.codes)}"


@dataclass(frozen=True)
class MeansArea(Condition):
    """The field's code means an area or outside the UK: its concept is one of the list UTLA."""

    reference: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns false for a blank, and null for a value that is in no list."""
        areas = {code.concept for code in context.lists["UTLA"].codes if code.concept}
        codes = context.list_of(self.reference).find_codes_meaning(areas | {"outside_uk"})
        return raw_value(self.reference).is_not_null() & parsed_value(self.reference).is_in(list(codes))

    def words(self) -> str:
        """Returns 'F is an area or outside the UK'."""
        return f"{self.reference} is an area or outside the UK"


@dataclass(frozen=True)
class SameArea(Condition):
    """Two authority codes belong to the same area on different days."""

    header: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns true or false, never null."""
        # Pairs as text need one membership test instead of a join.
        pair = pl.concat_str([pl.col(f"last.{self.header}"), pl.col(f"now.{self.header}")], separator=" ")
        return pair.is_in([f"{old} {new}" for old, new in sorted(context.same_areas)]).fill_null(value=False)

    def words(self) -> str:
        """Returns 'F is the same area under its code of another day'."""
        return f"{self.header} is the same area under its code of another day"


def find_meanings(condition: Condition) -> Iterator[Meaning]:
    """Yields every `Meaning` in a condition."""
    for clause in condition.clauses():
        if isinstance(clause, Meaning):
            yield clause
        elif isinstance(clause, Not):
            yield from find_meanings(clause.inner)
        elif isinstance(clause, Flag):
            for meaning in clause.meanings:
                yield from find_meanings(meaning)
