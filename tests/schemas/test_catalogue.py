"""The catalogue as a whole: names, sentences, stages, and the place where each rule is written."""

from datetime import date
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

from schemas.code_lists import CodeLists
from schemas.conditions.condition import Always, RuleContext
from schemas.dataset import ENTITIES, Entity, list_fields
from schemas.fields import RECONNECT, SEX, THNALOX
from schemas.record_field import RecordField
from schemas.record_schema import record_schema
from schemas.rule import WARNING, Rule, RuleInfo, Stage, Statement, applies_to
from schemas.rule_registry import FileFacts, FileFinding, Registry, file_rule, rule, rule_family
from schemas.rules.catalogue import list_record_rules, list_rules, select_stage

CONTEXT = RuleContext(date(2023, 5, 3), CodeLists({}))
PROJECT = Path(__file__).parents[2]


def _is_about_a_field_or_the_file(name: str) -> bool:
    subject, _, about = name.partition(".")
    return bool(about) and subject in {"FILE", *(field.header for field in list_fields())}


def test_each_name_begins_with_a_field_or_the_file() -> None:
    names = [info.name for info in list_rules()]
    assert [name for name in names if not _is_about_a_field_or_the_file(name)] == []
    assert not _is_about_a_field_or_the_file("SEXX.required")


@pytest.mark.parametrize("info", list_rules(), ids=lambda info: info.name)
def test_each_rule_has_three_whole_sentences(info: RuleInfo) -> None:
    sentences = info.sentences.fill_in(shrink_share="50%")
    for sentence in (sentences.requirement, sentences.fault, sentences.fix):
        assert sentence.endswith("."), sentence
        assert sentence[0].isupper(), sentence
        assert "{" not in sentence, sentence
        assert len(sentence) <= 200, sentence
    assert " must " in sentences.requirement
    assert " must " not in sentences.fault
    assert bool(sentences.choice) == info.compares_with_previous


def test_each_rule_blames_a_field_that_is_there() -> None:
    headers = {field.header for field in list_fields()}
    assert {info.field for info in list_rules() if info.field} <= headers


@pytest.mark.parametrize("info", list_rules(), ids=lambda info: info.name)
def test_the_source_of_each_rule_is_the_line_of_its_decorator(info: RuleInfo) -> None:
    path, _, line = info.source.partition(":")
    text = (PROJECT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert text.startswith(("@rule(", "@rule_family(", "@file_rule(")), info.source


def test_every_record_rule_runs_in_one_stage() -> None:
    stages: tuple[Stage, ...] = get_args(Stage)
    shared = [
        rule for stage in stages for entity in ENTITIES for rule in select_stage(list_record_rules(), stage, entity)
    ]
    # A rule of two entities runs for each of them.
    expected = [rule.name for rule in list_record_rules() for entity in ENTITIES if entity in (rule.entity, rule.also)]
    assert sorted(rule.name for rule in shared) == sorted(expected)


# Rules about a record as a whole, or about what the field's condition calls by another name.
NOT_NAMED = {
    "CLIENTID.repeated", "EPISODID.repeated", "MODID.repeated", "CLIENTID.no_episode", "MODID.absent", "DOB.adult",
    "DOB.plausible", "MODAL.isolated", "EPISODID.dropped", "MODID.dropped", "AGNCY.changed", "EPISODID.moved",
    "MODID.moved", "EPISODID.no_longer_sent", "MODID.no_longer_sent", "EPISODID.incomplete",
    "MODAL.prescribed_alone",
}  # fmt: skip


def test_the_words_of_each_rule_name_the_field_it_blames() -> None:
    assert {rule.name for rule in list_record_rules() if rule.field not in rule.statement.words()} == NOT_NAMED


def test_no_check_of_pandera_keeps_a_value() -> None:
    schemas = [
        record_schema(entity, select_stage(list_record_rules(), "record", entity), CONTEXT) for entity in ENTITIES
    ]
    checks = [check for schema in schemas for column in schema.columns.values() for check in column.checks]
    assert {check.n_failure_cases for check in checks} == {0}


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_schema_has_each_rule_of_its_entity_once(entity: Entity) -> None:
    of_entity = [rule for rule in list_record_rules() if rule.entity == entity and rule.stage == "record"]
    schema = record_schema(entity, of_entity, CONTEXT)
    named = [check.name for column in schema.columns.values() for check in column.checks]
    assert sorted(named) == sorted(rule.name for rule in of_entity)


def _sex_is_there() -> Statement:
    """The {SEX} must be filled in.

    Fault: {SEX} is missing.
    Fix: Complete it.
    """
    return applies_to(Always()).holds(SEX.is_populated)


def test_a_name_that_is_taken_is_refused() -> None:
    registry = Registry()
    rule("SEX.x", WARNING, registry=registry)(_sex_is_there)
    with pytest.raises(ValueError, match=r"two rules have the name SEX\.x"):
        rule("SEX.x", WARNING, registry=registry)(_sex_is_there)


def test_a_rule_takes_its_entity_section_and_sentences_from_its_field_and_function() -> None:
    registry = Registry()
    rule("SEX.x", WARNING, registry=registry)(_sex_is_there)
    made = registry.of_records["SEX.x"]
    assert (made.entity, made.section, made.field) == ("client", "1 Client details", "SEX")
    assert made.sentences.requirement == "The sex (SEX) must be filled in."
    assert made.sentences.fault == "Sex (SEX) is missing."
    assert made.source.startswith("tests/schemas/test_catalogue.py:")


def test_a_family_has_one_rule_for_each_field() -> None:
    registry = Registry()

    @rule_family("y", lambda field: "error" if field.header == "RECONNECT" else "warning",
                 fields=(RECONNECT, THNALOX), registry=registry)  # fmt: skip
    def is_there(field: RecordField) -> Statement:
        """{field} must be filled in.

        Fault: {field} is missing.
        Fix: Complete it.
        """
        return applies_to(Always()).holds(field.is_populated)

    made: dict[str, Rule] = registry.of_records
    assert {name: info.severity for name, info in made.items()} == {"RECONNECT.y": "error", "THNALOX.y": "warning"}
    assert made["THNALOX.y"].sentences.fault == "Take-home naloxone (THNALOX) is missing."
    assert made["THNALOX.y"].statement == applies_to(Always()).holds(THNALOX.is_populated)
    assert is_there(SEX).holds == SEX.is_populated


def test_a_rule_without_its_sentences_is_refused() -> None:
    def is_silent() -> Statement:
        return applies_to(Always()).holds(SEX.is_populated)

    def has_no_fix(_facts: FileFacts) -> list[FileFinding]:
        """The file must be good.

        Fault: It is not.
        """
        return []

    with pytest.raises(ValueError, match="is_silent has no requirement and no fault and no fix"):
        rule("SEX.x", WARNING, registry=Registry())(is_silent)
    with pytest.raises(ValueError, match="has_no_fix has no fix"):
        file_rule("FILE.x", WARNING, registry=Registry())(has_no_fix)


def test_a_field_that_does_not_exist_fails_at_once() -> None:
    with pytest.raises(KeyError):
        rule("SEXX.x", WARNING, registry=Registry())(_sex_is_there)
    with pytest.raises(ImportError):
        exec("from schemas.fields import EXITDD")


def test_answers_that_the_frame_has_are_not_evaluated_again() -> None:
    required = next(rule for rule in list_record_rules() if rule.name == "SEX.required")
    frame = pl.DataFrame({"SEX": [None, None], "SEX.required": [False, False]}, schema_overrides={"SEX": pl.String})
    record_schema("client", [required], CONTEXT).validate(frame, lazy=True)
