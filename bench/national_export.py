"""Generates a national export in the plain layout, of any size; the same seed gives the same export.

All clients are synthetic.  By default about two of a hundred records have a fault.
"""

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from flows.reference.in_force import SHIPPED_LISTS, read_lists
from flows.reference.packed_directory import read_shipped
from schemas.dataset import list_entity_fields

EPISODES_PER_CLIENT = 5 / 3
INTERVENTIONS_PER_EPISODE = 2
_FIRST_DAY = date(2022, 4, 1)
_LETTERS = "ABCDEFGHIJKLMNOPRSTUVWYZ"
_GIVEN = [f"{letter}ann" for letter in _LETTERS] + ["Zoë", "Édith", "Łukasz", "Siân"]
_SURNAMES = [f"{letter}ash" for letter in _LETTERS] + ["O'Cedar", "Ångström"]


Tables = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


@dataclass(frozen=True)
class Stay:
    """A stay in a secure setting, in ordinal days; `discharged` is None while treatment continues."""

    received: int
    discharged: int | None
    left: bool


def write_export_apart(folder: Path, interventions: int, *, share_faulty: float = 0.02) -> None:
    """Does what `write_export` does in its own process.

    On Linux the peak memory of a process counts for those that it starts, too, and writing an export takes a gigabyte.
    """
    # A pool raises the error of its process here, and ends with the block.
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        process.submit(write_export, folder, interventions, share_faulty=share_faulty).result()


def write_export(
    folder: Path, interventions: int, *, share_faulty: float = 0.02, seed: int = 1, agency: str = "L0001"
) -> None:
    """Writes clients.csv, episodes.csv and interventions.csv with a number of interventions of one agency.

    Agencies with different seeds have different ids.
    """
    episodes = interventions // INTERVENTIONS_PER_EPISODE
    clients = int(episodes / EPISODES_PER_CLIENT)
    # One source of random numbers, so that the seed determines the whole export.
    draw = random.Random(seed)
    client = _build_clients(clients, draw).with_columns(AGNCY=pl.lit(agency))
    stays = _draw_stays(clients, episodes, draw)
    tables = (client, _build_episodes(clients, stays, draw), _build_interventions(stays, interventions))
    if seed > 1:
        tables = add_seed_to_ids(tables, seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in zip(
        ("clients", "episodes", "interventions"), add_faults(tables, share_faulty, draw), strict=True
    ):
        table.write_csv(folder / f"{name}.csv")


def build_tables(stays: list[Stay], agency: str, draw: random.Random) -> Tables:
    """Returns the clients, episodes and interventions of stays, each of another client, without faults."""
    client = _build_clients(len(stays), draw).with_columns(AGNCY=pl.lit(agency))
    return (
        client,
        _build_episodes(len(stays), stays, draw),
        _build_interventions(stays, INTERVENTIONS_PER_EPISODE * len(stays)),
    )


def add_seed_to_ids(tables: Tables, seed: int) -> Tables:
    """Returns the tables with ids that those of another seed do not have."""
    client, episode, intervention = (_add_seed(table, seed) for table in tables)
    return client, episode, intervention


def add_faults(tables: Tables, share: float, draw: random.Random) -> Tables:
    """Returns the tables with a value that cannot be parsed in some rows."""
    client, episode, intervention = tables
    return (
        _add_faults(client, ["DOB", "SEX", "AGNCY"], share / 4, draw),
        _add_faults(episode, ["TRIAGED", "PC", "HOUSING", "DRUG1", "AUDIT"], share, draw),
        _add_faults(intervention, ["MODST", "MODAL"], share, draw),
    )


def _build_clients(count: int, draw: random.Random) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "CLIENTID": _build_ids("C", count),
            "FORENAME": draw.choices(_GIVEN, k=count),
            "SURNAME": draw.choices(_SURNAMES, k=count),
            "DOB": _draw_days(draw, count, date(1955, 1, 1), 365 * 45),
            "SEX": draw.choices(["M", "F"], [95, 5], k=count),
            "ETHNIC": draw.choices(["A", "B", "White British", "H", "N", "Z"], k=count),
            "NATION": draw.choices(["GBR", "IRL", "Poland", "ROU"], [90, 3, 4, 3], k=count),
            "AGNCY": [None] * count,
            "CLIENT": _build_ids("K", count),
        }
    )


