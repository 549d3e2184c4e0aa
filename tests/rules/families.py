"""The tables of the rules that are alike for many fields.  The allowed values are stated here anew."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from schemas.dataset import Entity
from tests.rules.case import Cell, Never, Row, Tables, kept, reported
from tests.rules.world import NO_DATE, UNKNOWN, Edit, World

tables = Tables()

IS_THE_BREACH = Never("what is not understood is the breach itself")
ANY_TEXT_IS_ONE = Never("any text is an id, so every text is understood")


@dataclass(frozen=True)
class Coded:
    """A coded field: its entity, a code and another, the first written otherwise, and the list's status."""

    entity: Entity
    code: str
    another: str
    otherwise: str
    status: str = "provisional"
    alongside: Edit = field(default_factory=dict)


def _yes_no(entity: Entity = "episode", code: str = "Y", another: str = "N") -> Coded:
    return Coded(entity, code, another, "yes" if code == "Y" else "no")


_DISABILITY = Coded("episode", "2", "3", "02", "published")
_HELP = Coded("episode", "1", "2", "Early help (FAMILY support)", "published")
_DRUG = Coded("episode", "1000", "2100", "other  opiates", "partial")
CODED: Final[dict[str, Coded]] = {
    "SEX": Coded("client", "M", "F", "male"),
    "ETHNIC": Coded("client", "A", "B", "white-british"),
    "NATION": Coded("client", "GBR", "FRA", "gb"),
    "CONSENT": _yes_no(),
    "UTLA": Coded("episode", "E10000020", "E06000001", "norfolk"),
    "PRISON": Coded("episode", "HMP1", "HMP2", "hmp1", "absent"),
    "SEXUALO": Coded("episode", "1", "2", "01"),
    "PREGNANT": _yes_no(),
    "RELIGION": Coded("episode", "C", "B", "c"),
    "DISABLE1": _DISABILITY,
    "DISABLE2": _DISABILITY,
    "DISABLE3": _DISABILITY,
    "HOUSING": Coded("episode", "1", "2", "owns home", "published"),
    "DOMVIC": _yes_no(),
    "DOMPER": _yes_no(),
    "TSLPE": Coded("episode", "2-TO-3-YEARS", "DECLINED", "2 to 3 years", "partial"),
    "VETERAN": _yes_no(),
    "PARENT": _yes_no(),
    "PRNTSTAT": Coded("episode", "12", "13", "0012", "published"),
    "EHCS": _HELP,
    "EHCS2": _HELP,
    "EHCS3": _HELP,
    "DRUG1": _DRUG,
    "DRUG2": _DRUG,
    "DRUG3": _DRUG,
    "INJSTAT": Coded("episode", "C", "P", "currently injecting", "published"),
    "HEPBSTAT": Coded("episode", "A", "B", "a", "partial"),
    "HEPCSTAT": Coded("episode", "A", "B", "a", "partial"),
    "HIVSTAT": _yes_no(),
    "LIVSCRN": _yes_no(),
    "DUALDIAG": _yes_no(),
    "MHTINT": _yes_no(),
    "SEXWORK": _yes_no(),
    "NPSUSE": _yes_no(),
    "CLINREV": _yes_no(),
    "DISRSN": Coded("episode", "85", "86", "incomplete - dropped out", "published"),
    "RECONNECT": _yes_no(),
    "MHTXEXIT": _yes_no(),
    "SENTENCED": _yes_no(),
    "THNALOX": _yes_no(),
    "REFHEPCTX": _yes_no(),
    "HOMELESSEXIT": _yes_no(),
    "EXITRSN": Coded("episode", "A", "T", "absconded", "published"),
    "EXITDEST": Coded("episode", "E06000001", "E06000002", "hartlepool", "partial"),
    "RTOAGNCY": Coded("episode", "RECOVERY", "NONE", "recovery"),
    "MODAL": Coded("intervention", "OTHER-STRUCTURED", "DRW", "other-structured"),
}

