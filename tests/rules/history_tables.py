"""The tables of the rules against the last submission: the world as it was sent, and as it is now."""

from typing import Final

from schemas.dataset import Entity
from tests.rules.case import Cell, Lists, Never, Row, Tables, kept, reported
from tests.rules.families import CODED, NUMBERS
from tests.rules.world import ABSCONDED, DISCHARGED, NO_DATE, RELEASED, UNKNOWN, Edit, World

tables = Tables()

_WAS: Edit = {}
NEVER_NOT_READ = Never("any text is a client's reference, so every text is understood")

# What a field was, what it is now, the first written otherwise, and what of it is not understood.
DATED: Final[dict[str, tuple[str, str, str, str]]] = {
    "DOB": ("1980-02-03", "1980-02-04", "03/02/1980", NO_DATE),
    "INTRCPTD": ("2023-01-01", "2023-01-02", "01-Jan-2023", NO_DATE),
    "RECPDT": ("2023-01-02", "2023-01-03", "20230102", NO_DATE),
    "TRIAGED": ("2023-01-05", "2023-01-06", "2023-01-05T10:00", NO_DATE),
    "DISD": ("2023-03-01", "2023-03-02", "01/03/2023", NO_DATE),
    "EXITD": ("2023-03-01", "2023-03-02", "01/03/2023", NO_DATE),
    "MODST": ("2023-01-10", "2023-01-11", "10/01/2023", NO_DATE),
    "MODEND": ("2023-02-20", "2023-02-21", "20/02/2023", NO_DATE),
}
MISMATCH = ("FINITIAL", "SINITIAL", "DOB", "SEX", "MODAL")
FIXED = (
    *("ETHNIC", "NATION", "CLIENT", "PC", "UTLA", "INTRCPTD", "RECPDT", "PRISON", "TRIAGED", "SEXUALO", "PREGNANT"),
    *("RELIGION", "DISABLE1", "DISABLE2", "DISABLE3", "HOUSING", "TSLPE", "VETERAN", "PARENT", "PRNTSTAT", "CHILDWTH"),
    *("EHCS", "EHCS2", "EHCS3", "DRUG1", "DRUG2", "DRUG3", "ALCDDAYS", "ALCUNITS", "INJSTAT", "AUDIT", "DUALDIAG"),
    *("MHTINT", "SEXWORK"),
)
ON_EVENT = (
    *("RECONNECT", "MHTXEXIT", "SENTENCED", "THNALOX", "REFHEPCTX", "HOMELESSEXIT", "EXITDEST", "RTOAGNCY"),
)  # fmt: skip
ONCE = ("DISD", "DISRSN", "EXITD", "EXITRSN", "MODST", "MODEND")
WITHDRAWN = ("DOMVIC", "DOMPER", "LIVSCRN", "NPSUSE", "CLINREV")
_NAMES = {"FINITIAL": "FORENAME", "SINITIAL": "SURNAME"}


def _texts(header: str) -> tuple[str, str, str, str]:
    if header in DATED:
        return DATED[header]
    if header in CODED:
        coded = CODED[header]
        return coded.code, coded.another, coded.otherwise, UNKNOWN
    if header in NUMBERS:
        return "7", "8", "007", str(NUMBERS[header][1] + 1)
    return {
        "FINITIAL": ("Max", "Anna", "máté", "?"),
        "SINITIAL": ("O'Brian", "Brian", "- odell", "12"),
        "CLIENT": ("P1-@", "P2-@", "  P1-@ ", ""),
        "PC": ("NR14 7UJ", "NR14 8AA", "nr147ul", "NR14"),
    }[header]


def _then(header: str, was: str, now: str, base: Edit = _WAS, *, is_told: bool, lists: Lists = "shipped") -> Row:
    """The field as it was sent, and as it is now; all else stays."""
    column = _NAMES.get(header, header)
    # The sector of two authorities: what the source brings, and nothing else, is the authority.
    base = {**base, "PC": "NR14 8"} if header == "UTLA" else base
    worlds = {**base, column: now}, {**base, column: was}
    return (reported if is_told else kept)(worlds[0], lists=lists, was=worlds[1])


