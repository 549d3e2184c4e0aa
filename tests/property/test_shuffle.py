"""The order of the rows changes nothing: not the findings, the outcomes or the bytes of the submission."""

import random
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.property.conftest import EXPORTS_AT_ONCE
from tests.property.edits import Months, months
from tests.property.exports import Batch, Tables, batches
from tests.property.judged import Judgement, judge_tables
from tests.property.plain_rules import ONLY_TIES
from tests.property.plainly import judge_against

SEEDS = st.integers(0, 2**20)


@given(batches(EXPORTS_AT_ONCE), SEEDS)
def test_the_order_of_rows_changes_nothing(batch: Batch, seed: int) -> None:
    shuffled = shuffle(batch.tables, seed)
    before = judge_tables(batch.tables, batch.lists, batch.agency, None)
    after = judge_tables(shuffled, batch.lists, batch.agency, None)
    assert_same(before, batch.tables, after, shuffled)


@given(months(EXPORTS_AT_ONCE), SEEDS)
def test_the_order_of_rows_changes_nothing_against_the_last_submission(months_: Months, seed: int) -> None:
    landed = [judge_tables(batch.tables, batch.lists, "L0001", ONLY_TIES) for batch in months_.earlier]
    now = months_.now
    shuffled = replace(now, tables=shuffle(now.tables, seed))
    before, after = (judge_against(batch, landed, months_.agency_of) for batch in (now, shuffled))
    assert before.findings_without_record == after.findings_without_record
    assert_same(before, now.tables, after, shuffled.tables)


def shuffle(tables: Tables, seed: int) -> Tables:
    order = random.Random(seed)
    return {entity: order.sample(rows, len(rows)) for entity, rows in tables.items()}


def assert_same(before: Judgement, tables: Tables, after: Judgement, shuffled: Tables) -> None:
    assert different(findings_of(before, tables), findings_of(after, shuffled)) == []
    assert different(outcomes_of(before, tables), outcomes_of(after, shuffled)) == []
    assert before.submission == after.submission


def different(before: Counter[tuple[str, ...]], after: Counter[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The first few that only one side has, or has more often."""
    return sorted([*(before - after), *(after - before)])[:5]


def findings_of(judgement: Judgement, tables: Tables) -> Counter[tuple[str, ...]]:
    """Each finding with the record it is of, identified by its values: exact repeats are counted."""
    return Counter((rule, entity, *held(tables, entity, row)) for entity, row, rule in judgement.findings)


def outcomes_of(judgement: Judgement, tables: Tables) -> Counter[tuple[str, ...]]:
    return Counter(
        (outcome, entity, *held(tables, entity, row)) for (entity, row), outcome in judgement.outcomes.items()
    )


def held(tables: Tables, entity: str, row: int) -> list[str]:
    return [text.strip() for text in tables[entity][row].values()]
