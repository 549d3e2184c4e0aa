"""Queries on the audit: the standard views, filtered by agency, month and run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from flows.audit import database as audit
from flows.audit.answers import query_frame_exactly
from flows.audit.limited_queries import answer_within_limits, build_limited_config
from flows.audit.query_errors import refuse_unless_one_statement
from flows.audit.runs import find_run
from flows.sources.request import parse_agency, parse_period
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from flows.support.text import join_texts

# The sort order by view.
_SORTED_BY = {
    "runs": "run_number",
    "rejected_rows": "agency, period, outcome <> 'rejected', outcome, entity, source_line",
    "findings": "agency, period, entity, source_line, rule",
    "mismatches": "agency, period, entity, client_id, episode_id, intervention_id, rule",
    "completeness": "run_id, field",
    "changes": "agency, period, state, entity, source_line, rule",
    "unmapped": "agency, period, records desc, field, value",
    "worklist": (
        "agency, period, rows_lost desc, severity <> 'reject', severity, source_file, source_line, rule, entity,"
        " client_id, episode_id, intervention_id"
    ),
    "quality": "agency, period, place",
}
# The views that show only the latest run of each month.
_OF_LATEST_RUNS = ("rejected_rows", "worklist")
# The columns of a view that its command shows, where not all: what fits a terminal.
_SHOWN = {
    "runs": "run_id, agency, period, status, started_at, rows_sent, len(provisional_lists) as provisional, output_path"
}
_MOST_NAMED = 5
_OUTCOMES = ("rejected", "withheld", "out_of_scope", "dropped")
_OWNERS = ("entry", "conversion", "reference")
# A rule whose finding was accepted does not block.
_BLOCKING = """
    with blocking as (
        select run_id, rule, rule || ': ' || first(message order by row) as sentence
        from findings
        join runs using (run_id)
        where severity = 'file'
            and list_contains($runs, run_id)
            and not (rule = 'FILE.shrunk' and shrink_accepted is not null)
            and not (rule = 'FILE.stale' and stale_accepted is not null)
        group by run_id, rule
    )
    select run_id, string_agg(sentence, '; ' order by rule) as sentences from blocking group by run_id
