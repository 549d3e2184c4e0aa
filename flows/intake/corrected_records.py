"""Corrected records, in the place of those that a run rejected."""

import polars as pl

from flows.support.errors import InputRefused
from schemas.dataset import ID_FIELD, Entity
from schemas.record_columns import SOURCE_FILE, SOURCE_LINE

# What the files of corrections are called beside those of the export.
PREFIX = "corrections/"


def in_place_of_rejected(
    records: pl.DataFrame, corrected: pl.DataFrame, entity: Entity, lines: frozenset[int], name: str
) -> tuple[pl.DataFrame, int]:
    """The records with corrected ones in the place of rejected ones of the same id, and how many those are.

    What says the same as before is no correction: the record stays as it was.

    Args:
        records: cleaned text as the export has it, with source file and line.
        corrected: the same of the corrections.
        entity: what they are.
        lines: the lines of the records that were rejected.
        name: what the file of the corrections is called in messages.

    Raises:
        InputRefused: an id is blank, stands twice, is in no record of the export, or in one that was not rejected.
    """
    missing = [column for column in records.columns if column not in corrected.columns]
    if missing:
        raise InputRefused(f"{name}, line 1: the columns {', '.join(missing)} are missing; the export's are needed")
    _refuse_strangers(records, corrected, entity, lines, name)
    identifier = ID_FIELD[entity]
    said = [column for column in records.columns if column not in (SOURCE_FILE, SOURCE_LINE)]
    changed = corrected.select(records.columns).join(records, on=said, how="anti", nulls_equal=True)
    kept = records.filter(~pl.col(identifier).is_in(changed[identifier].implode()).fill_null(value=False))
    return pl.concat([kept, changed]), len(changed)


def _refuse_strangers(
    records: pl.DataFrame, corrected: pl.DataFrame, entity: Entity, lines: frozenset[int], name: str
) -> None:
    """Refuses the first correction that does not stand for rejected records alone."""
    identifier = ID_FIELD[entity]
    was_rejected = pl.col(SOURCE_LINE).is_in(list(lines))
    there = records[identifier].drop_nulls().implode()
    stand = records.filter(~was_rejected)[identifier].drop_nulls().implode()
    mistakes = (
        (pl.col(identifier).is_null(), f"the {identifier} is blank; that of a rejected {entity} is needed"),
        (
            pl.col(identifier).is_duplicated() & pl.col(identifier).is_not_null(),
            f"the {identifier} stands twice in this file; each {entity} is corrected once",
        ),
        (
            ~pl.col(identifier).is_in(there),
            f"no {entity} of the export has this {identifier}; what is new is submitted",
        ),
        (
            pl.col(identifier).is_in(stand),
            f"the {entity} of this {identifier} was not rejected by the run; only rejected records can be corrected",
        ),
    )
    wrong = [(corrected.filter(is_wrong)[SOURCE_LINE], told) for is_wrong, told in mistakes]
    found = [(lines_told[0], told) for lines_told, told in wrong if len(lines_told)]
    if found:
        line, told = min(found)
        raise InputRefused(f"{name}, line {line}: {told}")
