"""Which reminders of months that have not landed are due on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from flows.audit.expected_months import ExpectedMonths
from flows.audit.status import NOT_LANDED
from flows.support.text import format_count
from schemas.period import Period

_RUNS = {
    "blocked": "the last run was blocked by a rule of the file",
    "failed": "the last run failed",
}
_NO_RUN = "no run is in the audit"


@dataclass(frozen=True)
class Reminder:
    """A month of an agency that has not landed, and the sentence that reports it."""

    agency: str
    period: str
    text: str


def find_due_reminders(
    board: pl.DataFrame,
    expected: ExpectedMonths,
    days_before: int,
    today: date,
    reminded: Mapping[tuple[str, str], date],
) -> list[Reminder]:
    """Returns the reminders that are due: one before the deadline, one on it, and one on each day after it.

    Args:
        board: the state of the months, from `flows.audit.status.build_status`.
        expected: the months that must land.
        days_before: how many days before the deadline the first reminder is due; 0 for none.
        today: the day of the reminders.
        reminded: the day of the last reminder of each agency and month that has had one.

    Returns:
        The reminders by agency and month, of the months from the first one that must land.  If that is not known, they
        are of the last complete month, of months after the first that the agency landed, and of months that have had a
        reminder: nobody expects the months before an agency began.
    """
    landed = board.filter(~pl.col("state").is_in(NOT_LANDED))
    first = dict(landed.group_by("agency").agg(pl.col("period").min()).iter_rows())
    last = str(Period.before(today))
    due = []
    missing = board.filter(pl.col("state").is_in(NOT_LANDED) & pl.col("is_expected"))
    for month in missing.sort("agency", "period").iter_rows(named=True):
        agency, period = month["agency"], month["period"]
        key = (agency, period)
        has_begun = expected.find_first(agency) or (agency in first and period > first[agency])
        was_expected = has_begun or period == last or key in reminded
        deadline = expected.find_deadline(Period.parse(period))
        if was_expected and is_reminder_due(deadline, days_before, today, reminded.get(key)):
            reason = _RUNS.get(month["last_run"], _NO_RUN)
            due.append(Reminder(agency, period, f"{describe_deadline(deadline, today)}; {reason}"))
    return due


def is_reminder_due(deadline: date, days_before: int, today: date, reminded: date | None) -> bool:
    """Returns whether a month that has not landed needs a reminder today, after the one on the day `reminded`."""
    if today < deadline:
        return reminded is None and today >= deadline - timedelta(days=days_before)
    return reminded is None or reminded < today


def describe_deadline(deadline: date, today: date) -> str:
    """Returns when the deadline of a month that has not landed is or was."""
    days = (deadline - today).days
    if days == 0:
        return f"not landed; the deadline is today ({deadline})"
    if days > 0:
        return f"not landed; the deadline is in {format_count(days, 'day')} ({deadline})"
    return f"not landed; the deadline was {format_count(-days, 'day')} ago ({deadline})"
