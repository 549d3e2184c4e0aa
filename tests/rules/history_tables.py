"""The tables of the rules against the last submission: the world as it was sent, and as it is now."""

from typing import Final

from schemas.dataset import Entity
from tests.rules.case import Cell, Lists, Never, Row, Tables, kept, reported
from tests.rules.families import ANY_TEXT_IS_ONE, CODED, NUMBERS
from tests.rules.world import ABSCONDED, DISCHARGED, NO_DATE, RELEASED, TRANSFERRED, UNKNOWN, Edit, World

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
            breached=[
                _then(header, was, now, is_told=True),
                # The latest submission did not contain the record, or it changed there already.
                reported({_NAMES.get(header, header): now}, before={_NAMES.get(header, header): was}),
            ],
            near_miss=[
                _then(header, was, was, is_told=False),
                _then(header, was, otherwise, is_told=False),
                kept(
                    {_NAMES.get(header, header): now},
                    was={_NAMES.get(header, header): now},
                    before={_NAMES.get(header, header): was},
                ),
            ],
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
        ends = header not in ("MODST", "MODEND")
        change = {} if header == "DISD" else {header: now}
        tables.rule(
            f"{header}.changed",
            breached=[
                _then(header, was, now, base, is_told=True),
                *(
                    [reported(closed_again(start, change), was=ABSCONDED) for start in ("2023-02-28", None)]
                    if ends
                    else []
                ),
                *(
                    [reported(closed_again("2023-03-05", {header: now, "DISD": "2023-02-27"}), was=ABSCONDED)]
                    if ends
                    else []
                ),
            ],
            near_miss=[
                _then(header, was, was, base, is_told=False),
                _then(header, was, otherwise, base, is_told=False),
                *(
                    [kept(closed_again(start, change), was=ABSCONDED) for start in ("2023-03-01", "2023-04-01")]
                    if ends
                    else []
                ),
            ],
            blank=[
                _then(header, was, "", base, is_told=False),
                *([kept(closed_again("", change), was=ABSCONDED)] if ends else []),
            ],
            not_understood=[
                _then(header, was, not_read, base, is_told=False),
                *([kept(closed_again(NO_DATE, change), was=ABSCONDED)] if ends else []),
            ],
            not_applicable=[
                _then(header, "", now, base, is_told=False),
                *([kept(closed_again("2023-03-05", change), was=ABSCONDED)] if ends else []),
            ],
        )


# Open again: discharged on 1 March, and a new intervention since then.
_NO_EXIT: Edit = {
    "DISD": "", "DISRSN": "", "EXITD": "", "EXITRSN": "", "EXITDEST": "", "MHTXEXIT": "", "SENTENCED": "",
    "REFHEPCTX": "",
}  # fmt: skip
_BACK = {**TRANSFERRED, **_NO_EXIT}


def _new(start: str) -> tuple[Edit, ...]:
    return ({"MODID": "N@", "MODST": start},)


def _back(start: str = "2023-03-05", now: Edit | None = None) -> World:
    return World({**_BACK, **(now or {})}, interventions=_new(start))


def closed_again(start: str | None, now: Edit | None = None, base: Edit = ABSCONDED) -> World:
    """Discharged on a later day than before; None is without a new intervention."""
    later = {**base, "DISD": "2023-04-02", "EXITD": "2023-04-02", **(now or {})}
    return World(later, interventions=() if start is None else _new(start))


