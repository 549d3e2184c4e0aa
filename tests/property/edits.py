"""Random edits of last month's export: a field set, a record gone or doubled, an episode re-opened."""

from collections.abc import Mapping
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
from tests.property.plain_records import ENTITIES, as_date

# What most of last month's records held, so that most were sent.
SOUND: Mapping[str, Mapping[str, Texts]] = {
    "client": {
        "CLIENTID": ("#",), "FINITIAL": ("M", "É", "N"), "SINITIAL": ("O", "O'Brian"), "DOB": ("1990-01-10",),
        "SEX": ("M", "F", "Male"), "AGNCY": ("L0001",), "CLIENT": ("", "R1", "R2"),
    },
    "episode": {
        "CLIENTID": ("=",), "EPISODID": ("#",), "CMSID": ("K",), "CONSENT": ("Y",), "INTRCPTD": DAYS, "RECPDT": DAYS,
        "TRIAGED": DAYS, "DRUG1": ("1011",), "DISD": (*DAYS, *LATER_DAY),
    },
    "intervention": {"EPISODID": ("=",), "MODID": ("#",), "MODEND": (*DAYS, *LATER_DAY)},
}  # fmt: skip
LAST_MONTH = {entity: {**FIELDS[entity], **SOUND[entity]} for entity in ENTITIES}
# Days from the old discharge to the start of an intervention after it; None is no date at all.
STARTS = (0, 20, 21, 20, -1, 5, None)

DOUBLED = ("client", "episode", "intervention")
# Five bytes an edit, since bytes are drawn evenly: its kind, the record (two), the field and the text.
EDITS = st.binary(min_size=500, max_size=600)


@st.composite
def months(draw: st.DrawFn, exports: int) -> tuple[Batch, Batch]:
    """Last month's batch and this month's, which is last month's with some edits."""
    last = tables_of(groups_of(draw(SEEDS), exports), LAST_MONTH)
    lists = draw(code_lists())
    return Batch(last, lists, "L0001"), Batch(edited(last, draw(EDITS)), lists, "L0001")


def edited(tables: Tables, edits: bytes) -> Tables:
    """The tables with these edits made one after the other."""
    after: dict[str, Rows] = {entity: [dict(row) for row in tables[entity]] for entity in ENTITIES}
    for number, (byte, high, low, header, text) in enumerate(zip(*[iter(edits)] * 5, strict=False)):
        kind, record = byte % 12, high * 256 + low
        if kind >= 9:
            _reopen(after, record, text, number)
        elif kind == 8:
            _drop(after[ENTITIES[header % 3]], record)
        elif kind == 7:
            entity = DOUBLED[text % len(DOUBLED)]
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


def _reopen(tables: Mapping[str, Rows], record: int, text: int, number: int) -> None:
    """The discharge and exit of an episode taken back, and perhaps a new intervention."""
    discharged = [row for row in tables["episode"] if row["DISD"]]
    if not discharged:
        return
    episode = discharged[record % len(discharged)]
    day, start = as_date(episode["DISD"]), STARTS[text % len(STARTS)]
    episode.update(DISD="", DISRSN="", EXITD="", EXITRSN="", RECONNECT="")
    if text % 8:
        new = dict.fromkeys(FIELDS["intervention"], "")
        new.update(EPISODID=episode["EPISODID"], MODID=f"N{number}", MODAL="DRW")
        if day is not None and start is not None:
            new["MODST"] = (day + timedelta(days=start)).isoformat()
        tables["intervention"].append(new)