"""


# The conditions of the filters that select rows, by view; what a view does not name does not have the filter.
_OF_OWNER = dict.fromkeys(("findings", "mismatches", "changes", "worklist"), "owner = ?") | {
    "rejected_rows": "list_contains(owners, ?)"
}
_OF_OWN_RECORDS = dict.fromkeys(("findings", "changes"), "severity <> 'scope'") | {
    "rejected_rows": "outcome not in ('out_of_scope', 'dropped')"
}
_NO_MONTHS = {
    "agency": pl.String, "period": pl.String, "status": pl.String, "last_run_status": pl.String,
    "landed_on": pl.Date, "rows_sent": pl.Int64, "percent_sent": pl.Float64, "provisional_lists": pl.Int64,
    "run_id": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """The selected runs and rows; without a filter, the latest run per agency and month (for `runs`: all runs).

    `is_own` selects the agency's own records: none of another agency.
    """

    agency: str | None = None
    period: str | None = None
    run_id: str | None = None
    outcome: str | None = None
    owner: str | None = None
    is_own: bool = False


def parse_filters(
    agency: str | None,
    period: str | None,
    run_id: str | None,
    *,
    outcome: str | None = None,
    owner: str | None = None,
    is_own: bool = False,
) -> Filters:
    """Returns the filters from the command line.  Raises InputRefused if one has a value that is not allowed."""
    month = None if period is None else str(parse_period(period))
    for option, value, allowed in (("--outcome", outcome, _OUTCOMES), ("--owner", owner, _OWNERS)):
        if value is not None and value not in allowed:
            raise InputRefused(f"{option} is {value!r}; allowed: {', '.join(allowed)}")
    return Filters(parse_agency(agency), month, run_id, outcome, owner, is_own)


def describe_missing_runs(home: Path, view: str, filters: Filters) -> str:
    """Returns why a view has no rows: the audit has no such run, or a later one has replaced it; '' for neither."""
    conditions, values = _build_conditions(filters)
    if not conditions:
        return ""
    with audit.open_read_only(home) as connection:
        if connection.execute(f"select 1 from runs where {' and '.join(conditions)} limit 1", values).fetchone():
            return _describe_replaced_run(connection, filters.run_id) if view in _OF_LATEST_RUNS else ""
    parts = (filters.run_id, filters.agency and f"of {filters.agency}", filters.period and f"in {filters.period}")
    return f"the audit has no run {' '.join(filter(None, parts))}; `ndtms runs` lists all runs"


def _describe_replaced_run(connection: duckdb.DuckDBPyConnection, run_id: str | None) -> str:
    """Returns a message that names the latest run of the month of a run, or '' if it is the run."""
    latest = connection.execute(
        "select latest_runs.run_id from latest_runs join runs using (agency, period)"
        " where runs.run_id = $run and latest_runs.run_id <> $run",
        {"run": run_id},
    ).fetchone()
    if latest is None:
        return ""
    return (
        f"{run_id} is not the latest run of its month, which is {latest[0]}, and only that is shown here;"
        f" `ndtms findings --run {run_id}` shows what was found then"
    )


def describe_forgotten_runs(home: Path, run_ids: Sequence[str]) -> str:
    """Returns a message that names which of the runs have lost personal data, or '' if none has."""
    with audit.open_read_only(home) as connection:
        forgotten = connection.execute(
            "select distinct run_id from internal.forgotten_runs where list_contains($runs, run_id) order by all",
            {"runs": list(run_ids)},
        ).fetchall()
    if not forgotten:
        return ""
    names = join_texts([run_id for (run_id,) in forgotten], _MOST_NAMED)
    return f"`ndtms forget` deleted personal data of {names}; the table `forgotten` has when and why"


def query_view(home: Path, view: str, filters: Filters) -> pl.DataFrame:
    """Returns the rows of a view for the selected runs.

    Raises:
        InputRefused: there is no audit, or it does not contain the run.
    """
    conditions, values = _build_conditions(filters)
    if view != "runs" and not filters.run_id:
        conditions.append("run_id in (select run_id from latest_runs)")
    if filters.outcome:
        conditions.append("outcome = ?")
        values.append(filters.outcome)
    if filters.owner:
        conditions.append(_OF_OWNER[view])
        values.append(filters.owner)
    if filters.is_own:
        conditions.append(_OF_OWN_RECORDS[view])
    where = f"where {' and '.join(conditions)}" if conditions else ""
    with audit.open_read_only(home) as connection:
        if filters.run_id:
            find_run(connection, filters.run_id)
        wanted = f"select {_SHOWN.get(view, '*')} from {view} {where} order by {_SORTED_BY[view]}"
        return query_current_view(connection, view, wanted, values).drop("row", strict=False)


def query_status(home: Path) -> pl.DataFrame:
    """Returns the rows of the view `status`; none if there is no audit yet."""
    if not audit.audit_path(home).exists():
        return pl.DataFrame(schema=_NO_MONTHS)
    with audit.open_read_only(home) as connection:
        columns = ", ".join(name for name in _NO_MONTHS if name != "landed_on")
        wanted = f"select {columns}, cast(landed_at at time zone 'UTC' as date) as landed_on from status"
        return query_current_view(connection, "status", wanted, [])


def describe_blocking_rules(home: Path, run_ids: Sequence[str]) -> dict[str, str]:
    """Returns which rules block each of the blocked runs: a sentence for each rule, as in the alarm."""
    if not run_ids:
        return {}
    with audit.open_read_only(home) as connection:
        rows = query_current_view(connection, "findings", _BLOCKING, {"runs": list(run_ids)})
    return dict(rows.iter_rows())


def query_current_view(
    connection: duckdb.DuckDBPyConnection, view: str, text: str, values: Sequence[object] | Mapping[str, object]
) -> pl.DataFrame:
    """Returns the rows of a query of a view that an audit of an older version may not have."""
    try:
        return query_frame_exactly(connection, text, values)
    except (duckdb.CatalogException, duckdb.BinderException):
        raise InputRefused(
            f"the audit lacks what {view!r} needs, because an earlier version wrote it; `ndtms upgrade` adds it"
        ) from None


def query(home: Path, text: str, limits: Limits | None = None) -> pl.DataFrame:
    """Returns the result of a query, which can read the audit and nothing else.

    The query runs on the snapshot, so that it delays no landing.  Its memory, time and rows are limited.

    Args:
        home: the directory of the audit.
        text: one statement that reads.
        limits: the memory, time and rows it may use.

    Raises:
        InputRefused: the query is wrong, is blank, has several statements, does more than read, or exceeds a limit.
    """
    refuse_unless_one_statement(text)
    limits = limits or Limits()
    with audit.open_snapshot(home, build_limited_config(limits)) as connection:
        return answer_within_limits(connection, text, limits)


def _build_conditions(filters: Filters) -> tuple[list[str], list[str]]:
    conditions, values = [], []
    for column, value in (("agency", filters.agency), ("period", filters.period)):
        if value:
            conditions.append(f"run_id in (select run_id from runs where {column} = ?)")
            values.append(value)
    if filters.run_id:
        conditions.append("run_id = ?")
        values.append(filters.run_id)
    return conditions, values
