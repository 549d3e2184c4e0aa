"""The tables of the rules of episode records: ties, consent, reception, triage and facts about the client."""

from tests.rules.case import Cell, Tables, kept, reported
from tests.rules.families import ANY_TEXT_IS_ONE, IS_THE_BREACH, out_of_play
from tests.rules.world import ABSCONDED, DISCHARGED, NO_DATE, RELEASED, TRANSFERRED, UNKNOWN, Edit, World

tables = Tables()

tables.rule(
    "EPISODID.orphan",
    breached=[{"episode.CLIENTID": "X@"}, World(without=frozenset({"client"}))],
    near_miss=[{"episode.CLIENTID": " C@\t"}, World({}, clients=({"ETHNIC": "B"},)), World(clients=({},))],
    blank=[reported({"episode.CLIENTID": ""}), reported({"CLIENTID": "", "episode.CLIENTID": ""})],
    not_understood=ANY_TEXT_IS_ONE,
    not_applicable=reported(World({"episode.CLIENTID": ""}, episodes=({"CLIENTID": ""},)), 0),
)

tables.rule(
    "MODID.absent",
    breached=[World(without=frozenset({"intervention"})), {"intervention.EPISODID": "X@"}],
    near_miss=[{"MODID": "", "MODAL": "", "MODST": ""}, {"intervention.EPISODID": " E@"}],
    blank=reported({"intervention.EPISODID": ""}),
    not_understood=ANY_TEXT_IS_ONE,
    not_applicable=World({"EPISODID": ""}, without=frozenset({"intervention"})),
)

tables.rule(
    "CONSENT.given",
    breached=[{"CONSENT": text} for text in ("N", "no", "n", "0")],
    near_miss=[{"CONSENT": text} for text in ("Y", "y", "yes", " Yes ")],
    blank=[reported({"CONSENT": ""}), reported({"CONSENT": "  "})],
    not_understood=[reported({"CONSENT": text}) for text in (UNKNOWN, "true", "1")],
    not_applicable=reported(World({"CONSENT": "N"}, episodes=({"CONSENT": "N"},)), 0),
)

tables.rule(
    "PC.format",
    breached=[
        {"PC": text} for text in ("NR14 7UJX", "UNKNOWN", "12345", "NR14 7U", "N14 UJ7", "NR14", "NR147", "A999 9AA")
    ],
    near_miss=[
        {"PC": text}
        for text in (
            *("nr147uj", "N R147 UJ", "M1 1AA", "M60 1NW", "W1A 1AA", "CR2 6XH", "EC1A 1BB", "GIR 0AA"),
            *("NR14 7", "nr14  7", "ZZ99 3VZ", "zz993vz", "Nfa", "no fixed abode", "outside uk", "ZZ99 3CZ"),
        )
    ],
    blank={"PC": ""},
    not_understood=IS_THE_BREACH,
    not_applicable=[out_of_play("episode", {"PC": "12345"}), {"PC": "ZZ99 3CZ"}],
)
tables.rule(
    "PC.pseudo",
    breached=[{"PC": text} for text in ("ZZ99 3CZ", "zz993gz", "ZZ99 1WZ", "Z Z99 2WZ", "ZZ99 3AA", "ZZ99 9ZZ")],
    near_miss=[{"PC": text} for text in ("ZZ99 3VZ", "zz993vz", "ZZ99 3", "ZZ98 3CZ", "NFA", "outside uk")],
    blank={"PC": ""},
    not_understood=[{"PC": "ZZ99 3C"}, {"PC": "ZZ999 3CZ"}],
    not_applicable=[out_of_play("episode", {"PC": "ZZ99 3CZ"}), {"PC": ""}],
)
_NO_ABODE = {"PC": "NFA", "HOUSING": "1"}
tables.rule(
    "PC.with_a_home",
    breached=[
        *({**_NO_ABODE, "PC": text} for text in ("NFA", "ZZ99 3VZ", "ZZ99 3")),
        {**_NO_ABODE, "HOUSING": "13"},
        {**_NO_ABODE, "NFA_UTLA": "E10000020"},
        {**_NO_ABODE, "PC": "outside uk", "UTLA": "E10000020"},
    ],
    near_miss=[
        *({**_NO_ABODE, "HOUSING": text} for text in ("14", "24")),
        {**_NO_ABODE, "PC": "outside uk"},
        {**_NO_ABODE, "UTLA": "OUTSIDE-UK"},
        {**_NO_ABODE, "PC": "ZZ99 4"},
    ],
    blank=[{**_NO_ABODE, "HOUSING": ""}, {**_NO_ABODE, "PC": ""}, reported({**_NO_ABODE, "UTLA": " "})],
    not_understood=[
        {**_NO_ABODE, "HOUSING": UNKNOWN},
        {**_NO_ABODE, "UTLA": UNKNOWN},
        {**_NO_ABODE, "PC": "no home"},
        {**_NO_ABODE, "PC": "ZZ99 3CZ"},
    ],
    not_applicable=[{"HOUSING": "1"}, {**_NO_ABODE, "PC": "outside uk"}],
)
tables.rule(
    "UTLA.postcode",
    breached=[
        {"UTLA": "E06000001"},
        {"UTLA": "Hartlepool"},
        {"PC": "ts248aa", "UTLA": "E10000020"},
        {"PC": "S1 2AA", "UTLA": "E08000016"},
    ],
    near_miss=[
        {"UTLA": "E10000020"},
        {"UTLA": "norfolk"},
        {"PC": "NR14 7", "UTLA": "E06000001"},
        {"PC": "NR14 7ZZ", "UTLA": "E06000001"},
        {"PC": "NR14 8AB", "UTLA": "E10000029"},
        {"PC": "NFA", "UTLA": "E06000001"},
        {"PC": "ZZ99 1WZ", "UTLA": "E06000001"},
        # The directory has the code of another day.
        {"PC": "S70 2AA", "UTLA": "E08000016"},
        {"PC": "CA1 1AA", "UTLA": "E06000063"},
    ],
    blank=[{"UTLA": " "}, {"PC": "", "UTLA": "E06000001"}],
    not_understood=[{"UTLA": UNKNOWN}, {"PC": "NR14", "UTLA": "E06000001"}],
    not_applicable=[{}, {"PC": "NR14 7", "UTLA": "E06000001"}],
)


