"""The tables of the rules of client records."""

from schemas.dataset import Entity
from tests.rules.case import Never, Tables, kept, reported
from tests.rules.families import IS_THE_BREACH, out_of_play
from tests.rules.world import NO_DATE, UNKNOWN, Edit, World

tables = Tables()

for _header, _column in (("FINITIAL", "FORENAME"), ("SINITIAL", "SURNAME")):
    tables.rule(
        f"{_header}.format",
        breached=[reported({_column: text}) for text in ("12", "?", "'", "-'-", "Ж", "1Max")],
        near_miss=[{_column: text} for text in ("'élan", "- Ann", "’Élan", "ñora", "Łukasz", "z", "McNeil")],
        blank={_column: ""},
        not_understood=IS_THE_BREACH,
        not_applicable=out_of_play("client", {_column: "?"}),
    )

tables.rule(
    "AGNCY.format",
    breached=[
        *(reported({"AGNCY": text}) for text in ("L01", "ABCD001", "00001", "L000011", "L 001", "L001X", "ÉA001")),
        *(reported({"episode.AGNCY": text}, "episode 0") for text in ("L01", "ABCD001", "L000011", "-L0001")),
        reported({"AGNCY": "L01", "episode.AGNCY": "L02"}, 0, "episode 0"),
    ],
    near_miss=[
        *({"AGNCY": text} for text in ("L0001", "l0001", " L0001 ", "L001", "LLL00001")),
        *({"episode.AGNCY": text} for text in ("L0001", "l0001", "L001", "LLL00001")),
    ],
    blank={"AGNCY": ""},
    not_understood=IS_THE_BREACH,
    not_applicable=[out_of_play("client", {"AGNCY": "L01"}), {"AGNCY": ""}],
)

tables.rule(
    "AGNCY.other",
    breached=[
        {"AGNCY": "L0002"},
        {"AGNCY": "l0002"},
        {"AGNCY": "L001"},
        reported({"episode.AGNCY": "L0002"}, "episode 0"),
        # The client goes out of scope with its episodes, and they alone are reported.
        reported({"AGNCY": "", "episode.AGNCY": "L0002"}, "episode 0"),
        reported({"AGNCY": "L0002", "episode.AGNCY": "L0002"}, 0, "episode 0"),
        reported({"AGNCY": "L0002", "episode.AGNCY": "L0003"}, 0, "episode 0"),
        # The client counts as in scope for its first episode; the second belongs to the client's agency.
        reported(World({"AGNCY": "L0002", "episode.AGNCY": "L0001"}, episodes=({"EPISODID": "F@"},)), "episode 1"),
        # Two clients of other agencies: which of them is the same person is not known.
        reported(World({"AGNCY": "L0002", "episode.AGNCY": "L0001"}, clients=({"AGNCY": "L0003"},)), 0, 1),
        reported(World(episodes=({"EPISODID": "F@", "AGNCY": "L0002"},)), "episode 1"),
    ],
    near_miss=[
        {"AGNCY": "L0001"},
        {"AGNCY": " l0001"},
        {"AGNCY": "", "episode.AGNCY": "L0001"},
        {"AGNCY": "L0002", "episode.AGNCY": "L0001"},
        World({"AGNCY": "L0002", "episode.AGNCY": "L0001"}, clients=({"AGNCY": "L0002"},)),
    ],
    blank=[{"AGNCY": ""}, {"AGNCY": "", "episode.AGNCY": " "}],
    not_understood=[{"AGNCY": "L02"}, {"episode.AGNCY": "L02"}, {"AGNCY": "", "episode.AGNCY": "L02"}],
    not_applicable=[{"AGNCY": "L000222"}, {"AGNCY": "L0002", "episode.AGNCY": "L0001"}],
)

_WITHOUT_EPISODE: frozenset[Entity] = frozenset({"episode", "intervention"})
tables.rule(
    "CLIENTID.no_episode",
    breached=[
        reported(World(without=_WITHOUT_EPISODE)),
        reported({"episode.CLIENTID": "X@"}),
        reported({"episode.AGNCY": "L0002"}),
    ],
    near_miss=[
        {"AGNCY": "L0002", "episode.AGNCY": "L0001"},
        World({"CONSENT": "N"}),
        World(without=frozenset({"intervention"})),
        World({"episode.CLIENTID": " C@ "}),
    ],
    blank=[{"CLIENTID": ""}, reported({"episode.CLIENTID": ""})],
    not_understood=Never("any text is an id, so every text is understood"),
    not_applicable=World({"CLIENTID": ""}, without=_WITHOUT_EPISODE),
)


