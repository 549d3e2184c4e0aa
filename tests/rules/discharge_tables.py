"""The tables of the rules of episode records: discharge, exit, and what is asked at each."""

from tests.rules.case import Cell, Tables, kept, reported
from tests.rules.episode_tables import tables as episode_tables
from tests.rules.episode_tables import wanted
from tests.rules.world import (
    ABSCONDED,
    DISCHARGED,
    MAINTENANCE,
    NO_DATE,
    REDUCTION,
    REINDUCTION,
    RELEASED,
    SETTING,
    TRANSFERRED,
    UNKNOWN,
    Edit,
    World,
)

tables: Tables = episode_tables

_DIED = {**ABSCONDED, "EXITRSN": "D", "DISRSN": "89"}
_STILL_THERE: Edit = {}
_EXIT_NOT_READ = {**RELEASED, "EXITRSN": UNKNOWN}
_OUTSIDE_UK, _SECURE_HOSPITAL = "OUTSIDE-UK", "NON-NDTMS-SECURE"

wanted(
    "NPSUSE.at_discharge",
    "NPSUSE",
    DISCHARGED,
    _STILL_THERE,
    {**DISCHARGED, "DISD": NO_DATE},
    not_read_is_told=True,
)
for _field in ("LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX"):
    wanted(f"{_field}.at_exit", _field, ABSCONDED, DISCHARGED, {**ABSCONDED, "EXITD": NO_DATE}, not_read_is_told=True)
for _field in ("RECONNECT", "THNALOX", "HOMELESSEXIT", "RTOAGNCY"):
    wanted(f"{_field}.at_release", _field, RELEASED, TRANSFERRED, _EXIT_NOT_READ, not_read_is_told=False)
    tables.rule(
        f"{_field}.not_released",
        breached=[{**edit, _field: "NONE"} for edit in (TRANSFERRED, ABSCONDED, _DIED)],
        near_miss=[{**RELEASED, _field: "NONE"}, {**RELEASED, "EXITRSN": "released", _field: "NONE"}],
        blank={**DISCHARGED, _field: "NONE"},
        not_understood=[{**_EXIT_NOT_READ, _field: "NONE"}, reported({**TRANSFERRED, _field: UNKNOWN})],
        not_applicable=[{**TRANSFERRED, _field: ""}, {**DISCHARGED, _field: "NONE"}],
    )

for _rule, _given, _missing, _base in (
    ("DISD.pair", "DISRSN", "DISD", DISCHARGED),
    ("DISRSN.pair", "DISD", "DISRSN", DISCHARGED),
    ("EXITD.pair", "EXITRSN", "EXITD", ABSCONDED),
    ("EXITRSN.pair", "EXITD", "EXITRSN", ABSCONDED),
):
    _bad = {name: NO_DATE if name.endswith("D") else UNKNOWN for name in (_given, _missing)}
    tables.rule(
        _rule,
        breached={**_base, _missing: ""},
        near_miss=_base,
        blank=reported({**_base, _missing: " "}),
        not_understood=[{**_base, _missing: _bad[_missing]}, reported({**_base, _given: _bad[_given], _missing: ""})],
        not_applicable={**_base, _given: "", _missing: ""},
    )

tables.rule(
    "EXITD.undischarged",
    breached=[
        {**ABSCONDED, "DISD": ""},
        {**ABSCONDED, "DISRSN": ""},
        {**ABSCONDED, "DISD": "", "DISRSN": "", "EXITD": ""},
        {**ABSCONDED, "DISRSN": "", "EXITRSN": ""},
    ],
    near_miss=[ABSCONDED, {**ABSCONDED, "EXITD": ""}, {**ABSCONDED, "EXITRSN": ""}],
    blank=reported({**ABSCONDED, "DISD": " ", "DISRSN": " "}),
    not_understood=[
        {**ABSCONDED, "DISD": NO_DATE, "DISRSN": UNKNOWN},
        reported({**ABSCONDED, "EXITD": NO_DATE, "EXITRSN": "", "DISD": ""}),
        reported({**ABSCONDED, "EXITRSN": UNKNOWN, "EXITD": "", "DISRSN": ""}),
    ],
    not_applicable=[_STILL_THERE, DISCHARGED],
)

_RAN_90 = {**DISCHARGED, "MODAL": MAINTENANCE, "MODST": "2022-11-01", "MODEND": "2023-01-30"}
_RAN_91 = {**_RAN_90, "MODEND": "2023-01-31"}