def _not_applicable(header: str, base: Edit = _WAS) -> Cell:
    """It was blank; or the record was not there."""
    now = _texts(header)[1]
    return [_then(header, "", now, base, is_told=False), kept({_NAMES.get(header, header): now}, was=None)]


def _mismatch() -> None:
    for header in MISMATCH:
        was, now, otherwise, not_read = _texts(header)
        tables.rule(
            f"{header}.mismatch",
            breached=_then(header, was, now, is_told=True),
            near_miss=[_then(header, was, was, is_told=False), _then(header, was, otherwise, is_told=False)],
            blank=_then(header, was, "", is_told=False),
            # What is in no list is sent as it came where the list is not published, and then it differs.
            not_understood=[
                _then(header, was, not_read, is_told=header in ("SEX", "MODAL")),
                _then(header, was, not_read, is_told=False, lists="published"),
            ],
            not_applicable=_not_applicable(header),
        )


def _fixed() -> None:
    for header in FIXED:
        was, now, otherwise, not_read = _texts(header)
        near: list[Row | World | Edit] = [
            _then(header, was, was, is_told=False),
            _then(header, was, otherwise, is_told=False, lists="published"),
        ]
        breached: list[Row | World | Edit] = [_then(header, was, now, is_told=True)]
        unread: Cell = [
            _then(header, was, not_read, is_told=True),
            _then(header, was, not_read, is_told=True, lists="published"),
        ]
        if header in CODED and CODED[header].status != "published":
            near.append(_then(header, UNKNOWN, UNKNOWN, is_told=False))
            breached.append(_then(header, UNKNOWN, UNKNOWN.lower(), is_told=True))
        if header == "UTLA":
            near += [
                _then(header, "E08000016", "E08000038", is_told=False),
                _then(header, "E08000039", "E08000019", is_told=False),
                _then(header, "E10000023", "E06000065", is_told=False),
            ]
            breached += [
                _then(header, "E08000016", "E08000039", is_told=True),
                _then(header, "E06000063", "E06000064", is_told=True),
            ]
        tables.rule(
            f"{header}.changed",
            breached=breached,
            near_miss=near,
            blank=_then(header, was, "", is_told=True),
            not_understood=NEVER_NOT_READ if header == "CLIENT" else unread,
            not_applicable=_not_applicable(header),
        )


def _once() -> None:
    for header in ONCE:
        was, now, otherwise, not_read = _texts(header)
        base = {"MODST": _WAS, "MODEND": _WAS}.get(header, ABSCONDED)
        tables.rule(
            f"{header}.changed",
            breached=_then(header, was, now, base, is_told=True),
            near_miss=[
                _then(header, was, was, base, is_told=False),
                _then(header, was, otherwise, base, is_told=False),
            ],
            blank=_then(header, was, "", base, is_told=False),
            not_understood=_then(header, was, not_read, base, is_told=False),
            not_applicable=_then(header, "", now, base, is_told=False),
        )


# Back from court: discharged on 1 March, not released, and a new intervention soon after.
_NO_EXIT: Edit = {
    "DISD": "", "DISRSN": "", "EXITD": "", "EXITRSN": "", "MHTXEXIT": "", "SENTENCED": "", "REFHEPCTX": "",
}  # fmt: skip
_BACK = {**ABSCONDED, **_NO_EXIT}


def _new(start: str) -> tuple[Edit, ...]:
    return ({"MODID": "N@", "MODST": start},)


def _back(start: str = "2023-03-05", now: Edit | None = None) -> World:
    return World({**_BACK, **(now or {})}, interventions=_new(start))


