"""The tables of the rules of intervention records."""

from tests.rules.case import Tables, reported
from tests.rules.episode_tables import order
from tests.rules.episode_tables import tables as episode_tables
from tests.rules.families import ANY_TEXT_IS_ONE, out_of_play
from tests.rules.world import DISCHARGED, MAINTENANCE, NO_DATE, REDUCTION, REINDUCTION, UNKNOWN, Edit, World

tables: Tables = episode_tables

tables.rule(
    "MODID.orphan",
    breached=[{"intervention.EPISODID": "X@"}, World(without=frozenset({"episode"}))],
    near_miss=[{"intervention.EPISODID": " E@ "}, {"CONSENT": "N"}, World(episodes=({"HOUSING": "2"},))],
    blank=[reported({"intervention.EPISODID": ""}), reported({"EPISODID": "", "intervention.EPISODID": ""})],
    not_understood=ANY_TEXT_IS_ONE,
    not_applicable=reported(World({"intervention.EPISODID": ""}, interventions=({"EPISODID": ""},)), 0),
)

order("MODST.order", "MODST", "TRIAGED")
order("MODEND.order", "MODEND", "MODST")

_ENDED = {**DISCHARGED, "DISD": "2023-03-01"}
tables.rule(
    "MODEND.after_discharge",
    breached=[{**_ENDED, "MODEND": "2023-03-02"}, {**_ENDED, "MODEND": "2023-04-02"}],
    near_miss=[{**_ENDED, "MODEND": "2023-03-01"}, {**_ENDED, "MODEND": "2023-02-28"}],
    blank={"DISD": "", "MODEND": "2023-03-02"},
    not_understood=[{**_ENDED, "MODEND": NO_DATE}, {**_ENDED, "DISD": NO_DATE, "MODEND": "2023-03-02"}],
    not_applicable={**_ENDED, "MODEND": ""},
)
tables.rule(
    "MODEND.without_start",
    breached=[
        {"MODEND": "2023-02-20", "MODST": ""},
        {"MODEND": "2023-02-20", "MODST": "", "DISRSN": "85"},
        # Its episode is not in the export, and so not discharged.
        {"MODEND": "2023-02-20", "MODST": "", "intervention.EPISODID": "X@"},
    ],
    near_miss=[{"MODEND": "2023-02-20", "MODST": "2023-02-20"}, {**_ENDED, "MODST": ""}],
    blank=[
        reported({"MODEND": "2023-02-20", "MODST": "  "}),
        {"MODEND": "2023-02-20", "MODST": "", "EPISODID": "", "intervention.EPISODID": ""},
    ],
    not_understood=[
        {"MODEND": "2023-02-20", "MODST": NO_DATE},
        reported({"MODEND": NO_DATE, "MODST": ""}),
        {**_ENDED, "DISD": NO_DATE, "MODST": ""},
    ],
    not_applicable=[{"MODEND": "", "MODST": ""}, {**_ENDED, "MODST": ""}],
)
tables.rule(
    "MODEND.open_at_discharge",
    breached=[
        {**_ENDED, "MODEND": ""},
        reported(World(_ENDED, interventions=({"MODID": "N@"}, {"MODID": "O@", "MODEND": "2023-02-01"})), 1),
    ],
    near_miss=[_ENDED, {"DISRSN": "85", "MODEND": ""}],
    blank=reported({**_ENDED, "MODEND": "  "}),
    not_understood=[reported({**_ENDED, "DISD": NO_DATE, "MODEND": ""}), {**_ENDED, "MODEND": NO_DATE}],
    not_applicable=[{"DISD": "", "MODEND": ""}, out_of_play("intervention", {**_ENDED, "MODEND": ""})],
)


def _two(first: Edit, second: Edit, *, apart: bool = False) -> World:
    """Two interventions, the second from 10 February, of one episode or of two."""
    other = {"EPISODID": "F@"} if apart else {}
    return World(
        first,
        episodes=(other,) if apart else (),
        interventions=({"MODID": "N@", "MODST": "2023-02-10", **other, **second},),
    )