def _on_event() -> None:
    for header in ON_EVENT:
        was, now, otherwise, not_read = _texts(header)
        transferred, released = {**TRANSFERRED, header: was}, {**RELEASED, header: was}
        gone, changed = {header: ""}, {header: now}
        tables.rule(
            f"{header}.changed",
            breached=[
                _then(header, was, now, RELEASED, is_told=True),
                _then(header, was, now, ABSCONDED, is_told=True),
                reported({**_BACK, **gone}, was=transferred),
                reported(_back("2023-02-28", gone), was=transferred),
                reported(_back("2023-03-05", {**gone, "MODEND": ""}), was=transferred),
                reported(_back("2023-03-05", gone), was={**transferred, "DISRSN": "83"}),
                reported(_back("2023-03-05", gone), was={**transferred, "EXITRSN": "A"}),
                reported(World({**TRANSFERRED, **gone}, interventions=_new("2023-03-05")), was=transferred),
                reported(_back("2023-03-05", gone), was=released),
                reported(_back("2023-03-05", gone), was={**ABSCONDED, header: was}),
                reported(
                    World({**ABSCONDED, **gone}, interventions=_new("2023-03-05")), was={**ABSCONDED, header: was}
                ),
                reported(closed_again(None, changed, RELEASED), was=released),
                reported(closed_again("2023-02-28", changed, RELEASED), was=released),
                reported({**RELEASED, **changed}, before=released),
            ],
            near_miss=[
                _then(header, was, was, RELEASED, is_told=False),
                _then(header, was, otherwise, RELEASED, is_told=False),
                kept(_back("2023-03-22", gone), was=transferred),
                kept(_back("2023-03-01", changed), was=transferred),
                kept(closed_again("2023-03-01", changed, RELEASED), was=released),
                kept(closed_again("2023-03-30", changed, RELEASED), was=released),
            ],
            blank=_then(header, was, "", RELEASED, is_told=True),
            not_understood=[
                _then(header, was, not_read, RELEASED, is_told=True),
                _then(header, was, not_read, RELEASED, is_told=True, lists="published"),
                kept(_back("soon", gone), was=transferred),
                kept(closed_again("soon", changed, RELEASED), was=released),
            ],
            not_applicable=[
                _then(header, "", now, RELEASED, is_told=False),
                kept({**DISCHARGED, **changed}, was={**DISCHARGED, header: was}),
                kept(_back("2023-03-05", gone), was=transferred),
                kept(closed_again("2023-03-05", changed, RELEASED), was=released),
            ],
        )