def _draw_stays(clients: int, count: int, draw: random.Random) -> list[Stay]:
    """Returns consecutive stays per client; half of the last ones are over, and half of those clients left.

    A client who is received again has left before.
    """
    first = _FIRST_DAY.toordinal()
    stays = []
    for number in range(count):
        # Starts are 360 days apart, so that the stays of one client never overlap, and some start in the month.
        received = first + 360 * (number // clients) + draw.randrange(100)
        is_earlier = number + clients < count
        over = is_earlier or draw.random() < 0.5
        discharged = received + 35 + draw.randrange(200) if over else None
        stays.append(Stay(received, discharged, left=is_earlier or (over and draw.random() < 0.5)))
    return stays


def _build_episodes(clients: int, stays: list[Stay], draw: random.Random) -> pl.DataFrame:
    count = len(stays)
    owner = pl.int_range(count, eager=True) % clients
    reception = [stay.received for stay in stays]
    over, left = [stay.discharged is not None for stay in stays], [stay.left for stay in stays]
    table = {field.header: pl.Series([None] * count, dtype=pl.String) for field in list_entity_fields("episode")}
    lists = read_lists(SHIPPED_LISTS.read_bytes(), "code-lists.csv")
    for field in list_entity_fields("episode"):
        if field.header in _ASKED_AT_TRIAGE:
            codes = [code.code for code in lists[field.code_list].codes if code.concept not in ("none", "declined")]
            table[field.header] = pl.Series(draw.choices(codes, k=count))
    table |= {
        "EPISODID": _build_ids("E", count),
        "CLIENTID": "C" + owner.cast(pl.String).str.zfill(7),
        "CMSID": pl.Series(["Bench 1.0"] * count),
        "CONSENT": pl.Series(draw.choices(["Y", "Yes", "N"], [90, 7, 3], k=count)),
        "PC": pl.Series(draw.choices(_sample_postcodes(), k=count)),
        "INTRCPTD": _format_dates(reception),
        "RECPDT": _format_dates(reception),
        "TRIAGED": _format_dates([day + 5 for day in reception]),
        "CHILDWTH": pl.Series(["0"] * count),
        "ALCDDAYS": pl.Series(["0"] * count),
        "PARENT": pl.Series(["N"] * count),
        "AUDIT": pl.Series([str(draw.randrange(41)) for _ in range(count)]),
        "NPSUSE": _fill_where(over, "N"),
        "CLINREV": _fill_where(over, "Y"),
        "DISD": _format_dates([stay.discharged for stay in stays]),
        "DISRSN": _fill_where(over, "80"),
        "EXITD": _format_dates([stay.discharged + 3 if stay.discharged and stay.left else None for stay in stays]),
        "EXITRSN": _fill_where(left, "R"),
        "RTOAGNCY": _fill_where(left, "RECOVERY"),
        "EXITDEST": _fill_where(left, "E10000016"),
        **{header: _fill_where(left, "N") for header in _ASKED_AT_EXIT},
    }
    return pl.DataFrame(table)


_ASKED_AT_TRIAGE = (
    "SEXUALO", "RELIGION", "DISABLE1", "HOUSING", "DOMVIC", "DOMPER", "TSLPE", "VETERAN", "DRUG1", "INJSTAT",
    "HEPBSTAT", "HEPCSTAT", "HIVSTAT", "DUALDIAG", "MHTINT", "SEXWORK",
)  # fmt: skip
_ASKED_AT_EXIT = ("LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX", "RECONNECT", "THNALOX", "HOMELESSEXIT")


def _build_interventions(stays: list[Stay], count: int) -> pl.DataFrame:
    """Returns parallel interventions of different kinds, which end with the episode."""
    episodes = len(stays)
    kinds = ["OPIOID-MAINTENANCE-METHADONE", "OTHER-STRUCTURED", "STRUCTURED-DAY-PROGRAMME"]
    return pl.DataFrame(
        {
            "MODID": _build_ids("M", count),
            "EPISODID": "E" + (pl.int_range(count, eager=True) % episodes).cast(pl.String).str.zfill(7),
            "MODAL": [kinds[number // episodes % len(kinds)] for number in range(count)],
            "MODST": _format_dates(
                [stays[number % episodes].received + 6 + number // episodes for number in range(count)]
            ),
            "MODEND": _format_dates([stays[number % episodes].discharged for number in range(count)]),
        }
    )


def _add_faults(table: pl.DataFrame, columns: list[str], share: float, draw: random.Random) -> pl.DataFrame:
    """Returns the table with a value that cannot be parsed in one of these columns of some rows."""
    places = [draw.randrange(len(columns)) if draw.random() < share else None for _ in range(len(table))]
    # 31 February has the form of a date but does not exist, so no column can parse it.
    hit = pl.Series(places, dtype=pl.Int64)
    return table.with_columns(
        pl.when(hit == place).then(pl.lit("31/02/2023")).otherwise(pl.col(column)).alias(column)
        for place, column in enumerate(columns)
    )


def _add_seed(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    ids = [name for name in ("CLIENTID", "CLIENT", "EPISODID", "MODID") if name in table.columns]
    return table.with_columns(pl.col(ids) + f"-{seed}")


def _build_ids(letter: str, count: int) -> pl.Series:
    return letter + pl.int_range(count, eager=True).cast(pl.String).str.zfill(7)


def _draw_days(draw: random.Random, count: int, first: date, within: int) -> list[str]:
    days = [(first + timedelta(days=day)).isoformat() for day in range(within)]
    return draw.choices(days, k=count)


def _format_dates(ordinals: Sequence[int | None]) -> pl.Series:
    # Formats each day once, because there are far fewer days than dates.
    known = {day: date.fromordinal(day).isoformat() for day in set(ordinals) if day is not None}
    return pl.Series([None if day is None else known[day] for day in ordinals], dtype=pl.String)


def _fill_where(chosen: list[bool], text: str) -> pl.Series:
    return pl.Series([text if is_chosen else None for is_chosen in chosen], dtype=pl.String)


def _sample_postcodes() -> list[str]:
    """Returns a few thousand real postcodes, spread evenly over the shipped directory."""
    spread = read_shipped().gather_every(500)
    return (spread["sector"] + spread["unit"]).to_list()
