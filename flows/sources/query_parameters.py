"""Holds the values that a mapping's SQL may use: the month, the agency and the day of the extract."""

import re
from dataclasses import dataclass
from datetime import date

from schemas.period import Period

NAMES = ("period", "first_day", "last_day", "agency", "extracted_on")
_PARAMETER = re.compile(rf"\$({'|'.join(NAMES)})\b")
_PLACEHOLDER = re.compile(r"\{(period|agency)\}")


@dataclass(frozen=True)
class QueryParameters:
    """The values of `$period`, `$first_day`, `$last_day`, `$agency` and `$extracted_on`."""

    period: Period
    extracted_on: date
    agency: str | None = None

    @property
    def values(self) -> dict[str, str | date | None]:
        """Returns the values by name."""
        return {
            "period": str(self.period),
            "first_day": self.period.first_day,
            "last_day": self.period.last_day,
            "agency": self.agency,
            "extracted_on": self.extracted_on,
        }

    def fill_in(self, query: str) -> str:
        """Returns the query of a database with its parameters replaced by literals."""
        return _PARAMETER.sub(lambda match: _quote(self.values[match[1]]), query)


def distinguishes_months(query: str) -> bool:
    """Returns whether a query uses a parameter that differs between months."""
    return any(match[1] in ("period", "first_day", "last_day") for match in _PARAMETER.finditer(query))


def find_placeholder(query: str) -> str | None:
    """Returns the placeholder of a location that a query contains by mistake, if there is one."""
    found = _PLACEHOLDER.search(query)
    return found[1] if found else None


def _quote(value: str | date | None) -> str:
    # The values are a month, days and an agency code, so none of them contains a quote.
    return "NULL" if value is None else f"'{value}'"
