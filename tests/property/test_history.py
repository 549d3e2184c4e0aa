"""Edits of earlier months' exports give exactly the findings against them that the words of the rules give."""

from hypothesis import given, settings

from tests.property.conftest import EXAMPLES, EXPORTS_AT_ONCE
from tests.property.edits import Months, months
from tests.property.judged import judge_tables
from tests.property.plain_history import HISTORY_RULES
from tests.property.plain_rules import ONLY_TIES
from tests.property.plainly import judge_against, judge_months, judge_months_plainly
from tests.property.sound_export import build_sound_export, describe_record


@given(months(EXPORTS_AT_ONCE))
def test_an_edit_gives_what_it_describes(months_: Months) -> None:
    export, history = judge_months_plainly(months_)
    reported = {finding for finding in export.findings if finding[2] in HISTORY_RULES}
    expected = reported | history.no_longer_sent(export)
    judgement = judge_months(months_)
    found = {finding for finding in judgement.findings if finding[2] in HISTORY_RULES}
    different = sorted(found ^ expected)
    assert different == [], f"{different[0]}: {describe_record(export, different[0][:2])}"
    assert judgement.findings_without_record == history.gone(export)
    assert judgement.outcomes == export.outcomes


@settings(max_examples=max(1, EXAMPLES // EXPORTS_AT_ONCE // 4))
@given(months(EXPORTS_AT_ONCE))
def test_without_an_edit_nothing_is_found(months_: Months) -> None:
    last_month = months_.earlier[0]
    last = judge_tables(last_month.tables, last_month.lists, "L0001", ONLY_TIES)
    judgement = judge_against(last_month, [last])
    assert {finding for finding in judgement.findings if finding[2] in HISTORY_RULES} == set()
    assert judgement.findings_without_record == set()


def test_the_order_of_rows_does_not_decide_whether_an_intervention_has_ended() -> None:
    left = {"DISD": "2023-01-30", "DISRSN": "84", "EXITD": "2023-01-30", "EXITRSN": "T"}
    before = build_sound_export([{}], [left], [{"MODEND": "2023-01-30"}])
    ended, open_again, new = {"MODEND": "2023-01-30"}, {"MODEND": ""}, {"MODID": "N1", "MODST": "2023-02-01"}
    found = []
    for interventions in ([ended, open_again, new], [open_again, ended, new]):
        months_ = Months((before,), build_sound_export([{}], [{}], interventions), {})
        found.append(("episode", 0, "DISD.reopened") in judge_months(months_).findings)
        assert ("episode", 0, "DISD.reopened") in judge_months_plainly(months_)[0].findings
    assert found == [True, True]
