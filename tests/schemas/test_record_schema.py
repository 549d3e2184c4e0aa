"""The pandera schemas work alone: on a polars frame, without the pipeline."""

from datetime import date

import pandera.errors
import polars as pl
import pytest

from schemas import client_schema, episode_schema, intervention_schema, submission_schema
from schemas.conditions.condition import RuleContext
from schemas.dataset import ENTITIES, Entity, list_entity_fields, list_fields
from schemas.record_schema import select_single_record_rules
from tests.rules.judging import context_of
from transforms.parse.fields import parse_fields

SCHEMAS = {"client": client_schema, "episode": episode_schema, "intervention": intervention_schema}
CONTEXT = RuleContext(date(2023, 5, 3), context_of("shipped").lists)


def parsed(entity: Entity, **values: str) -> pl.DataFrame:
    """One record of an entity, with the values of some of its fields."""
    columns = {field.header: [values.get(field.header)] for field in list_entity_fields(entity)}
    return parse_fields(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), entity, CONTEXT.lists)


def test_a_failure_names_the_rule_and_the_field_it_blames() -> None:
    episode = parsed("episode", EPISODID="E1", TRIAGED="2023-04-02", DISD="2023-04-01", HOUSING="unheard of")
    with pytest.raises(pandera.errors.SchemaErrors) as failed:
        episode_schema(CONTEXT).validate(episode, lazy=True)
    failures = {(error.schema.name, error.check.name) for error in failed.value.schema_errors}
    assert {("DISD", "DISD.order"), ("HOUSING", "HOUSING.code"), ("DRUG1", "DRUG1.required")} <= failures
    assert ("TRIAGED", "TRIAGED.date") not in failures


def test_no_value_is_in_the_text_of_an_error() -> None:
    client = parsed("client", CLIENTID="C1", SEX="private-value", DOB="12/13/1980")
    with pytest.raises(pandera.errors.SchemaErrors) as failed:
        client_schema(CONTEXT).validate(client, lazy=True)
    assert "SEX.code" in str(failed.value)
    assert "private-value" not in str(failed.value)
    assert "12/13/1980" not in str(failed.value)


def test_a_good_record_passes() -> None:
    intervention = parsed("intervention", EPISODID="E1", MODID="M1", MODAL="DRW", MODST="2023-04-01")
    assert intervention_schema(CONTEXT).validate(intervention, lazy=True).equals(intervention)


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_schema_has_every_rule_that_needs_no_other_record(entity: Entity) -> None:
    schema = SCHEMAS[entity](CONTEXT)
    named = {check.name for column in schema.columns.values() for check in column.checks}
    assert named == {rule.name for rule in select_single_record_rules(entity, CONTEXT)}
    assert {"client": "SEX.code", "episode": "EXITD.order", "intervention": "MODEND.order"}[entity] in named
    assert not named & {"EPISODID.orphan", "TRIAGED.overlap", "MODAL.overlap", "HEPCTSTD.before_birth", "SEX.mismatch"}


def test_the_rows_of_a_submission_have_the_70_columns_in_order_and_each_intervention_once() -> None:
    row = {field.header: "x" for field in list_fields()}
    rows = pl.DataFrame([row, {**row, "MODID": "y", "SEX": None}])
    submission_schema().validate(rows, lazy=True)
    for wrong in (rows.select(sorted(rows.columns)), rows.drop("SEX"), pl.concat([rows, rows])):
        with pytest.raises(pandera.errors.SchemaErrors):
            submission_schema().validate(wrong, lazy=True)