DATES: Final[dict[str, Entity]] = {
    "DOB": "client",
    "INTRCPTD": "episode",
    "RECPDT": "episode",
    "TRIAGED": "episode",
    "HEPCTSTD": "episode",
    "HIVTESTDT": "episode",
    "DISD": "episode",
    "REFHEPCTXDT": "episode",
    "EXITD": "episode",
    "MODST": "intervention",
    "MODEND": "intervention",
}
OF_TESTS = ("HEPCTSTD", "HIVTESTDT")
# The first and last whole number that a field may have.
NUMBERS: Final[dict[str, tuple[int, int]]] = {
    "AUDIT": (0, 40),
    "ALCDDAYS": (0, 28),
    "ALCUNITS": (0, 999),
    "CHILDWTH": (0, 98),
}
# The fields that must be there, whose they are, and what is populated though not understood.
REQUIRED: Final[dict[str, tuple[Entity, str]]] = {
    "FINITIAL": ("client", "?"),
    "SINITIAL": ("client", "?"),
    "DOB": ("client", NO_DATE),
    "SEX": ("client", UNKNOWN),
    "CMSID": ("episode", ""),
    "INTRCPTD": ("episode", NO_DATE),
    "RECPDT": ("episode", NO_DATE),
    "TRIAGED": ("episode", NO_DATE),
    "DRUG1": ("episode", UNKNOWN),
    "MODAL": ("intervention", UNKNOWN),
}
# The fields that are wanted, though a record may go without them.
MAY_BE_BLANK: Final[dict[str, Entity]] = {
    **dict.fromkeys(("ETHNIC", "NATION", "CLIENT"), "client"),
    **dict.fromkeys(
        (
            *("PC", "SEXUALO", "RELIGION", "DISABLE1", "HOUSING", "DOMVIC", "DOMPER", "TSLPE", "VETERAN", "PARENT"),
            *("CHILDWTH", "ALCDDAYS", "INJSTAT", "HEPBSTAT", "HEPCSTAT", "HIVSTAT", "DUALDIAG", "MHTINT", "SEXWORK"),
        ),
        "episode",
    ),
}
_COLUMN = {"FINITIAL": "FORENAME", "SINITIAL": "SURNAME"}


def out_of_play(entity: Entity, edit: Edit) -> World:
    """The same record where no rule looks at it: a client without episodes, an episode without consent."""
    if entity == "client":
        return World(edit, without=frozenset({"episode", "intervention"}))
    return World({**edit, "CONSENT": "N"})


def _required() -> None:
    for header, (entity, populated) in REQUIRED.items():
        column = _COLUMN.get(header, header)
        tables.rule(
            f"{header}.required",
            breached={column: ""},
            near_miss={column: "0"},
            blank=reported({column: " \t "}),
            not_understood={column: populated} if populated else Never("CMSID is any text"),
            not_applicable=out_of_play(entity, {column: ""}),
        )
    tables.rule(
        "AGNCY.required",
        breached=[
            {"AGNCY": ""},
            reported(World({"AGNCY": "", "episode.AGNCY": "L0001"}, episodes=({"EPISODID": "F@"},))),
        ],
        near_miss=[
            {"AGNCY": "0"},
            {"AGNCY": "", "episode.AGNCY": "L0001"},
            {"AGNCY": "", "episode.AGNCY": "L01"},
            World({"AGNCY": "", "episode.AGNCY": "L0001"}, episodes=({"EPISODID": "F@", "AGNCY": "L0001"},)),
        ],
        blank=reported({"AGNCY": " \t "}),
        not_understood={"AGNCY": "L1"},
        not_applicable=[
            out_of_play("client", {"AGNCY": ""}),
            {"AGNCY": "", "episode.AGNCY": "L0001"},
        ],
    )
    for header, tied in (("CLIENTID", "episodes"), ("EPISODID", "interventions"), ("MODID", "")):
        again = World({header: ""}, **{_table_of(header): ({header: ""},)})  # type: ignore[arg-type]
        tables.rule(
            f"{header}.required",
            breached={header: ""},
            near_miss={header: "0@"} if tied else {header: "0"},
            blank=reported({header: "   "}),
            not_understood=ANY_TEXT_IS_ONE,
            not_applicable=reported(again, 0),
        )
    tables.rule(
        "UTLA.required",
        breached={"PC": "", "UTLA": ""},
        near_miss=[
            {"PC": "NR14 7"},
            {"PC": "", "UTLA": "E10000020"},
            {"PC": "NFA", "NFA_UTLA": "E10000020"},
            {"PC": "outside uk"},
        ],
        blank=[
            reported({"PC": "", "UTLA": " ", "NFA_UTLA": "E10000020"}),
            reported({"PC": "ZZ99 3VZ"}),
            reported({"PC": "NR14 8"}),
        ],
        not_understood=[{"UTLA": UNKNOWN}, reported({"PC": "UNKNOWN"}), reported({"PC": "XX1 1XX"})],
        not_applicable=out_of_play("episode", {"PC": ""}),
    )