def order(rule: str, later: str, earlier: str, base: Edit | None = None, *, day: str = "2023-02-1") -> None:
    """The first date may be on the second, but not before it.  `day` lacks the last figure."""
    edit = base or {}
    tables.rule(
        rule,
        breached=[{**edit, later: f"{day}1", earlier: f"{day}2"}, {**edit, later: f"{day}1", earlier: f"{day}9"}],
        near_miss=[{**edit, later: f"{day}2", earlier: f"{day}2"}, {**edit, later: f"{day}3", earlier: f"{day}2"}],
        blank={**edit, later: f"{day}1", earlier: ""},
        not_understood=[
            {**edit, later: NO_DATE, earlier: f"{day}2"},
            {**edit, later: f"{day}1", earlier: NO_DATE},
        ],
        not_applicable={**edit, later: "", earlier: f"{day}2"},
    )


order("RECPDT.order", "RECPDT", "INTRCPTD")
order("TRIAGED.order", "TRIAGED", "RECPDT")
order("DISD.order", "DISD", "TRIAGED", DISCHARGED)
order("EXITD.order", "EXITD", "RECPDT", ABSCONDED)
order("EXITD.before_discharge", "EXITD", "DISD", ABSCONDED)
order("REFHEPCTXDT.order", "REFHEPCTXDT", "RECPDT")
order("HEPCTSTD.before_birth", "HEPCTSTD", "DOB", day="1988-04-1")
order("HIVTESTDT.before_birth", "HIVTESTDT", "DOB", day="1988-04-1")

tables.rule(
    "INTRCPTD.before_birth",
    breached=[{"DOB": "1991-03-02", "INTRCPTD": "1991-03-01"}, {"DOB": "1991-03-02", "INTRCPTD": "1991-03-02"}],
    near_miss={"DOB": "1991-03-02", "INTRCPTD": "1991-03-03"},
    blank={"DOB": "", "INTRCPTD": "1891-03-02"},
    not_understood=[{"DOB": NO_DATE, "INTRCPTD": "1891-03-02"}, {"DOB": "1991-03-02", "INTRCPTD": NO_DATE}],
    not_applicable={"DOB": "1991-03-02", "INTRCPTD": ""},
)

_TRIAGED = {"TRIAGED": "2023-03-01"}
tables.rule(
    "DOB.adult",
    breached=[{**_TRIAGED, "DOB": text} for text in ("2005-03-02", "2023-03-01", "2022-01-01")]
    + [{"TRIAGED": "2022-02-28", "DOB": "2004-02-29"}],
    near_miss=[{**_TRIAGED, "DOB": text} for text in ("2005-03-01", "2005-02-28", "2004-03-02")]
    + [{"TRIAGED": "2022-03-01", "DOB": "2004-02-29"}],
    blank={**_TRIAGED, "DOB": ""},
    not_understood=[{**_TRIAGED, "DOB": NO_DATE}, {"TRIAGED": NO_DATE, "DOB": "2015-03-02"}],
    not_applicable={"TRIAGED": "", "DOB": "2015-03-02"},
)
tables.rule(
    "DOB.plausible",
    breached=[{**_TRIAGED, "DOB": text} for text in ("1912-03-01", "1912-02-29", "1890-06-01")],
    near_miss=[{**_TRIAGED, "DOB": text} for text in ("1912-03-02", "1913-01-01")],
    blank={**_TRIAGED, "DOB": ""},
    not_understood=[{**_TRIAGED, "DOB": NO_DATE}, {"TRIAGED": NO_DATE, "DOB": "1890-03-02"}],
    not_applicable={"TRIAGED": "", "DOB": "1890-03-02"},
)

