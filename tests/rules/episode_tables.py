"""The tables of the rules of episode records: ties, consent, reception, triage and facts about the client."""

from tests.rules.case import Tables, kept, reported
from tests.rules.families import ANY_TEXT_IS_ONE, IS_THE_BREACH, out_of_play
from tests.rules.world import ABSCONDED, DISCHARGED, NO_DATE, UNKNOWN, Edit, World

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
            *("NR14 7", "nr14  7", "ZZ99 3VZ", "zz993vz", "Nfa", "no fixed abode", "outside uk"),
        )
    ],
    blank={"PC": ""},
    not_understood=IS_THE_BREACH,
    not_applicable=out_of_play("episode", {"PC": "12345"}),
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

for _later, _first, _codes in (
    ("DISABLE2", "DISABLE1", ("NN", "ZZ", "nn", "No disability")),
    ("DISABLE3", "DISABLE1", ("NN", "ZZ", "Not stated")),
    ("EHCS2", "EHCS", ("5", "99", "05", "Client declined to answer")),
    ("EHCS3", "EHCS", ("5", "99")),
):
    _near = ("2", "XX", "10") if _first == "DISABLE1" else ("7", "4", "6", "9")
    tables.rule(
        f"{_later}.after_none",
        breached=[{_first: text, _later: "1"} for text in _codes],
        near_miss=[{_first: text, _later: "1"} for text in _near],
        blank=[{_first: "", _later: "1"}, {_first: _codes[0], _later: ""}],
        not_understood=[{_first: UNKNOWN, _later: "1"}, reported({_first: _codes[0], _later: UNKNOWN})],
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
