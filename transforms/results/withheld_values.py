"""Counts the values of withheld records that were not parsed, which no rule looks at."""

import polars as pl

from schemas.dataset import ENTITIES, Entity, Field, list_entity_fields
from transforms.link.linkage import Records

_SCHEMA = {"field": pl.String, "value": pl.String, "records": pl.UInt32}
# The rules about consent look at CONSENT, and report its values themselves.
_REPORTED = ("CONSENT",)


def count_withheld_values(records: Records) -> pl.DataFrame:
    """Returns the values of withheld records that are not a date, or match no code.

    A mistake of the mapping shows in them although no rule runs on these records: without it, all of them may be
    withheld because the words for consent are not mapped yet.

    Args:
        records: the records with their parsed values and outcome.

    Returns:
        field, value and records, sorted; the value of a date is null, because a date may be a birthday.
    """
    counts = [pl.DataFrame(schema=_SCHEMA)]
    for entity in ENTITIES:
        fields = [field for field in list_entity_fields(entity) if _is_counted(field)]
        counts += [_count_values(records, entity, field) for field in _find_unread(records, entity, fields)]
    return pl.concat(counts).sort("field", "value")


def _is_counted(field: Field) -> bool:
    return field.kind in ("code", "date", "partial_date") and field.header not in _REPORTED


def _is_unread(field: Field) -> pl.Expr:
    is_withheld = pl.col("outcome") == "withheld"
    return is_withheld & pl.col(field.header).is_not_null() & pl.col(f"{field.header}.value").is_null()


def _find_unread(records: Records, entity: Entity, fields: list[Field]) -> list[Field]:
    """Returns the fields with a value that was not parsed; most have none."""
    some = records[entity].lazy().select(_is_unread(field).any().alias(field.header) for field in fields).collect()
    return [field for field in fields if some[field.header].item()]


def _count_values(records: Records, entity: Entity, field: Field) -> pl.DataFrame:
    shows_value = field.kind == "code" and not field.is_masked
    value = pl.col(field.header) if shows_value else pl.lit(None, dtype=pl.String)
    return (
        records[entity]
        .lazy()
        .filter(_is_unread(field))
        .group_by(value=value)
        .agg(records=pl.len())
        .select(pl.lit(field.header).alias("field"), "value", pl.col("records").cast(pl.UInt32))
        .collect()
    )