_MOVED = {"INTRCPTD": "2023-01-01", "RECPDT": "2023-01-02"}
_NOT_MOVED = {"INTRCPTD": "2023-01-02", "RECPDT": "2023-01-02"}
tables.rule(
    "PRISON.missing",
    breached=_MOVED,
    near_miss=[_NOT_MOVED, {**_MOVED, "PRISON": "HMP1"}],
    blank=[{**_MOVED, "RECPDT": ""}, {**_MOVED, "INTRCPTD": ""}],
    not_understood=[
        {**_MOVED, "PRISON": UNKNOWN},
        kept({**_MOVED, "PRISON": UNKNOWN}, lists="published"),
        {**_MOVED, "RECPDT": NO_DATE},
        {**_MOVED, "INTRCPTD": NO_DATE},
    ],
    not_applicable={"INTRCPTD": "2023-01-03", "RECPDT": "2023-01-02"},
)
tables.rule(
    "PRISON.not_transferred",
    breached=[{**_NOT_MOVED, "PRISON": "HMP1"}, {"INTRCPTD": "02/01/2023", "PRISON": "HMP1"}],
    near_miss=[{**_MOVED, "PRISON": "HMP1"}, {"INTRCPTD": "2023-01-03", "RECPDT": "2023-01-02", "PRISON": "HMP1"}],
    blank=[_NOT_MOVED, {"INTRCPTD": "", "RECPDT": "", "PRISON": "HMP1"}],
    not_understood=[
        reported({**_NOT_MOVED, "PRISON": UNKNOWN}, lists="published"),
        {"INTRCPTD": NO_DATE, "RECPDT": NO_DATE, "PRISON": "HMP1"},
    ],
    not_applicable=_MOVED,
)

# One episode and another of the client, whose edit is the second.
_FIRST = {"TRIAGED": "2023-01-05", **DISCHARGED}
_SECOND = {"EPISODID": "F@", "TRIAGED": "2023-03-10"}


def two(first: Edit, second: Edit, *, apart: bool = False) -> World:
    """Two episodes, of one client or of two."""
    other = {"CLIENTID": "D@"} if apart else {}
    return World(first, clients=(other,) if apart else (), episodes=({**_SECOND, **other, **second},))


tables.rule(
    "TRIAGED.overlap",
    breached=[
        reported(two({**_FIRST, "DISD": "2023-03-11"}, {}), 1),
        reported(two({}, {}), 1),
        reported(two({}, {"TRIAGED": "2023-01-06"}), 1),
        reported(two({}, {"TRIAGED": "2023-01-05"}), 1),
        reported(two({"EPISODID": "Z@"}, {"TRIAGED": "2023-01-05"}), 0),
        reported(two({}, {"TRIAGED": "2023-01-04"}), 0),
        reported(two({"DISD": "2023-01-06"}, {"TRIAGED": "2023-01-05"}), 1),
    ],
    near_miss=[
        two({**_FIRST, "DISD": "2023-03-10"}, {}),
        two({"DISD": "2023-01-05"}, {"TRIAGED": "2023-01-05", "DISD": "2023-01-05"}),
        two({}, {}, apart=True),
        two({}, {"CONSENT": "N"}),
        two({"CONSENT": "N"}, {}),
        two({}, {"EPISODID": "E@"}),
    ],
    blank=[
        two({"TRIAGED": ""}, {}),
        World({"CLIENTID": "", "episode.CLIENTID": ""}, episodes=({**_SECOND, "CLIENTID": ""},)),
    ],
    not_understood=[
        two({"TRIAGED": NO_DATE}, {}),
        two({}, {"TRIAGED": NO_DATE}),
        two({"DISD": NO_DATE}, {}),
    ],
    not_applicable=two({"TRIAGED": ""}, {"TRIAGED": ""}),
)

# The exit is on 10 March; the other episode is the second.
_LEFT = {**ABSCONDED, "EXITD": "2023-03-10"}
_ENDED = {"DISD": "2023-03-10", "DISRSN": "85"}
tables.rule(
    "EXITD.other_open",
    breached=[
        two(_LEFT, {}),
        two(_LEFT, {**_ENDED, "DISD": ""}),
        two(_LEFT, {**_ENDED, "DISRSN": ""}),
        two(_LEFT, {"TRIAGED": "2023-01-01"}),
    ],
    near_miss=[
        two(_LEFT, _ENDED),
        two(_LEFT, {"TRIAGED": "2023-03-11"}),
        two(_LEFT, {}, apart=True),
        two(_LEFT, {"CONSENT": "N"}),
        two({**_LEFT, "DISD": "", "DISRSN": ""}, _ENDED),
        two(_LEFT, {"EPISODID": "E@"}),
    ],
    blank=[
        two(_LEFT, {"TRIAGED": ""}),
        World({**_LEFT, "CLIENTID": "", "episode.CLIENTID": ""}, episodes=({**_SECOND, "CLIENTID": ""},)),
    ],
    not_understood=[
        two({**_LEFT, "EXITD": NO_DATE}, {}),
        two(_LEFT, {"TRIAGED": NO_DATE}),
        two(_LEFT, {"DISD": NO_DATE, "DISRSN": UNKNOWN}),
        reported(two(_LEFT, {"DISD": NO_DATE}), 0),
    ],
    not_applicable=two({}, {}),
)

