"""The reminders of months that have not landed: before the deadline, on it, and daily after it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
from prefect import flow

from flows.audit.queries import query_status
from flows.audit.reminders import Reminder, find_due_reminders
from flows.audit.status import build_status, choose_periods, refuse_no_agencies
from flows.pipeline.settings import read_settings
from flows.sources.request import find_home
from flows.support.atomic_files import write_atomically
from flows.support.error_lines import log_in_one_line
from flows.support.hidden_values import hidden_values
from flows.support.notifications import load_notifier
from flows.support.private_files import make_directory, private_files
from schemas.period import Period

_FILE_NAME = re.compile(r"(?P<agency>[A-Z]+[0-9]+)-(?P<period>[0-9]{4}-(?:0[1-9]|1[0-2]))")
# Months before these are not expected any more.
_MONTHS = 13
log_in_one_line()


@flow(name="reminder", flow_run_name="months that have not landed", persist_result=False, log_prints=False)
@private_files()
@hidden_values()
def reminder(
    agencies: list[str] | None = None,
    deadline_day: int | None = None,
    home: str | None = None,
    today: str | None = None,
) -> list[str]:
    """Reports the months that have not landed: some days before the deadline, on it, and on each day after it.

    Sends one notification with a line for each agency and month.  Without `ndtms alarms` it does nothing.

    Args:
        agencies: the agencies that must submit; None uses the setting `agencies`, or those that have a run.
        deadline_day: the day of the month by which the previous month must be submitted; None uses the setting.
        home: the directory of the audit and of the settings.
        today: YYYY-MM-DD; None uses today.

    Returns:
        The agencies and months in the notification that it sent.

    Raises:
        InputRefused: the settings are wrong, the audit cannot be read, or nothing is expected in this home.
    """
    day, directory = date.fromisoformat(today) if today else date.today(), find_home(home)
    settings = read_settings(directory)
    expected = replace(
        settings.expected,
        agencies=dict.fromkeys(agencies, "") if agencies else settings.agencies,
        deadline_day=deadline_day or settings.deadline_day,
    )
    months = query_status(directory)
    if expected.agencies:
        months = months.filter(pl.col("agency").is_in(list(expected.agencies)))
    refuse_no_agencies(months, expected, directory)
    reminded = _read_reminded(directory)
    first = min([choose_periods(months, expected, day, _MONTHS)[0], *(Period.parse(period) for _, period in reminded)])
    periods = first.until(Period.before(day))[-_MONTHS:]
    board = build_status(months, expected, periods, day)
    due = find_due_reminders(board, expected, settings.reminder_days, day, reminded)
    notifier = load_notifier() if due else None
    if notifier is None:
        return []
    notifier.send("NDTMS: not landed yet", "\n".join(f"{month.agency} {month.period}: {month.text}" for month in due))
    # Afterwards: a reminder that could not be sent is sent by the next run.
    for month in due:
        path = _reminder_path(directory, month)
        make_directory(path.parent)
        write_atomically(path, day.isoformat().encode())
    return [f"{month.agency} {month.period}" for month in due]


def _read_reminded(home: Path) -> Mapping[tuple[str, str], date]:
    """Returns the day of the last reminder of each agency and month."""
    reminded = {}
    for path in (home / "reminders").glob("*"):
        if not (named := _FILE_NAME.fullmatch(path.name)):
            continue
        try:
            reminded[named["agency"], named["period"]] = date.fromisoformat(path.read_text(encoding="utf-8"))
        # Earlier versions wrote empty files, before the deadline.
        except ValueError:
            reminded[named["agency"], named["period"]] = date.min
    return reminded


def _reminder_path(home: Path, month: Reminder) -> Path:
    return home / "reminders" / f"{month.agency}-{month.period}"
