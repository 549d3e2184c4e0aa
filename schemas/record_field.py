"""Defines how a rule refers to a field: `EXITD.is_populated`, `EXITD.is_on_or_after(RECPDT)`, `DOB.of_client`.

`schemas.fields` has one object per field of the dataset. A prefix selects the value of a related record.
"""

from dataclasses import dataclass

from schemas.conditions.codes import IsCode, Meaning, MeansArea
from schemas.conditions.condition import Condition
from schemas.conditions.days import AfterExtract, AgeAtLeast, Compared, DaysBeforeExtract, DaysBetween, HoldsBirthday
from schemas.conditions.values import IsText, IsWholeNumber, NumberBetween, Populated, SameText, Understood
from schemas.dataset import Field, get_field


@dataclass(frozen=True)
class RecordField:
    """A field of a record, or of a record that is related to it; builds the conditions on its value."""

    reference: str

    def __str__(self) -> str:
        """Returns the reference, such as `EXITD` or `client.DOB`."""
        return self.reference

    @property
    def definition(self) -> Field:
        """The field's definition in the dataset."""
        # The prefix selects the record, not the field.
        return get_field(self.reference.rpartition(".")[2])

    @property
    def of_client(self) -> "RecordField":
        """The field of the record's client."""
        return RecordField(f"client.{self.reference}")

    @property
    def of_episode(self) -> "RecordField":
        """The field of the intervention's episode."""
        return RecordField(f"episode.{self.reference}")

    @property
    def sent_last(self) -> "RecordField":
        """The value that the previous submission sent."""
        return RecordField(f"last.{self.reference}")

    @property
    def sent_now(self) -> "RecordField":
        """The value that this submission sends."""
        return RecordField(f"now.{self.reference}")

    @property
    def is_populated(self) -> Condition:
        """The field is not blank, whether or not it was parsed."""
        return Populated(self.reference)

    @property
    def is_blank(self) -> Condition:
        """The field is blank."""
        # Not a condition of its own, so that both have the same answer about a missing parent.
        return ~Populated(self.reference)

    @property
    def is_after_extract(self) -> Condition:
        """The date is after the day of the extract."""
        return AfterExtract(self.reference)

    def is_understood_as(self, allowed: str) -> Condition:
        """The field was parsed; `allowed` describes what it may hold."""
        return Understood(self.reference, allowed)

    def means(self, *concepts: str) -> Condition:
        """The field's code means one of these concepts of its code list."""
        return Meaning(self.reference, concepts)

    def is_code(self, *codes: str) -> Condition:
        """The field is one of these codes; use `means` unless the definitions name the codes."""
        return IsCode(self.reference, codes)

    def is_text(self, text: str) -> Condition:
        """The parsed value is this text."""
        return IsText(self.reference, text)

    @property
    def means_area(self) -> Condition:
        """The field's code means an area, or outside the UK."""
        return MeansArea(self.reference)

    @property
    def is_whole_number(self) -> Condition:
        """The text of the field consists of digits only."""
        return IsWholeNumber(self.reference)

    def is_days_before_extract(self, days: int) -> Condition:
        """The date is at least this many days before the day of the extract."""
        return DaysBeforeExtract(self.reference, days)

    def is_days_before(self, day: "RecordField", days: int) -> Condition:
        """The date is at least this many days before another date."""
        return DaysBetween(self.reference, day.reference, days)

    def equals(self, other: "RecordField") -> Condition:
        """Both fields send the same text."""
        return SameText(self.reference, other.reference)

    def is_before(self, other: "RecordField") -> Condition:
        """The date is before the other one; for ids, the id sorts before the other one."""
        return Compared(self.reference, "<", other.reference)

    def is_on_or_before(self, other: "RecordField") -> Condition:
        """The date is on or before the other one."""
        return Compared(self.reference, "<=", other.reference)

    def is_on(self, other: "RecordField") -> Condition:
        """Both dates are the same day."""
        return Compared(self.reference, "=", other.reference)

    def is_on_or_after(self, other: "RecordField") -> Condition:
        """The date is on or after the other one."""
        return Compared(self.reference, ">=", other.reference)

    def is_after(self, other: "RecordField") -> Condition:
        """The date is after the other one."""
        return Compared(self.reference, ">", other.reference)

    def is_between(self, first: int, last: int) -> Condition:
        """The whole number is from `first` to `last`, both included."""
        return NumberBetween(self.reference, first, last)

    def is_at_least(self, first: int) -> Condition:
        """The whole number is `first` or more."""
        return NumberBetween(self.reference, first)

    def is_years_before(self, day: "RecordField", years: int) -> Condition:
        """The date of birth is at least this many whole years before a day."""
        return AgeAtLeast(self.reference, day.reference, years)

    def holds_birthday(self, born: "RecordField") -> Condition:
        """The letters and digits of the id contain the date of birth."""
        return HoldsBirthday(self.reference, born.reference)
