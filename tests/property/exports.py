"""Whole exports for Hypothesis: a few clients with episodes and interventions, biased to boundaries.

A record is drawn as bytes, one for each field, and a byte picks one of the field's texts; a batch is
a list of such groups, whose ids contain the group's number so that no group touches another.  Byte 0 is
each field's plainest text, so that what Hypothesis shrinks to is a plain record.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from hypothesis import strategies as st

from tests.property.plain_records import ENTITIES, Lists, PlainList, read_shipped_lists

Texts = Sequence[str]
Rows = list[dict[str, str]]
Tables = Mapping[str, Rows]

DAYS = (
    "2023-01-10", "2023-01-10", "2023-01-11", "2023-01-12", "10/01/2023", "20230111", "12-Jan-2023",
    "2023-01-10T23:59:59Z", "2023-01-30", "2023-01-31", "2023-04-10", "2023-04-11", "2023-04-12",
    "2022-02-28", "2022-03-01", "2023-03-22", "2023-03-23", "2023-04-05", "2023-04-06", "2023-04-26", "2023-04-27",
    "2023-05-03", "2023-05-04", "2023-04-10T23:30:00Z", "2023-04-11 00:30+02:00", "2023-04-10", "2023-04-11",
)  # fmt: skip
ODD_DAYS = ("31/02/2023", "soon", "2023-1-10", "2023-01-10T1:00", "2023-04-10T24:00:00Z")
NEEDED_DAY = (*DAYS * 8, *ODD_DAYS, "")
LATER_DAY = ("", *DAYS, "", *DAYS, "", *ODD_DAYS)
YES_NO = ("", "Y", "N", "y", "No", "Z", "QQ9")
BIRTHDAYS = (
    "1990-01-10",
    "1990-01-10",
    "10/01/1990",
    "1990-02-11",
    "1911-01-10",
    "1912-01-11",
    "2005-01-10",
    "2005-01-11",
    "2005-01-12",
)

CLIENT_FIELDS: Mapping[str, Texts] = {
    "CLIENTID": (*["#"] * 14, "C1", "C1", " C1", "C1", "X19900110", "100190", ""),
    "FINITIAL": (*["M"] * 12, "m", "É", "(Max)", "N", "7", ""),
    "SINITIAL": (*["O"] * 12, "O'Brian", "P", "-", "Østen", "Œ", ""),
    "DOB": (*BIRTHDAYS * 4, "2004-02-29", "31/02/1990", "soon", ""),
    "SEX": (*["M"] * 8, *["F"] * 4, "Male", "QQ9", ""),
    "AGNCY": (*["L0001"] * 16, "L0002", "L0002", "ABC12345", "l0001", "L01", "", "", ""),
    "ETHNIC": ("", "A", "QQ9"),
    "NATION": ("GBR", "", "QQ9"),
    "CLIENT": ("", "R1", "R1", "R2", "R19900110", ""),
}
EPISODE_FIELDS: Mapping[str, Texts] = {
    "CLIENTID": (*["="] * 30, "C1", "C1", "C2", "C9", ""),
    "EPISODID": (*["#"] * 40, "E1", "E2", "e1", "x10.01.1990", "y-100190", ""),
    "AGNCY": (*[""] * 16, *["L0001"] * 6, "l0001", "L0002", "L0002", "l0002", "LL", "ABC12345"),
    "CMSID": (*["K"] * 30, "", "L"),
    "CONSENT": (*["Y"] * 20, "yes", "y – Yes", "N", "N", "no", "", "QQ9"),
    "PC": ("", "NFA", "zz993vz", "ZZ99 3VZ", "ZZ99 3CZ", "zz99 1wz", "NR14 7", "NR147", "nr147aa", "Norwich",
        "outside uk"),
    "HOUSING": ("", "1", "14", "24 - no home of their own - unauthorised gypsy and traveller encampment", "QQ9"),
    "INTRCPTD": NEEDED_DAY,
    "RECPDT": NEEDED_DAY,
    "TRIAGED": NEEDED_DAY,
    "DRUG1": (*["1011"] * 24, "Heroin", "QQ9", ""),
    "DRUG2": ("", "1011", "Heroin", "QQ9"),
    "DRUG3": ("", "1011", "QQ9"),
    "UTLA": ("E06000001", "E10000023", "E06000065", "E10000027", "E06000066", "QQ9", "Hartlepool", ""),
    "PRISON": ("", "P1", "", "P2"),
    "DISABLE1": ("", "1", "2", "Hearing", "NN", "ZZ", "QQ9", "10"),
    "DISABLE2": ("", "1", "2", "hearing", "NN", "QQ9", "QQ8"),
    "DISABLE3": ("", "1", "2", "02", "NN", "QQ9", "QQ8", "2"),
    "PARENT": ("Y", "N", *YES_NO, "Y", "N"),
    "PRNTSTAT": ("", "11", "12", "15", "QQ9"),
    "CHILDWTH": ("", "0", "1", "97", "98", "99", "00", "-1", "01", "many"),
    "EHCS": ("", "1", "5", "99", "7", "QQ9", "None of the children are receiving any help", ""),
    "EHCS2": ("", "1", "2", "5", "QQ9"),
    "EHCS3": ("", "1", "2", "99", "QQ9"),
    "ALCDDAYS": ("", "0", "1", "28", "29", "00", "soon"),
    "ALCUNITS": ("", "0", "1", "999", "1000", "x"),
    "AUDIT": ("", "0", "40", "41", "x"),
    "DOMVIC": YES_NO,
    "LIVSCRN": YES_NO,
    "HEPBSTAT": ("", "A", "QQ9"),
    "HIVSTAT": ("", "Y", "UNKNOWN", "QQ9"),
    "HIVTESTDT": ("", "2019", "05/2019", "2019-13", "1989", "1990-01", "2023-05-04", "2023-05-03"),
    "HEPCTSTD": ("", "2019", "1990-01-09", "1990-01-10", "2024", "soon"),
    "NPSUSE": YES_NO,
    "MHTXEXIT": YES_NO,
    "THNALOX": YES_NO,
    "CLINREV": ("", "Y", "", "N", "QQ9"),
    "DISD": LATER_DAY,
    "DISRSN": ("", "80", "83", "83", "84", "89", "98", "99", "71", "82", "88", "88", "80",
        "Incomplete - client died", "QQ9", "", "89"),
    "EXITD": LATER_DAY,
    "EXITRSN": ("", "R", "T", "D", "A", "released", "Died", "QQ9", "R", "T"),
    "EXITDEST": ("", "PRISON-X", "a prison", "OUTSIDE-UK", "outside the uk", "NON-NDTMS-SECURE", "E06000001",
        "OUTSIDE-UK: Outside UK", "QQ9", ""),
    "RTOAGNCY": ("", "STRUCTURED", "STRUCTURED-AND-RECOVERY", "RECOVERY", "NONE", "no onward referral", "QQ9"),
    "RECONNECT": YES_NO,
    "REFHEPCTX": YES_NO,
    "REFHEPCTXDT": LATER_DAY,
}  # fmt: skip
MAINTENANCE = "OPIOID-MAINTENANCE-METHADONE"
INTERVENTION_FIELDS: Mapping[str, Texts] = {
    "EPISODID": (*["="] * 40, "E1", "E2", "E99", ""),
    "MODID": (*["#"] * 40, "M1", "M2", "m1", "X-1990/01/10", "M100190", "900110", ""),
    "MODAL": (
        MAINTENANCE, "OPIOID-REDUCTION-METHADONE", "opioid maintenance - methadone", "OPIOID-REINDUCTION",
        "ALCOHOL-BRIEF", "MUTUAL-AID", "ALCOHOL-BRIEF", "DRW", "ALCOHOL-PRESCRIBING", "ALCOHOL-PRESCRIBING",
        "OTHER-STRUCTURED", "QQ9", "QQ9", "", MAINTENANCE,
        MAINTENANCE, "OPIOID-REDUCTION-METHADONE", MAINTENANCE, "OPIOID-REDUCTION-METHADONE",
    ),
    "MODST": (*DAYS, *DAYS, "", *ODD_DAYS),
    "MODEND": LATER_DAY,
}  # fmt: skip
FIELDS = {"client": CLIENT_FIELDS, "episode": EPISODE_FIELDS, "intervention": INTERVENTION_FIELDS}

IDS = frozenset({"CLIENTID", "EPISODID", "MODID", "CLIENT"})
# The lists whose status changes what the rules find.
VARIED_LISTS = (
    "SEX", "CONSENT", "DRUG", "DISABLE", "PARENT", "PRNTSTAT", "EHCS", "CLINREV", "DISRSN", "EXITRSN", "EXITDEST",
    "RTOAGNCY", "REFHEPCTX", "MODAL", "DOMVIC", "LIVSCRN", "HEPBSTAT", "RECONNECT",
)  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Exports judged together: tables of text, the lists in force and the agency asked for."""

    tables: Tables
    lists: Lists
    agency: str | None

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """What Hypothesis shows of it: a failure names the records it is about."""
        sizes = ", ".join(f"{len(self.tables[entity])} {entity} records" for entity in ENTITIES)
        printer.text(f"<{sizes}, agency {self.agency}>")