def _spells(first: tuple[str, str], second: tuple[str, str], more: Edit | None = None) -> World:
    """Two spells of opioid substitution, each from its start to its end."""
    edit = {**DISCHARGED, "MODAL": MAINTENANCE, "MODST": first[0], "MODEND": first[1], **(more or {})}
    return World(edit, interventions=({"MODID": "N@", "MODAL": REDUCTION, "MODST": second[0], "MODEND": second[1]},))


_TO_THE_DISCHARGE = {**_RAN_90, "MODEND": "", "MODST": "2022-11-30"}
tables.rule(
    "CLINREV.at_discharge",
    breached=[
        *({**_RAN_91, "MODAL": modal} for modal in (MAINTENANCE, REDUCTION, REINDUCTION, "opioid-reduction-depot")),
        _TO_THE_DISCHARGE,
        {**_RAN_91, "MODEND": "2024-01-31"},
        World({**_RAN_91, "MODAL": "DRW"}, interventions=({"MODID": "N@", "MODAL": REDUCTION, "MODST": "2022-01-01"},)),
        # 44 and 47 days that touch; 61 and 61 that overlap; 60 and 31 apart; one within the other.
        _spells(("2022-11-01", "2022-12-15"), ("2022-12-15", "2023-01-31")),
        _spells(("2022-11-01", "2023-01-01"), ("2022-12-01", "2023-01-31")),
        _spells(("2023-01-10", "2023-02-10"), ("2022-09-01", "2022-10-31")),
        _spells(("2022-11-01", "2023-01-31"), ("2022-12-01", "2022-12-31")),
        {**_RAN_91, "INTRCPTD": "2022-10-04"},
    ],
    near_miss=[
        *({**_RAN_90, "MODAL": modal} for modal in (MAINTENANCE, REDUCTION, REINDUCTION)),
        {**_TO_THE_DISCHARGE, "MODST": "2022-12-01"},
        {**_RAN_91, "CLINREV": "N"},
        {**_RAN_91, "MODAL": "LOFEXIDINE"},
        World(
            {**_RAN_90, "MODAL": "DRW"}, interventions=({"MODID": "N@", "MODAL": REDUCTION, "MODEND": "2023-02-01"},)
        ),
        _spells(("2022-11-01", "2022-12-15"), ("2022-12-16", "2023-01-31")),
        _spells(("2022-11-01", "2023-01-30"), ("2022-11-01", "2023-01-30")),
        _spells(("2022-11-01", "2023-01-30"), ("2023-02-20", "2023-02-10")),
        {**_RAN_91, "INTRCPTD": "2022-10-03"},
    ],
    blank=[
        {**_RAN_91, "MODST": ""},
        {**_RAN_91, "MODAL": ""},
        {**_RAN_91, "EPISODID": "", "intervention.EPISODID": ""},
        {**_RAN_91, "INTRCPTD": ""},
        {**_RAN_91, "RECPDT": ""},
        _spells(("2022-11-01", "2023-01-30"), ("", "2023-02-20")),
    ],
    not_understood=[
        {**_RAN_91, "MODAL": UNKNOWN},
        {**_RAN_91, "MODST": NO_DATE},
        {**_RAN_91, "MODEND": NO_DATE},
        reported({**_RAN_91, "DISD": NO_DATE}),
        {**_TO_THE_DISCHARGE, "DISD": NO_DATE},
        {**_RAN_91, "CLINREV": UNKNOWN},
        {**_RAN_91, "INTRCPTD": NO_DATE},
        reported(
            World(
                {**_RAN_91, "MODAL": UNKNOWN},
                interventions=({"MODID": "N@", "MODAL": REDUCTION, "MODST": "2022-01-01", "MODEND": "2022-06-01"},),
            )
        ),
    ],
    not_applicable=[{**_RAN_91, "DISD": ""}, {**_RAN_91, "MODAL": "DRW"}, _RAN_90],
)
_TOO_SOON = {**_RAN_90, "CLINREV": "Y"}
tables.rule(
    "CLINREV.too_soon",
    breached=[
        *({**_TOO_SOON, "MODAL": modal} for modal in (MAINTENANCE, REDUCTION, REINDUCTION)),
        {**_TOO_SOON, "CLINREV": "N"},
        {**_TO_THE_DISCHARGE, "MODST": "2022-12-01", "CLINREV": "Y"},
        _spells(("2022-11-01", "2022-12-15"), ("2022-12-16", "2023-01-31"), {"CLINREV": "Y"}),
    ],
    near_miss=[
        {**_RAN_91, "CLINREV": "Y"},
        _spells(("2022-11-01", "2022-12-15"), ("2022-12-15", "2023-01-31"), {"CLINREV": "Y"}),
        {**_TOO_SOON, "MODAL": "LOFEXIDINE"},
        {**_TOO_SOON, "DISD": ""},
    ],
    blank=[
        {**_TOO_SOON, "CLINREV": " "},
        {**_TOO_SOON, "MODST": ""},
        {**_TOO_SOON, "MODAL": ""},
        {**_TOO_SOON, "EPISODID": "", "intervention.EPISODID": ""},
    ],
    not_understood=[
        {**_TOO_SOON, "MODAL": UNKNOWN},
        {**_TOO_SOON, "MODST": NO_DATE},
        {**_TOO_SOON, "MODEND": NO_DATE},
        {**_TOO_SOON, "MODEND": "", "DISD": NO_DATE},
        World(_TOO_SOON, interventions=({"MODID": "N@", "MODAL": UNKNOWN},)),
        reported({**_TOO_SOON, "CLINREV": UNKNOWN}),
        reported({**_TOO_SOON, "DISD": NO_DATE}),
    ],
    not_applicable=[
        {**_TOO_SOON, "DISD": ""},
        {**_TOO_SOON, "CLINREV": ""},
        {**_TOO_SOON, "MODAL": "DRW"},
        World({**DISCHARGED, "CLINREV": "Y"}, without=frozenset({"intervention"})),
    ],
)
_AND_SUBSTITUTION = ({"MODID": "N@", "MODAL": REINDUCTION},)
tables.rule(
    "CLINREV.not_applicable",
    breached=[
        {"CLINREV": "Y"},
        {"CLINREV": "N", "MODAL": "LOFEXIDINE"},
        World({"CLINREV": "Y"}, interventions=({"MODID": "N@", "MODAL": "DRW"},)),
        World({"CLINREV": "Y"}, without=frozenset({"intervention"})),
    ],
    near_miss=[
        *({"CLINREV": "Y", "MODAL": modal} for modal in (MAINTENANCE, REDUCTION, REINDUCTION)),
        World({"CLINREV": "Y"}, interventions=_AND_SUBSTITUTION),
    ],
    blank=[
        {"CLINREV": ""},
        reported({"CLINREV": "Y", "MODAL": ""}),
        {"CLINREV": "Y", "EPISODID": "", "intervention.EPISODID": ""},
    ],
    not_understood=[
        {"CLINREV": "Y", "MODAL": UNKNOWN},
        World({"CLINREV": "Y", "MODAL": UNKNOWN}, interventions=_AND_SUBSTITUTION),
        World({"CLINREV": "Y"}, interventions=({"MODID": "N@", "MODAL": UNKNOWN},)),
        reported({"CLINREV": UNKNOWN}),
    ],
    not_applicable={"CLINREV": "", "MODAL": "DRW"},
)