def _may_be_blank() -> None:
    for header, entity in MAY_BE_BLANK.items():
        near = [{header: "0"}, *([{header: "ZZ99 3CZ"}, {header: "NFA"}] if header == "PC" else [])]
        tables.rule(
            f"{header}.blank",
            breached={header: ""},
            near_miss=near,
            blank=reported({header: " \t "}),
            not_understood={header: UNKNOWN} if header != "CLIENT" else ANY_TEXT_IS_ONE,
            not_applicable=out_of_play(entity, {header: ""}),
        )


def _table_of(header: str) -> str:
    return {"CLIENTID": "clients", "EPISODID": "episodes", "MODID": "interventions"}[header]


def _dates() -> None:
    no_dates = ("31/02/2023", "2023-02-29", "1/1/24", "01/13/2023", "2023-1-1", "soon", "0000-01-01")
    written = ("2020-02-29", "29/02/2020", "20200229", "29-feb-2020", "2020-02-29T23:59:59Z", "29/02/2020 10:30")
    parts = ("2019", "05/2019", "2019-05", "May 2019", "september 2019")
    for header, entity in DATES.items():
        of_test = header in OF_TESTS
        more_breached = ("13/2019", "19", "Mayo 2019") if of_test else parts
        tables.rule(
            f"{header}.date",
            breached=[reported({header: text}) for text in no_dates + more_breached],
            near_miss=[{header: text} for text in written + (parts if of_test else ())],
            blank={header: ""},
            not_understood=IS_THE_BREACH,
            not_applicable=out_of_play(entity, {header: NO_DATE}),
        )


def _future() -> None:
    for header, entity in DATES.items():
        if header == "DOB":
            continue
        of_test = header in OF_TESTS
        tables.rule(
            f"{header}.future",
            breached=[
                reported({header: text}) for text in ("2023-05-04", "04/05/2023", *(["06/2023"] if of_test else []))
            ],
            near_miss=[kept({header: text}) for text in ("2023-05-03", *(["2023", "05/2023"] if of_test else []))],
            blank={header: ""},
            not_understood={header: "31/02/2099"},
            not_applicable=out_of_play(entity, {header: "2023-05-04"}),
        )


def _codes() -> None:
    for header, coded in CODED.items():
        checks = coded.status in ("published", "provisional")
        breached: list[Row | World | Edit] = [reported({header: UNKNOWN}, lists="published")]
        not_applicable: list[Row | World | Edit] = [
            {header: UNKNOWN} if not checks else out_of_play(coded.entity, {header: UNKNOWN})
        ]
        if checks:
            breached.append(reported({header: UNKNOWN}))
        if header == "CONSENT":
            # It is asked of an episode without consent, too.
            not_applicable = [{header: ""}, kept({header: UNKNOWN}, lists="all_partial")]
        else:
            not_applicable.append(kept({header: UNKNOWN}, lists="partial"))
        tables.rule(
            f"{header}.code",
            breached=breached,
            near_miss=[
                kept({header: text}, lists=kind)
                for text in (coded.code, coded.another, coded.otherwise)
                for kind in ("shipped", "published")
            ],
            blank=[{header: "", **({"PC": ""} if header == "UTLA" else {})}, kept({header: ""}, lists="published")],
            not_understood=IS_THE_BREACH,
            not_applicable=not_applicable,
        )


def _numbers() -> None:
    for header, (first, last) in NUMBERS.items():
        no_numbers = ("1.5", "one", "1e1", "+1", "-1")
        too_large = (str(last + 1), f"00{last + 1}", "99999999999999999999")
        in_range = (str(first), str(last), f"00{last}")
        # Of the AUDIT score alone the range is stated, so that what is no number is out of it, too.
        is_score = header == "AUDIT"
        tables.rule(
            f"{header}.range",
            breached=[reported({header: text}) for text in (*too_large, *(no_numbers if is_score else ()))],
            near_miss=[{header: text} for text in in_range],
            blank={header: ""},
            not_understood=IS_THE_BREACH if is_score else [{header: text} for text in no_numbers],
            not_applicable=[
                out_of_play("episode", {header: str(last + 1)}),
                *([] if is_score else [{header: text} for text in no_numbers]),
            ],
        )
        if is_score:
            continue
        tables.rule(
            f"{header}.number",
            breached=[reported({header: text}) for text in no_numbers],
            near_miss=[{header: text} for text in (*in_range, *too_large)],
            blank={header: ""},
            not_understood=IS_THE_BREACH,
            not_applicable=[out_of_play("episode", {header: "one"}), {header: ""}],
        )


