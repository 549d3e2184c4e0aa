"""Random small histories of two agencies: clients who come, are treated, leave and turn up at the other agency."""

from datetime import date, timedelta

from hypothesis import strategies as st

from tests.lists.worlds import Client, Episode, Run

_FIRST = date(2023, 1, 1)
# Few different days, so that boundaries of 21 and 91 days are met.
_OFFSETS = (0, 1, 20, 21, 22, 28, 42, 43, 90, 91, 92, 99, 100, 112, 118, 119, 120, 121, 141, 150)


def _day() -> st.SearchStrategy[str]:
    return st.sampled_from(_OFFSETS).map(lambda offset: (_FIRST + timedelta(days=offset)).isoformat())


def _maybe(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), texts)


_ANSWER = _maybe(st.sampled_from(("Y", "N", "QQQ")))
_FIELDS = {
    "INTRCPTD": st.sampled_from(("2022-10-01", "2022-10-02", "2022-10-03", "2023-01-01")),
    "RECPDT": _day(),
    "TRIAGED": _day(),
    "CLINREV": _ANSWER,
    "NPSUSE": _ANSWER,
    "DISD": _maybe(_day()),
    "DISRSN": _maybe(st.sampled_from(("80", "82", "83", "84", "84", "74", "71", "85", "98", "99", "89", "QQQ"))),
    "EXITD": _maybe(_day()),
    "EXITRSN": _maybe(st.sampled_from(("T", "R", "R", "A", "D", "QQQ"))),
    "EXITDEST": _maybe(st.sampled_from(("E06000001", "NON-NDTMS-SECURE", "HMP2"))),
    "RTOAGNCY": _maybe(st.sampled_from(("STRUCTURED", "RECOVERY", "NONE", "QQQ"))),
    **dict.fromkeys(("LIVSCRN", "MHTXEXIT", "SENTENCED", "REFHEPCTX", "RECONNECT", "THNALOX", "HOMELESSEXIT"), _ANSWER),
}
_INTERVENTION = st.fixed_dictionaries({
    "MODAL": _maybe(st.sampled_from((
        "OPIOID-MAINTENANCE-METHADONE", "OPIOID-REDUCTION-METHADONE", "OPIOID-REINDUCTION", "OTHER-STRUCTURED",
        "LOFEXIDINE", "ALCOHOL-BRIEF", "QQQ",
    ))),
    "MODST": _maybe(_day()),
    "MODEND": _maybe(_day()),
})  # fmt: skip
_EPISODE = st.tuples(st.fixed_dictionaries(_FIELDS), st.lists(_INTERVENTION, max_size=3))
_PERSON = st.fixed_dictionaries({"DOB": st.sampled_from(("1980-01-01", "1980-01-02")), "SEX": _maybe(st.just("1"))})


@st.composite
def _runs(draw: st.DrawFn, agency: str, period: str) -> Run:
    clients = []
    for number, (person, episodes) in enumerate(
        draw(st.lists(st.tuples(_PERSON, st.lists(_EPISODE, max_size=4)), min_size=2, max_size=6))
    ):
        clients.append(
            Client(
                f"C{number}",
                tuple(
                    Episode(
                        f"E{number}-{place}",
                        fields,
                        {f"M{number}-{place}-{other}": item for other, item in enumerate(interventions)},
                    )
                    for place, (fields, interventions) in enumerate(episodes)
                ),
                person,
            )
        )
    return Run(agency, period, tuple(clients))


def histories() -> st.SearchStrategy[tuple[Run, Run]]:
    """Runs of L0001 for April, and of L0002 for March, April or May."""
    return st.tuples(
        _runs("L0001", "2023-04"),
        st.sampled_from(("2023-03", "2023-04", "2023-05")).flatmap(lambda month: _runs("L0002", month)),
    )