_ISOLATED, _MUTUAL_AID = "ALCOHOL-BRIEF", "MUTUAL-AID"


def _with(second: str, first: str = _ISOLATED) -> World:
    return World({"MODAL": first}, interventions=({"MODID": "N@", "MODAL": second},))


tables.rule(
    "MODAL.isolated",
    breached=[{"MODAL": _ISOLATED}, {"MODAL": _MUTUAL_AID}, _with(_MUTUAL_AID), _with(_ISOLATED, _MUTUAL_AID)],
    near_miss=[_with("DRW"), _with(_MUTUAL_AID, "LOFEXIDINE"), {"MODAL": "DRW"}],
    blank=[_with(""), {"MODAL": ""}, {"MODAL": _ISOLATED, "EPISODID": "", "intervention.EPISODID": ""}],
    not_understood=[_with(UNKNOWN), {"MODAL": UNKNOWN}],
    not_applicable=World(without=frozenset({"intervention"})),
)

tables.rule(
    "REFHEPCTXDT.missing",
    breached=[{"REFHEPCTX": "Y"}, {"REFHEPCTX": "yes"}],
    near_miss=[{"REFHEPCTX": "Y", "REFHEPCTXDT": "2023-02-01"}, {"REFHEPCTX": "N"}],
    blank=reported({"REFHEPCTX": "Y", "REFHEPCTXDT": " "}),
    not_understood=[{"REFHEPCTX": UNKNOWN}, {"REFHEPCTX": "Y", "REFHEPCTXDT": NO_DATE}],
    not_applicable=[{"REFHEPCTX": "N"}, {"REFHEPCTX": ""}],
)
tables.rule(
    "REFHEPCTXDT.not_referred",
    breached={"REFHEPCTX": "N", "REFHEPCTXDT": "2023-02-01"},
    near_miss={"REFHEPCTX": "Y", "REFHEPCTXDT": "2023-02-01"},
    blank={"REFHEPCTX": "", "REFHEPCTXDT": "2023-02-01"},
    not_understood=[
        {"REFHEPCTX": UNKNOWN, "REFHEPCTXDT": "2023-02-01"},
        reported({"REFHEPCTX": "N", "REFHEPCTXDT": NO_DATE}),
    ],
    not_applicable={"REFHEPCTX": "N", "REFHEPCTXDT": ""},
)

