"""The rules of the program and a plain statement of them find the same in generated exports."""

import pytest
from hypothesis import given

from tests.property.conftest import EXPORTS_AT_ONCE
from tests.property.exports import Batch, batches
from tests.property.judged import judge_tables
from tests.property.plain_rules import EVERY_RULE, STATED, rejecting_rules
from tests.property.plain_stages import PlainExport, judge_plainly
from tests.property.sound_export import build_sound_export, describe_record

# A rule reports nothing for a record whose own field is blank: it does not apply there.
NOT_APPLICABLE_WHERE_BLANK = {
    "TRIAGED.overlap": "TRIAGED",
    "TRIAGED.after_death": "TRIAGED",
    "DOB.adult": "TRIAGED",
    "DOB.plausible": "TRIAGED",
    "INTRCPTD.before_birth": "INTRCPTD",
    "MODST.order": "MODST",
    "MODEND.after_discharge": "MODEND",
}
# Rules about other records of which the records without an answer are counted alike.
COUNTED = (
    *NOT_APPLICABLE_WHERE_BLANK,
    *("CLIENT.shared", "CLIENTID.same_person", "CLIENTID.identifying", "EPISODID.identifying", "MODID.identifying"),
    *("EXITD.other_open", "EXITD.before_next_reception", "MODAL.isolated"),
    *("MODAL.prescribed_alone", "CLINREV.at_discharge", "CLINREV.too_soon", "CLINREV.not_applicable"),
    *("MODEND.all_ended", "MODST.waiting", "DISRSN.commenced", "MODEND.without_start", "MODEND.open_at_discharge"),
    *("MODAL.concurrent_substitution", "MODAL.maintenance_over_reduction"),
)


def plainly(batch: Batch) -> PlainExport:
    return judge_plainly(batch.tables, batch.lists, batch.agency, STATED, rejecting_rules(batch.lists))


@given(batches(EXPORTS_AT_ONCE))
def test_both_statements_find_the_same(batch: Batch) -> None:
    export, judgement = plainly(batch), judge_tables(batch.tables, batch.lists, batch.agency, EVERY_RULE)
    different = sorted(judgement.findings ^ export.findings)
    assert different == [], describe_record(export, different[0][:2])
    outcomes = judgement.outcomes
    assert outcomes.keys() == export.outcomes.keys()
    wrong = [place for place, outcome in export.outcomes.items() if outcomes[place] != outcome]
    assert wrong == [], f"the program finds {outcomes[wrong[0]]}: {describe_record(export, wrong[0])}"
    found, expected = judgement.without_answer, without_answer(export)
    counted = [(rule, found.get(rule, 0), expected.get(rule, 0)) for rule in sorted(COUNTED)]
    assert [counts for counts in counted if counts[1] != counts[2]] == []


def without_answer(export: PlainExport) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entity, index, rule in export.unanswered:
        own_field = NOT_APPLICABLE_WHERE_BLANK.get(rule)
        if own_field is None or export.records[entity][index].has(own_field):
            counts[rule] = counts.get(rule, 0) + 1
    return counts


def test_a_client_of_eighteen_is_adult() -> None:
    batch = build_sound_export([{"DOB": "2005-01-11"}], [{"TRIAGED": "2023-04-12"}], [{}])
    assert ("episode", 0, "DOB.adult") not in judge_tables(batch.tables, batch.lists, "L0001", EVERY_RULE).findings


@pytest.mark.parametrize(
    ("clients", "episodes"),
    [([{"AGNCY": "L0002"}], [{}, {"TRIAGED": "2023-01-11"}]), ([{"AGNCY": "L0002"}, {"AGNCY": "L0003"}], [{}])],
    ids=["episodes in conflict", "clients in conflict"],
)
def test_an_intervention_out_of_scope_is_not_rejected(
    clients: list[dict[str, str]], episodes: list[dict[str, str]]
) -> None:
    batch = build_sound_export(clients, episodes, [{}])
    outcomes = judge_tables(batch.tables, batch.lists, "L0001", EVERY_RULE).outcomes
    assert plainly(batch).outcomes["intervention", 0] == "out_of_scope"
    assert outcomes["episode", 0] == "out_of_scope"
    assert outcomes["intervention", 0] == "out_of_scope"


@pytest.mark.parametrize("episodid", ["", "E1"], ids=["blank id", "episodes in conflict"])
def test_discharge_of_an_unknown_episode_has_no_answer(episodid: str) -> None:
    batch = build_sound_export([{}], [{}, {"DISD": "2023-01-30"}], [{"EPISODID": episodid}])
    assert ("intervention", 0, "MODEND.open_at_discharge") in plainly(batch).unanswered
    judgement = judge_tables(batch.tables, batch.lists, "L0001", EVERY_RULE)
    assert judgement.without_answer["MODEND.open_at_discharge"] == 1


@pytest.mark.parametrize(
    ("initial", "without"), [("P", 0), ("O", 2)], ids=["nobody like the client", "one like the client"]
)
def test_a_client_without_id_is_asked_about_doubles(initial: str, without: int) -> None:
    batch = build_sound_export([{}, {"CLIENTID": "", "SINITIAL": initial}], [{}], [{}])
    assert without_answer(plainly(batch)).get("CLIENTID.same_person", 0) == without
    judgement = judge_tables(batch.tables, batch.lists, "L0001", EVERY_RULE)
    assert judgement.without_answer.get("CLIENTID.same_person", 0) == without


@pytest.mark.parametrize(
    ("triaged", "discharged", "without"),
    [("2023-01-10", "", 2), ("2023-01-10", "2023-01-09", 0), ("2023-01-11", "2023-01-30", 0)],
    ids=["open on the same day", "discharged before", "another day"],
)
def test_whether_an_episode_without_id_is_earlier_on_the_same_day_has_no_answer(
    triaged: str, discharged: str, without: int
) -> None:
    episodes = [{"DISD": discharged}, {"EPISODID": "", "TRIAGED": triaged, "DISD": discharged}]
    batch = build_sound_export([{}], episodes, [{}])
    assert without_answer(plainly(batch)).get("TRIAGED.overlap", 0) == without
    judgement = judge_tables(batch.tables, batch.lists, "L0001", EVERY_RULE)
    assert judgement.without_answer.get("TRIAGED.overlap", 0) == without