Episode = tuple[bytes, list[bytes], bool]
Client = tuple[bytes, list[Episode], bool]
Group = list[Client]
SEEDS = st.integers(0, 2**48)


def groups_of(seed: int, exports: int) -> list[Group]:
    """So many groups of clients from a seed: Hypothesis cannot draw as many bytes as they take."""
    order = random.Random(seed)

    def drawn(entity: str) -> bytes:
        return order.randbytes(len(FIELDS[entity]))

    def episode() -> Episode:
        return drawn("episode"), [drawn("intervention") for _ in range(order.randrange(5))], order.random() < 0.05

    def client() -> Client:
        return drawn("client"), [episode() for _ in range(order.randrange(5))], order.random() < 0.1

    return [[client() for _ in range(order.randrange(1, 5))] for _ in range(exports)]


@st.composite
def code_lists(draw: st.DrawFn) -> Lists:
    """The shipped lists, some with another status, some empty."""
    statuses = draw(st.binary(min_size=len(VARIED_LISTS), max_size=len(VARIED_LISTS)))
    return lists_with(statuses)


def lists_with(statuses: bytes) -> Lists:
    """The shipped lists, of which some have a status by these bytes."""
    shipped = read_shipped_lists()
    varied = {name: _varied(shipped[name], choice) for name, choice in zip(VARIED_LISTS, statuses, strict=True)}
    destinations = varied["EXITDEST"]
    if destinations.rows:
        # No list of secure settings is known; a destination that is neither an area nor one of the two others.
        other = ("PRISON-X", "A prison", "ndtms_secure")
        varied["EXITDEST"] = replace(destinations, rows=(*destinations.rows, other))
    return {**shipped, **varied}


