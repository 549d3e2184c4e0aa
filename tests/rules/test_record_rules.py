"""Every rule of records in every situation of its table: it reports the records of the table, and no others."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import pytest

from schemas.rule import Verdict
from tests.rules.all_tables import CASES
from tests.rules.case import Case, Lists, Place
from tests.rules.judging import Batch, Seen, batches, judge_worlds, place_of, watched


class _Outcome(NamedTuple):
    numbers: Mapping[str, int]
    batch: Batch
    reported: Mapping[tuple[int, str], frozenset[Place]]
    seen: Mapping[str, Seen]


@cache
def _judged(kind: Lists) -> _Outcome:
    """All cases that need these lists, judged in one export."""
    batch = next(batch for batch in batches(CASES) if batch.kind == kind)
    with watched() as seen:
        judged = judge_worlds(batch.worlds, kind, batch.last, elsewhere=batch.elsewhere)
    numbers = {case.name: number for number, case in enumerate(batch.cases)}
    return _Outcome(numbers, batch, batch.reported(judged), seen)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_rule_reports_just_the_records_of_its_table(case: Case) -> None:
    outcome = _judged(case.lists)
    assert outcome.reported.get((outcome.numbers[case.name], case.rule), frozenset()) == case.reported


# What was dropped is no record of the export: it has no row to ask the verdict of.
_NOT_APPLICABLE = [case for case in CASES if case.situation == "not_applicable" and not case.rule.endswith(".dropped")]


@pytest.mark.parametrize("case", _NOT_APPLICABLE, ids=[case.name for case in _NOT_APPLICABLE])
def test_a_rule_that_does_not_apply_is_not_applicable(case: Case) -> None:
    """It is 'not applicable', or the rule did not see the record; 'passed' would be wrong."""
    outcome = _judged(case.lists)
    seen = outcome.seen[case.rule]
    rows = outcome.batch.rows(seen.entity)[outcome.numbers[case.name]]
    not_told = [row for place, row in enumerate(rows) if place not in case.reported]
    assert {seen.verdict_of(row) for row in not_told[:1]} <= {Verdict.NOT_APPLICABLE, None}


def test_a_breach_is_a_verdict_of_failed() -> None:
    """What is reported and what is counted agree, for every case."""
    for case in CASES:
        outcome = _judged(case.lists)
        seen = outcome.seen[case.rule]
        if case.rule.endswith(".dropped"):
            continue
        rows = outcome.batch.rows(seen.entity)[outcome.numbers[case.name]]
        failed: set[Place] = {place for place, row in enumerate(rows) if seen.verdict_of(row) == Verdict.FAILED}
        if second := seen.rule.also:
            found, rows = outcome.seen[f"{case.rule} {second}"], outcome.batch.rows(second)[outcome.numbers[case.name]]
            failed |= {
                place_of(second, place) for place, row in enumerate(rows) if found.verdict_of(row) == Verdict.FAILED
            }
        assert failed == case.reported, case.name