_WITHOUT_CLIENT = World(
    {"CLIENTID": "", "episode.CLIENTID": ""}, episodes=({**_SECOND, "CLIENTID": "", "CONSENT": "N"},)
)
tables.rule(
    "CONSENT.differs",
    breached=[
        reported(two({}, {"CONSENT": "N"}), 0),
        reported(two({}, {"CONSENT": "no", "TRIAGED": "2023-01-06"}), 0),
        reported(two({"TRIAGED": "2023-03-11", "CONSENT": "N"}, {}), 1),
    ],
    near_miss=[
        two({}, {"CONSENT": "N", "TRIAGED": "2023-01-05"}),
        two({}, {"CONSENT": "N", "TRIAGED": "2023-01-04"}),
        two({}, {}),
        two({}, {"CONSENT": "N"}, apart=True),
        two({}, {"CONSENT": "N", "EPISODID": "E@"}),
        two({}, {"CONSENT": "N", "AGNCY": "L0002"}),
    ],
    blank=[
        two({}, {"CONSENT": ""}),
        two({"TRIAGED": ""}, {"CONSENT": "N"}),
        two({}, {"CONSENT": "N", "TRIAGED": ""}),
        _WITHOUT_CLIENT,
    ],
    not_understood=[
        two({}, {"CONSENT": UNKNOWN}),
        two({"TRIAGED": NO_DATE}, {"CONSENT": "N"}),
        two({}, {"CONSENT": "N", "TRIAGED": NO_DATE}),
        two({"CONSENT": UNKNOWN}, {"CONSENT": "N"}),
    ],
    not_applicable=[two({"CONSENT": "N"}, {"CONSENT": "N"}), two({"CONSENT": ""}, {"CONSENT": "N"})],
)


def across(
    rule: str, breached: Cell, near_miss: tuple[World, ...], blank: Cell, not_understood: Cell, not_applicable: Cell,
    first: Edit, second: Edit,
) -> None:  # fmt: skip
    """A rule about two episodes; the first and second are a breach, and none where they do not belong together."""
    tables.rule(
        rule,
        breached=breached,
        near_miss=[
            *near_miss,
            two(first, second, apart=True),
            two(first, {**second, "EPISODID": "E@"}),
            two(first, {**second, "AGNCY": "L0002"}),
            two({**first, "CONSENT": "N"}, second),
            two(first, {**second, "CONSENT": "N"}),
            World({**first, "CLIENTID": "", "episode.CLIENTID": ""}, episodes=({**_SECOND, **second, "CLIENTID": ""},)),
        ],
        blank=blank,
        not_understood=not_understood,
        not_applicable=not_applicable,
    )


_AGAIN = {"RECPDT": "2023-03-09"}
across(
    "EXITD.before_next_reception",
    [
        reported(two({}, _AGAIN), 0),
        reported(two({}, {"RECPDT": "2023-01-03"}), 0),
        reported(two({}, {"RECPDT": "2023-01-01"}), 1),
        reported(two({**ABSCONDED, "EXITD": "2023-03-10"}, _AGAIN), 0),
        reported(World({**ABSCONDED, "EXITD": "2023-03-10"}, episodes=(
            {**_SECOND, "RECPDT": "2023-04-01", "EXITD": "2023-04-02"},
            {**_SECOND, **_AGAIN, "EPISODID": "G@", "EXITD": "2023-03-20"},
        )), 0),
    ],
    (
        two({**ABSCONDED, "EXITD": "2023-03-09"}, _AGAIN),
        two({**ABSCONDED, "EXITD": "2023-03-08"}, _AGAIN),
        two({}, {}),
    ),
    [two({"RECPDT": ""}, _AGAIN), two({}, {"RECPDT": ""}), reported(two({"EXITD": " "}, _AGAIN), 0)],
    [
        two({"RECPDT": NO_DATE}, _AGAIN),
        two({}, {"RECPDT": NO_DATE}),
        two({**ABSCONDED, "EXITD": NO_DATE}, _AGAIN),
    ],
    two({"CONSENT": "N"}, _AGAIN),
    {}, _AGAIN,
)  # fmt: skip

