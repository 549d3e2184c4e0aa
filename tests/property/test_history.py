"""A random edit of last month's export gives exactly the mismatches and changes that its description lists."""

from hypothesis import given, settings

from tests.property.conftest import EXAMPLES, EXPORTS_AT_ONCE
from tests.property.edits import months
from tests.property.exports import Batch
from tests.property.judged import judge_tables
from tests.property.plain_history import HISTORY_RULES, hold_against
from tests.property.plain_rules import REJECTING, TIES, rejecting_rules
from tests.property.plain_stages import PlainExport, judge_plainly
from tests.property.sound_export import build_sound_export, describe_record

RULES = frozenset({*REJECTING, *TIES})


def plainly(batch: Batch) -> PlainExport:
    return judge_plainly(batch.tables, batch.lists, batch.agency, REJECTING, rejecting_rules(batch.lists))


@given(months(EXPORTS_AT_ONCE))
def test_an_edit_gives_what_it_describes(pair: tuple[Batch, Batch]) -> None:
    last_month, this_month = pair
    export = plainly(this_month)
    expected, gone = hold_against(export, plainly(last_month))
    last = judge_tables(last_month.tables, last_month.lists, "L0001", RULES).as_last()
    judgement = judge_tables(this_month.tables, this_month.lists, "L0001", RULES | HISTORY_RULES, last)
    found = {finding for finding in judgement.findings if finding[2] in HISTORY_RULES}
    different = sorted(found ^ expected)
    assert different == [], f"{different[0]}: {describe_record(export, different[0][:2])}"
    assert judgement.findings_without_record == gone


@settings(max_examples=max(1, EXAMPLES // EXPORTS_AT_ONCE // 4))
@given(months(EXPORTS_AT_ONCE))
def test_without_an_edit_nothing_is_found(pair: tuple[Batch, Batch]) -> None:
    last_month, _ = pair
    last = judge_tables(last_month.tables, last_month.lists, "L0001", RULES).as_last()
    judgement = judge_tables(last_month.tables, last_month.lists, "L0001", RULES | HISTORY_RULES, last)
    assert {finding for finding in judgement.findings if finding[2] in HISTORY_RULES} == set()
    assert judgement.findings_without_record == set()


def test_the_order_of_rows_does_not_decide_whether_an_intervention_has_ended() -> None:
    left = {"DISD": "2023-01-30", "DISRSN": "99", "EXITD": "2023-01-30", "EXITRSN": "T"}
    before = build_sound_export([{}], [left], [{"MODEND": "2023-01-30"}])
    last = judge_tables(before.tables, before.lists, "L0001", RULES).as_last()
    ended, open_again, new = {"MODEND": "2023-01-30"}, {"MODEND": ""}, {"MODID": "N1", "MODST": "2023-02-01"}
    found = []
    for interventions in ([ended, open_again, new], [open_again, ended, new]):
        batch = build_sound_export([{}], [{}], interventions)
        judgement = judge_tables(batch.tables, batch.lists, "L0001", RULES | HISTORY_RULES, last)
        found.append(("episode", 0, "DISD.reopened") in judgement.findings)
        expected, _ = hold_against(plainly(batch), plainly(before))
        assert ("episode", 0, "DISD.reopened") in expected
    assert found == [True, True]
