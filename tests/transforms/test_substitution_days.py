"""OST days: the union of spells covers what a set of days, counted one by one, covers."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.judging import context_of
from transforms.link.own_interventions import summarise_interventions

FIRST, SUBSTITUTION, OTHER, UNREAD = date(2022, 9, 1), "OPIOID-REINDUCTION", "DRW", "unread"
# The start, the end (None is open) and the MODAL; days are counted from FIRST.
Spell = tuple[int | None, int | None, str]
DAY = st.none() | st.integers(0, 130)
SPELLS = st.lists(
    st.tuples(DAY, DAY, st.sampled_from([SUBSTITUTION, SUBSTITUTION, OTHER, UNREAD])), min_size=1, max_size=4
)


def is_long(spells: list[Spell], discharge: int | None) -> bool | None:
    modals = [None if modal == UNREAD else modal for *_, modal in spells]
    starts = [None if start is None else FIRST + timedelta(start) for start, *_ in spells]
    ends = [None if end is None else FIRST + timedelta(end) for _, end, _ in spells]
    interventions = pl.DataFrame(
        {
            "episode_key": [0] * len(spells),
            "is_in_play": [True] * len(spells),
            "MODAL": [modal for *_, modal in spells],
            "MODAL.value": modals,
            "MODST": [None if start is None else str(start) for start in starts],
            "MODST.value": starts,
            "MODEND": [None if end is None else str(end) for end in ends],
            "MODEND.value": ends,
        },
        schema_overrides={
            "episode_key": pl.UInt32, "MODAL.value": pl.String, "MODST": pl.String, "MODEND": pl.String,
            "MODST.value": pl.Date, "MODEND.value": pl.Date,
        },
    )  # fmt: skip
    discharged = None if discharge is None else FIRST + timedelta(discharge)
    episodes = pl.DataFrame(
        {"row": [0], "episode_key": [0], "is_in_play": [True], "DISD.value": [discharged]},
        schema_overrides={"row": pl.UInt32, "episode_key": pl.UInt32, "DISD.value": pl.Date},
    )
    found: bool | None = summarise_interventions(episodes, interventions, context_of("shipped"))[
        "has_long_substitution"
    ].item()
    return found


def counted(spells: list[Spell], discharge: int | None) -> bool | None:
    """Each night of a spell is one day of it."""
    nights: set[int] = set()
    is_unknown = False
    for start, end, modal in spells:
        last = discharge if end is None else end
        if modal == UNREAD or (modal == SUBSTITUTION and (start is None or last is None)):
            is_unknown = True
        elif modal == SUBSTITUTION and start is not None and last is not None:
            nights.update(range(start, last))
    return True if len(nights) >= 91 else None if is_unknown else False


@settings(max_examples=200, deadline=None)
@given(SPELLS, DAY)
def test_the_union_of_spells_is_that_of_their_days(spells: list[Spell], discharge: int | None) -> None:
    assert is_long(spells, discharge) is counted(spells, discharge)


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([(0, 90, SUBSTITUTION)], False),
        ([(0, 91, SUBSTITUTION)], True),
        ([(0, 45, SUBSTITUTION), (45, 91, SUBSTITUTION)], True),
        ([(0, 45, SUBSTITUTION), (46, 91, SUBSTITUTION)], False),
        ([(0, 91, SUBSTITUTION), (None, 5, SUBSTITUTION)], True),
        ([(0, 90, SUBSTITUTION), (None, 5, SUBSTITUTION)], None),
        ([(90, 0, SUBSTITUTION), (0, 90, SUBSTITUTION)], False),
        ([(0, 120, OTHER)], False),
        ([(0, 120, UNREAD)], None),
    ],
)
def test_spells(spells: list[Spell], expected: bool | None) -> None:
    assert is_long(spells, 120) is expected
