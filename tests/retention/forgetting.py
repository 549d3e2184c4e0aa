"""Chooses what to forget in a home of tests, and forgets it."""

from datetime import UTC, datetime
from pathlib import Path

from flows.audit import database
from flows.audit.forgotten import Forgotten, choose_before, choose_client, choose_superseded
from flows.landing.forget import forget, plan_forgetting
from flows.landing.home import locked_home
from flows.support.fingerprint_key import read_fingerprint_key
from schemas.period import Period
from tests.retention.canaries import APRIL

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


def choose(home: Path, what: str, client: str = "", agency: str | None = "L0001") -> Forgotten:
    """Returns what to forget: the months before April, the runs that were replaced, or a client."""
    with database.open_read_only(home) as connection:
        if what == "before":
            return choose_before(connection, Period.parse(APRIL), agency)
        if what == "superseded":
            return choose_superseded(connection, agency)
        return choose_client(connection, client, agency, read_fingerprint_key(home))


def forget_in(home: Path, forgotten: Forgotten) -> tuple[str, ...]:
    """Forgets, and returns the files that were deleted."""
    with locked_home(home):
        with database.open_read_only(home) as connection:
            planned = plan_forgetting(connection, home, forgotten)
        forget(home, planned, "schedule", NOW)
    return planned.files
