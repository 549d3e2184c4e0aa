"""The board of all agencies: agency by month, each month in words and with a shape, and a link to its report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from flows.audit.expected_months import ExpectedMonths
from flows.audit.queries import query_status
from flows.audit.status import STATES, build_status, choose_periods, is_overdue
from flows.pipeline.settings import read_settings
from flows.reports.html_templates import load_templates
from flows.support.atomic_files import write_atomically
from schemas.period import Period

MONTHS = 13
_PAGE = "board.html.j2"
# A shape for each state, because colours alone are not visible to everyone.
_SHAPES = {"landed": "●", "not ready": "◐", "missing": "○", "failed": "✕", "blocked": "■", "late": "▲"}
_MEANINGS = {
    "landed": "the submission is in the audit and its file is in place",
    "not ready": "landed with a code list that is not the official one: do not send it",
    "missing": "no run yet, and the deadline has not passed",
    "failed": "the last run failed; the deadline has not passed",
    "blocked": "a rule of the file keeps the submission back; the deadline has not passed",
    "late": "not landed, and the deadline has passed",
}


@dataclass(frozen=True)
class Board:
    """The state of every agency in every month.

    `rows` has agency, name, period, state, rows_sent, percent_sent, last_run, landed_on and link (to the report, from
    the page; null without one); see `flows.audit.status.build_status`.  `earlier` is how many months before those shown
    must land and have not: they are late, too.
    """

    rows: pl.DataFrame
    periods: tuple[Period, ...]
    day: date
    earlier: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many of the months of all agencies have each state, in the order of the states."""
        return {state: n for state in STATES if (n := self.rows.filter(pl.col("state") == state).height)}


def board_path(home: Path) -> Path:
    """Returns the path of the board's page."""
    return home / "reports" / "index.html"


def load_board(home: Path, day: date) -> Board:
    """Returns the board on a day: the last thirteen months of all agencies that must submit or have a run.

    If no agency and no first month is expected, and all runs are older than that, it is that of the months with runs.
    """
    expected, months = read_settings(home).expected, query_status(home)
    every = choose_periods(months, expected, day)
    shown = _choose_shown(months, expected, every)
    states = build_status(months, expected, every, day)
    rows = states.filter(pl.col("period").is_in(list(map(str, shown))))
    earlier = states.filter((pl.col("period") < str(shown[0])) & is_overdue(expected)).height
    # A column for each month that must land or has a run.
    periods = tuple(month for month in shown if str(month) in rows["period"]) or shown[-1:]
    links = [
        name if (home / "reports" / name).is_file() else None
        for name in (f"{agency}/{period}.html" for agency, period in rows.select("agency", "period").iter_rows())
    ]
    return Board(rows.with_columns(link=pl.Series(links, dtype=pl.String)), periods, day, earlier)


def _choose_shown(months: pl.DataFrame, expected: ExpectedMonths, every: tuple[Period, ...]) -> tuple[Period, ...]:
    """Returns the last months, or those of the runs if all runs are older and the settings expect no month."""
    last_run, is_anything_expected = months["period"].max(), expected.agencies or expected.find_earliest()
    if is_anything_expected or last_run is None or str(last_run) >= str(every[-MONTHS:][0]):
        return every[-MONTHS:]
    # An old audit, or an example. Its own months are more useful than empty ones.
    return Period.parse(str(months["period"].min())).until(Period.parse(str(last_run)))[-MONTHS:]


def build_page(board: Board) -> str:
    """Returns the page of a board."""
    return (
        load_templates(Path(__file__).parent)
        .get_template(_PAGE)
        .render(
            periods=list(map(str, board.periods)),
            agencies=list(_list_agencies(board)),
            counts=board.counts,
            shapes=_SHAPES,
            meanings=_MEANINGS,
            headline=describe_board(board),
            day=board.day.isoformat(),
        )
    )


def describe_board(board: Board) -> str:
    """Returns the sentence above the board: how many agencies have landed the last month, and what is wrong."""
    if board.rows.is_empty():
        return "No agency has a run, and none is expected."
    last = str(board.periods[-1])
    states = board.rows.filter(pl.col("period") == last)["state"].to_list()
    landed, not_ready = sum(state in ("landed", "not ready") for state in states), states.count("not ready")
    agencies = "agency has" if len(states) == 1 else "agencies have"
    but = f", {not_ready} of them with code lists that are not official" if not_ready else ""
    sentence = f"{landed} of {len(states)} {agencies} landed {last}{but}."
    counts = board.counts | ({"late": board.counts.get("late", 0) + board.earlier} if board.earlier else {})
    wrong = ", ".join(f"{count} {state}" for state, count in counts.items() if state in ("failed", "blocked", "late"))
    if board.earlier:
        before = f"{board.earlier} before those shown; `ndtms status` lists them"
        return f"{sentence} Of all months: {wrong}, {before}."
    return f"{sentence} Of all months shown: {wrong}." if wrong else f"{sentence} Nothing is late or blocked."


def build_table(board: Board) -> list[dict[str, Any]]:
    """Returns the board as rows of a table, one per agency, with a column for each month."""
    return [
        {"agency": agency["code"], "name": agency["name"] or ""}
        | {str(period): _describe_cell(agency["cells"].get(str(period))) for period in board.periods}
        for agency in _list_agencies(board)
    ]


def _describe_cell(cell: Mapping[str, Any] | None) -> str:
    return f"{_SHAPES[cell['state']]} {cell['state']}" if cell else "not expected"


def write_board(home: Path, day: date) -> Path:
    """Writes the page of the board, and returns its path.

    Raises:
        OSError: the page cannot be written; the previous one is still there.
        InputRefused: the audit cannot be read.
    """
    path = board_path(home)
    write_atomically(path, build_page(load_board(home, day)).encode())
    return path


def _list_agencies(board: Board) -> Iterator[Mapping[str, Any]]:
    for (code, name), rows in board.rows.group_by("agency", "name", maintain_order=True):
        yield {"code": code, "name": name, "cells": {row["period"]: row for row in rows.to_dicts()}}
