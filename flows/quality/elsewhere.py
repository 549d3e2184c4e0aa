"""Counts the people of a month who are also at another agency of the home."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from flows.quality.workspace import read_query
from flows.reference.in_force import load_reference_in_force
from schemas.dataset import get_field
from schemas.period import Period

_SEVERAL_AGENCIES = """
    select max(period) from runs where status = 'landed' and period >= (
        select strftime((min(period) || '-01')::date - interval 1 month, '%Y-%m') from runs
        where list_contains($runs::varchar[], run_id)
    ) having count(distinct agency) > 1
"""
# A client who starts treatment elsewhere within these days has been transferred (Appendix D).
_MOST_DAYS = 21


def record_people_elsewhere(connection: duckdb.DuckDBPyConnection, home: Path, run_ids: Sequence[str]) -> None:
    """Adds the people of landed runs who are also at other agencies to the counts of the runs.

    Args:
        connection: the audit; it already has the runs and what they sent.
        home: its directory, for the code lists in force.
        run_ids: the runs of a transaction.
    """
    found = connection.execute(_SEVERAL_AGENCIES, {"runs": list(run_ids)}).fetchone()
    # Most homes have one agency, and need neither the lists nor the other agencies' rows.
    if found is None:
        return
    lists = load_reference_in_force(home).lists.on(Period.parse(found[0]).last_day)
    transferred = lists[get_field("EXITRSN").code_list].find_codes_meaning({"transferred"})
    connection.execute(
        f"insert into month_counts by name {read_query('counts/elsewhere')}",
        {"runs": list(run_ids), "transferred": list(transferred), "most_days": _MOST_DAYS},
    )
