"""The tables of the rules of episode records: discharge, exit, and what is asked at each."""

from tests.rules.case import Cell, Tables, reported
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
        blank=reported({**DISCHARGED, _field: "NONE"}),
        not_understood=[{**_EXIT_NOT_READ, _field: "NONE"}, reported({**TRANSFERRED, _field: UNKNOWN})],
        not_applicable={**TRANSFERRED, _field: ""},
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
_TO_THE_DISCHARGE = {**_RAN_90, "MODEND": "", "MODST": "2022-11-30"}
tables.rule(
    "CLINREV.at_discharge",
    breached=[
        *({**_RAN_91, "MODAL": modal} for modal in (MAINTENANCE, REDUCTION, REINDUCTION, "opioid-reduction-depot")),
        _TO_THE_DISCHARGE,
        {**_RAN_91, "MODEND": "2024-01-31"},
        World({**_RAN_91, "MODAL": "DRW"}, interventions=({"MODID": "N@", "MODAL": REDUCTION, "MODST": "2022-01-01"},)),
    ],
    near_miss=[
        *({**_RAN_90, "MODAL": modal} for modal in (MAINTENANCE, REDUCTION, REINDUCTION)),
        {**_TO_THE_DISCHARGE, "MODST": "2022-12-01"},
        {**_RAN_91, "CLINREV": "N"},
        {**_RAN_91, "MODAL": "LOFEXIDINE"},
        World(
            {**_RAN_90, "MODAL": "DRW"}, interventions=({"MODID": "N@", "MODAL": REDUCTION, "MODEND": "2023-02-01"},)
        ),
    ],
    blank=[
        {**_RAN_91, "MODST": ""},
        {**_RAN_91, "MODAL": ""},
        {**_RAN_91, "EPISODID": "", "intervention.EPISODID": ""},
    ],
    not_understood=[
        {**_RAN_91, "MODAL": UNKNOWN},
        {**_RAN_91, "MODST": NO_DATE},
        {**_RAN_91, "MODEND": NO_DATE},
        reported({**_RAN_91, "DISD": NO_DATE}),
        {**_TO_THE_DISCHARGE, "DISD": NO_DATE},
        {**_RAN_91, "CLINREV": UNKNOWN},
        reported(
            World(
                {**_RAN_91, "MODAL": UNKNOWN},
                interventions=({"MODID": "N@", "MODAL": REDUCTION, "MODST": "2022-01-01", "MODEND": "2022-06-01"},),
            )
        ),
    ],
    not_applicable=[{**_RAN_91, "DISD": ""}, {**_RAN_91, "MODAL": "DRW"}, _RAN_90],
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
    breached=[{**TRANSFERRED, "DISRSN": "83"}, {**TRANSFERRED, "DISRSN": "083"}],
    near_miss=[TRANSFERRED, {**TRANSFERRED, "DISRSN": "74"}]
    + [{**TRANSFERRED, "DISRSN": "83", "EXITRSN": text} for text in ("R", "A", "D")],
    blank=[{**TRANSFERRED, "DISRSN": "83", "EXITRSN": ""}, {**TRANSFERRED, "DISRSN": ""}],
    not_understood=[{**TRANSFERRED, "DISRSN": "83", "EXITRSN": UNKNOWN}, {**TRANSFERRED, "DISRSN": UNKNOWN}],
    not_applicable={**TRANSFERRED, "DISRSN": "85"},
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
    breached=[{**_REFUSED, "RTOAGNCY": text} for text in ("STRUCTURED", "STRUCTURED-AND-RECOVERY", "RECOVERY")],
    near_miss=[
        _REFUSED,
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