_NOWHERE = {"EXITDEST": ""}
_REFERRED = {**RELEASED, **_NOWHERE}
tables.rule(
    "EXITDEST.missing",
    breached=[
        {**TRANSFERRED, **_NOWHERE},
        *({**_REFERRED, "RTOAGNCY": text} for text in ("STRUCTURED", "STRUCTURED-AND-RECOVERY", "RECOVERY")),
    ],
    near_miss=[
        {**_REFERRED, "RTOAGNCY": "NONE"},
        {**ABSCONDED, **_NOWHERE, "RTOAGNCY": "STRUCTURED"},
        {**_DIED, **_NOWHERE},
        TRANSFERRED,
        RELEASED,
    ],
    blank=[{**_REFERRED, "RTOAGNCY": ""}, {**TRANSFERRED, **_NOWHERE, "EXITD": ""}],
    not_understood=[
        {**TRANSFERRED, **_NOWHERE, "EXITRSN": UNKNOWN},
        {**_REFERRED, "RTOAGNCY": UNKNOWN},
        reported({**TRANSFERRED, **_NOWHERE, "EXITD": NO_DATE}),
        {**TRANSFERRED, "EXITDEST": UNKNOWN},
    ],
    not_applicable=[{**ABSCONDED, **_NOWHERE}, {**TRANSFERRED, **_NOWHERE, "EXITD": ""}],
)
tables.rule(
    "EXITDEST.release_area",
    breached={**_REFERRED, "RTOAGNCY": "NONE"},
    near_miss=[
        {**RELEASED, "RTOAGNCY": "NONE"},
        {**_REFERRED, "RTOAGNCY": "RECOVERY"},
        {**TRANSFERRED, **_NOWHERE, "RTOAGNCY": "NONE"},
    ],
    blank={**_REFERRED, "RTOAGNCY": ""},
    not_understood=[
        {**_REFERRED, "RTOAGNCY": UNKNOWN},
        {**_REFERRED, "RTOAGNCY": "NONE", "EXITRSN": UNKNOWN},
        {**RELEASED, "RTOAGNCY": "NONE", "EXITDEST": UNKNOWN},
    ],
    not_applicable={**TRANSFERRED, **_NOWHERE, "RTOAGNCY": "NONE"},
)
tables.rule(
    "EXITDEST.not_exited",
    breached={**DISCHARGED, "EXITDEST": "E06000001"},
    near_miss=TRANSFERRED,
    blank=reported({"EXITDEST": "E06000001", "EXITRSN": "T", "EXITD": " "}),
    not_understood=[reported({"EXITDEST": UNKNOWN}), {**TRANSFERRED, "EXITD": NO_DATE}],
    not_applicable=DISCHARGED,
)