def _varied(shipped: PlainList, choice: int) -> PlainList:
    status = (shipped.status, "published", "provisional", "published", "provisional", "partial")[choice % 6]
    return PlainList(status, () if choice >= 250 else shipped.rows, shipped.aliases)


@st.composite
def batches(draw: st.DrawFn, exports: int) -> Batch:
    """So many exports, judged as one."""
    groups = groups_of(draw(SEEDS), exports)
    agency = draw(st.sampled_from(["L0001", "L0001", "L0001", "L0001", "L0002", None]))
    return Batch(tables_of(groups), draw(code_lists()), agency)


def tables_of(groups: Sequence[Group], fields: Mapping[str, Mapping[str, Texts]] = FIELDS) -> Tables:
    """The three tables of some groups."""
    tables: dict[str, Rows] = {entity: [] for entity in ENTITIES}
    for number, group in enumerate(groups):
        place = count(1)
        for client_bytes, episodes, is_repeated in group:
            client = _row(fields["client"], client_bytes, number, next(place))
            tables["client"] += [client] * (2 if is_repeated else 1)
            for episode_bytes, interventions, second in episodes:
                episode = _row(fields["episode"], episode_bytes, number, next(place), {"CLIENTID": client["CLIENTID"]})
                tables["episode"] += [episode] * (2 if second else 1)
                for intervention in interventions:
                    row = _row(
                        fields["intervention"], intervention, number, next(place), {"EPISODID": episode["EPISODID"]}
                    )
                    tables["intervention"] += [row] * (2 if intervention[0] % 32 == 31 else 1)
    return tables


def _row(
    fields: Mapping[str, Texts], drawn: bytes, group: int, place: int, of_parent: Mapping[str, str] | None = None
) -> dict[str, str]:
    """A record; "=" means the parent's id, "#" for an id of the record's own."""
    row = {}
    for (header, texts), byte in zip(fields.items(), drawn, strict=True):
        text = texts[byte % len(texts)]
        if text == "=":
            text = (of_parent or {})[header]
        elif header in IDS and text:
            text = f"{text.replace('#', f'{header[0]}{place}')}~g{group}"
        row[header] = text
    return row
