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

from schemas.condition import RuleContext
from schemas.dataset import ID_FIELD, Entity, fields, fields_of, get_field
from schemas.record_columns import has_value_column
from schemas.rule import Rule
from schemas.rules.catalogue import of_stage, record_rules


def client_schema(context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of client records: every rule that needs no other record."""
    return record_schema("client", rules_of_one_record("client", context), context)


def episode_schema(context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of episode records: every rule that needs no other record."""
    return record_schema("episode", rules_of_one_record("episode", context), context)


def intervention_schema(context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of intervention records: every rule that needs no other record."""
    return record_schema("intervention", rules_of_one_record("intervention", context), context)


def submission_schema() -> pa.DataFrameSchema:
    """Returns the schema of the submission's rows: the 70 text columns in order, and each MODID once."""
    columns = {field.header: pa.Column(pl.String, nullable=True) for field in fields()}
    columns |= {header: pa.Column(pl.String) for header in ID_FIELD.values()}
    columns["MODID"] = pa.Column(pl.String, _is_unique("MODID"))
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name="rows of the submission")


def sent_schema(entity: Entity) -> pa.DataFrameSchema:
    """Returns the part of `submission_schema` that belongs to one entity, with a unique, non-null id."""
    identifier = ID_FIELD[entity]
    columns = {field.header: submission_schema().columns[field.header] for field in fields_of(entity)}
    columns[identifier] = pa.Column(pl.String, _is_unique(identifier))
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=f"sent {entity} records")


def record_schema(entity: Entity, rules: Iterable[Rule], context: RuleContext) -> pa.DataFrameSchema:
    """Returns the schema of one entity's records, with each rule as a check of the field it blames.

    A rule that blames a field of another entity is attached to the entity's id. A frame may have the answers of a
    rule already, in a Boolean column with the rule's name (true where a record breaks it); the check then reads that
    column and does not evaluate the rule again.
    """
    checks: dict[str, list[pa.Check]] = {}
    for rule in rules:
        checks.setdefault(blamed_column(rule, entity), []).append(_check(rule, context))
    columns = {name: pa.Column(pl.String, of_column, nullable=True) for name, of_column in checks.items()}
    return pa.DataFrameSchema(columns, name=f"{entity} records")


def rules_of_one_record(entity: Entity, context: RuleContext) -> list[Rule]:
    """Returns the rules of an entity that read only the fields of the record itself."""
    own = {column for member in fields_of(entity) for column in _columns_of(member.header)}
    return [
        rule
        for rule in of_stage(record_rules(), "record", entity) + of_stage(record_rules(), "ties", entity)
        if own.issuperset(rule.statement.is_broken(context).meta.root_names())
    ]


def blamed_column(rule: Rule, entity: Entity) -> str:
    """Returns the column of a record frame that shows the field that a rule blames."""
    if rule.stage == "history":
        return f"now.{rule.field}"
    return rule.field if get_field(rule.field).entity == entity else ID_FIELD[entity]


def _columns_of(header: str) -> tuple[str, ...]:
    columns = [header]
    if has_value_column(header):
        columns.append(f"{header}.value")
    if get_field(header).kind == "code":
        columns.append(f"{header}.sent")
    return tuple(columns)


def _check(rule: Rule, context: RuleContext) -> pa.Check:
    def keeps_rule(data: PolarsData) -> pl.LazyFrame:
        is_answered = rule.name in data.lazyframe.collect_schema()
        is_broken = pl.col(rule.name) if is_answered else rule.statement.is_broken(context)
        return data.lazyframe.select(~is_broken)

    # No failing values are kept, because pandera quotes them in its exceptions.
    return pa.Check(keeps_rule, name=rule.name, error=rule.sentences.fault, n_failure_cases=0, ignore_na=True)


def _is_unique(identifier: str) -> pa.Check:
    def is_unique(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col(identifier).n_unique() == pl.len())

    return pa.Check(is_unique, name=f"each {identifier} once", n_failure_cases=0)
