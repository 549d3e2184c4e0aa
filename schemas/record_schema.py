"""The pandera schemas of clients, episodes, interventions and the rows of the submission.

The pipeline validates with these schemas. They also work alone, on a polars frame:

    from schemas import episode_schema
    episode_schema(context).validate(episodes, lazy=True)

`context` is a `RuleContext`: the code lists and the day of the extract. The frame has the columns that
`transforms.parse.fields.parse_fields` returns: the text `F` and the parsed value `F.value` of each field F. A failure
names the rule as its check and the field that the rule blames as its column.
"""

from collections.abc import Iterable

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.conditions.condition import RuleContext
from schemas.dataset import ID_FIELD, Entity, get_field, list_entity_fields, list_fields
from schemas.record_columns import has_value_column
from schemas.rule import Rule
from schemas.rules.catalogue import list_record_rules, select_stage


def client_schema(context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of client records: every rule that needs no other record."""
    return record_schema("client", select_single_record_rules("client", context), context)


def episode_schema(context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of episode records: every rule that needs no other record."""
    return record_schema("episode", select_single_record_rules("episode", context), context)


def intervention_schema(context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of intervention records: every rule that needs no other record."""
    return record_schema("intervention", select_single_record_rules("intervention", context), context)


def submission_schema() -> pa.DataFrameSchema:
    """Returns the schema of the submission's rows: the 70 text columns in order, and each MODID once."""
    columns = {field.header: pa.Column(pl.String, nullable=True) for field in list_fields()}
    columns |= {header: pa.Column(pl.String) for header in ID_FIELD.values()}
    # A row is an intervention, so clients and episodes occur in several rows.
    columns["MODID"] = pa.Column(pl.String, _build_unique_check("MODID"))
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name="rows of the submission")


def sent_schema(entity: Entity) -> pa.DataFrameSchema:
    """Returns the part of `submission_schema` that belongs to one entity, with a unique, non-null id."""
    identifier = ID_FIELD[entity]
    columns = {field.header: submission_schema().columns[field.header] for field in list_entity_fields(entity)}
    columns[identifier] = pa.Column(pl.String, _build_unique_check(identifier))
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=f"sent {entity} records")


def record_schema(entity: Entity, rules: Iterable[Rule], context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of one entity's records, with each rule as a check of the field it blames.

    A rule that blames a field of another entity is attached to the entity's id. A frame may have the answers of a
    rule already, in a Boolean column with the rule's name (true where a record breaks it); the check then reads that
    column, does not evaluate the rule again, and fails as a whole: the column shows which records fail.
    """
    checks: dict[str, list[pa.Check]] = {}
    for rule in rules:
        checks.setdefault(find_blamed_column(rule, entity), []).append(_build_check(rule, context))
    columns = {name: pa.Column(pl.String, of_column, nullable=True) for name, of_column in checks.items()}
    return pa.DataFrameSchema(columns, name=f"{entity} records")


def select_single_record_rules(entity: Entity, context: RuleContext) -> list[Rule]:
    """Returns the rules of an entity that read only the fields of the record itself."""
    own = {column for member in list_entity_fields(entity) for column in _list_columns(member.header)}
    return [
        rule
        for rule in select_stage(list_record_rules(), "record", entity)
        + select_stage(list_record_rules(), "ties", entity)
        # The columns of the expression show which records a rule reads.
        if own.issuperset(rule.statement.is_broken(context).meta.root_names())
    ]


def find_blamed_column(rule: Rule, entity: Entity) -> str:
    """Returns the column of a record frame that shows the field that a rule blames."""
    if rule.stage == "history":
        return f"now.{rule.field}"
    # The frame has no column for a field of a parent, so such a rule is checked at the id.
    return rule.field if get_field(rule.field).entity == entity else ID_FIELD[entity]


def _list_columns(header: str) -> tuple[str, ...]:
    columns = [header]
    if has_value_column(header):
        columns.append(f"{header}.value")
    if get_field(header).kind == "code":
        columns.append(f"{header}.sent")
    return tuple(columns)


def _build_check(rule: Rule, context: RuleContext) -> pa.Check:
    def keeps_rule(data: PolarsData) -> pl.LazyFrame | bool:
        if rule.name in data.lazyframe.collect_schema():
            return not data.lazyframe.select(pl.col(rule.name).any()).collect().item()
        return data.lazyframe.select(~rule.statement.is_broken(context))

    # No failing values are kept, because pandera quotes them in its exceptions.
    return pa.Check(keeps_rule, name=rule.name, error=rule.sentences.fault, n_failure_cases=0, ignore_na=True)


def _build_unique_check(identifier: str) -> pa.Check:
    def is_unique(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col(identifier).n_unique() == pl.len())

    return pa.Check(is_unique, name=f"each {identifier} once", n_failure_cases=0)
