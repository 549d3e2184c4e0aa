"""Random edits of last month's export: a field set, a record gone or doubled, an episode re-opened."""

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from tests.property.exports import (
    DAYS,
    FIELDS,
    GROUPS,
    LATER_DAY,
    ODD_DAYS,
    Batch,
    Group,
    Rows,
    Tables,
    Texts,
    code_lists,
    tables_of,
)
from tests.property.plain_records import ENTITIES, Lists

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
STARTS = (*DAYS, "2023-02-01", "2023-05-01", "2023-05-02", "", *ODD_DAYS)

Edit = tuple[int, int, int, int]
_BYTE = st.integers(0, 255)
EDITS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1023), _BYTE, _BYTE), min_size=80, max_size=120)


def months(exports: int) -> st.SearchStrategy[tuple[Batch, Batch]]:
    """Last month's batch and this month's, which is last month's with some edits."""

    def edited_batch(groups: Sequence[Group], lists: Lists, edits: Sequence[Edit]) -> tuple[Batch, Batch]:
        last = tables_of(groups, LAST_MONTH)
        return Batch(last, lists, "L0001"), Batch(edited(last, edits), lists, "L0001")

    return st.builds(edited_batch, st.lists(GROUPS, min_size=exports, max_size=exports), code_lists(), EDITS)


def edited(tables: Tables, edits: Sequence[Edit]) -> Tables:
    """The tables with these edits made one after the other."""
    after: dict[str, Rows] = {entity: [dict(row) for row in tables[entity]] for entity in ENTITIES}
    for number, (kind, record, header, text) in enumerate(edits):
        if kind == 9:
            _reopen(after, record, text, number)
        elif kind == 8:
            _drop(after[ENTITIES[header % 3]], record)
        elif kind == 7:
            _double(after[ENTITIES[2 - text % 3]], record, ENTITIES[2 - text % 3], header, text)
        else:
            entity = ENTITIES[(2, 1, 1, 1, 1, 0, 2)[kind]]
            _set(after[entity], record, entity, header, text)
    return after


def _set(rows: Rows, record: int, entity: str, header: int, text: int) -> None:
    if rows:
        chosen = list(FIELDS[entity])[header % len(FIELDS[entity])]
        texts = [each for each in FIELDS[entity][chosen] if "=" not in each and "#" not in each]
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
    episode.update(DISD="", DISRSN="", EXITD="", EXITRSN="", RECONNECT="")
    if text % 8:
        new = dict.fromkeys(FIELDS["intervention"], "") | {
            "EPISODID": episode["EPISODID"], "MODID": f"N{number}", "MODAL": "DRW", "MODST": STARTS[text % len(STARTS)],
        }  # fmt: skip
        tables["intervention"].append(new)
