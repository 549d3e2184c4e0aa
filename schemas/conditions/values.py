"""Conditions on the values of fields, and on the flags that the transforms compute."""

from dataclasses import dataclass

import polars as pl

from schemas.conditions.condition import Condition, RuleContext
from schemas.dataset import WHOLE_NUMBER
from schemas.record_columns import parsed_value, raw_value, sent_value


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
