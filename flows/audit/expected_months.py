"""Which months must land: of which agencies, from which month on, and by which day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from schemas.period import Period


@dataclass(frozen=True)
class ExpectedMonths:
    """The months that must land.

    `agencies` are the names of the agencies that must submit, by code.  `deadline_day` is the day of the following
    month by which a month must have landed.  `first_period` is the first month that must land (YYYY-MM), blank if it
    is not known; `first_periods` has that of single agencies.
    """

    agencies: Mapping[str, str]
    deadline_day: int
    first_period: str = ""
    first_periods: Mapping[str, str] = field(default_factory=dict)

    def find_first(self, agency: str) -> str:
        """Returns the first month that an agency must land; blank if it is not known."""
        return self.first_periods.get(agency, self.first_period)

    def find_earliest(self) -> Period | None:
        """Returns the first month that any agency must land; None if it is not known."""
        firsts = {*self.first_periods.values(), *filter(None, [self.first_period])}
        return Period.parse(min(firsts)) if firsts else None

    def find_deadline(self, period: Period) -> date:
        """Returns the last day on which a month can be submitted in time."""
        return (period.last_day + timedelta(days=1)).replace(day=self.deadline_day)