def _on_event() -> None:
    for header in ON_EVENT:
        was, now, otherwise, not_read = _texts(header)
        absconded, released = {**ABSCONDED, header: was}, {**RELEASED, header: was}
        gone = {header: ""}
        tables.rule(
            f"{header}.changed",
            breached=[
                _then(header, was, now, RELEASED, is_told=True),
                reported({**_BACK, **gone}, was=absconded),
                reported(_back("2023-03-22", gone), was=absconded),
                reported(_back("2023-03-05", gone), was=released),
                reported(World({**ABSCONDED, **gone}, interventions=_new("2023-03-05")), was=absconded),
            ],
            near_miss=[
                _then(header, was, was, RELEASED, is_told=False),
                _then(header, was, otherwise, RELEASED, is_told=False),
                kept(_back("2023-03-21", gone), was=absconded),
                kept(_back("2023-03-01", {header: now}), was=absconded),
            ],
            blank=_then(header, was, "", RELEASED, is_told=True),
            not_understood=[
                _then(header, was, not_read, RELEASED, is_told=True),
                _then(header, was, not_read, RELEASED, is_told=True, lists="published"),
                kept(_back("soon", gone), was=absconded),
            ],
            not_applicable=[
                _then(header, "", now, RELEASED, is_told=False),
                kept(_back("2023-03-05", gone), was=absconded),
            ],
        )


def _withdrawn() -> None:
    for header in WITHDRAWN:
        more = [_then(header, "Y", "Z", is_told=True)] if header in ("DOMVIC", "DOMPER") else []
        tables.rule(
            f"{header}.withdrawn",
            breached=[_then(header, "Y", "N", is_told=True), *more],
            near_miss=[_then(header, "Y", "yes", is_told=False), _then(header, "N", "Y", is_told=False)],
            blank=[_then(header, "Y", "", is_told=True), _then(header, "", "N", is_told=False)],
            not_understood=[
                _then(header, "Y", UNKNOWN, is_told=False),
                # In a published list it is sent as blank, and so it is blank here.
                _then(header, "Y", UNKNOWN, is_told=True, lists="published"),
                _then(header, UNKNOWN, "N", is_told=False),
            ],
            not_applicable=[_then(header, "N", "", is_told=False), _then(header, "", "Y", is_told=False)],
        )


_ENDED_TOO: Edit = {"MODID": "O@", "MODEND": "2023-02-11"}
tables.rule(
    "DISD.reopened",
    breached=[
        reported(_BACK, was=ABSCONDED),
        reported({**DISCHARGED, "DISD": ""}, was=DISCHARGED),
        reported({**ABSCONDED, "EXITD": ""}, was=ABSCONDED),
        reported(_back("2023-03-22"), was=ABSCONDED),
        reported(_back("2023-02-28"), was=ABSCONDED),
        reported(_back(), was=RELEASED),
        reported(_back(now={"MODEND": ""}), was=ABSCONDED),
        reported(World(_BACK, interventions=_new("2023-03-05")), was=World(ABSCONDED, interventions=(_ENDED_TOO,))),
        reported(World(_BACK, interventions=({"MODID": "N@", "MODST": "2023-03-05"},)), was=World(
            ABSCONDED, interventions=({"MODID": "N@", "MODST": "2023-03-05"},)
        )),
    ],
    near_miss=[
        kept(_back("2023-03-01"), was=ABSCONDED),
        kept(_back("2023-03-21"), was=ABSCONDED),
        kept(World({**DISCHARGED, "DISD": ""}, interventions=_new("2023-03-05")), was=DISCHARGED),
        kept(_back("2023-03-05", {"MODEND": "2023-02-25"}), was=ABSCONDED),
        kept(World(_BACK, interventions=(*_new("2023-03-30"), {"MODID": "P@", "MODST": "2023-03-04"})), was=ABSCONDED),
        kept({**ABSCONDED, "DISD": "2023-03-02", "EXITD": "2023-03-02"}, was=ABSCONDED),
    ],
    blank=[
        kept(_back(), was={**ABSCONDED, "EXITRSN": ""}),
        kept(_back(""), was=ABSCONDED),
        kept(World(_BACK, interventions=_new("2023-03-05")), was={**ABSCONDED, "DISD": ""}),
        reported(_BACK, was={**ABSCONDED, "DISD": ""}),
    ],
    not_understood=[
        kept(_back(NO_DATE), was=ABSCONDED),
        reported({**ABSCONDED, "DISD": NO_DATE}, was=ABSCONDED),
        reported(_back(now={"MODEND": NO_DATE}), was=ABSCONDED),
        kept(_back("2023-03-05", {"EXITRSN": UNKNOWN}), was=ABSCONDED),
    ],
    not_applicable=[kept(ABSCONDED, was=ABSCONDED), kept(ABSCONDED, was=_WAS), kept(_WAS, was=_WAS)],
)  # fmt: skip