tables.rule(
    "DISRSN.died",
    breached=[
        {**_DIED, "DISRSN": "85"},
        {**_DIED, "DISRSN": "98", "EXITD": "01/03/2023"},
        {**_DIED, "EXITRSN": "A"},
        {**_DIED, "EXITRSN": "R", "EXITD": ""},
    ],
    near_miss=[
        _DIED,
        {**_DIED, "EXITD": "2023-03-02"},
        {**_DIED, "DISRSN": "80", "EXITD": "2023-03-02"},
        {**_DIED, "DISRSN": "80", "EXITD": "2023-02-28"},
        ABSCONDED,
    ],
    blank=[
        {**_DIED, "DISRSN": ""},
        {**_DIED, "EXITRSN": ""},
        {**_DIED, "DISRSN": "85", "DISD": ""},
        {**_DIED, "DISRSN": "85", "EXITD": ""},
    ],
    not_understood=[
        {**_DIED, "DISRSN": UNKNOWN},
        {**_DIED, "EXITRSN": UNKNOWN},
        {**_DIED, "DISRSN": "85", "EXITD": NO_DATE, "DISD": NO_DATE},
    ],
    not_applicable=[DISCHARGED, {"EXITRSN": "D", "EXITD": "2023-03-01"}],
)
tables.rule(
    "DISRSN.transfer_in_custody",
    breached=[{**TRANSFERRED, "EXITRSN": text} for text in ("R", "A", "D")],
    near_miss=[
        TRANSFERRED,
        {**TRANSFERRED, "DISRSN": "83", "EXITRSN": "R"},
        {**TRANSFERRED, "DISRSN": "74", "EXITRSN": "A"},
    ],
    blank=[{**TRANSFERRED, "EXITRSN": ""}, {**TRANSFERRED, "DISRSN": "", "EXITRSN": "A"}],
    not_understood=[{**TRANSFERRED, "EXITRSN": UNKNOWN}, {**TRANSFERRED, "DISRSN": UNKNOWN, "EXITRSN": "A"}],
    not_applicable={**ABSCONDED, "DISRSN": "85"},
)
tables.rule(
    "DISRSN.transfer_not_in_custody",
    breached=[{**TRANSFERRED, "DISRSN": "83", "EXITRSN": text} for text in ("T", "A", "D")]
    + [{**TRANSFERRED, "DISRSN": "083"}],
    near_miss=[TRANSFERRED, {**TRANSFERRED, "DISRSN": "74"}, {**RELEASED, "DISRSN": "83"}],
    blank=[{**TRANSFERRED, "DISRSN": "83", "EXITRSN": ""}, {**TRANSFERRED, "DISRSN": ""}],
    not_understood=[{**TRANSFERRED, "DISRSN": "83", "EXITRSN": UNKNOWN}, {**TRANSFERRED, "DISRSN": UNKNOWN}],
    not_applicable=[{**TRANSFERRED, "DISRSN": "85"}, {**DISCHARGED, "DISRSN": "83"}],
)
_FROM_COURT = {**RELEASED, "DISRSN": "99", "RTOAGNCY": "NONE"}
tables.rule(
    "DISRSN.released_from_court",
    breached=[
        *({**_FROM_COURT, "EXITRSN": text} for text in ("T", "A", "D")),
        *({**_FROM_COURT, "RTOAGNCY": text} for text in ("STRUCTURED", "STRUCTURED-AND-RECOVERY", "RECOVERY")),
        {**_FROM_COURT, "EXITRSN": "", "RTOAGNCY": "RECOVERY"},
        {**_FROM_COURT, "EXITRSN": "A", "RTOAGNCY": ""},
    ],
    near_miss=[_FROM_COURT, {**RELEASED, "DISRSN": "98"}],
    blank=[
        {**_FROM_COURT, "RTOAGNCY": ""},
        {**_FROM_COURT, "EXITRSN": ""},
        {**_FROM_COURT, "DISRSN": "", "EXITRSN": "A"},
    ],
    not_understood=[
        {**_FROM_COURT, "EXITRSN": UNKNOWN},
        reported({**_FROM_COURT, "EXITRSN": UNKNOWN, "RTOAGNCY": "RECOVERY"}),
        {**_FROM_COURT, "RTOAGNCY": UNKNOWN},
        {**_FROM_COURT, "DISRSN": UNKNOWN, "EXITRSN": "A"},
    ],
    not_applicable={**ABSCONDED, "DISRSN": "85"},
)
_DEPORTED = {**ABSCONDED, "DISRSN": "98", "EXITDEST": _OUTSIDE_UK}
tables.rule(
    "EXITDEST.deported",
    breached=[{**_DEPORTED, "EXITDEST": text} for text in ("E06000001", _SECURE_HOSPITAL, "Hartlepool")],
    near_miss=[_DEPORTED, {**_DEPORTED, "DISRSN": "99", "EXITDEST": "E06000001"}],
    blank=[{**_DEPORTED, "EXITDEST": ""}, {**_DEPORTED, "DISRSN": "", "EXITDEST": "E06000001"}],
    not_understood=[
        {**_DEPORTED, "EXITDEST": UNKNOWN},
        {**_DEPORTED, "DISRSN": UNKNOWN, "EXITDEST": "E06000001"},
    ],
    not_applicable={**_DEPORTED, "DISRSN": "85", "EXITDEST": "E06000001"},
)

