"""Conditions: what a rule asks of a record, in three-valued logic.

A condition is true, false or has no answer (null), as in SQL (definitions of the outside,
section 4).  It knows its truth as a polars expression and its own words, so that the check, the
explanation and the catalogue are one thing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from schemas.code_lists import CodeList, CodeLists
from schemas.record_columns import came, field_named, sent, value
from schemas.written_days import written


@dataclass(frozen=True)
class RuleContext:
    """What rules know beside the records: the day of the extract and the code lists in force.

    `same_areas` are pairs of UTLA codes that one area bears on different days; `lists_then` the code lists
    that say what was sent in the last submission, where they are others.
    """

    extracted_on: date
    lists: CodeLists
    same_areas: frozenset[tuple[str, str]] = frozenset()
    lists_then: CodeLists | None = None

    def list_of(self, reference: str) -> CodeList:
        """The code list of a field: for `last.F` as it was for the last submission."""
        lists = self.lists_then if reference.startswith("last.") and self.lists_then else self.lists
        return lists[field_named(reference).code_list]


class Condition(ABC):
    """Something that is true of a record, false, or has no answer."""

    @abstractmethod
    def truth(self, context: RuleContext) -> pl.Expr:
        """A Boolean expression over the record frame; null is 'no answer'."""

    @abstractmethod
    def words(self) -> str:
        """The condition in words."""

    def clauses(self) -> Iterator["Condition"]:
        """The smallest conditions this one is made of, in the order they are written."""
        yield self

    def __and__(self, other: "Condition") -> "Condition":
        return Both(self, other)

    def __or__(self, other: "Condition") -> "Condition":
        return Either(self, other)

    def __invert__(self) -> "Condition":
        return Not(self)


@dataclass(frozen=True)
class Both(Condition):
    """Two conditions that must both be true."""

    left: Condition
    right: Condition

    def truth(self, context: RuleContext) -> pl.Expr:
        """False as soon as one side is false."""
        return self.left.truth(context) & self.right.truth(context)

    def words(self) -> str:
        """'... and ...'."""
        return f"{_bracketed(self.left)} and {_bracketed(self.right)}"

    def clauses(self) -> Iterator[Condition]:
        """Those of both sides."""
        yield from self.left.clauses()
        yield from self.right.clauses()


@dataclass(frozen=True)
class Either(Condition):
    """Two conditions of which one must be true."""

    left: Condition
    right: Condition

    def truth(self, context: RuleContext) -> pl.Expr:
        """True as soon as one side is true."""
        return self.left.truth(context) | self.right.truth(context)

    def words(self) -> str:
        """'... or ...'."""
        return f"{_bracketed(self.left)} or {_bracketed(self.right)}"

    def clauses(self) -> Iterator[Condition]:
        """Those of both sides."""
        yield from self.left.clauses()
        yield from self.right.clauses()


@dataclass(frozen=True)
class Not(Condition):
    """The opposite of a condition; one without an answer stays so."""

    inner: Condition

    def truth(self, context: RuleContext) -> pl.Expr:
        """The inner truth, turned round."""
        return ~self.inner.truth(context)

    def words(self) -> str:
        """A negation that reads as English where there is one."""
        if isinstance(self.inner, Populated):
            return f"{self.inner.reference} is blank"
        if isinstance(self.inner, Meaning):
            return self.inner.words().replace(" is ", " is not ", 1)
        return f"not ({self.inner.words()})"

    def clauses(self) -> Iterator[Condition]:
        """Those of the inner condition."""
        yield from self.inner.clauses()


@dataclass(frozen=True)
class Always(Condition):
    """True of every record."""

    def truth(self, context: RuleContext) -> pl.Expr:
        """True."""
        return pl.lit(value=True)

    def words(self) -> str:
        """'every record'."""
        return "every record"

    def clauses(self) -> Iterator[Condition]:
        """None: there is nothing to ask."""
        yield from ()


@dataclass(frozen=True)
class Populated(Condition):
    """The field holds something, understood or not."""

    reference: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """Blank is a known state; only of a parent that is unknown or in conflict there is no answer."""
        answer = came(self.reference).is_not_null()
        lent = self.reference.startswith(("client.", "episode."))
        return pl.when(pl.col("parent_row").is_not_null()).then(answer) if lent else answer

    def words(self) -> str:
        """'F is populated'."""
        return f"{self.reference} is populated"


@dataclass(frozen=True)
class Understood(Condition):
    """What the field holds was understood: a date, a number, a code of its list."""

    reference: str
    allowed: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """Never without an answer."""
        return value(self.reference).is_not_null()

    def words(self) -> str:
        """'F is <what is allowed>'."""
        return f"{self.reference} is {self.allowed}"


@dataclass(frozen=True)
class Listed(Condition):
    """What the field holds is in its code list; no answer where the list does not check."""

    reference: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """Whether the value is a code of the list."""
        return value(self.reference).is_not_null()

    def words(self) -> str:
        """'F is in the code list L'."""
        return f"{self.reference} is in the code list {field_named(self.reference).code_list}"


@dataclass(frozen=True)
class ListChecks(Condition):
    """The field's code list is one that checks: published or provisional, and not empty."""

    reference: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """The same for every record."""
        return pl.lit(context.list_of(self.reference).checks)

    def words(self) -> str:
        """'the code list L checks'."""
        return f"the code list {field_named(self.reference).code_list} checks (is not partial or empty)"