_OUT = {**ABSCONDED, "EXITD": "2023-03-20"}
across(
    "EXITD.of_one_stay",
    [
        reported(two({}, _OUT), 0),
        reported(two({**ABSCONDED, "EXITD": "2023-03-19"}, _OUT), 0, 1),
        reported(two({**ABSCONDED, "EXITD": "2023-03-10"}, {}), 1),
        reported(two({**ABSCONDED, "EXITD": "2023-03-09"}, _OUT), 0),
        reported(World(_OUT, episodes=({**_SECOND, **_OUT}, {**_SECOND, "EPISODID": "G@"})), 2),
    ],
    (
        two({**ABSCONDED, "EXITD": "2023-03-09"}, {}),
        two(_OUT, _OUT),
        two({"RECPDT": "2023-01-03"}, _OUT),
        two({}, {}),
    ),
    [
        two({"RECPDT": ""}, {**_OUT, "RECPDT": ""}),
        two({"TRIAGED": ""}, _OUT),
        reported(two({"EXITD": " "}, _OUT), 0),
    ],
    [
        two({"RECPDT": NO_DATE}, _OUT),
        two({}, {**_OUT, "RECPDT": NO_DATE}),
        two({**ABSCONDED, "EXITD": NO_DATE}, _OUT),
        two({}, {**_OUT, "EXITD": NO_DATE}),
        two({"TRIAGED": NO_DATE}, _OUT),
    ],
    two({"CONSENT": "N"}, _OUT),
    {}, _OUT,
)  # fmt: skip

across(
    "RECPDT.of_an_earlier_stay",
    [
        reported(two(ABSCONDED, {}), 1),
        reported(two(RELEASED, {}), 1),
        reported(two(ABSCONDED, {"RECPDT": "2023-03-01"}), 1),
        reported(two(ABSCONDED, {"TRIAGED": "2023-03-02"}), 1),
    ],
    (
        two(ABSCONDED, {"RECPDT": "2023-03-02"}),
        two(ABSCONDED, {"TRIAGED": "2023-03-01"}),
        two(TRANSFERRED, {}),
        two({**ABSCONDED, "EXITRSN": "D"}, {}),
    ),
    [
        two({**ABSCONDED, "EXITRSN": ""}, {}),
        two({**ABSCONDED, "EXITD": ""}, {}),
        two(ABSCONDED, {"RECPDT": ""}),
        two(ABSCONDED, {"TRIAGED": ""}),
    ],
    [
        two({**ABSCONDED, "EXITRSN": UNKNOWN}, {}),
        two({**ABSCONDED, "EXITD": NO_DATE}, {}),
        two(ABSCONDED, {"RECPDT": NO_DATE}),
        two(ABSCONDED, {"TRIAGED": NO_DATE}),
    ],
    [two({"RECPDT": ""}, ABSCONDED), two({"TRIAGED": ""}, ABSCONDED)],
    ABSCONDED, {},
)  # fmt: skip

_DEAD = {**ABSCONDED, "EXITRSN": "D", "DISRSN": "89"}
across(
    "TRIAGED.after_death",
    [
        reported(two(_DEAD, {}), 1),
        reported(two({**_DEAD, "EXITRSN": "A"}, {}), 1),
        reported(two({**_DEAD, "DISRSN": "85"}, {}), 1),
        reported(two({**_DEAD, "EXITD": "2023-03-09"}, {}), 1),
        reported(two({**DISCHARGED, "DISRSN": "89", "DISD": "2023-03-09"}, {}), 1),
    ],
    (
        two({**_DEAD, "EXITD": "2023-03-10"}, {}),
        two({**_DEAD, "EXITD": "2023-03-20"}, {}),
        two({**DISCHARGED, "DISRSN": "89", "DISD": "2023-03-10"}, {}),
        two(ABSCONDED, {}),
    ),
    [
        two({**_DEAD, "EXITD": "", "DISD": ""}, {}),
        two(_DEAD, {"TRIAGED": ""}),
        two({**_DEAD, "EXITRSN": "", "DISRSN": ""}, {}),
    ],
    [
        two({**_DEAD, "EXITRSN": UNKNOWN, "DISRSN": "85"}, {}),
        two({**_DEAD, "EXITRSN": "A", "DISRSN": UNKNOWN}, {}),
        reported(two({**_DEAD, "EXITRSN": UNKNOWN}, {}), 1),
        two({**_DEAD, "EXITD": NO_DATE}, {}),
        two({**_DEAD, "EXITD": "", "DISD": NO_DATE}, {}),
        two(_DEAD, {"TRIAGED": NO_DATE}),
    ],
    two({"TRIAGED": ""}, _DEAD),
    _DEAD, {},
)  # fmt: skip