tables.rule(
    "EXITDEST.not_a_setting",
    breached=[{**TRANSFERRED, "EXITDEST": text} for text in ("E06000001", "Hartlepool", _OUTSIDE_UK)],
    near_miss=[
        {**TRANSFERRED, "EXITDEST": _SECURE_HOSPITAL},
        kept(TRANSFERRED, lists="published"),
        RELEASED,
        {**ABSCONDED, "EXITDEST": "E06000001"},
    ],
    blank=[{**TRANSFERRED, **_NOWHERE}, {**TRANSFERRED, "EXITRSN": "", "EXITDEST": "E06000001"}],
    not_understood=[
        TRANSFERRED,
        {**TRANSFERRED, "EXITDEST": UNKNOWN},
        {**TRANSFERRED, "EXITRSN": UNKNOWN, "EXITDEST": "E06000001"},
    ],
    not_applicable=[RELEASED, {**ABSCONDED, "EXITDEST": "E06000001"}],
)
# A setting is understood only where the list has the settings.
_TO_A_SETTING = {**RELEASED, "EXITDEST": SETTING}
tables.rule(
    "EXITDEST.not_an_area",
    breached=[reported(_TO_A_SETTING, lists="published"), reported({**_TO_A_SETTING, "EXITD": ""}, lists="published")],
    near_miss=[
        RELEASED,
        kept(RELEASED, lists="published"),
        *(kept({**RELEASED, "EXITDEST": text}, lists="published") for text in (_OUTSIDE_UK, _SECURE_HOSPITAL)),
        kept(TRANSFERRED, lists="published"),
    ],
    blank=[{**RELEASED, **_NOWHERE}, kept({**_TO_A_SETTING, "EXITRSN": ""}, lists="published")],
    not_understood=[
        _TO_A_SETTING,
        {**RELEASED, "EXITDEST": UNKNOWN},
        kept({**RELEASED, "EXITDEST": UNKNOWN}, lists="published"),
        kept({**_TO_A_SETTING, "EXITRSN": UNKNOWN}, lists="published"),
    ],
    not_applicable=[{**RELEASED, **_NOWHERE}, kept(TRANSFERRED, lists="published")],
)
_TO_HOSPITAL = {**TRANSFERRED, "EXITDEST": _SECURE_HOSPITAL}
tables.rule(
    "EXITDEST.secure_hospital",
    breached=[_TO_HOSPITAL, {**_TO_HOSPITAL, "EXITRSN": "R"}],
    near_miss=[
        kept(TRANSFERRED, lists="published"),
        {**_TO_HOSPITAL, "DISRSN": "83"},
        {**_TO_HOSPITAL, "DISRSN": "74"},
    ],
    blank=[{**TRANSFERRED, **_NOWHERE}, {**_TO_HOSPITAL, "DISRSN": ""}],
    not_understood=[{**TRANSFERRED, "EXITDEST": UNKNOWN}, {**_TO_HOSPITAL, "DISRSN": UNKNOWN}],
    not_applicable={**_TO_HOSPITAL, "DISRSN": "83"},
)
# Seven days before the extract.
_WITHOUT_EXIT = {**DISCHARGED, "DISRSN": "84", "DISD": "2023-04-26"}
tables.rule(
    "DISRSN.without_exit",
    breached=[
        *({**_WITHOUT_EXIT, "DISRSN": text} for text in ("83", "84", "89", "98", "99")),
        {**_WITHOUT_EXIT, "DISD": "2023-03-01"},
        {**_WITHOUT_EXIT, "EXITRSN": "T"},
    ],
    near_miss=[
        {**_WITHOUT_EXIT, "DISD": "2023-04-27"},
        *({**_WITHOUT_EXIT, "DISRSN": text} for text in ("74", "85")),
        {**_WITHOUT_EXIT, "EXITD": "2023-04-26"},
    ],
    blank=[{**_WITHOUT_EXIT, "DISD": ""}, {**_WITHOUT_EXIT, "DISRSN": ""}, reported({**_WITHOUT_EXIT, "EXITD": " "})],
    not_understood=[
        {**_WITHOUT_EXIT, "DISD": NO_DATE},
        {**_WITHOUT_EXIT, "DISRSN": UNKNOWN},
        {**_WITHOUT_EXIT, "EXITD": NO_DATE},
    ],
    not_applicable=[{**_WITHOUT_EXIT, "DISRSN": "85"}, {**_WITHOUT_EXIT, "DISD": "2023-04-27"}],
)
tables.rule(
    "DISRSN.deported",
    breached=[{**_DEPORTED, "EXITRSN": text} for text in ("T", "A", "D")],
    near_miss=[{**_DEPORTED, "EXITRSN": "R"}, {**_DEPORTED, "DISRSN": "85"}],
    blank=[{**_DEPORTED, "EXITRSN": ""}, {**_DEPORTED, "DISRSN": ""}],
    not_understood=[{**_DEPORTED, "EXITRSN": UNKNOWN}, {**_DEPORTED, "DISRSN": UNKNOWN}],
    not_applicable=[{**_DEPORTED, "DISRSN": "85"}, {**_DEPORTED, "EXITRSN": ""}],
)
_PRESCRIBED = {**DISCHARGED, "DISRSN": "80", "MODAL": MAINTENANCE, "MODEND": "2023-03-01"}
_ON = {"MODID": "N@", "MODAL": MAINTENANCE}
tables.rule(
    "DISRSN.on_prescription",
    breached=[
        _PRESCRIBED,
        {**_PRESCRIBED, "DISRSN": "82"},
        {**_PRESCRIBED, "MODEND": ""},
        {**_PRESCRIBED, "MODEND": "2023-03-02"},
        World({**_PRESCRIBED, "MODEND": "2023-02-01"}, interventions=(_ON,)),
        World({**_PRESCRIBED, "MODAL": "DRW"}, interventions=({**_ON, "MODEND": "2023-03-01"},)),
    ],
    near_miss=[
        {**_PRESCRIBED, "MODEND": "2023-02-28"},
        *({**_PRESCRIBED, "DISRSN": text} for text in ("81", "85")),
        {**_PRESCRIBED, "MODAL": REDUCTION},
        World({**_PRESCRIBED, "MODAL": "DRW"}, interventions=({**_ON, "MODEND": "2023-02-28"},)),
        World({**DISCHARGED, "DISRSN": "80"}, without=frozenset({"intervention"})),
    ],
    blank=[
        {**_PRESCRIBED, "MODAL": ""},
        {**_PRESCRIBED, "EPISODID": "", "intervention.EPISODID": ""},
        {**_PRESCRIBED, "DISRSN": ""},
        {**_PRESCRIBED, "DISD": ""},
        reported({**_PRESCRIBED, "DISD": "", "MODEND": ""}),
    ],
    not_understood=[
        {**_PRESCRIBED, "MODAL": UNKNOWN},
        {**_PRESCRIBED, "MODEND": NO_DATE},
        {**_PRESCRIBED, "DISD": NO_DATE},
        {**_PRESCRIBED, "DISRSN": UNKNOWN},
        reported(World({**_PRESCRIBED, "MODAL": UNKNOWN}, interventions=(_ON,))),
    ],
    not_applicable={**_PRESCRIBED, "DISRSN": "81"},
)
_DECLINED = {**DISCHARGED, "DISRSN": "88"}
tables.rule(
    "DISRSN.commenced",
    breached=[
        _DECLINED,
        World({**_DECLINED, "MODST": ""}, interventions=({"MODID": "N@", "MODAL": "DRW"},)),
    ],
    near_miss=[
        {**_DECLINED, "MODST": ""},
        *({**_DECLINED, "MODAL": text} for text in (_ISOLATED, _MUTUAL_AID)),
        World({**_DECLINED, "MODAL": _ISOLATED}, interventions=({"MODID": "N@", "MODST": ""},)),
        DISCHARGED,
        World(_DECLINED, without=frozenset({"intervention"})),
    ],
    blank=[
        reported({**_DECLINED, "MODAL": ""}),
        {**_DECLINED, "DISRSN": ""},
        {**_DECLINED, "EPISODID": "", "intervention.EPISODID": ""},
    ],
    not_understood=[
        {**_DECLINED, "MODAL": UNKNOWN},
        reported({**_DECLINED, "MODST": NO_DATE}),
        {**_DECLINED, "DISRSN": UNKNOWN},
    ],
    not_applicable=DISCHARGED,
)
_PRESCRIBING = {**DISCHARGED, "MODAL": "ALCOHOL-PRESCRIBING"}
_NEXT = {"MODID": "N@"}
tables.rule(
    "MODAL.prescribed_alone",
    breached=[
        _PRESCRIBING,
        World(_PRESCRIBING, interventions=({**_NEXT, "MODAL": "DRW"},)),
        World({**DISCHARGED, "MODAL": "ISFL"}, interventions=({**_NEXT, "MODAL": "alcohol prescribing"},)),
    ],
    near_miss=[
        *(
            World(_PRESCRIBING, interventions=({**_NEXT, "MODAL": text},))
            for text in (
                *("PSYCHOSOCIAL-MENTAL-DISORDER", "OTHER-STRUCTURED-PSYCHOSOCIAL", "STRUCTURED-DAY-PROGRAMME"),
                "OTHER-STRUCTURED",
            )
        ),
        {**DISCHARGED, "MODAL": "DRW"},
        {"MODAL": "ALCOHOL-PRESCRIBING"},
    ],
    blank=[
        reported(World(_PRESCRIBING, interventions=({**_NEXT, "MODAL": ""},))),
        {**_PRESCRIBING, "MODAL": ""},
        {**_PRESCRIBING, "DISD": " "},
        {**_PRESCRIBING, "EPISODID": "", "intervention.EPISODID": ""},
    ],
    not_understood=[
        World(_PRESCRIBING, interventions=({**_NEXT, "MODAL": UNKNOWN},)),
        {**_PRESCRIBING, "MODAL": UNKNOWN},
        reported({**_PRESCRIBING, "DISD": NO_DATE}),
    ],
    not_applicable=[{"MODAL": "ALCOHOL-PRESCRIBING"}, {**DISCHARGED, "MODAL": "DRW"}],
)

