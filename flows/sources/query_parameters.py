"""Holds the values that a mapping's SQL may use: the month, the agency and the day of the extract."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from schemas.period import Period

NAMES = ("period", "first_day", "last_day", "agency", "extracted_on")
_PLACEHOLDER = re.compile(r"\{(period|agency)\}")
# A text, a quoted name or a comment, in which nothing is a parameter; otherwise the name of a parameter.
_QUOTED_OR_PARAMETER = re.compile(
    r"""
      (?<!\w) [eE] ' (?: [^'\\] | \\. | '' )* '
    | ' (?: [^'] | '' )* '
    | " (?: [^"] | "" )* "
    | ` [^`]* `
    | -- [^\n]*
    | /\* .*? \*/
    | (?<![\w$]) \$ (?P<tag> (?: [A-Za-z_]\w* )? ) \$ .*? \$ (?P=tag) \$
    | (?<![\w$]) \$ (?P<name> [A-Za-z_]\w* )
    """,
    re.VERBOSE | re.DOTALL,
)


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
        """Returns the query of a database with its parameters replaced by literals, except in quotes and comments."""
        return _QUOTED_OR_PARAMETER.sub(
            lambda match: _quote(self.values[match["name"]]) if match["name"] in NAMES else match[0], query
        )


def distinguishes_months(query: str) -> bool:
    """Returns whether a query uses a parameter that differs between months."""
    return any(name in ("period", "first_day", "last_day") for name in _list_parameters(query))


def find_placeholder(query: str) -> str | None:
    """Returns the placeholder of a location that a query contains by mistake, if there is one."""
    found = _PLACEHOLDER.search(query)
    return found[1] if found else None


def find_mistake(query: str) -> str | None:
    """Returns what is wrong with the parameters of a query, or None."""
    if placeholder := find_placeholder(query):
        return f"query contains {{{placeholder}}}, which is for a location; write ${placeholder}"
    unknown = sorted(set(_list_parameters(query)).difference(NAMES))
    return f"query: {describe_unknown(unknown[0])}" if unknown else None


def describe_unknown(name: str) -> str:
    """Returns that a parameter does not exist, and those that do."""
    return f"${name} is not a parameter; allowed: {', '.join(f'${allowed}' for allowed in NAMES)}"


def _list_parameters(query: str) -> Iterator[str]:
    return (match["name"] for match in _QUOTED_OR_PARAMETER.finditer(query) if match["name"])


def _quote(value: str | date | None) -> str:
    # The values are a month, days and an agency code, so none of them contains a quote.
    return "NULL" if value is None else f"'{value}'"