tables.rule(
    "HIVTESTDT.never_tested",
    breached=[{"HIVSTAT": text} for text in ("UNKNOWN", "unknown")],
    near_miss=[{"HIVSTAT": "Y"}, {"HIVSTAT": "N"}, {"HIVSTAT": "UNKNOWN", "HIVTESTDT": ""}],
    blank=[{"HIVSTAT": ""}, {"HIVSTAT": "UNKNOWN", "HIVTESTDT": " "}],
    not_understood=[{"HIVSTAT": UNKNOWN}, reported({"HIVSTAT": "UNKNOWN", "HIVTESTDT": NO_DATE})],
    not_applicable={"HIVSTAT": "UNKNOWN", "HIVTESTDT": ""},
)
tables.rule(
    "CHILDWTH.lives_with",
    breached=[{"PRNTSTAT": "11", "CHILDWTH": "0"}, {"PRNTSTAT": "12", "CHILDWTH": "00"}],
    near_miss=[
        *({"PRNTSTAT": text, "CHILDWTH": "0"} for text in ("13", "15")),
        *({"PRNTSTAT": "12", "CHILDWTH": text} for text in ("1", "98")),
    ],
    blank=[{"PRNTSTAT": "", "CHILDWTH": "0"}, {"PRNTSTAT": "12", "CHILDWTH": ""}],
    not_understood=[
        {"PRNTSTAT": UNKNOWN, "CHILDWTH": "0"},
        {"PRNTSTAT": "12", "CHILDWTH": "none"},
        {"PRNTSTAT": "12", "CHILDWTH": "99"},
    ],
    not_applicable=[{"PRNTSTAT": "13", "CHILDWTH": "0"}, {"PRNTSTAT": "", "CHILDWTH": "0"}],
)
for _field, _codes in (
    ("DISABLE2", ("NN", "ZZ", "Not stated")),
    ("DISABLE3", ("NN", "ZZ", "no disability")),
    ("EHCS2", ("5", "99", "client declined to answer")),
    ("EHCS3", ("5", "99", "05")),
):
    tables.rule(
        f"{_field}.none",
        breached=[{_field: text} for text in _codes],
        near_miss=[{_field: text} for text in (("1", "XX") if _field.startswith("D") else ("1", "6", "7"))],
        blank={_field: " "},
        not_understood={_field: UNKNOWN},
        not_applicable={_field: ""},
    )

# The data is extracted on 3 May: 28 days before is 5 April, 42 days before is 22 March.
_ENDED_LONG_AGO = {"MODEND": "2023-04-05"}
_NO_EPISODE_ID = {"EPISODID": "", "intervention.EPISODID": ""}
tables.rule(
    "MODEND.all_ended",
    breached=[
        _ENDED_LONG_AGO,
        {"MODEND": "2023-02-01"},
        World({"MODEND": "2023-02-01"}, interventions=({"MODID": "N@", **_ENDED_LONG_AGO},)),
    ],
    near_miss=[
        {"MODEND": "2023-04-06"},
        World(_ENDED_LONG_AGO, interventions=({"MODID": "N@"},)),
        World(_ENDED_LONG_AGO, interventions=({"MODID": "N@", "MODEND": "2023-04-06"},)),
        {**DISCHARGED, **_ENDED_LONG_AGO},
    ],
    blank=[{"MODEND": ""}, {**_ENDED_LONG_AGO, **_NO_EPISODE_ID}, reported({**_ENDED_LONG_AGO, "DISD": " "})],
    not_understood=[
        {"MODEND": NO_DATE},
        World(_ENDED_LONG_AGO, interventions=({"MODID": "N@", "MODEND": NO_DATE},)),
        {**_ENDED_LONG_AGO, "DISD": NO_DATE},
    ],
    not_applicable=[{"MODEND": ""}, World(without=frozenset({"intervention"}))],
)
_WAITING = {"MODST": "", "TRIAGED": "2023-03-22"}
tables.rule(
    "MODST.waiting",
    breached=[
        _WAITING,
        {**_WAITING, "TRIAGED": "2023-01-05"},
        World({"TRIAGED": "2023-03-22"}, without=frozenset({"intervention"})),
        World(_WAITING, interventions=({"MODID": "N@", "MODST": ""},)),
    ],
    near_miss=[
        {**_WAITING, "TRIAGED": "2023-03-23"},
        {**_WAITING, "MODST": "2023-05-01"},
        World(_WAITING, interventions=({"MODID": "N@"},)),
        {**_WAITING, **DISCHARGED},
    ],
    blank=[{**_WAITING, "TRIAGED": ""}, {**_WAITING, **_NO_EPISODE_ID}, reported({**_WAITING, "DISD": " "})],
    not_understood=[{**_WAITING, "TRIAGED": NO_DATE}, {**_WAITING, "MODST": NO_DATE}, {**_WAITING, "DISD": NO_DATE}],
    not_applicable=[{**_WAITING, **DISCHARGED}, {**_WAITING, "TRIAGED": "2023-03-23"}],
)