def _after_the_event() -> None:
    """What is asked at the exit or the discharge: a yes that is withdrawn is the other rule's."""
    for header in ("LIVSCRN", "NPSUSE", "CLINREV"):
        # Without an exit, a discharge alone is none for LIVSCRN; without a discharge, an exit is none for the others.
        without = {**RELEASED, "EXITD" if header == "LIVSCRN" else "DISD": ""}
        was, changed = {**TRANSFERRED, header: "N"}, {header: "Y"}
        tables.rule(
            f"{header}.changed",
            breached=[
                _then(header, "N", "Y", ABSCONDED, is_told=True),
                _then(header, "N", "", ABSCONDED, is_told=True),
                reported({**_BACK, **changed}, was=was),
                reported(_back("2023-02-28", changed), was=was),
                reported(_back("2023-03-05", {**changed, "MODEND": ""}), was=was),
                reported(_back("2023-03-05", changed), was={**was, "DISRSN": "83"}),
                reported(_back("2023-03-05", changed), was={**was, "EXITRSN": "A"}),
                reported(World({**TRANSFERRED, **changed}, interventions=_new("2023-03-05")), was=was),
                *(
                    reported(World({**_OPEN_AGAIN, **changed}, interventions=_new(start)), was={**then, header: "N"})
                    for start, then in (
                        ("2023-03-22", DISCHARGED),
                        ("2023-03-05", {**DISCHARGED, "EXITRSN": "A"}),
                        ("2023-03-05", {**DISCHARGED, "EXITD": "2023-03-01"}),
                    )
                    if header != "LIVSCRN"
                ),
                reported(_back("2023-03-05", changed), was={**RELEASED, header: "N"}),
                reported(closed_again(None, changed), was={**ABSCONDED, header: "N"}),
                reported(closed_again("2023-02-28", changed), was={**ABSCONDED, header: "N"}),
                reported({**ABSCONDED, **changed}, before={**ABSCONDED, header: "N"}),
            ],
            near_miss=[
                _then(header, "N", "N", ABSCONDED, is_told=False),
                _then(header, "N", "no", ABSCONDED, is_told=False),
                _then(header, "Y", "N", ABSCONDED, is_told=False),
                _then(header, "Y", "yes", ABSCONDED, is_told=False),
                kept(_back("2023-03-22", changed), was=was),
                kept(closed_again("2023-03-01", changed), was={**ABSCONDED, header: "N"}),
                kept(
                    World({**_OPEN_AGAIN, **changed}, interventions=_new("2023-03-21")), was={**DISCHARGED, header: "N"}
                ),
            ],
            blank=[
                _then(header, "Y", "", ABSCONDED, is_told=False),
                _then(header, "", "Y", ABSCONDED, is_told=False),
                kept({**without, **changed}, was={**without, header: "N"}),
            ],
            not_understood=[
                _then(header, "N", UNKNOWN, ABSCONDED, is_told=True),
                # Whether the yes was withdrawn is not known, so that rule reports nothing.
                _then(header, "Y", UNKNOWN, ABSCONDED, is_told=True),
                _then(header, "Y", UNKNOWN, ABSCONDED, is_told=False, lists="published"),
                _then(header, UNKNOWN, "N", ABSCONDED, is_told=True),
                kept(closed_again(NO_DATE, changed), was={**ABSCONDED, header: "N"}),
            ],
            not_applicable=[
                _then(header, "", "Y", ABSCONDED, is_told=False),
                kept({**without, **changed}, was={**without, header: "N"}),
                _then(header, "Y", "N", ABSCONDED, is_told=False),
                kept(_back("2023-03-22", changed), was=was),
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
_OPEN_AGAIN: Edit = {**DISCHARGED, "DISD": "", "DISRSN": ""}


def _open_again(start: str) -> World:
    return World(_OPEN_AGAIN, interventions=_new(start))


tables.rule(
    "DISD.reopened",
    breached=[
        reported(_BACK, was=TRANSFERRED),
        reported(_OPEN_AGAIN, was=DISCHARGED),
        reported({**ABSCONDED, "EXITD": ""}, was=ABSCONDED),
        reported(_open_again("2023-03-22"), was=DISCHARGED),
        reported(_open_again("2023-02-28"), was=DISCHARGED),
        reported(_open_again("2023-03-05"), was={**DISCHARGED, "EXITRSN": "A"}),
        reported(_open_again("2023-03-05"), was={**DISCHARGED, "EXITD": "2023-03-01"}),
        reported(_back("2023-02-28"), was=TRANSFERRED),
        *(reported(_back(), was={**TRANSFERRED, "DISRSN": text}) for text in ("83", "74", "85")),
        *(reported(_back(), was=was) for was in (RELEASED, ABSCONDED, {**ABSCONDED, "DISRSN": "84"})),
        reported(_back(now={"MODEND": ""}), was=TRANSFERRED),
        reported(World(_OPEN_AGAIN, interventions=_new("2023-03-05")), was=World(
            DISCHARGED, interventions=(_ENDED_TOO,)
        )),
        reported(_open_again("2023-03-05"), was=World(DISCHARGED, interventions=_new("2023-03-05"))),
        # Each against the submission that last contained the episode.
        reported(_OPEN_AGAIN, before=DISCHARGED),
        reported(_open_again("2023-03-05"), before=World(DISCHARGED, interventions=_new("2023-03-05"))),
    ],
    near_miss=[
        kept(_open_again("2023-03-01"), was=DISCHARGED),
        kept(_open_again("2023-03-21"), was=DISCHARGED),
        kept(_open_again("2023-03-21"), before=DISCHARGED),
        kept(_back("2023-03-01"), was=TRANSFERRED),
        kept(_back("2023-03-22"), was=TRANSFERRED),
        kept(_back("2023-03-05", {"MODEND": "2023-02-25"}), was=TRANSFERRED),
        kept(
            World(_OPEN_AGAIN, interventions=(*_new("2023-03-30"), {"MODID": "P@", "MODST": "2023-03-04"})),
            was=DISCHARGED,
        ),
        kept({**ABSCONDED, "DISD": "2023-03-02", "EXITD": "2023-03-02"}, was=ABSCONDED),
    ],
    blank=[
        kept(_open_again(""), was=DISCHARGED),
        kept(_back(), was={**TRANSFERRED, "DISD": ""}),
        reported(_BACK, was={**TRANSFERRED, "DISD": ""}),
        reported(_back(), was={**TRANSFERRED, "EXITRSN": ""}),
    ],
    not_understood=[
        kept(_back(NO_DATE), was=TRANSFERRED),
        kept(_open_again(NO_DATE), was=DISCHARGED),
        reported({**ABSCONDED, "DISD": NO_DATE}, was=ABSCONDED),
        reported(_back(now={"MODEND": NO_DATE}), was=TRANSFERRED),
        kept(_back(), was={**TRANSFERRED, "EXITRSN": UNKNOWN}, lists="partial"),
        reported(_back("2023-02-28"), was={**TRANSFERRED, "EXITRSN": UNKNOWN}, lists="partial"),
    ],
    not_applicable=[kept(ABSCONDED, was=ABSCONDED), kept(ABSCONDED, was=_WAS), kept(_WAS, was=_WAS)],
)  # fmt: skip
tables.rule(
    "DISD.late_return",
    breached=[
        reported(_back("2023-03-22"), was=TRANSFERRED),
        reported(_back("2023-04-20"), was=TRANSFERRED),
        reported(_back("2023-03-22"), before=TRANSFERRED),
    ],
    near_miss=[
        kept(_back("2023-03-21"), was=TRANSFERRED),
        kept(_back("2023-03-01"), was=TRANSFERRED),
        kept(
            World(_BACK, interventions=(*_new("2023-03-30"), {"MODID": "P@", "MODST": "2023-03-04"})), was=TRANSFERRED
        ),
        kept(_back("2023-03-22", {"MODEND": ""}), was=TRANSFERRED),
        kept(_back("2023-03-22"), was={**TRANSFERRED, "DISRSN": "83"}),
        kept(_back("2023-03-22"), was={**TRANSFERRED, "EXITRSN": "A"}),
        kept(_back("2023-02-28"), was=TRANSFERRED),
        kept(closed_again("2023-03-22", None, TRANSFERRED), was=TRANSFERRED),
    ],
    blank=[kept(_back(""), was=TRANSFERRED), kept(_back("2023-03-22"), was={**TRANSFERRED, "EXITRSN": ""})],
    not_understood=[
        kept(_back(NO_DATE), was=TRANSFERRED),
        kept(World(_BACK, interventions=(*_new("2023-03-30"), {"MODID": "P@", "MODST": NO_DATE})), was=TRANSFERRED),
        kept(_back("2023-03-22"), was={**TRANSFERRED, "EXITRSN": UNKNOWN}, lists="partial"),
    ],
    not_applicable=[
        kept(TRANSFERRED, was=TRANSFERRED),
        kept(_back("2023-03-22"), was=DISCHARGED),
        kept(_BACK, was=TRANSFERRED),
        kept(_back("2023-03-22"), was=None),
    ],
)

_OTHER_CLIENT = {"CLIENTID": "D@", "episode.CLIENTID": "D@"}
_OTHER_EPISODE = {"EPISODID": "F@", "intervention.EPISODID": "F@"}
_NO_EPISODE_ID = {"EPISODID": "", "intervention.EPISODID": ""}
_ALL: frozenset[Entity] = frozenset({"client", "episode", "intervention"})
tables.rule(
    "AGNCY.changed",
    breached=[
        reported({}, elsewhere=("E@",)),
        reported({"AGNCY": "L0002", "episode.AGNCY": "L0001"}, elsewhere=("E@",)),
    ],
    near_miss=[kept({}, elsewhere=("e@", "F@")), {}],
    blank=kept(_NO_EPISODE_ID, elsewhere=("E@",)),
    not_understood=ANY_TEXT_IS_ONE,
    not_applicable=[
        kept({"CONSENT": "N"}, elsewhere=("E@",)),
        kept({"AGNCY": "L0002"}, elsewhere=("E@",)),
        kept(_NO_EPISODE_ID, elsewhere=("E@",)),
    ],
)
tables.rule(
    "EPISODID.moved",
    breached=[reported(_OTHER_CLIENT, was=_WAS), reported(_OTHER_CLIENT, before=_WAS)],
    near_miss=[
        kept(_WAS, was=_WAS),
        kept({"CLIENTID": " C@ "}, was=_WAS),
        kept(_OTHER_CLIENT, was=_OTHER_CLIENT, before=_WAS),
    ],
    blank=kept({"CLIENTID": "", "episode.CLIENTID": ""}, was=_WAS),
    not_understood=ANY_TEXT_IS_ONE,
    not_applicable=[
        kept({"CLIENTID": "", "episode.CLIENTID": ""}, was=_WAS),
        kept({**_OTHER_CLIENT, "CONSENT": "N"}, was=_WAS),
        kept(_OTHER_CLIENT, was=None),
    ],
)
tables.rule(
    "MODID.moved",
    breached=[reported(_OTHER_EPISODE, was=_WAS), reported(_OTHER_EPISODE, before=_WAS)],
    near_miss=[
        kept(_WAS, was=_WAS),
        kept({"intervention.EPISODID": " E@ "}, was=_WAS),
        kept(_OTHER_EPISODE, was=_OTHER_EPISODE, before=_WAS),
    ],
    blank=kept(_NO_EPISODE_ID, was=_WAS),
    not_understood=ANY_TEXT_IS_ONE,
    not_applicable=[
        kept(_NO_EPISODE_ID, was=_WAS),
        kept({**_OTHER_EPISODE, "CONSENT": "N"}, was=_WAS),
        kept(_OTHER_EPISODE, was=None),
    ],
)
tables.rule(
    "EPISODID.renumbered",
    breached=[
        reported(_OTHER_EPISODE, was=_WAS),
        reported({**_OTHER_EPISODE, **_OTHER_CLIENT}, was=_WAS),
        reported({**_OTHER_EPISODE, "RECPDT": "02/01/2023", "HOUSING": "2"}, was=_WAS),
    ],
    near_miss=[
        kept(_WAS, was=_WAS),
        *(
            kept({**_OTHER_EPISODE, header: text}, was=_WAS)
            for header, text in (
                ("RECPDT", "2023-01-03"), ("TRIAGED", "2023-01-06"), ("SEX", "F"), ("DOB", "1980-02-04"),
                ("FORENAME", "Zed"), ("SURNAME", "Zed"),
            )
        ),
        # It was sent before, under this id; the old one is still there, withheld; or it is in an older submission.
        kept(_OTHER_EPISODE, was=_WAS, before=_OTHER_EPISODE),
        kept(World(_OTHER_EPISODE, episodes=({},)), was=_WAS),
        kept(World(_OTHER_EPISODE, episodes=({"CONSENT": "N"},)), was=_WAS),
        kept(_OTHER_EPISODE, before=_WAS),
    ],
    blank=[
        kept({**_OTHER_EPISODE, header: ""}, was={header: ""})
        for header in ("RECPDT", "TRIAGED", "SEX", "DOB", "FORENAME", "SURNAME")
    ]
    + [kept(_NO_EPISODE_ID, was=_WAS)],
    not_understood=[
        kept({**_OTHER_EPISODE, "TRIAGED": NO_DATE}, was={"TRIAGED": NO_DATE}),
        # In a list that is not published the text itself is sent.
        reported({**_OTHER_EPISODE, "SEX": UNKNOWN}, was={"SEX": UNKNOWN}),
        kept({**_OTHER_EPISODE, "SEX": UNKNOWN}, was={"SEX": UNKNOWN}, lists="published"),
    ],
    not_applicable=[kept(_NO_EPISODE_ID, was=_WAS), kept({**_OTHER_EPISODE, "CONSENT": "N"}, was=_WAS)],
)  # fmt: skip

_TWO = World(interventions=({"MODID": "N@", "MODAL": "DRW"},))
# Two records of one MODID are in conflict, and so rejected; the third is sent.
_ONE_REJECTED = World(interventions=({"MODST": "2023-01-11"}, {"MODID": "N@", "MODAL": "DRW"}))
tables.rule(
    "EPISODID.no_longer_sent",
    breached=[
        reported({"CONSENT": "N"}, was=_WAS),
        reported({"RECPDT": ""}, was=_WAS),
        reported({"SEX": ""}, was=_WAS),
        reported({"MODID": ""}, was=_WAS),
    ],
    near_miss=[
        kept(_WAS, was=_WAS),
        kept({"HOUSING": ""}, was=_WAS),
        kept({"CONSENT": "N"}, before=_WAS),
        kept({"AGNCY": "L0002"}, was=_WAS),
        kept(World(episodes=({},)), was=_WAS),
        kept(_ONE_REJECTED, was=_TWO),
    ],
    blank=[kept(_NO_EPISODE_ID, was=_WAS), reported({"CONSENT": ""}, was=_WAS)],
    not_understood=reported({"CONSENT": UNKNOWN}, was=_WAS),
    not_applicable=[kept({"CONSENT": "N"}, was=None), kept({"RECPDT": ""}, before=_WAS)],
)
tables.rule(
    "MODID.no_longer_sent",
    breached=[reported(_ONE_REJECTED, 0, 1, was=_TWO)],
    near_miss=[
        kept(_TWO, was=_TWO),
        kept(_ONE_REJECTED, was={"MODID": "N@", "MODAL": "DRW"}),
        kept(_ONE_REJECTED, was={"MODID": "N@", "MODAL": "DRW"}, before=_TWO),
        kept({"CONSENT": "N"}, was=_WAS),
        kept({"RECPDT": ""}, was=_WAS),
        kept(World({"intervention.EPISODID": "X@"}, interventions=({"MODID": "N@"},)), was=_TWO),
    ],
    blank=kept(World({"MODID": ""}, interventions=({"MODID": "N@"},)), was=_TWO),
    not_understood=ANY_TEXT_IS_ONE,
    not_applicable=[kept({"CONSENT": "N"}, was=_WAS), kept(_ONE_REJECTED, was=None)],
)
tables.rule(
    "EPISODID.incomplete",
    breached=[_ONE_REJECTED],
    near_miss=[_TWO, {"MODAL": ""}, World({"HOUSING": "", "MODAL": ""}, interventions=({"MODID": "N@", "MODST": ""},))],
    blank=[reported(World({"MODID": ""}, interventions=({"MODID": "N@"},))), kept({**_NO_EPISODE_ID, "MODID": ""})],
    not_understood=kept(
        World({"MODAL": UNKNOWN, "MODST": NO_DATE}, interventions=({"MODID": "N@"},)), lists="published"
    ),
    not_applicable=[{"CONSENT": "N"}, {"MODID": ""}, World(interventions=({"MODST": "2023-01-11"},))],
)

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
        kept(World(without=_ALL), before=_WAS),
    ],
    blank=reported({"EPISODID": "", "intervention.EPISODID": ""}, was=_WAS),
    not_understood=Never("any text is an id, so every text is understood"),
    not_applicable=kept(World(without=_ALL), was={"CONSENT": "N"}),
)  # fmt: skip
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
        kept(_WAS, was=_WAS, before=_TWO),
    ],
    blank=reported({"MODID": ""}, was=_WAS),
    not_understood=Never("any text is an id, so every text is understood"),
    not_applicable=[
        kept({"CONSENT": "N"}, was=_TWO),
        kept(World(without=frozenset({"episode", "intervention"})), was=_TWO),
        kept({"AGNCY": "L0002"}, was=_TWO),
    ],
)

for _family in (_mismatch, _fixed, _once, _on_event, _after_the_event, _withdrawn):
    _family()
