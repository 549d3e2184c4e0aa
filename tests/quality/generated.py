"""Generated months of a prison: what it sends each month, in the columns of the tables of the audit.

The values are drawn from a seed.  Nothing in them is unusual, unless a test changes a month.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl

from flows.quality.compare import find_unusual
from flows.quality.count import count_month
from flows.quality.settings import QualitySettings
from flows.reference.in_force import load_reference_in_force
from schemas.code_lists import CodeLists
from schemas.dataset import Entity, list_entity_fields
from schemas.period import Period

Record = dict[str, str | int | None]
Sent = dict[Entity, pl.DataFrame]
FIRST = Period(2023, 1)

# Some answers are rare, as they are in a real prison.
_CLIENT: Mapping[str, Mapping[str, float]] = {
    "SEX": {"M": 1},
    "ETHNIC": {"A": 70, "B": 8, "M": 6, "N": 5, "H": 4, "Z": 3, "S": 1},
    "NATION": {"GBR": 85, "POL": 5, "ROU": 3, "IRL": 2, "SOM": 1, "JAM": 1, "ALB": 1},
}
_EPISODE: Mapping[str, Mapping[str, float]] = {
    "CONSENT": {"Y": 1},
    "UTLA": {f"E0600{number:04}": 40 / number for number in range(1, 40)},
    "SEXUALO": {"1": 90, "2": 2, "3": 2, "Z": 5, "U": 1},
    "RELIGION": {"C": 45, "L": 40, "I": 8, "B": 2, "M": 3, "N": 2},
    "DISABLE1": {"NN": 60, "1": 20, "4": 8, "5": 6, "8": 4, "9": 1, "ZZ": 1},
    "DOMVIC": {"N": 70, "Y": 20, "Z": 6, "NOT-ASKED": 4},
    "DOMPER": {"N": 75, "Y": 15, "Z": 6, "NOT-ASKED": 4},
    "TSLPE": {"2-TO-3-YEARS": 30, "NEVER": 30, "LESS-THAN-1": 30, "DECLINED": 10},
    "VETERAN": {"N": 95, "Y": 4, "Z": 1},
    "PARENT": {"Y": 50, "N": 46, "Z": 4},
    "INJSTAT": {"N": 60, "P": 25, "C": 12, "Z": 3},
    "DRUG2": {"": 40, "3201": 25, "7000": 25, "2000": 10},
    "DRUG3": {"": 75, "7000": 15, "2000": 10},
    "HEPBSTAT": {"A": 40, "B": 40, "C": 20},
    "HEPCSTAT": {"A": 60, "B": 40},
    "HIVSTAT": {"N": 70, "UNKNOWN": 30},
    "LIVSCRN": {"N": 90, "Y": 10},
    "DUALDIAG": {"N": 65, "Y": 35},
    "MHTINT": {"N": 70, "Y": 28, "Z": 2},
    "SEXWORK": {"N": 97, "Y": 2, "Z": 1},
    "NPSUSE": {"N": 85, "Y": 15},
}
_HOUSING = {"home": {"1": 10, "2": 25, "3": 40, "8": 20, "12": 5}, "none": {"16": 30, "17": 30, "21": 30, "23": 10}}
_EXIT: Mapping[str, Mapping[str, float]] = {
    "RECONNECT": {"Y": 60, "N": 40},
    "MHTXEXIT": {"N": 70, "Y": 30},
    "SENTENCED": {"Y": 60, "N": 40},
    "THNALOX": {"Y": 75, "N": 25},
    "REFHEPCTX": {"N": 95, "Y": 5},
    "HOMELESSEXIT": {"N": 75, "Y": 25},
    "RTOAGNCY": {"STRUCTURED": 60, "RECOVERY": 20, "NONE": 20},
}
_PSYCHOSOCIAL = {"OTHER-STRUCTURED": 50, "OTHER-STRUCTURED-PSYCHOSOCIAL": 40, "MUTUAL-AID": 10}
_OPIOID = {"OPIOID-MAINTENANCE-METHADONE": 70, "OPIOID-REDUCTION-METHADONE": 20, "OPIOID-MAINTENANCE-BUPRENORPHINE": 10}
_PLANNED = {"80": 40, "81": 20, "82": 10, "84": 20, "85": 9, "86": 1}


# What is blank until its day has come, by the date that decides.
_BLANK_BEFORE = {
    "DISD": ("DISRSN",),
    "EXITD": ("EXITRSN", "RECONNECT", "MHTXEXIT", "SENTENCED", "THNALOX", "REFHEPCTX", "HOMELESSEXIT", "RTOAGNCY"),
    "MODST": (),
    "MODEND": (),
}


@dataclass(frozen=True)
class Prison:
    """All records of a prison, as its clinical system has them in the end."""

    records: Sent
    is_cumulative: bool

    def send(self, period: Period) -> Sent:
        """Returns what the prison sends in a month: what has happened by then, blank where it has not happened yet.

        A cumulative export has every episode since the first; another one those that were open in the month.
        """
        today, begin = str(period.last_day), str(period.first_day)
        episodes = self.records["episode"].filter(pl.col("TRIAGED") <= today)
        if not self.is_cumulative:
            episodes = episodes.filter(pl.col("EXITD") >= begin)
        interventions = self.records["intervention"].filter(pl.col("parent_row").is_in(episodes["row"].implode()))
        clients = self.records["client"].filter(pl.col("row").is_in(episodes["parent_row"].implode()))
        return {
            "client": clients,
            "episode": _blank_future(episodes, today),
            "intervention": _blank_future(interventions, today),
        }


def _blank_future(frame: pl.DataFrame, today: str) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(pl.col(day) <= today).then(pl.col(header)).alias(header)
        for day, others in _BLANK_BEFORE.items()
        if day in frame.columns
        for header in (day, *others)
    )


def generate_prison(seed: int, a_month: int, months: int, *, is_cumulative: bool = True) -> Prison:
    """Returns a prison with so many triages a month on average, from half a year before its first month on."""
    draw = random.Random(f"{seed} {a_month}")
    begin = FIRST.first_day - timedelta(days=182)
    days, day = months * 30.44 + 182, 0.0
    rows: dict[Entity, list[Record]] = {"client": [], "episode": [], "intervention": []}
    while (day := day + draw.expovariate(a_month / 30.44)) < days:
        _add_episode(rows, draw, begin + timedelta(days=int(day)))
    return Prison({entity: _build_frame(entity, records) for entity, records in rows.items()}, is_cumulative)


def _build_frame(entity: Entity, records: list[Record]) -> pl.DataFrame:
    parent = {} if entity == "client" else {"parent_row": pl.UInt32}
    texts = dict.fromkeys((field.header for field in list_entity_fields(entity)), pl.String)
    schema = {"row": pl.UInt32, **parent, "source_file": pl.String, "source_line": pl.UInt32, **texts}
    frame = pl.DataFrame(records, schema=schema)
    return frame.with_columns(pl.col(pl.String).replace("", None))


def _add_episode(rows: Mapping[Entity, list[Record]], draw: random.Random, received: date) -> None:
    number = len(rows["episode"])
    triaged = received + timedelta(days=int(draw.expovariate(1 / 4)))
    opiate = draw.random() < 0.45
    is_homeless = draw.random() < 0.3
    started = triaged + timedelta(days=int(draw.expovariate(1 / 6)))
    ended = started + timedelta(days=5 + int(draw.expovariate(1 / 60)))
    left = ended + timedelta(days=int(draw.expovariate(1 / 3)))
    exited = left + timedelta(days=int(draw.expovariate(1 / 8)))
    reason = _choose(draw, {"R": 70, "T": 29, "A": 1})
    born = date(1960, 1, 1) + timedelta(days=draw.randrange(16_000))
    client = {
        "CLIENTID": f"C{number}", "FINITIAL": draw.choice("ABCDEFGHJKLMNPRST"), "AGNCY": "L0001",
        "SINITIAL": draw.choice("ABCDEFGHJKLMNPRSTW"), "DOB": str(born), **_answer(draw, _CLIENT),
    }  # fmt: skip
    episode = {
        "EPISODID": f"E{number}", "CMSID": "Test 1",
        "PC": "ZZ99 3" if is_homeless and draw.random() < 0.5 else "NR14 7",
        "INTRCPTD": str(received), "RECPDT": str(received), "TRIAGED": str(triaged),
        "HOUSING": _choose(draw, _HOUSING["none" if is_homeless else "home"]),
        "DRUG1": _choose(draw, {"1011": 80, "1000": 15, "1105": 5} if opiate else {"7000": 50, "3201": 20, "2000": 30}),
        "AUDIT": str(min(40, int(draw.expovariate(1 / 12)))), **_answer(draw, _EPISODE),
        "DISD": str(left), "DISRSN": _choose(draw, _PLANNED), "EXITD": str(exited), "EXITRSN": reason,
        **(_answer(draw, _EXIT) if reason == "R" else {}),
    }  # fmt: skip
    kinds = [_choose(draw, _PSYCHOSOCIAL), *([_choose(draw, _OPIOID)] if opiate else [])]
    rows["client"].append({"row": number, **client})
    rows["episode"].append({"row": number, "parent_row": number, **episode})
    for place, kind in enumerate(kinds):
        own = {"MODID": f"M{number}-{place}", "MODAL": kind, "MODST": str(started), "MODEND": str(ended)}
        rows["intervention"].append({"row": len(rows["intervention"]), "parent_row": number, **own})


def _answer(draw: random.Random, fields: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    return {header: _choose(draw, weights) for header, weights in fields.items()}


def _choose(draw: random.Random, weights: Mapping[str, float]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]


def months(number: int) -> tuple[Period, ...]:
    """Returns so many months from the first on."""
    return FIRST.until(Period(FIRST.year + (number - 1) // 12, (number - 1) % 12 + 1))


def count_sent(sent: Sent, period: Period) -> pl.DataFrame:
    """Returns the counts of what was sent in a month, with the code lists and settings as shipped."""
    return count_month(sent, period, load_lists(), QualitySettings())


@cache
def load_lists() -> CodeLists:
    """Returns the code lists as shipped."""
    return load_reference_in_force(Path("no home")).lists


def judge_months(prison: Prison, number: int) -> list[pl.DataFrame]:
    """Returns what is unusual about each of the first months of a prison, each compared with those before it."""
    history: dict[str, pl.DataFrame] = {}
    found = []
    for period in months(number):
        counts = count_sent(prison.send(period), period)
        found.append(find_unusual(counts, history, QualitySettings()))
        history[str(period)] = counts
    return found


def count_history(prison: Prison, number: int) -> dict[str, pl.DataFrame]:
    """Returns the counts of the first months of a prison, by period."""
    return {str(period): count_sent(prison.send(period), period) for period in months(number)}
