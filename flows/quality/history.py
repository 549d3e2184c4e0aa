"""Loads the counts of an agency's months before a month; at most a year of them is read."""

from pathlib import Path

import duckdb
import polars as pl

from flows.audit.database import query_frame
from flows.quality.count import COLUMNS, count_month
from flows.quality.settings import QualitySettings
from flows.reference.in_force import load_reference_in_force
from schemas.dataset import Entity
from schemas.period import Period

MOST_MONTHS = 12
_LANDED = f"""
    select period, run_id from runs where agency = ? and status = 'landed' and period < ?
        -- Without its rows, a month without counts cannot be counted any more.
        and not (
            run_id in (select run_id from internal.forgotten_runs where is_whole)
            and run_id not in (select run_id from month_counts)
        )
    qualify row_number() over (partition by period order by run_number desc) = 1
    order by period desc limit {MOST_MONTHS}
"""
_SENT: dict[Entity, str] = {
    "client": "select * from internal.sent_clients",
    "episode": "select * rename (client_row as parent_row) from internal.sent_episodes",
    "intervention": "select * rename (episode_row as parent_row) from internal.sent_interventions",
}
_OF_RUN = "where run_id = getvariable('run')"


def load_history(
    connection: duckdb.DuckDBPyConnection, home: Path, agency: str | None, period: str, settings: QualitySettings
) -> dict[str, pl.DataFrame]:
    """Returns the counts of an agency's last landed months before a month, by period (YYYY-MM).

    A month that landed without counts, with an earlier version of the program, is counted from what it sent.

    Args:
        connection: the audit.
        home: its directory, for the code lists in force.
        agency: the agency; None has no history.
        period: the month; of each month before it, its latest landed run counts.
        settings: the longest intervals.
    """
    runs = connection.execute(_LANDED, [agency, period]).fetchall()
    stored = _load_stored_counts(connection, [run_id for _, run_id in runs])
    return {
        month: stored[run_id] if run_id in stored else count_landed(connection, home, run_id, month, settings)
        for month, run_id in sorted(runs)
    }


def count_landed(
    connection: duckdb.DuckDBPyConnection, home: Path, run_id: str, period: str, settings: QualitySettings
) -> pl.DataFrame:
    """Returns the counts of a landed run, from the rows that the audit has of it."""
    month = Period.parse(period)
    sent = {
        entity: query_frame(connection, f"{query} {_OF_RUN}", {"run": run_id}).drop("run_id")
        for entity, query in _SENT.items()
    }
    return count_month(sent, month, load_reference_in_force(home).lists.on(month.last_day), settings)


def _load_stored_counts(connection: duckdb.DuckDBPyConnection, run_ids: list[str]) -> dict[str, pl.DataFrame]:
    query = "select * from month_counts where list_contains(getvariable('runs')::varchar[], run_id)"
    found = query_frame(connection, query, {"runs": run_ids})
    return {str(run_id): counts.select(*COLUMNS) for (run_id,), counts in found.group_by("run_id")}
