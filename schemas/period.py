"""Defines the period of a submission, a month."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Period:
    """One month, from its first day to its last."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Parses a month written as YYYY-MM.

        Raises:
            ValueError: the text is not such a month.
        """
        found = _MONTH.fullmatch(text)
        # The calendar has no year 0.
        if not found or found.group(1) == "0000":
            raise ValueError(f"the period is {text!r}; allowed: a month as YYYY-MM")
        return cls(int(found.group(1)), int(found.group(2)))

    @classmethod
    def before(cls, day: date) -> "Period":
        """Returns the last month that has ended on this day."""
        return cls(day.year - 1, 12) if day.month == 1 else cls(day.year, day.month - 1)

    @classmethod
    def of(cls, day: date) -> "Period":
        """Returns the month that contains a day."""
        return cls(day.year, day.month)

    def until(self, last: "Period") -> "tuple[Period, ...]":
        """Returns this month and the following ones, up to and including the last one."""
        # Numbering the months of all years makes them a plain range.
        months = range(self.year * 12 + self.month - 1, last.year * 12 + last.month)
        return tuple(Period(number // 12, number % 12 + 1) for number in months)

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month. Codes must be valid on this day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"