for _header, _text, _other in (("MODEND", "2023-02-20", "2023-02-27"), ("MODST", "2023-01-10", "2023-01-11")):
    tables.rule(
        f"{_header}.un{'ended' if _header == 'MODEND' else 'started'}",
        breached=_then(_header, _text, "", is_told=True),
        near_miss=[_then(_header, _text, _text, is_told=False), _then(_header, _text, _other, is_told=False)],
        blank=[_then(_header, _text, "  ", is_told=True), _then(_header, "", "", is_told=False)],
        # Not understood, it is sent as blank, and so it is blank here.
        not_understood=_then(_header, _text, NO_DATE, is_told=True),
        not_applicable=[_then(_header, "", _text, is_told=False), _then(_header, "", "", is_told=False)],
    )

_ALL: frozenset[Entity] = frozenset({"client", "episode", "intervention"})
tables.rule(
    "EPISODID.dropped",
    breached=[
        reported(World(without=_ALL), was=_WAS),
        reported(World(without=frozenset({"episode", "intervention"})), was=_WAS),
        reported({"EPISODID": "F@", "intervention.EPISODID": "F@"}, was=_WAS),
        reported({}, 1, was=World(episodes=({"EPISODID": "F@", "TRIAGED": "2023-01-04"},), interventions=(
            {"MODID": "N@", "EPISODID": "F@"},
        ))),
    ],
    near_miss=[
        kept({"CONSENT": "N"}, was=_WAS),
        kept({"RECPDT": ""}, was=_WAS),
        kept({"EPISODID": "  E@ "}, was=_WAS),
        kept(World(without=frozenset({"client"})), was=_WAS),
        kept({"AGNCY": "L0002"}, was=_WAS),
    ],
    blank=reported({"EPISODID": "", "intervention.EPISODID": ""}, was=_WAS),
    not_understood=Never("any text is an id, so every text is understood"),
    not_applicable=kept(World(without=_ALL), was={"CONSENT": "N"}),
)  # fmt: skip
_TWO = World(interventions=({"MODID": "N@", "MODAL": "DRW"},))
tables.rule(
    "MODID.dropped",
    breached=[
        reported(_WAS, 1, was=_TWO),
        reported({"MODID": "P@"}, 0, was=_WAS),
        reported({"RECPDT": ""}, 1, was=_TWO),
    ],
    near_miss=[
        kept(_TWO, was=_TWO),
        kept({"MODID": " M@ "}, was=_WAS),
        kept({"intervention.EPISODID": "X@"}, was=_WAS),
        kept({"MODAL": "", "MODST": NO_DATE}, was=_WAS),
    ],
    blank=reported({"MODID": ""}, was=_WAS),
    not_understood=Never("any text is an id, so every text is understood"),
    not_applicable=[
        kept({"CONSENT": "N"}, was=_TWO),
        kept(World(without=frozenset({"episode", "intervention"})), was=_TWO),
        kept({"AGNCY": "L0002"}, was=_TWO),
    ],
)

for _family in (_mismatch, _fixed, _once, _on_event, _withdrawn):
    _family()
