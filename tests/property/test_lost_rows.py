"""What a fault costs is what would be sent without it: the export is judged again with the rule as a warning."""

import polars as pl
from hypothesis import assume, given, settings
from pydantic import ValidationError

from flows.pipeline.settings import Settings
from tests.property.conftest import EXAMPLES, EXPORTS_AT_ONCE
from tests.property.exports import Batch, batches
from tests.property.judged import Judgement, judge_tables

# Judging again for every rule takes minutes; each example has other rules.
_EVERY = 3


def without(rule: str) -> Settings | None:
    """Settings in which the rule only warns; None where a site may not change it."""
    try:
        return Settings(severities={rule: "warning"})
    except ValidationError:
        return None


def count_alone(judgement: Judgement) -> dict[str, int]:
    """For each rule, the rejected interventions that nothing else keeps back."""
    lost = judgement.assessment.submission.lost_rows
    alone = lost.filter(pl.col("rule").n_unique().over("row") == 1)
    counted = alone.group_by("rule").agg(pl.col("row").n_unique())
    return dict.fromkeys(lost["rule"].unique(), 0) | dict(counted.iter_rows())


@settings(max_examples=max(1, EXAMPLES // EXPORTS_AT_ONCE // 3))
@given(batches(EXPORTS_AT_ONCE))
def test_without_a_fault_the_rows_that_it_alone_keeps_back_are_sent(batch: Batch) -> None:
    judgement = judge_tables(batch.tables, batch.lists, batch.agency, None)
    sent, alone = len(judgement.assessment.submission.rows), count_alone(judgement)
    rejected = judgement.assessment.submission.lost_rows["row"].n_unique()
    counts = judgement.assessment.submission.outcome_counts
    of_interventions = counts.filter((pl.col("entity") == "intervention") & (pl.col("outcome") == "rejected"))
    assert rejected == of_interventions["records"].sum(), "each rejected intervention has a reason"
    changeable = [(rule, changed) for rule in sorted(alone) if (changed := without(rule))]
    assume(changeable)
    for rule, changed in changeable[len(changeable) % _EVERY % len(changeable) :: _EVERY]:
        again = judge_tables(batch.tables, batch.lists, batch.agency, None, settings=changed)
        assert len(again.assessment.submission.rows) - sent == alone[rule], rule
