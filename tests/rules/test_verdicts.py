"""The four counts of a rule: passed, failed, not applicable, no answer; together the records it looks at."""

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from schemas.rule import Verdict
from schemas.rules.catalogue import list_record_rules
from tests.rules.all_tables import CASES
from tests.rules.case import Lists
from tests.rules.judging import batches, judge_worlds, last_submission, watched
from tests.rules.verdicts import count_all_verdicts, read_verdicts
from tests.rules.world import ABSCONDED, DISCHARGED, NO_DATE, NOTHING, UNKNOWN, Edit, World

FAILED, PASSED, NOT_APPLICABLE, NO_ANSWER = "failed", "passed", "not_applicable", "errored"
_NO_CONSENT = {"CONSENT": "N"}
_LEFT_OPEN = {**ABSCONDED, "EXITRSN": ""}


def _counts(counts: pl.DataFrame, rule: str) -> dict[str, int]:
    # A rule of two entities has a row for each.
    row = counts.filter(pl.col("rule") == rule).drop("rule").sum().row(0, named=True)
    return {verdict.value: row[verdict.value] for verdict in Verdict if row[verdict.value]}


@pytest.mark.parametrize(
    ("rule", "worlds", "expected"),
    [
        # What ties looks at every record; an exact repeat is the first again.
        ("CLIENTID.repeated", [{}, World(clients=({},))], {PASSED: 2, FAILED: 1}),
        ("CLIENTID.required", [{}, {"CLIENTID": ""}, World({"CLIENTID": "x"}, clients=({"CLIENTID": "x"},))],
         {PASSED: 2, FAILED: 1, NOT_APPLICABLE: 1}),
        ("EPISODID.orphan", [{}, {"episode.CLIENTID": "X@"}, {"episode.CLIENTID": ""}], {PASSED: 1, FAILED: 2}),
        ("MODID.absent", [{}, {"EPISODID": ""}, World(without=frozenset({"intervention"}))],
         {PASSED: 1, NOT_APPLICABLE: 1, FAILED: 1}),
        ("AGNCY.other", [{}, {"AGNCY": "L0002"}, {"AGNCY": "L2"}, {"AGNCY": ""}],
         {PASSED: 1, FAILED: 1, NOT_APPLICABLE: 6}),
        # Consent is never without an answer.
        ("CONSENT.given", [{}, _NO_CONSENT, {"CONSENT": UNKNOWN}, {"CONSENT": ""}], {PASSED: 1, FAILED: 3}),
        ("CONSENT.code", [{}, _NO_CONSENT, {"CONSENT": UNKNOWN}, {"CONSENT": ""}],
         {PASSED: 2, FAILED: 1, NOT_APPLICABLE: 1}),
        # The others look at what is in play.
        ("SEX.code", [{}, {"SEX": "X"}, {"SEX": ""}, {"SEX": "X", "AGNCY": "L0002"}],
         {PASSED: 1, FAILED: 1, NOT_APPLICABLE: 1}),
        ("EXITRSN.pair", [{}, ABSCONDED, _LEFT_OPEN, {**_LEFT_OPEN, **_NO_CONSENT}],
         {NOT_APPLICABLE: 1, PASSED: 1, FAILED: 1}),
        ("RECPDT.order", [{}, {"RECPDT": ""}, {"INTRCPTD": NO_DATE}, {"RECPDT": "2022-12-31"}, {"INTRCPTD": ""}],
         {PASSED: 1, NOT_APPLICABLE: 1, NO_ANSWER: 2, FAILED: 1}),
        ("PRNTSTAT.missing", [{}, {"PARENT": "N"}, {"PARENT": UNKNOWN, "PRNTSTAT": ""}, {"PRNTSTAT": ""}],
         {PASSED: 1, NOT_APPLICABLE: 1, NO_ANSWER: 1, FAILED: 1}),
        ("EXITD.other_open",
         [{}, World(ABSCONDED, episodes=({"EPISODID": "F@"},)),
          World(ABSCONDED, episodes=({"EPISODID": "F@", "TRIAGED": NO_DATE},))],
         {NOT_APPLICABLE: 3, FAILED: 1, NO_ANSWER: 1}),
        ("MODAL.isolated",
         [{}, {"MODAL": "MUTUAL-AID"}, {"MODAL": UNKNOWN}, World(without=frozenset({"intervention"}))],
         {PASSED: 1, FAILED: 1, NO_ANSWER: 1, NOT_APPLICABLE: 1}),
        ("MODEND.order", [{}, {"MODEND": "2023-01-10"}, {"MODEND": "2023-01-09"}, {"MODEND": NO_DATE}],
         {NOT_APPLICABLE: 1, PASSED: 1, FAILED: 1, NO_ANSWER: 1}),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_a_rule_counts_its_verdicts(rule: str, worlds: Sequence[World | Edit], expected: Mapping[str, int]) -> None:
    judged = judge_worlds([world if isinstance(world, World) else World(world) for world in worlds])
    assert _counts(judged.counts, rule) == expected


@pytest.mark.parametrize(
    ("rule", "then_and_now", "expected"),
    [
        ("SEX.mismatch", [({}, {}), ({}, {"SEX": "F"}), ({}, {"SEX": ""}), (None, {"SEX": "F"})],
         {PASSED: 1, FAILED: 1, NOT_APPLICABLE: 1}),
        ("HOUSING.changed", [({}, {}), ({}, {"HOUSING": ""}), ({"HOUSING": ""}, {}), ({}, {"CONSENT": "N"})],
         {PASSED: 1, FAILED: 1, NOT_APPLICABLE: 1}),
        ("DOMVIC.withdrawn", [({}, {}), ({"DOMVIC": "Y"}, {}), ({"DOMVIC": "Y"}, {"DOMVIC": UNKNOWN})],
         {NOT_APPLICABLE: 1, FAILED: 1, NO_ANSWER: 1}),
        ("MODEND.unended", [({}, {}), (DISCHARGED, DISCHARGED), (DISCHARGED, {**DISCHARGED, "MODEND": ""})],
         {NOT_APPLICABLE: 1, PASSED: 1, FAILED: 1}),
        ("EPISODID.dropped", [({}, {}), ({}, _NO_CONSENT), ({}, {"EPISODID": "X@"}), (None, {})],
         {PASSED: 2, FAILED: 1}),
        ("MODID.dropped", [({}, {}), ({}, {**_NO_CONSENT, "MODID": "X@"}), ({}, {"MODID": "X@"}), (None, {})],
         {PASSED: 1, NOT_APPLICABLE: 1, FAILED: 1}),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_a_rule_against_the_last_submission_counts_what_was_in_it(
    rule: str, then_and_now: Sequence[tuple[Edit | None, Edit]], expected: Mapping[str, int]
) -> None:
    last = last_submission([NOTHING if then is None else World(then) for then, _ in then_and_now])
    judged = judge_worlds([World(now) for _, now in then_and_now], last=last)
    assert _counts(judged.counts, rule) == expected


def test_a_rule_against_the_last_submission_counts_nothing_where_there_is_none() -> None:
    judged = judge_worlds([World()])
    history = {rule.name for rule in list_record_rules() if rule.stage in ("history", "dropped")}
    assert not history & set(judged.counts["rule"])


def test_every_case_has_the_agreed_verdicts() -> None:
    """Where this fails, read which cases differ: `make snapshots` writes what the rules count now."""
    agreed, counted = read_verdicts(), count_all_verdicts()
    assert {case: counted.get(case) for case in agreed} == agreed
    assert counted.keys() == agreed.keys()


@pytest.mark.parametrize("kind", ["shipped", "published", "partial"])
def test_the_counts_of_every_rule_add_up_to_the_records_it_looks_at(kind: Lists) -> None:
    batch = next(batch for batch in batches(CASES) if batch.kind == kind)
    with watched() as seen:
        judged = judge_worlds(batch.worlds, kind, batch.last, elsewhere=batch.elsewhere)
    counts = judged.counts.group_by("rule").agg(pl.all().sum())
    counted = counts.select("rule", total=pl.sum_horizontal(*(verdict.value for verdict in Verdict)))
    looked_at: dict[str, int] = {}
    for kept in seen.values():
        looked_at[kept.rule.name] = looked_at.get(kept.rule.name, 0) + len(kept.records)
    assert dict(counted.iter_rows()) == looked_at
    failed = dict(counts.filter(pl.col("failed") > 0).select("rule", "failed").iter_rows())
    reported = pl.concat([judged.findings["rule"], judged.dropped["rule"]]).value_counts()
    assert failed == dict(reported.iter_rows())