_NONE_CODES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("DISABLE2", "DISABLE1", ("NN", "ZZ", "nn", "No disability")),
    ("DISABLE3", "DISABLE1", ("NN", "ZZ", "Not stated")),
    ("EHCS2", "EHCS", ("5", "99", "05", "Client declined to answer")),
    ("EHCS3", "EHCS", ("5", "99")),
)
for _later, _first, _none_codes in _NONE_CODES:
    _other_answers: tuple[str, ...] = ("2", "XX", "10") if _first == "DISABLE1" else ("7", "4", "6", "9")
    tables.rule(
        f"{_later}.after_none",
        breached=[{_first: text, _later: "1"} for text in _none_codes],
        near_miss=[{_first: text, _later: "1"} for text in _other_answers],
        blank=[{_first: "", _later: "1"}, {_first: _none_codes[0], _later: ""}],
        not_understood=[{_first: UNKNOWN, _later: "1"}, reported({_first: _none_codes[0], _later: UNKNOWN})],
        not_applicable=[{_first: "1", _later: "2"}, {_first: "", _later: "2"}],
    )

for _later, _before in (
    ("DISABLE2", "DISABLE1"), ("DISABLE3", "DISABLE2"), ("EHCS2", "EHCS"), ("EHCS3", "EHCS2"), ("DRUG3", "DRUG2"),
):  # fmt: skip
    tables.rule(
        f"{_later}.gap",
        breached={_before: "", _later: "1"},
        near_miss={_before: "2", _later: "1"},
        blank=reported({_before: "  ", _later: "1"}),
        not_understood=[{_before: UNKNOWN, _later: "1"}, reported({_before: "", _later: UNKNOWN})],
        not_applicable={_before: "", _later: ""},
    )

for _later, _others, _published in (
    ("DISABLE2", ("DISABLE1",), True),
    ("DISABLE3", ("DISABLE1", "DISABLE2"), True),
    ("EHCS2", ("EHCS",), True),
    ("EHCS3", ("EHCS", "EHCS2"), True),
    ("DRUG2", ("DRUG1",), False),
    ("DRUG3", ("DRUG1", "DRUG2"), False),
):
    _code, _written, _another = ("1", "01", "2") if _published else ("1000", "Other opiates", "2100")
    _all_another = dict.fromkeys(_others, _another)
    _third = "3" if _published else "2200"
    # What is in no list is sent as it came where the list is not published, and then it is the same text.
    _both_unknown = {**_all_another, _others[0]: UNKNOWN, _later: UNKNOWN}
    _not_read = [kept(_both_unknown, lists="published"), kept(_both_unknown) if _published else reported(_both_unknown)]
    tables.rule(
        f"{_later}.repeated",
        breached=[{**_all_another, other: _code, _later: _code} for other in _others]
        + [{**_all_another, other: _written, _later: _code} for other in _others],
        near_miss=[{**_all_another, _later: _third}, {**_all_another, _later: _third.rjust(5, "0")}],
        blank=[
            {**dict.fromkeys(_others, ""), _later: ""},
            {**dict.fromkeys(_others, ""), _later: _code},
            *(reported({**dict.fromkeys(_others, ""), other: _code, _later: _code}) for other in _others),
        ],
        not_understood=[
            *_not_read,
            {**_all_another, _others[0]: UNKNOWN, _later: UNKNOWN.lower()},
            *(reported({**_all_another, _others[0]: UNKNOWN, other: _code, _later: _code}) for other in _others[1:]),
        ],
        not_applicable={**_all_another, _later: ""},
    )

