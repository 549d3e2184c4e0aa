"""Generates the months of prisons: one export per agency and month, of about the same size in every month.

Clients arrive every day, stay for weeks or months, and leave.  The export of a month has everyone who was there in it
or in the three months before, as the source had them on its last day.  All clients are synthetic.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from bench.national_export import INTERVENTIONS_PER_EPISODE, Stay, Tables, add_faults, add_seed_to_ids, build_tables
from schemas.period import Period

_DAYS_AFTER_END = 91
_SHORTEST, _LONGEST = 35, 235
_DAYS_IN_EXPORT = (_SHORTEST + _LONGEST) // 2 + _DAYS_AFTER_END
# By then all that happens first in a stay, such as triage, has happened.
_DAYS_TO_START = 8
_SHARE_FAULTY = 0.02
_AT_END = ("DISD", "DISRSN", "NPSUSE", "CLINREV")
_AT_EXIT = (
    "EXITD", "EXITRSN", "RTOAGNCY", "EXITDEST", "LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX", "RECONNECT",
    "THNALOX", "HOMELESSEXIT",
)  # fmt: skip


def write_history(exports: Path, agencies: int, months: Sequence[Period], interventions: int) -> None:
    """Writes AGENCY/PERIOD/clients.csv, episodes.csv and interventions.csv for every agency and month.

    Args:
        exports: the directory, which is created if it is missing.
        agencies: how many prisons.
        months: consecutive months.
        interventions: about how many interventions an export has.
    """
    for place in range(1, agencies + 1):
        draw = random.Random(place)
        tables = add_seed_to_ids(_build_prison(f"L{place:04}", months, interventions, draw), place)
        for month in months:
            _write_month(exports / f"L{place:04}" / str(month), tables, month, draw)


def _build_prison(agency: str, months: Sequence[Period], interventions: int, draw: random.Random) -> Tables:
    """Returns the tables of a prison as they are after the last of its months."""
    first = (months[0].first_day - timedelta(days=_LONGEST + _DAYS_AFTER_END)).toordinal()
    days = months[-1].last_day.toordinal() - first
    episodes = interventions // INTERVENTIONS_PER_EPISODE * days // _DAYS_IN_EXPORT
    stays = [_draw_stay(first + number * days // episodes, draw) for number in range(episodes)]
    return build_tables(stays, agency, draw)


def _draw_stay(received: int, draw: random.Random) -> Stay:
    return Stay(received, received + draw.randrange(_SHORTEST, _LONGEST), left=True)


def _write_month(folder: Path, tables: Tables, month: Period, draw: random.Random) -> None:
    client, episode, intervention = tables
    oldest, newest, last = (
        _format(day)
        for day in (
            month.first_day - timedelta(days=_DAYS_AFTER_END),
            month.last_day - timedelta(days=_DAYS_TO_START),
            month.last_day,
        )
    )
    present = episode.filter((pl.col("RECPDT") <= newest) & (pl.col("DISD") >= oldest)).with_columns(
        *(_blank_after(last, "DISD", name) for name in _AT_END),
        *(_blank_after(last, "EXITD", name) for name in _AT_EXIT),
    )
    written = (
        client.join(present, on="CLIENTID", how="semi", maintain_order="left"),
        present,
        intervention.join(present, on="EPISODID", how="semi", maintain_order="left").with_columns(
            _blank_after(last, "MODEND", "MODEND")
        ),
    )
    folder.mkdir(parents=True)
    for name, table in zip(
        ("clients", "episodes", "interventions"), add_faults(written, _SHARE_FAULTY, draw), strict=True
    ):
        table.write_csv(folder / f"{name}.csv")


def _blank_after(last: str, date_column: str, name: str) -> pl.Expr:
    """Returns a column without what was not known on the last day of the month."""
    return pl.when(pl.col(date_column) <= last).then(pl.col(name)).alias(name)


def _format(day: date) -> str:
    return day.isoformat()
