"""What would be unusual about a month that is only checked."""

from pathlib import Path

import polars as pl

from flows.audit import database as audit
from flows.quality.compare import find_unusual
from flows.quality.history import load_history
from flows.quality.settings import QualitySettings


def find_unusual_in_check(
    home: Path, agency: str | None, period: str, month: pl.DataFrame, settings: QualitySettings
) -> tuple[str, ...]:
    """Returns what is unusual about a month that has not landed, as sentences, most unusual first.

    Reads the agency's months before it from the audit, if there is one, and writes nothing.

    Args:
        home: the directory of the audit.
        agency: the agency of the month.
        period: the month, YYYY-MM.
        month: its counts.
        settings: the limits.

    Raises:
        InputRefused: the audit cannot be read.
    """
    history = {}
    if agency is not None and audit.audit_path(home).exists():
        with audit.open_read_only(home) as connection:
            history = load_history(connection, home, agency, period, settings)
    return tuple(find_unusual(month, history, settings)["text"])