_PARENT_UNKNOWN = {"PARENT": UNKNOWN}
tables.rule(
    "PRNTSTAT.missing",
    breached=[{"PARENT": "Y", "PRNTSTAT": ""}, {"PARENT": "yes", "PRNTSTAT": ""}],
    near_miss=[{"PARENT": "Y", "PRNTSTAT": "15"}, {"PARENT": "Z", "PRNTSTAT": ""}],
    blank={"PARENT": "", "PRNTSTAT": ""},
    not_understood=[{"PARENT": UNKNOWN, "PRNTSTAT": ""}, {"PARENT": "Y", "PRNTSTAT": UNKNOWN}],
    not_applicable={"PARENT": "N", "PRNTSTAT": ""},
)
tables.rule(
    "PRNTSTAT.not_parent",
    breached=[{"PARENT": "N", "PRNTSTAT": "12"}, {"PARENT": "Z", "PRNTSTAT": "15"}],
    near_miss={"PARENT": "Y", "PRNTSTAT": "13"},
    blank=reported({"PARENT": "", "PRNTSTAT": "12"}),
    not_understood=[{"PARENT": UNKNOWN, "PRNTSTAT": "12"}, reported({"PARENT": "N", "PRNTSTAT": UNKNOWN})],
    not_applicable={"PARENT": "N", "PRNTSTAT": ""},
)
tables.rule(
    "EHCS.missing",
    breached=[{"EHCS": "", "PARENT": "Y", "CHILDWTH": "0"}]
    + [{"EHCS": "", "PARENT": "N", "CHILDWTH": text} for text in ("1", "50", "97")],
    near_miss=[
        {"EHCS": "", "PARENT": "N", "CHILDWTH": "0"},
        {"EHCS": "", "PARENT": "N", "CHILDWTH": "98"},
        {"EHCS": "", "PARENT": "Z", "CHILDWTH": "98"},
        {"EHCS": "99", "PARENT": "Y", "CHILDWTH": "1"},
    ],
    blank=[
        {"EHCS": "", "PARENT": "", "CHILDWTH": ""},
        {"EHCS": "", "PARENT": "N", "CHILDWTH": ""},
        reported({"EHCS": "", "PARENT": "Y", "CHILDWTH": ""}),
        reported({"EHCS": "", "PARENT": "", "CHILDWTH": "3"}),
    ],
    not_understood=[
        {"EHCS": "", **_PARENT_UNKNOWN, "CHILDWTH": "0"},
        reported({"EHCS": "", **_PARENT_UNKNOWN, "CHILDWTH": "3"}),
        reported({"EHCS": "", "PARENT": "Y", "CHILDWTH": "many"}),
        {"EHCS": "", "PARENT": "N", "CHILDWTH": "99"},
        {"EHCS": UNKNOWN, "PARENT": "Y", "CHILDWTH": "3"},
    ],
    not_applicable={"EHCS": "", "PARENT": "N", "CHILDWTH": "0"},
)
tables.rule(
    "EHCS.not_applicable",
    breached=[{"EHCS": "1", "PARENT": "N", "CHILDWTH": "0"}, {"EHCS": "5", "PARENT": "no", "CHILDWTH": "00"}],
    near_miss=[
        {"EHCS": "1", "PARENT": "N", "CHILDWTH": "1"},
        {"EHCS": "1", "PARENT": "N", "CHILDWTH": "98"},
        {"EHCS": "1", "PARENT": "Y", "CHILDWTH": "0"},
        {"EHCS": "1", "PARENT": "Z", "CHILDWTH": "0"},
    ],
    blank=[
        {"EHCS": "", "PARENT": "N", "CHILDWTH": "0"},
        {"EHCS": "1", "PARENT": "", "CHILDWTH": "0"},
        {"EHCS": "1", "PARENT": "N", "CHILDWTH": ""},
    ],
    not_understood=[
        {"EHCS": "1", **_PARENT_UNKNOWN, "CHILDWTH": "0"},
        {"EHCS": "1", "PARENT": "N", "CHILDWTH": "none"},
        reported({"EHCS": UNKNOWN, "PARENT": "N", "CHILDWTH": "0"}),
    ],
    not_applicable={"EHCS": "1", "PARENT": "Y", "CHILDWTH": "3"},
)
tables.rule(
    "ALCUNITS.missing",
    breached=[{"ALCDDAYS": text, "ALCUNITS": ""} for text in ("1", "01", "28")],
    near_miss=[{"ALCDDAYS": "0", "ALCUNITS": ""}, {"ALCDDAYS": "1", "ALCUNITS": "0"}],
    blank={"ALCDDAYS": "", "ALCUNITS": ""},
    not_understood=[
        {"ALCDDAYS": "daily", "ALCUNITS": ""},
        {"ALCDDAYS": "29", "ALCUNITS": ""},
        {"ALCDDAYS": "5", "ALCUNITS": "some"},
    ],
    not_applicable={"ALCDDAYS": "0", "ALCUNITS": ""},
)
tables.rule(
    "ALCUNITS.no_drinking",
    breached=[{"ALCDDAYS": "0", "ALCUNITS": "1"}, {"ALCDDAYS": "00", "ALCUNITS": "999"}],
    near_miss=[{"ALCDDAYS": "0", "ALCUNITS": "0"}, {"ALCDDAYS": "1", "ALCUNITS": "1"}],
    blank=[{"ALCDDAYS": "0", "ALCUNITS": ""}, {"ALCDDAYS": "", "ALCUNITS": "5"}],
    not_understood=[
        {"ALCDDAYS": "never", "ALCUNITS": "5"},
        {"ALCDDAYS": "0", "ALCUNITS": "some"},
        {"ALCDDAYS": "0", "ALCUNITS": "1000"},
    ],
    not_applicable={"ALCDDAYS": "3", "ALCUNITS": "5"},
)


def wanted(rule: str, field: str, asking: Edit, not_asking: Edit, not_read: Edit, *, not_read_is_told: bool) -> None:
    """A field that must be populated where something is so; what asks may itself not be understood."""
    missing: Edit = {**not_read, field: ""}
    tables.rule(
        rule,
        breached={**asking, field: ""},
        near_miss={**asking, field: "N"},
        blank=reported({**asking, field: "  "}),
        not_understood=[
            {**asking, field: UNKNOWN},
            reported(missing) if not_read_is_told else kept(missing),
        ],
        not_applicable={**not_asking, field: ""},
    )