@dataclass(frozen=True)
class Meaning(Condition):
    """The field's code means one of these concepts, whatever the code is."""

    reference: str
    concepts: tuple[str, ...]

    def truth(self, context: RuleContext) -> pl.Expr:
        """False for a blank, no answer for what is in no list."""
        codes = context.list_of(self.reference).codes_meaning(self.concepts)
        return came(self.reference).is_not_null() & value(self.reference).is_in(list(codes))

    def words(self) -> str:
        """'F is a or b'."""
        return f"{self.reference} is " + " or ".join(f"'{concept}'" for concept in self.concepts)


@dataclass(frozen=True)
class Surely(Condition):
    """A condition that must be known to be true: no answer counts as false."""

    inner: Condition

    def truth(self, context: RuleContext) -> pl.Expr:
        """The inner truth, false where it has no answer."""
        return self.inner.truth(context).fill_null(value=False)

    def words(self) -> str:
        """The inner condition, known to hold."""
        return f"{self.inner.words()}, without doubt"

    def clauses(self) -> Iterator[Condition]:
        """Those of the inner condition."""
        yield from self.inner.clauses()


@dataclass(frozen=True)
class SameText(Condition):
    """Two coded fields send the same text; no answer where one of them sends none."""

    left: str
    right: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """Compared as they are sent."""
        return sent(self.left) == sent(self.right)

    def words(self) -> str:
        """'F equals G'."""
        return f"{self.left} equals {self.right}"


Comparison = Literal["<", "<=", "=", ">"]


@dataclass(frozen=True)
class Compared(Condition):
    """Two dates, or two texts, in an order; no answer where one is blank or not understood."""

    left: str
    comparison: Comparison
    right: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """As SQL compares."""
        left, right = value(self.left), value(self.right)
        return {"<": left < right, "<=": left <= right, "=": left == right, ">": left > right}[self.comparison]

    def words(self) -> str:
        """'F < G'."""
        return f"{self.left} {self.comparison} {self.right}"


@dataclass(frozen=True)
class NumberBetween(Condition):
    """A whole number lies between two others, both included."""

    reference: str
    first: int
    last: int | None = None

    def truth(self, context: RuleContext) -> pl.Expr:
        """No answer for a blank or what is not understood."""
        at_least = value(self.reference) >= self.first
        return at_least if self.last is None else at_least & (value(self.reference) <= self.last)

    def words(self) -> str:
        """'F is n', 'F is n to m' or 'F is n or more'."""
        if self.last is None:
            return f"{self.reference} is {self.first} or more"
        if self.last == self.first:
            return f"{self.reference} is {self.first}"
        return f"{self.reference} is {self.first} to {self.last}"


@dataclass(frozen=True)
class AfterExtract(Condition):
    """A date lies after the day the export was taken."""

    reference: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """No answer for a blank or what is not understood."""
        return value(self.reference) > pl.lit(context.extracted_on)

    def words(self) -> str:
        """'F is after the day of the extract'."""
        return f"{self.reference} is after the day of the extract"


@dataclass(frozen=True)
class AgeAtLeast(Condition):
    """Someone's age in whole years on a day; born on 29 February, a year is over on 1 March."""

    born: str
    on: str
    years: int

    def truth(self, context: RuleContext) -> pl.Expr:
        """No answer where either date is blank or not understood."""
        birth, day = value(self.born), value(self.on)
        birthday_to_come = _day_of_year(day) < _day_of_year(birth)
        return day.dt.year() - birth.dt.year() - birthday_to_come.cast(pl.Int32) >= self.years

    def words(self) -> str:
        """'the client is n or older on F'."""
        return f"the client is {self.years} or older on {self.on}"


@dataclass(frozen=True)
class DaysBetween(Condition):
    """At least so many days lie between two dates; the last may fall back on a second field."""

    first: str
    last: str
    last_if_blank: str
    days: int

    def truth(self, context: RuleContext) -> pl.Expr:
        """No answer where a date that counts is blank or not understood."""
        last = pl.when(came(self.last).is_null()).then(value(self.last_if_blank)).otherwise(value(self.last))
        return (last - value(self.first)).dt.total_days() >= self.days

    def words(self) -> str:
        """'F to G (or H where G is blank) is n days or more'."""
        last = f"{self.last} (or {self.last_if_blank} where it is blank)"
        return f"{self.first} to {last} is {self.days} days or more"


