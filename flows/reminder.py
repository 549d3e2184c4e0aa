"""The reminder before the deadline: agencies whose last month has not been landed yet."""

import os

# Keeps Prefect from sending anything off this machine; set before Prefect reads its settings.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

from datetime import date, timedelta
from pathlib import Path

from prefect import flow
from prefect.events import emit_event

from flows.audit import database as audit
from flows.sources.request import find_home
from flows.support.private_files import make_directory, private_files
from schemas.period import Period

MISSING = "ndtms.month.missing"
_DAYS_BEFORE = 5


@flow(name="reminder", persist_result=False, log_prints=False)
@private_files()
def reminder(agencies: list[str], deadline_day: int, home: str | None = None, today: str | None = None) -> list[str]:
    """Reports each agency whose last month is not landed yet, once, from five days before the deadline.

    Emits an event `ndtms.month.missing` per agency, which an automation turns into a notification.

    Args:
        agencies: the agencies that must submit.
        deadline_day: the day of the month by which the previous month must be submitted.
        home: the directory of the audit.
        today: YYYY-MM-DD; None uses today.

    Returns:
        The agencies it emitted an event for.
    """
    day, directory = date.fromisoformat(today) if today else date.today(), find_home(home)
    month = Period.before(day)
    # The reminder runs daily, and this condition decides when it starts to report.
    if day < day.replace(day=deadline_day) - timedelta(days=_DAYS_BEFORE):
        return []
    not_landed = [agency for agency in agencies if not _is_landed(directory, agency, month)]
    missing = [agency for agency in not_landed if _is_first(directory, agency, month)]
    for agency in missing:
        emit_event(
            event=MISSING,
            resource={
                "prefect.resource.id": f"ndtms.month.{agency}.{month}",
                "prefect.resource.name": f"{agency} {month}",
            },
        )
        # The marker file keeps the next run from reporting the same month again.
        _reminder_marker(directory, agency, month).touch()
    return missing


def _is_landed(home: Path, agency: str, month: Period) -> bool:
    if not audit.audit_path(home).exists():
        return False
    with audit.open_read_only(home) as connection:
        rows = connection.execute(
            "select 1 from runs where agency = ? and period = ? and status = 'landed'", [agency, str(month)]
        )
        return rows.fetchone() is not None


def _is_first(home: Path, agency: str, month: Period) -> bool:
    marker = _reminder_marker(home, agency, month)
    make_directory(marker.parent)
    return not marker.exists()


def _reminder_marker(home: Path, agency: str, month: Period) -> Path:
    return home / "reminders" / f"{agency}-{month}"
