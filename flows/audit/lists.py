"""Lists of the latest landed runs: what is due, releases, transfers, and the provider's own figures.

Each list is a query in sql/lists/, over temporary tables of the runs that it shows. The audit is only read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from flows.audit import database as audit
from flows.audit.answers import query_frame_exactly
from flows.audit.definitions import SQL_DIRECTORY
from flows.audit.queries import Filters
from flows.reference.in_force import load_reference_in_force
from flows.sources.days import parse_day
from flows.support.errors import InputRefused
from schemas.dataset import MASK
from schemas.period import Period
from transforms.link.own_interventions import SUBSTITUTION
from transforms.parse.stray_postcodes import hide_postcodes
from transforms.results.small_counts import count_parts, hide_small_counts, join_hidden_parts

OWN_COUNT = "own count of the provider"
_LISTS = ("DISRSN", "EXITRSN", "EXITDEST", "RTOAGNCY", "CLINREV", "MODAL", "MHTXEXIT", "LIVSCRN", "REFHEPCTX",
          "THNALOX", "RECONNECT")  # fmt: skip
# The tables of the records, in order: later ones read earlier ones.
_TABLES = (
    "meanings", "landed_runs", "listed_runs", "known_runs", "listed_episodes", "listed_interventions",
)  # fmt: skip
# What each list reads in addition to the tables, in order.
_VIEWS: Mapping[str, tuple[str, ...]] = {
    "listed_runs": (),
    "due": ("substitution_days", "due"),
    "releases": ("last_episodes", "releases"),
    "transfers": ("transfers",),
    "figures": ("last_episodes", "answers_at_exit", "new_treatment", "transfers", "figures"),
}
# The figures whose total is a part of another figure.
_PART_OF = {
    "clients in treatment": ("clients", "in treatment"),
    "take home naloxone and training (THNALOX), releases": ("exits", "released"),
    "Reconnect support (RECONNECT), releases": ("exits", "released"),
}


@dataclass(frozen=True)
class RecordList:
    """A list of records, how they are counted to share it (the columns of each figure's parts), and its sections."""

    name: str
    counted_by: Mapping[str, tuple[str, ...]]
    section: str


DUE = RecordList(
    "due", {"due": ("item", "state")}, "2 Episode details; 3 Treatment intervention details; Appendix D; Appendix G"
)
RELEASES = RecordList(
    "releases",
    {
        "releases with ongoing need, by receiving authority": ("receiving_authority",),
        "releases with ongoing need, by need": ("need",),
        "releases with ongoing need, by what is missing": ("is_complete",),
    },
    "Appendix G; Appendix D; 2 Episode details",
)
TRANSFERS = RecordList(
    "transfers",
    {"transfers in custody, followed within 21 days": ("followed",)},
    "Appendix D (Discharging clients as 'transferred'); Appendix G",
)


@dataclass(frozen=True)
class ListOptions:
    """What a list shows: the agency and month (by default all agencies, each with its latest month), and the day.

    `as_of` None is the last day of the month. `for_sharing` counts the records and hides small counts.
    """

    filters: Filters
    as_of: date | None = None
    for_sharing: bool = False


def parse_list_day(text: str | None, period: str | None) -> date | None:
    """Returns the day that a list describes, from the command line; None is the last day of the month.

    Raises:
        InputRefused: the text is not a day, or is before the month.
    """
    if text is None:
        return None
    day = parse_day(text, "--as-of")
    if period is not None and day < Period.parse(period).first_day:
        raise InputRefused(
            f"--as-of is {text!r}, before the month {period}; allowed: a day of the month, or a later one"
        )
    return day


def list_records(home: Path, wanted: RecordList, options: ListOptions) -> pl.DataFrame:
    """Returns the rows of a list, in order; with `for_sharing`, their number instead, without small counts.

    Raises:
        InputRefused: there is no audit, or the loaded code lists are damaged.
    """
    rows = _query_list(home, wanted.name, options)
    rows = rows.with_columns(hide_postcodes(rows["client"]).alias("client"))
    if not options.for_sharing:
        return rows
    if wanted is RELEASES:
        complete = pl.when(pl.col("missing").list.len() == 0).then(pl.lit("complete"))
        rows = rows.with_columns(is_complete=complete.otherwise(pl.lit("something is missing")))
    counts = join_hidden_parts(hide_small_counts(count_parts(rows, wanted.counted_by), {}))
    return _mark(counts.with_columns(section=pl.lit(wanted.section)))


def list_figures(home: Path, options: ListOptions) -> pl.DataFrame:
    """Returns the figures of each agency and month; with `for_sharing`, without small counts.

    Raises:
        InputRefused: there is no audit, or the loaded code lists are damaged.
    """
    figures = _query_list(home, "figures", options)
    return _mark(hide_small_counts(figures, _PART_OF) if options.for_sharing else figures)


def describe_missing_landed_runs(home: Path, options: ListOptions) -> str:
    """Returns a message if no landed run matches the options, or '' if one does."""
    if not _query_list(home, "listed_runs", options).is_empty():
        return ""
    filters = options.filters
    parts = (
        filters.agency and f"of {filters.agency}",
        filters.period and f"in {filters.period}",
        options.as_of and f"up to {options.as_of}",
    )
    return (
        " ".join(["the audit has no landed run", *(part for part in parts if part)]) + "; `ndtms runs` lists all runs"
    )


def _query_list(home: Path, name: str, options: ListOptions) -> pl.DataFrame:
    with audit.open_read_only(home) as connection:
        prepare_list(connection, home, name, options)
        return query_frame_exactly(connection, f"from {name}")


def prepare_list(connection: duckdb.DuckDBPyConnection, home: Path, name: str, options: ListOptions) -> None:
    """Creates the temporary tables and views of a list on a connection to the audit of this home.

    Args:
        connection: the audit; it may be open for reading only.
        home: the directory of the loaded code lists.
        name: due, releases, transfers or figures.
        options: the runs to show, and the day.
    """
    parameters: Mapping[str, Mapping[str, object]] = {
        "meanings": _read_meanings(home),
        "listed_runs": {
            "agency": options.filters.agency,
            "period": options.filters.period,
            "as_of": options.as_of,
        },
        "listed_episodes": {"mask": MASK},
        "listed_interventions": {"substitution": list(SUBSTITUTION)},
    }
    for item in (*_TABLES, *_VIEWS[name]):
        text = (SQL_DIRECTORY / "lists" / f"{item}.sql").read_text(encoding="utf-8")
        connection.execute(text, dict(parameters[item]) if item in parameters else None)


def _read_meanings(home: Path) -> Mapping[str, object]:
    """Returns the codes of the lists in force, as parallel columns."""
    lists = load_reference_in_force(home).lists
    codes = [(name, code) for name in _LISTS for code in lists[name].codes]
    return {
        "lists": [name for name, _ in codes],
        "codes": [code.code for _, code in codes],
        "concepts": [code.concept for _, code in codes],
        "labels": [code.label for _, code in codes],
        "valid_from": [code.valid_from or date.min for _, code in codes],
        "valid_to": [code.valid_to or date.max for _, code in codes],
    }


def _mark(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.with_columns(source=pl.lit(OWN_COUNT))