_OUTSIDE_CUSTODY = {**RELEASED, "DISRSN": "83"}
tables.rule(
    "RTOAGNCY.transferred",
    breached=[
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "RECOVERY"},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE"},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "EXITDEST": _OUTSIDE_UK},
    ],
    near_miss=[
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "STRUCTURED"},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "STRUCTURED-AND-RECOVERY"},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "EXITDEST": _SECURE_HOSPITAL},
        {**RELEASED, "DISRSN": "84", "RTOAGNCY": "NONE"},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "EXITRSN": "A"},
    ],
    blank=[
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": ""},
        reported({**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "EXITDEST": ""}),
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "EXITRSN": ""},
    ],
    not_understood=[
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "EXITDEST": UNKNOWN},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": UNKNOWN},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "EXITRSN": UNKNOWN},
        {**_OUTSIDE_CUSTODY, "RTOAGNCY": "NONE", "DISRSN": UNKNOWN},
    ],
    not_applicable={**RELEASED, "RTOAGNCY": "NONE"},
)
_REFUSED = {**RELEASED, "DISRSN": "71", "RTOAGNCY": "NONE"}
tables.rule(
    "RTOAGNCY.refused",
    breached=[{**_REFUSED, "RTOAGNCY": text} for text in ("STRUCTURED", "STRUCTURED-AND-RECOVERY")],
    near_miss=[
        _REFUSED,
        {**_REFUSED, "RTOAGNCY": "RECOVERY"},
        {**_REFUSED, "EXITRSN": "A", "RTOAGNCY": "STRUCTURED"},
        {**_REFUSED, "DISRSN": "86", "RTOAGNCY": "STRUCTURED"},
    ],
    blank=[{**_REFUSED, "RTOAGNCY": ""}, {**_REFUSED, "RTOAGNCY": "STRUCTURED", "EXITRSN": ""}],
    not_understood=[
        {**_REFUSED, "RTOAGNCY": UNKNOWN},
        {**_REFUSED, "EXITRSN": UNKNOWN, "RTOAGNCY": "STRUCTURED"},
        {**_REFUSED, "DISRSN": UNKNOWN, "RTOAGNCY": "STRUCTURED"},
    ],
    not_applicable={**RELEASED, "DISRSN": "85", "RTOAGNCY": "STRUCTURED"},
)
_COMPLETED: Edit = {**RELEASED, "DISRSN": "80", "RTOAGNCY": "STRUCTURED"}
_near: list[Edit | World] = [
    {**_COMPLETED, "RTOAGNCY": "RECOVERY"},
    {**_COMPLETED, "RTOAGNCY": "NONE"},
    {**_COMPLETED, "EXITRSN": "T"},
    {**_COMPLETED, "DISRSN": "83"},
]
_breached: Cell = [{**_COMPLETED, "DISRSN": text} for text in ("80", "81", "82")] + [
    {**_COMPLETED, "RTOAGNCY": "STRUCTURED-AND-RECOVERY"}
]
tables.rule(
    "RTOAGNCY.completed",
    breached=_breached,
    near_miss=[*_near],
    blank=[{**_COMPLETED, "RTOAGNCY": ""}, {**_COMPLETED, "EXITRSN": ""}],
    not_understood=[{**_COMPLETED, name: UNKNOWN} for name in ("RTOAGNCY", "EXITRSN", "DISRSN")],
    not_applicable={**_COMPLETED, "DISRSN": "85"},
)
