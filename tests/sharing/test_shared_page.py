"""The page to share of generated runs: nothing that it hides can be calculated from it."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.reports.run_page.render_shared import render_for_sharing
from tests.sharing.attacker import ENTITIES, SMALL, SharedPage, find_possible_counts
from tests.sharing.generated import CANARY, SECRET, Counts, build_parts, build_run

OFTEN_SMALL = st.one_of(st.integers(0, 7), st.integers(0, 60), st.integers(100, 1_500))
OUTCOMES = st.tuples(OFTEN_SMALL, OFTEN_SMALL, OFTEN_SMALL)
many = settings(max_examples=150, derandomize=True, deadline=None, database=None)


@st.composite
def counts_of_runs(draw: st.DrawFn) -> Counts:
    """Counts of a run: each client that is sent has an episode that is sent, and each episode an intervention."""
    clients, episodes, interventions = (list(draw(OUTCOMES)) for _ in ENTITIES)
    episodes[0] = min(interventions[0], max(1, episodes[0]))
    clients[0] = min(episodes[0], max(1, clients[0]))
    lost = draw(st.lists(st.integers(0, interventions[1]), max_size=7))
    status = "blocked" if interventions[0] == 0 else draw(st.sampled_from(("landed", "blocked")))
    outcomes = (_three(clients), _three(episodes), _three(interventions))
    return Counts(outcomes, tuple(lost), tuple(draw(st.lists(st.integers(0, 100), min_size=1, max_size=9))), status)


def _three(values: Sequence[int]) -> tuple[int, int, int]:
    one, two, three = values
    return one, two, three


def render(counts: Counts) -> str:
    """The page of a run."""
    return render_for_sharing(build_run(counts), build_parts(counts), {"L0001": "HMP Test"})


@many
@given(counts_of_runs())
def test_counts_are_shown_from_five_on_and_totals_with_all_of_their_parts(counts: Counts) -> None:
    shown = SharedPage(render(counts)).outcomes
    for entity, values in zip(ENTITIES, counts.outcomes, strict=True):
        has_small = any(value in SMALL for value in values)
        cells = ["under 5" if value in SMALL else f"{value:,}" for value in values]
        assert shown[entity] == [*cells, "not shown" if has_small else f"{sum(values):,}"]


@many
@given(counts_of_runs())
def test_a_hidden_count_may_be_any_from_one_to_four(counts: Counts) -> None:
    page = SharedPage(render(counts))
    found = find_possible_counts(page)
    hidden = {
        (entity, place)
        for entity, values in zip(ENTITIES, counts.outcomes, strict=True)
        for place, value in enumerate(values)
        if value in SMALL
    }
    assert found == {place: set(SMALL) for place in hidden}


@many
@given(counts_of_runs(), st.data())
def test_a_page_is_the_same_whatever_its_hidden_counts_are(counts: Counts, data: st.DataObject) -> None:
    """The strongest statement: what does not change the page cannot be calculated from it, by any means."""
    other = [
        [data.draw(st.sampled_from(SMALL)) if value in SMALL else value for value in row] for row in counts.outcomes
    ]
    changed = replace(counts, outcomes=[_three(row) for row in other], lost=())
    if counts.outcomes[2][0] in SMALL:
        # A file that landed has at least half the rows of the one before, so the state depends on the count.
        changed = replace(changed, status=data.draw(st.sampled_from(("landed", "blocked"))))
    if counts.outcomes[2][1] not in SMALL:
        changed = replace(changed, lost=counts.lost)
    assert render(changed) == render(counts)


@many
@given(counts_of_runs())
def test_the_headline_and_the_bar_have_the_numbers_of_the_table(counts: Counts) -> None:
    page = SharedPage(render(counts))
    sent, rejected, withheld = counts.outcomes[2]
    own = sent + rejected + withheld
    if page.outcomes["interventions"][3] == "not shown" or own == 0:
        assert "%" not in page.headline
        assert page.bars == []
    else:
        assert f"{sent:,} of {own:,} interventions" in page.headline
        assert page.bars == [round(1000 * count / own, 1) for count in (sent, rejected, withheld) if count]


@many
@given(counts_of_runs())
def test_interventions_without_a_listed_fault_may_be_five_or_more(counts: Counts) -> None:
    page = SharedPage(render(counts))
    rejected = page.outcomes["interventions"][1]
    if rejected == "under 5":
        assert page.faults == []
    elif page.faults:
        assert counts.outcomes[2][1] - sum(page.faults) >= 5
        assert min(page.faults) >= 5
        assert page.faults == sorted(page.faults, reverse=True)
    for least, lost in zip(page.faults, sorted(counts.lost, reverse=True), strict=False):
        assert least <= lost


@many
@given(counts_of_runs())
def test_the_records_with_and_without_a_value_may_be_five_or_more(counts: Counts) -> None:
    page = SharedPage(render(counts))
    for entity, (sent, rejected, _) in zip(ENTITIES, counts.outcomes, strict=True):
        records = sent + rejected
        ranges = page.completeness.get(entity, [])
        assert bool(ranges) == (records >= 20 and not {sent, rejected} & set(SMALL))
        for least, below in set(ranges):
            possible = [count for count in range(records + 1) if least <= Fraction(100 * count, records) < below]
            assert possible[-1] >= 5
            assert records - possible[0] >= 5
        for place, (least, below) in enumerate(ranges):
            understood = records * counts.understood[place % len(counts.understood)] // 100
            assert least <= Fraction(100 * understood, records) < below


@many
@given(counts_of_runs())
def test_nothing_else_of_the_run_is_on_the_page(counts: Counts) -> None:
    page = render(counts)
    assert CANARY not in page
    assert not {str(SECRET), f"{SECRET:,}", "77.7", "77.6", "0.1"} & set("".join(SharedPage(page).texts).split())
    assert "2023-03" not in page and "March" not in page


@pytest.mark.parametrize("status", ["landed", "blocked", "failed"])
def test_a_page_says_that_it_is_for_sharing_and_what_is_hidden(status: str) -> None:
    page = render(Counts(((6, 0, 0),) * 3, status=status))
    assert "<title>L0001 HMP Test, April 2023: For sharing</title>" in page
    assert "it does not name the file that was sent" in page
    assert ("means that the count is 1, 2, 3 or 4" in page) == (status != "failed")
    assert "<script" not in page


def test_a_run_without_records_of_the_agency_has_nothing_to_hide() -> None:
    page = SharedPage(render(Counts(((0, 0, 0),) * 3, status="blocked")))
    assert page.headline == "The export has no intervention of the agency, so there is nothing to send."
    assert page.outcomes["interventions"] == ["0"] * 4
