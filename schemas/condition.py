"""Defines conditions: what a rule checks in a record, in three-valued logic.

A condition is true, false or has no answer (null), as in SQL (definitions, section 4). It provides both a polars
expression and a description in words, so that the check, the explanation and the catalogue always agree.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Literal

import polars as pl

from schemas.birthday_in_id import holds_birthday
from schemas.code_lists import CodeList, CodeLists
from schemas.dataset import WHOLE_NUMBER
from schemas.record_columns import get_referenced_field, parsed_value, raw_value, sent_value


@dataclass(frozen=True)
class RuleContext:
    """What rules need in addition to the records: the day of the extract and the code lists in force.

    `same_areas` are pairs of UTLA codes that belong to one area on different days, `same_concepts` the concepts of such
    areas. `lists_then` are the code lists of all
    days, for the earlier submissions; only those of `judged_as_of` where it is given.
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
class Populated(Condition):
    """The field is not blank, whether or not it was parsed."""

    reference: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null only for a field of a parent that is unknown or in conflict; a blank is a known state."""
        answer = raw_value(self.reference).is_not_null()
        is_of_parent = self.reference.startswith(("client.", "episode."))
        # The fields of a missing parent are null, and would look like blanks.
        return pl.when(pl.col("parent_row").is_not_null()).then(answer) if is_of_parent else answer

    def words(self) -> str:
        """Returns 'F is populated'."""
        return f"{self.reference} is populated"

    def negated_words(self) -> str:
        """Returns 'F is blank'."""
        return f"{self.reference} is blank"


@dataclass(frozen=True)
class Understood(Condition):
    """The field was parsed: it is a date, a number or a code of its list."""

    reference: str
    allowed: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns true or false, never null."""
        return parsed_value(self.reference).is_not_null()

    def words(self) -> str:
        """Returns 'F is <what is allowed>'."""
        return f"{self.reference} is {self.allowed}"


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
class IsText(Condition):
    """The parsed value of the field is this text."""

    reference: str
    text: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns false for a blank, and null for a value that was not parsed."""
        return raw_value(self.reference).is_not_null() & (parsed_value(self.reference) == self.text)

    def words(self) -> str:
        """Returns 'F is text'."""
        return f"{self.reference} is {self.text}"


@dataclass(frozen=True)
class IsWholeNumber(Condition):
    """The text of the field consists of digits only."""

    reference: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null for a blank."""
        return raw_value(self.reference).str.contains(WHOLE_NUMBER)

    def words(self) -> str:
        """Returns 'F is a whole number'."""
        return f"{self.reference} is a whole number"


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


@dataclass(frozen=True)
class SameText(Condition):
    """Two coded fields send the same text; no answer where either sends a blank."""

    left: str
    right: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Compares the texts to send."""
        # Compares the texts to send, because an unpublished list also sends texts without a code.
        return sent_value(self.left) == sent_value(self.right)

    def words(self) -> str:
        """Returns 'F equals G'."""
        return f"{self.left} equals {self.right}"

    def negated_words(self) -> str:
        """Returns 'F differs from G'."""
        return f"{self.left} differs from {self.right}"


Comparison = Literal["<", "<=", "=", ">=", ">"]
_COMPARED: dict[Comparison, str] = {
    "<": "is before", "<=": "is on or before", "=": "is the same as", ">=": "is on or after", ">": "is after",
}  # fmt: skip
_OPPOSITE: dict[Comparison, str] = {
    "<": "is on or after", "<=": "is after", "=": "differs from", ">=": "is before", ">": "is on or before",
}  # fmt: skip


@dataclass(frozen=True)
class Compared(Condition):
    """A comparison of two dates or two texts; no answer where either is blank or was not parsed."""

    left: str
    comparison: Comparison
    right: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Compares as SQL does."""
        left, right = parsed_value(self.left), parsed_value(self.right)
        # Building an expression costs nothing; only the chosen one is evaluated.
        comparisons = {
            "<": left < right, "<=": left <= right, "=": left == right, ">=": left >= right, ">": left > right,
        }  # fmt: skip
        return comparisons[self.comparison]

    def words(self) -> str:
        """Returns 'F is before G'."""
        return f"{self.left} {_COMPARED[self.comparison]} {self.right}"

    def negated_words(self) -> str:
        """Returns 'F is on or after G' for 'F is before G'."""
        return f"{self.left} {_OPPOSITE[self.comparison]} {self.right}"


