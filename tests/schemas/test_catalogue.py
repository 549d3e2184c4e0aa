"""The catalogue as a whole: every rule says what it is, in words and as a check."""

from datetime import date
from typing import get_args

import polars as pl
import pytest

from schemas.code_lists import CodeLists
from schemas.condition import Always, RuleContext, populated
from schemas.dataset import ENTITIES, fields
from schemas.rule import Catalogue, Rule, Stage, Statement, applies_to, record_schema
from schemas.rules import catalogue as catalogue_module
from schemas.rules.catalogue import all_rules, of_stage, record_rules

CONTEXT = RuleContext(date(2023, 5, 3), CodeLists({}))


def test_each_name_stands_once_and_begins_with_a_field_or_the_file() -> None:
    names = [rule.name for rule in all_rules()]
    assert len(set(names)) == len(names)
    for rule in all_rules():
        subject, _, about = rule.name.partition(".")
        assert about, rule.name
        assert subject in {"FILE", *(each.header for each in fields())}, rule.name


def test_each_rule_tells_a_whole_sentence() -> None:
    for rule in all_rules():
        assert rule.truth.endswith("."), rule.name
        assert rule.truth[0].isupper(), rule.name
        assert len(rule.truth) <= 200, rule.name


def test_each_rule_blames_a_field_that_is_there() -> None:
    headers = {each.header for each in fields()}
    assert {rule.field for rule in all_rules() if rule.field} <= headers


def test_stages_and_entities_share_the_rules_out() -> None:
    stages: tuple[Stage, ...] = get_args(Stage)
    shared = [rule for stage in stages for entity in ENTITIES for rule in of_stage(record_rules(), stage, entity)]
    assert sorted(rule.name for rule in shared) == sorted(rule.name for rule in record_rules())


# Rules about a record as a whole, or about what the field's condition calls by another name.
NOT_NAMED = {
    "CLIENTID.repeated", "EPISODID.repeated", "MODID.repeated", "CLIENTID.no_episode", "MODID.absent", "DOB.adult",
    "DOB.plausible", "MODAL.isolated", "EPISODID.dropped", "MODID.dropped",
}  # fmt: skip


def test_the_words_of_each_rule_name_the_field_it_blames() -> None:
    assert {rule.name for rule in record_rules() if rule.field not in rule.statement.words()} == NOT_NAMED


def test_no_check_of_pandera_keeps_a_value() -> None:
    checks = [rule.check(CONTEXT, pl.lit(value=True)) for rule in record_rules()]
    assert {check.n_failure_cases for check in checks} == {0}


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_schema_has_each_rule_of_its_entity_once(entity: str) -> None:
    of_entity = [rule for rule in record_rules() if rule.entity == entity and rule.stage == "record"]
    schema = record_schema(next(each for each in ENTITIES if each == entity), of_entity, CONTEXT)
    named = [check.name for column in schema.columns.values() for check in column.checks]
    assert sorted(named) == sorted(rule.name for rule in of_entity)


@pytest.mark.parametrize(
    ("first", "last", "period", "expected"),
    [
        ("", "", "2023-04", True),
        ("2023-04", "", "2023-03", False),
        ("2023-04", "", "2023-04", True),
        ("", "2023-04", "2023-04", True),
        ("", "2023-04", "2023-05", False),
    ],
)
def test_a_rule_holds_in_its_months(first: str, last: str, period: str, expected: bool) -> None:
    rule = Rule(
        name="SEX.x", entity="client", field="SEX", severity="warning", basis="inferred", section="1", owner="entry",
        truth="x", statement=applies_to(Always()).holds(populated("SEX")), from_period=first, to_period=last,
    )  # fmt: skip
    assert rule.holds_in(period) is expected


def test_a_name_that_stands_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_module, "_MODULES", (catalogue_module._MODULES[0],) * 2)
    with pytest.raises(ValueError, match="rules stand twice"):
        catalogue_module.record_rules.__wrapped__()


def test_a_rule_function_needs_a_docstring() -> None:
    def silent() -> Statement:
        return applies_to(Always()).holds(populated("SEX"))

    with pytest.raises(ValueError, match="rule function silent says no truth in its docstring"):
        Catalogue().rule("SEX.x", entity="client", severity="warning", section="1")(silent)