def _identifying() -> None:
    born = "2001-02-13"
    # Eight digits count anywhere, six only as a whole run.
    holding = (
        *(
            "20010213",
            "13022001",
            "010213",
            "130201",
            "2001-02-13",
            "13/02/01",
            "X1-30.20.1Y",
            "9920010213",
            "x13022001y",
        ),
        *("1302200199", "7x010213"),
    )
    near = (
        *("20010214", "14022001", "010212", "1302x01", "2001-2-13", "02132001"),
        *("9913020199", "0102135", "9130201", "010213-5", "13-02-01-2"),
    )
    worlds: dict[str, Callable[[str], Edit]] = {
        "CLIENTID": lambda text: {"CLIENTID": f"{text}x@", "episode.CLIENTID": f"{text}x@"},
        "CLIENT": lambda text: {"CLIENT": text},
        "EPISODID": lambda text: {"EPISODID": f"@x{text}", "intervention.EPISODID": f"@x{text}"},
        "MODID": lambda text: {"MODID": f"@x{text}"},
    }
    for header, edit in worlds.items():
        dated = {"DOB": born}
        not_known = {**edit("13022001"), "DOB": NO_DATE}
        applicable: Cell = {**dated, "CLIENT": ""}
        if header == "CLIENTID":
            applicable = World({**dated, **edit("13022001")}, without=frozenset({"episode", "intervention"}))
        if header in ("EPISODID", "MODID"):
            applicable = {**dated, **edit("13022001"), "CONSENT": "N"}
        tables.rule(
            f"{header}.identifying",
            breached=[reported({**dated, **edit(text)}) for text in holding],
            near_miss=[{**dated, **edit(text)} for text in near],
            blank={**edit("13022001"), "DOB": ""},
            not_understood=not_known,
            not_applicable=applicable,
        )


def _same_id() -> None:
    """Records that carry one id: they differ, or one is the other again."""
    for header, table, differing in (
        ("CLIENTID", "clients", "ETHNIC"),
        ("EPISODID", "episodes", "HOUSING"),
        ("MODID", "interventions", "MODST"),
    ):

        def world(edit: Edit, *further: Edit, table: str = table) -> World:
            return World(edit, **{table: further})  # type: ignore[arg-type]

        text = "2023-01-11" if differing == "MODST" else "2"
        differs, not_read = {differing: text}, {differing: UNKNOWN}
        # The same id once for each of two agencies.
        of_another = {
            "CLIENTID": World(clients=({"AGNCY": "L0002"},)),
            "EPISODID": World(episodes=({"AGNCY": "L0002"},)),
            "MODID": World(episodes=({"EPISODID": "F@", "AGNCY": "L0002"},), interventions=({"EPISODID": "F@"},)),
        }[header]
        tables.rule(
            f"{header}.conflict",
            breached=[reported(world({}, differs), 0, 1), reported(world({}, {}, differs), 0, 2)],
            near_miss=[world({}, {}), world({}, {differing: "  1 "} if differing == "HOUSING" else {}), of_another],
            blank=[reported(world({}, {differing: ""}), 0, 1), world({header: ""}, {header: "", **differs})],
            not_understood=reported(world({}, not_read), 0, 1),
            not_applicable=world({header: ""}, {header: "", **differs}),
        )
        tables.rule(
            f"{header}.repeated",
            breached=[
                reported(world({}, {}), 1),
                reported(world({}, {}, {}), 1, 2),
                reported(world({}, differs, {}), 2),
            ],
            near_miss=[world({}, differs), world({}, {header: f"{header[0]}@b"})],
            blank=[
                reported(world({header: ""}, {header: ""}), 1),
                reported(world({differing: ""}, {differing: "  "}), 1),
            ],
            not_understood=[reported(world(not_read, not_read), 1), world(not_read, {differing: UNKNOWN.lower()})],
            not_applicable=Never("every record can be an earlier one again"),
        )


for _family in (_required, _may_be_blank, _dates, _future, _codes, _numbers, _identifying, _same_id):
    _family()
