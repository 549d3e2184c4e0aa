"""The reminder before the deadline: months that no submission was landed for yet."""

import os

# Nothing about a run leaves the machine; said before Prefect reads its settings.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

from datetime import date, timedelta
from pathlib import Path

from prefect import flow
from prefect.events import emit_event

from flows.audit import database as audit
from flows.sources.request import home_of
from flows.support.private_files import make_directory, private_files
from schemas.period import Period

MISSING = "ndtms.month.missing"
_DAYS_BEFORE = 5


@flow(name="reminder", persist_result=False, log_prints=False)
@private_files()
def reminder(agencies: list[str], deadline_day: int, home: str | None = None, today: str | None = None) -> list[str]:
    """Says once, from five days before the deadline on, which agencies' last month is not landed yet.

    Each is an event `ndtms.month.missing`, which an automation turns into a notification.

    Args:
        agencies: those that must submit.
        deadline_day: the day of the month by which the month before must be submitted.
        home: where the audit lies.
        today: YYYY-MM-DD; None is today.

    Returns:
        Those it said so of.
    """
    day, place = date.fromisoformat(today) if today else date.today(), home_of(home)
    month = Period.before(day)
    if day < day.replace(day=deadline_day) - timedelta(days=_DAYS_BEFORE):
        return []
    waited_for = [agency for agency in agencies if not _is_landed(place, agency, month)]
    missing = [agency for agency in waited_for if _is_first(place, agency, month)]
    for agency in missing:
        emit_event(
            event=MISSING,
            resource={
                "prefect.resource.id": f"ndtms.month.{agency}.{month}",
                "prefect.resource.name": f"{agency} {month}",
            },
        )
        _said(place, agency, month).touch()
    return missing


def _is_landed(home: Path, agency: str, month: Period) -> bool:
    if not audit.audit_path(home).exists():
        return False
    with audit.read(home) as connection:
        found = connection.execute(
            "select 1 from runs where agency = ? and period = ? and status = 'landed'", [agency, str(month)]
        )
        return found.fetchone() is not None


def _is_first(home: Path, agency: str, month: Period) -> bool:
    said = _said(home, agency, month)
    make_directory(said.parent)
    return not said.exists()


def _said(home: Path, agency: str, month: Period) -> Path:
    return home / "reminders" / f"{agency}-{month}"