@dataclass(frozen=True)
class HoldsBirthday(Condition):
    """An id, letters and digits alone, holds a date of birth as YYYYMMDD, DDMMYYYY, YYMMDD or DDMMYY."""

    identifier: str
    born: str

    FORMS = ("%Y%m%d", "%d%m%Y", "%y%m%d", "%d%m%y")

    def truth(self, context: RuleContext) -> pl.Expr:
        """No answer where the id is blank or the date of birth not known."""
        bare = came(self.identifier).str.replace_all(r"[^\p{L}\p{Nd}]", "")
        birth = value(self.born)
        return pl.any_horizontal(
            bare.str.contains(written(birth, form), literal=True)
            for form in self.FORMS[1:]  # the last but one covers the first
        )

    def words(self) -> str:
        """'F holds the date of birth'."""
        return f"{self.identifier}, letters and digits alone, holds the client's date of birth"


@dataclass(frozen=True)
class SentAsBefore(Condition):
    """A field would be sent as it was in the last submission; blank is a value of its own."""

    header: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """Never without an answer."""
        return pl.col(f"now.{self.header}").eq_missing(pl.col(f"last.{self.header}"))

    def words(self) -> str:
        """'F is as it was'."""
        return f"{self.header} is sent as in the last submission"


@dataclass(frozen=True)
class SameArea(Condition):
    """Two authority codes are one area's, on different days."""

    header: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """Never without an answer."""
        pair = pl.concat_str([pl.col(f"last.{self.header}"), pl.col(f"now.{self.header}")], separator=" ")
        return pair.is_in([f"{old} {new}" for old, new in sorted(context.same_areas)]).fill_null(value=False)

    def words(self) -> str:
        """'F is the same area'."""
        return f"{self.header} is the same area under its code of another day"


@dataclass(frozen=True)
class Fact(Condition):
    """Something the tying of records together found out, in a Boolean column of the record."""

    column: str
    said: str

    def truth(self, context: RuleContext) -> pl.Expr:
        """The column."""
        return pl.col(self.column)

    def words(self) -> str:
        """What the fact says."""
        return self.said


@dataclass(frozen=True)
class SomeOther(Condition):
    """Some other record with the same parent, seen beside this one, meets a condition.

    No answer where this record's parent id is blank.  `pair` speaks of the other record's fields
    as `other.F`.
    """

    parent_id: str
    pair: Condition
    said: str

    @property
    def column(self) -> str:
        """The column that holds the answer once the pairs have been looked at."""
        return f"some other: {self.said}"

    def truth(self, context: RuleContext) -> pl.Expr:
        """The answer found over the pairs."""
        return pl.col(self.column)

    def words(self) -> str:
        """What is said of the other record."""
        return self.said


@dataclass(frozen=True)
class SomeIntervention(Condition):
    """Some intervention of the episode meets a condition; no answer for a blank EPISODID."""

    child: Condition
    said: str

    @property
    def column(self) -> str:
        """The column that holds the answer once the interventions have been looked at."""
        return f"some intervention: {self.said}"

    def truth(self, context: RuleContext) -> pl.Expr:
        """The answer found over the interventions."""
        return pl.col(self.column)

    def words(self) -> str:
        """What is said of the intervention."""
        return self.said


def meanings_in(condition: Condition) -> Iterator[Meaning]:
    """Every meaning that a condition asks for, those asked of another record or a child included."""
    for clause in condition.clauses():
        if isinstance(clause, Meaning):
            yield clause
        elif isinstance(clause, SomeOther):
            yield from meanings_in(clause.pair)
        elif isinstance(clause, SomeIntervention):
            yield from meanings_in(clause.child)


def populated(reference: str) -> Condition:
    """The field holds something, understood or not."""
    return Populated(reference)


def blank(reference: str) -> Condition:
    """The field holds nothing."""
    return ~Populated(reference)


def means(reference: str, *concepts: str) -> Condition:
    """The field's code means one of these concepts of its code list."""
    return Meaning(reference, concepts)


def before(left: str, right: str) -> Condition:
    """The first date lies before the second."""
    return Compared(left, "<", right)


def after(left: str, right: str) -> Condition:
    """The first date lies after the second."""
    return Compared(left, ">", right)


def _day_of_year(day: pl.Expr) -> pl.Expr:
    """Month and day as one number; months alone are too small a type to be multiplied."""
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day()


def _bracketed(condition: Condition) -> str:
    return f"({condition.words()})" if isinstance(condition, Either | Both) else condition.words()