_FIRST_OF_A_DAY = {"MODST": "2023-02-10"}
tables.rule(
    "MODAL.overlap",
    breached=[
        reported(_two({}, {}), 1),
        reported(_two({"MODEND": "2023-02-11"}, {}), 1),
        reported(_two({"MODST": "2023-02-09"}, {}), 1),
        reported(_two(_FIRST_OF_A_DAY, {}), 1),
        reported(_two({**_FIRST_OF_A_DAY, "MODID": "Z@"}, {}), 0),
        reported(_two({"MODST": "2023-02-11"}, {}), 0),
        reported(_two({}, {"MODAL": "other structured intervention", "MODEND": "2023-02-11"}), 1),
    ],
    near_miss=[
        _two({"MODEND": "2023-02-10"}, {}),
        _two({}, {"MODAL": "DRW"}),
        _two({}, {}, apart=True),
        _two({**_FIRST_OF_A_DAY, "MODEND": "2023-02-10"}, {"MODEND": "2023-02-10"}),
        _two({}, {"MODID": "M@"}),
    ],
    blank=[
        _two({"MODST": ""}, {}),
        _two({}, {"MODST": ""}),
        _two({}, {"MODAL": ""}),
        _two({"MODAL": ""}, {"MODAL": ""}),
        _two({"EPISODID": "", "intervention.EPISODID": ""}, {"EPISODID": ""}),
    ],
    not_understood=[
        reported(_two({"MODAL": UNKNOWN}, {"MODAL": UNKNOWN}), 1),
        _two({"MODAL": UNKNOWN}, {"MODAL": UNKNOWN.lower()}),
        _two({"MODST": NO_DATE}, {}),
        _two({}, {"MODST": NO_DATE}),
        _two({"MODEND": NO_DATE}, {}),
    ],
    not_applicable=_two({"MODAL": ""}, {"MODAL": ""}),
)


def concurrent(rule: str, running: tuple[str, str], starting: tuple[str, str]) -> None:
    """An intervention of the second meaning starts while one of the first runs; of each meaning two codes."""
    first, second = {"MODAL": running[0]}, {"MODAL": starting[0]}

    def two(one: Edit, other: Edit | None = None, *, apart: bool = False) -> World:
        return _two({**first, **one}, {**second, **(other or {})}, apart=apart)

    without_episode = _two({**first, "EPISODID": "", "intervention.EPISODID": ""}, {**second, "EPISODID": ""})
    tables.rule(
        rule,
        breached=[
            reported(two({}), 1),
            reported(two({"MODEND": "2023-02-11"}), 1),
            reported(two(_FIRST_OF_A_DAY), 1),
            reported(two({**_FIRST_OF_A_DAY, "MODID": "Z@"}), 1),
            reported(two({"MODAL": running[1]}, {"MODAL": starting[1]}), 1),
        ],
        near_miss=[
            two({"MODEND": "2023-02-10"}),
            two({"MODST": "2023-02-11"}),
            two({"MODAL": REINDUCTION}),
            two({}, {"MODAL": REINDUCTION}),
            two({}, {"MODAL": "DRW"}),
            _two(second, first),
            two({}, apart=True),
            two({}, {"MODID": "M@"}),
        ],
        blank=[two({"MODST": ""}), two({}, {"MODST": ""}), two({"MODAL": ""}), without_episode],
        not_understood=[
            two({"MODAL": UNKNOWN}),
            two({}, {"MODAL": UNKNOWN}),
            two({"MODST": NO_DATE}),
            two({}, {"MODST": NO_DATE}),
            two({"MODEND": NO_DATE}),
        ],
        not_applicable=[_two({"MODAL": ""}, first), _two({"MODAL": "DRW"}, first)],
    )


_REDUCTIONS = (REDUCTION, "OPIOID-REDUCTION-BUPRENORPHINE")
_MAINTENANCES = (MAINTENANCE, "OPIOID-MAINTENANCE-DEPOT")
concurrent("MODAL.concurrent_substitution", _MAINTENANCES, _REDUCTIONS)
concurrent("MODAL.maintenance_over_reduction", _REDUCTIONS, _MAINTENANCES)