def _pair(first: Edit, second: Edit, again: Edit | None = None) -> World:
    """Two clients, each with an episode and an intervention of its own."""
    alike = {"FORENAME": "Ivy", "SURNAME": "Ash", "DOB": "1941-05-06", "SEX": "F"}
    return World(
        {**alike, **first},
        clients=({**alike, "CLIENTID": "D@", "CLIENT": "S@", **second},),
        episodes=({"EPISODID": "F@", "CLIENTID": "D@", **(again or {})},),
        interventions=({"MODID": "N@", "EPISODID": "F@"},),
    )


# Each pair with a birthday of its own, so that one case is no other's double.
_DIFFERENT = (
    ({"DOB": "1941-05-07"}, {"DOB": "1941-05-08"}),
    ({"DOB": "1941-05-09", "SEX": "M"}, {"DOB": "1941-05-09"}),
    ({"DOB": "1941-05-10", "FORENAME": "Oak"}, {"DOB": "1941-05-10"}),
    ({"DOB": "1941-05-11", "SURNAME": "Elm"}, {"DOB": "1941-05-11"}),
)
_SHARED = {"CLIENT": "R@"}
tables.rule(
    "CLIENT.shared",
    breached=[
        *(reported(_pair(first, {**second, **_SHARED}), 0, 1) for first, second in _DIFFERENT),
        reported(_pair({"DOB": "1941-06-01", "SEX": UNKNOWN}, {"DOB": "1941-06-01", **_SHARED}), 0, 1),
    ],
    near_miss=[
        _pair({"DOB": "1941-05-12"}, {"DOB": "12/05/1941", "FORENAME": "Ída", "SEX": "female", **_SHARED}),
        _pair({"DOB": "1941-05-13"}, {"DOB": "1941-05-14"}),
        _pair({"DOB": "1941-05-15", "CLIENT": "r@"}, {"DOB": "1941-05-16", **_SHARED}),
        _pair({"DOB": "1941-05-17"}, {"DOB": "1941-05-18", **_SHARED}, {"CONSENT": "N"}),
    ],
    blank=_pair({"DOB": ""}, {"DOB": "1941-05-19", **_SHARED}),
    not_understood=[
        _pair({"DOB": NO_DATE}, {"DOB": "1941-05-20", **_SHARED}),
        reported(_pair({"DOB": NO_DATE, "SEX": "M"}, {"DOB": "1941-05-21", **_SHARED}), 0, 1),
        kept(_pair({"DOB": "1941-06-02", "SEX": UNKNOWN}, {"DOB": "1941-06-02", **_SHARED}), lists="published"),
    ],
    not_applicable=_pair({"DOB": "1941-05-22", "CLIENT": ""}, {"DOB": "1941-05-23", "CLIENT": ""}),
)

tables.rule(
    "CLIENTID.same_person",
    breached=[
        reported(_pair({"DOB": "1941-05-24"}, {"DOB": "1941-05-24"}), 0, 1),
        reported(_pair({"DOB": "1941-05-25"}, {"DOB": "25/05/1941", "FORENAME": "Ída", "SEX": "female"}), 0, 1),
    ],
    near_miss=[
        *(
            _pair({**first, "DOB": f"1942-05-{10 + day}"}, {**second, "DOB": f"1942-05-{10 + day}"})
            for day, (first, second) in enumerate(_DIFFERENT[1:])
        ),
        _pair({"DOB": "1941-05-26"}, {"DOB": "1941-05-27"}),
        _pair({"DOB": "1941-05-28"}, {"DOB": "1941-05-28", "CLIENTID": "C@", "ETHNIC": "B"}),
        _pair({"DOB": "1941-05-29"}, {"DOB": "1941-05-29"}, {"CONSENT": "N"}),
        _pair({"DOB": "1941-05-30"}, {"DOB": "1941-05-30", "AGNCY": "L0002"}),
    ],
    blank=[
        _pair({"DOB": ""}, {"DOB": ""}),
        _pair({"DOB": "1943-05-01", "FORENAME": ""}, {"DOB": "1943-05-01", "FORENAME": ""}),
        _pair({"DOB": "1943-05-02", "SURNAME": ""}, {"DOB": "1943-05-02", "SURNAME": ""}),
        _pair({"DOB": "1943-05-03", "SEX": ""}, {"DOB": "1943-05-03", "SEX": ""}),
        _pair({"DOB": "1943-05-04", "CLIENTID": "", "episode.CLIENTID": ""}, {"DOB": "1943-05-04"}),
    ],
    not_understood=[
        _pair({"DOB": NO_DATE}, {"DOB": NO_DATE}),
        _pair({"DOB": "1943-05-05", "SEX": UNKNOWN}, {"DOB": "1943-05-05", "SEX": UNKNOWN}),
        _pair({"DOB": "1943-05-06", "FORENAME": "?"}, {"DOB": "1943-05-06", "FORENAME": "?"}),
        _pair({"DOB": "1943-05-07", "SURNAME": "?"}, {"DOB": "1943-05-07", "SURNAME": "?"}),
    ],
    not_applicable=_pair({"DOB": ""}, {"DOB": "1941-05-31"}, None),
)
