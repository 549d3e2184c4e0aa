"""Conditions on days, and on the ages and intervals between them."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from schemas.birthday_in_id import holds_birthday
from schemas.conditions.condition import Condition, RuleContext
from schemas.record_columns import parsed_value, raw_value

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


def _number_day_of_year(day: pl.Expr) -> pl.Expr:
    """Returns month and day as one number; the cast is needed because the type of a month is too small to multiply."""
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()