@dataclass(frozen=True)
class NumberBetween(Condition):
    """A whole number is in a range, both ends included."""

    reference: str
    first: int
    last: int | None = None

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null for a blank or a value that was not parsed."""
        at_least = parsed_value(self.reference) >= self.first
        return at_least if self.last is None else at_least & (parsed_value(self.reference) <= self.last)

    def words(self) -> str:
        """Returns 'F is n', 'F is n to m' or 'F is n or more'."""
        if self.last is None:
            return f"{self.reference} is {self.first} or more"
        if self.last == self.first:
            return f"{self.reference} is {self.first}"
        return f"{self.reference} is {self.first} to {self.last}"


@dataclass(frozen=True)
class AfterExtract(Condition):
    """A date is after the day of the extract."""

    reference: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null for a blank or a value that was not parsed."""
        return parsed_value(self.reference) > pl.lit(context.extracted_on)

    def words(self) -> str:
        """Returns 'F is after the day of the extract'."""
        return f"{self.reference} is after the day of the extract"

    def negated_words(self) -> str:
        """Returns 'F is not after the day of the extract'."""
        return f"{self.reference} is not after the day of the extract"


@dataclass(frozen=True)
class DaysBeforeExtract(Condition):
    """A date is at least this many days before the day of the extract."""

    reference: str
    days: int

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null for a blank or a value that was not parsed."""
        return (pl.lit(context.extracted_on) - parsed_value(self.reference)).dt.total_days() >= self.days

    def words(self) -> str:
        """Returns 'F is n days or more before the day of the extract'."""
        return f"{self.reference} is {self.days} days or more before the day of the extract"


@dataclass(frozen=True)
class AgeAtLeast(Condition):
    """A minimum age in whole years on a day; a person born on 29 February completes a year on 1 March."""

    born: str
    on: str
    years: int

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null where either date is blank or was not parsed."""
        birth, day = parsed_value(self.born), parsed_value(self.on)
        # In a year without 29 February, that birthday is still to come on 28 February.
        birthday_to_come = _number_day_of_year(day) < _number_day_of_year(birth)
        return day.dt.year() - birth.dt.year() - birthday_to_come.cast(pl.Int32) >= self.years

    def words(self) -> str:
        """Returns 'the client is n or older on F'."""
        return f"the client is {self.years} or older on {self.on}"

    def negated_words(self) -> str:
        """Returns 'the client is younger than n on F'."""
        return f"the client is younger than {self.years} on {self.on}"


@dataclass(frozen=True)
class DaysBetween(Condition):
    """There are at least this many days between two dates."""

    first: str
    last: str
    days: int

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null where either date is blank or was not parsed."""
        return (parsed_value(self.last) - parsed_value(self.first)).dt.total_days() >= self.days

    def words(self) -> str:
        """Returns 'F to G is n days or more'."""
        return f"{self.first} to {self.last} is {self.days} days or more"


@dataclass(frozen=True)
class HoldsBirthday(Condition):
    """The letters and digits of an id contain the date of birth.

    Eight digits (YYYYMMDD, DDMMYYYY) count anywhere, six (YYMMDD, DDMMYY) only as a whole run of digits.
    """

    identifier: str
    born: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns null where the id is blank or the date of birth is unknown."""
        return holds_birthday(raw_value(self.identifier), parsed_value(self.born))

    def words(self) -> str:
        """Returns 'F, letters and digits alone, holds the client's date of birth'."""
        return f"{self.identifier}, letters and digits alone, holds the client's date of birth"

    def negated_words(self) -> str:
        """Returns 'F, letters and digits alone, does not hold the client's date of birth'."""
        return f"{self.identifier}, letters and digits alone, does not hold the client's date of birth"


@dataclass(frozen=True)
class SentAsBefore(Condition):
    """A field is sent as in the previous submission; blank is a value of its own."""

    header: str

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns true or false, never null."""
        # Unlike `==`, `eq_missing` treats two blanks as equal.
        return pl.col(f"now.{self.header}").eq_missing(pl.col(f"last.{self.header}"))

    def words(self) -> str:
        """Returns 'F is sent as in the last submission'."""
        return f"{self.header} is sent as in the last submission"

    def negated_words(self) -> str:
        """Returns 'F is not sent as in the last submission'."""
        return f"{self.header} is not sent as in the last submission"


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


@dataclass(frozen=True)
class Flag(Condition):
    """A result of linking the records, in a Boolean column of the record.

    `meanings` are the meanings that were needed to find it.
    """

    column: str
    description: str
    meanings: tuple[Condition, ...] = ()

    def expression(self, context: RuleContext) -> pl.Expr:
        """Returns the column."""
        return pl.col(self.column)

    def words(self) -> str:
        """Returns the description of the flag."""
        return self.description


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


def _number_day_of_year(day: pl.Expr) -> pl.Expr:
    """Returns month and day as one number; the cast is needed because the type of a month is too small to multiply."""
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()


def _bracket(condition: Condition) -> str:
    return f"({condition.words()})" if isinstance(condition, AllOf | AnyOf) else condition.words()
