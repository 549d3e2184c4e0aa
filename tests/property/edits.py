"""Random edits of an earlier month's export.

A field is set, a record is gone, doubled, moved, renumbered or held back, an episode is re-opened or closed again.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from tests.property.exports import (
    DAYS,
    FIELDS,
    LATER_DAY,
    SEEDS,
    Batch,
    Rows,
    Tables,
    Texts,
    code_lists,
    groups_of,
    tables_of,
)
from tests.property.plain_records import ENTITIES, Lists, as_date

# What most of last month's records held, so that most were sent.
SOUND: Mapping[str, Mapping[str, Texts]] = {
    "client": {
        "CLIENTID": ("#",), "FINITIAL": ("M", "É", "N"), "SINITIAL": ("O", "O'Brian"), "DOB": ("1990-01-10",),
        "SEX": ("M", "F", "Male"), "AGNCY": ("L0001",), "CLIENT": ("", "R1", "R2"),
    },
    "episode": {
        "CLIENTID": ("=",), "EPISODID": ("#",), "CMSID": ("K",), "CONSENT": ("Y",), "INTRCPTD": DAYS, "RECPDT": DAYS,
        "TRIAGED": DAYS, "DRUG1": ("1011",), "DISD": (*DAYS, *LATER_DAY),
        "AGNCY": ("", "", "", "L0001"), "DISRSN": ("84", "84", "80", "83", "", "89", "QQ9"),
        "EXITD": ("", *DAYS, "", "", *DAYS, ""), "EXITRSN": ("T", "T", "", "T", "R", "D", "QQ9"),
    },
    "intervention": {"EPISODID": ("=",), "MODID": ("#",), "MODEND": (*DAYS, *LATER_DAY)},
}  # fmt: skip
LAST_MONTH = {entity: {**FIELDS[entity], **SOUND[entity]} for entity in ENTITIES}
# Days from the old discharge to the start of an intervention after it; None is no date at all.
STARTS = (0, 20, 21, 20, -1, 5, None, 30)

EARLIER_MONTHS = 3
# What holds a record back, by entity.
HELD_BACK = (
    ("client", "SEX", ""),
    ("episode", "CMSID", ""),
    ("episode", "CONSENT", "N"),
    ("intervention", "MODID", ""),
)


@dataclass(frozen=True)
class Months:
    """Earlier months, oldest first, and this one; the agency that landed some episodes last, where it is another."""

    earlier: tuple[Batch, ...]
    now: Batch
    agency_of: Mapping[str, str]


@st.composite
def months(draw: st.DrawFn, exports: int) -> Months:
    """Months of which each is an earlier one with some edits."""
    return months_of(draw(SEEDS), exports, draw(code_lists()))


def months_of(seed: int, exports: int, lists: Lists) -> Months:
    order = random.Random(seed)
    tables = [tables_of(groups_of(seed, exports), LAST_MONTH)]
    for edits in (40, 40, 120)[-EARLIER_MONTHS:]:
        tables.append(edited(order.choice((tables[0], tables[-1])), order.randbytes(edits * 5)))
    agency_of = {row["EPISODID"]: "L0002" for row in tables[0]["episode"] if order.random() < 0.04}
    *earlier, now = (Batch(of, lists, "L0001") for of in tables)
    return Months(tuple(earlier), now, agency_of)


def edited(tables: Tables, edits: bytes) -> Tables:
    """The tables with these edits made one after the other: five bytes an edit."""
    after: dict[str, Rows] = {entity: [dict(row) for row in tables[entity]] for entity in ENTITIES}
    for number, (byte, high, low, header, text) in enumerate(zip(*[iter(edits)] * 5, strict=False)):
        kind, record = byte % 18, high * 256 + low
        if kind >= 16:
            _close_again(after, record, text, number)
        elif kind == 15:
            _renumber(after, record, number)
        elif kind == 14:
            _move(after, ("episode", "intervention")[text % 2], record, header)
        elif kind >= 12:
            entity, field, held = HELD_BACK[text % len(HELD_BACK)]
            if after[entity]:
                after[entity][record % len(after[entity])][field] = held
        elif kind >= 9:
            _reopen(after, record, text, number)
        elif kind == 8:
            _drop(after[ENTITIES[header % 3]], record)
        elif kind == 7:
            entity = ENTITIES[text % 3]
            _double(after[entity], record, entity, header, text)
        else:
            entity = ENTITIES[(2, 1, 1, 1, 1, 0, 2)[kind]]
            _set(after[entity], record, entity, header, text)
    return after


def _set(rows: Rows, record: int, entity: str, header: int, text: int) -> None:
    if rows:
        chosen = list(FIELDS[entity])[header % len(FIELDS[entity])]
        texts = [edit for edit in FIELDS[entity][chosen] if "=" not in edit and "#" not in edit]
        rows[record % len(rows)][chosen] = texts[text % len(texts)]


def _double(rows: Rows, record: int, entity: str, header: int, text: int) -> None:
    """A second record of the same id, which may differ."""
    if rows:
        rows.append(dict(rows[record % len(rows)]))
        _set(rows, len(rows) - 1, entity, header, text)


def _drop(rows: Rows, record: int) -> None:
    if rows:
        del rows[record % len(rows)]


def _move(tables: Mapping[str, Rows], entity: str, record: int, other: int) -> None:
    """A record given to another client or episode."""
    rows, identifier = tables[entity], "CLIENTID" if entity == "episode" else "EPISODID"
    if rows:
        rows[record % len(rows)][identifier] = rows[(record + 1 + other % 5) % len(rows)][identifier]


def _renumber(tables: Mapping[str, Rows], record: int, number: int) -> None:
    if tables["episode"]:
        episode = tables["episode"][record % len(tables["episode"])]
        old, episode["EPISODID"] = episode["EPISODID"], f"R{number}"
        for row in tables["intervention"]:
            if old and row["EPISODID"] == old:
                row["EPISODID"] = f"R{number}"


def _reopen(tables: Mapping[str, Rows], record: int, text: int, number: int) -> None:
    """The discharge and exit of an episode taken back, and perhaps a new intervention."""
    discharged = [row for row in tables["episode"] if row["DISD"]]
    if discharged:
        episode = discharged[record % len(discharged)]
        _start_anew(tables, episode, text, number)
        episode.update(DISD="", DISRSN="", EXITD="", EXITRSN="", RECONNECT="")


def _close_again(tables: Mapping[str, Rows], record: int, text: int, number: int) -> None:
    """The discharge of an episode on another day, and perhaps a new intervention."""
    discharged = [row for row in tables["episode"] if as_date(row["DISD"])]
    if discharged:
        episode = discharged[record % len(discharged)]
        _start_anew(tables, episode, text, number)
        day = as_date(episode["DISD"])
        if day is not None:
            episode.update(DISD=(day + timedelta(days=text % 20 - 2)).isoformat(), DISRSN="80", RECONNECT="Y")


def _start_anew(tables: Mapping[str, Rows], episode: Mapping[str, str], text: int, number: int) -> None:
    if text % 8 == 0:
        return
    day, start = as_date(episode["DISD"]), STARTS[text % len(STARTS)]
    new = dict.fromkeys(FIELDS["intervention"], "")
    new.update(EPISODID=episode["EPISODID"], MODID=f"N{number}", MODAL="DRW")
    if day is not None and start is not None:
        new["MODST"] = (day + timedelta(days=start)).isoformat()
    tables["intervention"].append(new)
