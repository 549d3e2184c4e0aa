"""The commands that say what is to be done: the state of each month, and the faults to correct."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import typer

from flows.audit.queries import (
    describe_blocking_rules,
    describe_missing_runs,
    parse_filters,
    query_status,
    query_view,
)
from flows.audit.status import NOT_LANDED, STATES, build_status, choose_periods, is_overdue, refuse_no_agencies
from flows.cli.options import FilterAgency, FilterOwner, FilterPeriod, FilterRun, Form, Home, Months, Out, Today
from flows.cli.terminal import BLOCKED, FAILED, note, show_activity
from flows.pipeline.settings import read_settings
from flows.reports.tables import Format, choose_format, show, write_out
from flows.reports.worklist import COLUMNS, build_worklist
from flows.sources.days import parse_day
from flows.sources.request import find_home, parse_agency, parse_period

_WORST = ("late", "blocked", "failed")
_MOST_BLOCKED = 5


def status(
    agency: FilterAgency = None,
    period: FilterPeriod = None,
    months: Months = 13,
    today: Today = None,
    form: Form = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Show which agency has landed which month.  Exit code: 0 if all have, 1 if not, 3 if one failed or is late."""
    place = find_home(home)
    settings, day = read_settings(place), parse_day(today, "--today") if today else date.today()
    with show_activity("querying the audit"):
        rows = query_status(place)
    expected = settings.expected
    periods = (parse_period(period),) if period else choose_periods(rows, expected, day)
    if asked := parse_agency(agency):
        rows = rows.filter(pl.col("agency") == asked)
        expected = replace(expected, agencies={asked: expected.agencies.get(asked, "")})
    refuse_no_agencies(rows, expected, place)
    board = build_status(rows, expected, periods, day)
    first = str(periods[-months:][0])
    board = board.filter((pl.col("period") >= first) | is_overdue(expected))
    show(board.drop("is_expected"), form, out)
    if board.is_empty():
        note(f"no month must have landed; the first one that must is {expected.find_earliest()}")
    if not period:
        note(_describe_older(rows, board, first))
    note(_describe_without_run(board))
    for sentence in _describe_blocked(place, board):
        note(sentence)
    found = set(board.filter("is_expected")["state"])
    raise typer.Exit(BLOCKED if found & set(_WORST) else FAILED if found - {STATES[0]} else 0)


def _describe_without_run(board: pl.DataFrame) -> str:
    """Returns what to do about the months without a run; blank if there is none."""
    months = board.filter(pl.col("last_run").is_null()).sort("period", "agency")
    if months.is_empty():
        return ""
    agency, period = months.row(0, named=True)["agency"], months.row(0, named=True)["period"]
    have = "1 month has no run:" if len(months) == 1 else f"{len(months)} months have no run; the oldest is"
    return (
        f"{have} {agency} {period}; its export was missing, or nothing started the run; when the export is there, run"
        f" `ndtms submit --source NAME --agency {agency} --period {period}`"
    )


def _describe_blocked(home: Path, board: pl.DataFrame) -> Iterator[str]:
    """Yields why each of the latest blocked months is blocked, and how many more there are."""
    is_blocked = pl.col("state").is_in(NOT_LANDED) & (pl.col("last_run") == "blocked")
    months = board.filter(is_blocked).sort("period", "agency", descending=[True, False])
    latest = months.head(_MOST_BLOCKED)
    reasons = describe_blocking_rules(home, latest["run_id"].to_list())
    for agency, period, run_id in latest.select("agency", "period", "run_id").iter_rows():
        why = reasons.get(run_id, f"a rule of the file; `ndtms report --run {run_id} --out report.html` shows it")
        yield f"{agency} {period} is blocked by {why}"
    if len(months) > _MOST_BLOCKED:
        yield f"and {len(months) - _MOST_BLOCKED} more blocked; show one with --agency and --period"


def _describe_older(rows: pl.DataFrame, board: pl.DataFrame, first: str) -> str:
    """Returns how many months with a run are before the first one, and not shown; blank if there is none."""
    is_shown = pl.col("period").is_in(board["period"].to_list())
    older = rows.filter((pl.col("period") < first) & ~is_shown)["period"].unique().sort().to_list()
    if not older:
        return ""
    are = "earlier month has" if len(older) == 1 else "earlier months have"
    return f"{len(older)} {are} runs, the latest {older[-1]}; show them with --months or --period"


def worklist(
    agency: FilterAgency = None,
    period: FilterPeriod = None,
    run: FilterRun = None,
    owner: FilterOwner = None,
    form: Form = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """List the faults to correct, those that keep most rows back first; as .xlsx, with a sheet for each owner."""
    place, filters = find_home(home), parse_filters(agency, period, run, owner=owner)
    with show_activity("querying the audit"):
        faults = query_view(place, "worklist", filters)
    if faults.is_empty():
        note(describe_missing_runs(place, "worklist", filters))
    if choose_format(form, out) is Format.XLSX and out is not None:
        write_out(build_worklist(faults), out)
        return
    show(faults.select(*COLUMNS, "owner", "run_id"), form, out)
