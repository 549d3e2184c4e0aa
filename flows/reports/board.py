"""The board of all agencies: agency by month, each month in words and with a shape, and a link to its report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from flows.audit.queries import query_status
from flows.audit.status import STATES, build_status, choose_periods
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
    the page; null without one); see `flows.audit.status.build_status`.
    """

    rows: pl.DataFrame
    periods: tuple[Period, ...]
    day: date

    @property
    def counts(self) -> dict[str, int]:
        """How many of the months of all agencies have each state, in the order of the states."""
        return {state: n for state in STATES if (n := self.rows.filter(pl.col("state") == state).height)}


def board_path(home: Path) -> Path:
    """Returns the path of the board's page."""
    return home / "reports" / "index.html"


def load_board(home: Path, day: date) -> Board:
    """Returns the board on a day: the last thirteen months of all agencies that must submit or have a run."""
    expected, months = read_settings(home).expected, query_status(home)
    periods = choose_periods(months, expected, day, MONTHS)
    last_run = months["period"].max()
    if last_run is not None and str(last_run) < str(periods[0]):
        # Nothing has run for a year: an old audit, or an example. Its own months are more useful than empty ones.
        periods = Period.parse(str(months["period"].min())).until(Period.parse(str(last_run)))[-MONTHS:]
    rows = build_status(months, expected, periods, day)
    # A column for each month that must land or has a run.
    periods = tuple(month for month in periods if str(month) in rows["period"]) or periods[-1:]
    links = [
        name if (home / "reports" / name).is_file() else None
        for name in (f"{agency}/{period}.html" for agency, period in rows.select("agency", "period").iter_rows())
    ]
    return Board(rows.with_columns(link=pl.Series(links, dtype=pl.String)), periods, day)


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
    wrong = [f"{count} {state}" for state, count in board.counts.items() if state in ("failed", "blocked", "late")]
    return (
        f"{sentence} Of all months shown: {', '.join(wrong)}." if wrong else f"{sentence} Nothing is late or blocked."
    )


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
