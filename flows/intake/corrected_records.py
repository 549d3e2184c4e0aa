"""Replaces the records that a run rejected with corrected ones."""

import polars as pl

from flows.support.errors import InputRefused
from schemas.dataset import ID_FIELD, Entity
from schemas.record_columns import SOURCE_FILE, SOURCE_LINE

# Distinguishes the files of corrections from those of the export.
PREFIX = "corrections/"


def replace_rejected(
    records: pl.DataFrame, corrected: pl.DataFrame, entity: Entity, lines: frozenset[int], name: str
) -> tuple[pl.DataFrame, int]:
    """Replaces rejected records with corrected records of the same id, and counts the replacements.

    A correction that equals its record changes nothing: the record stays as it is.

    Args:
        records: the export's records as cleaned text, with source file and line.
        corrected: the corrected records in the same columns.
        entity: the entity of the records.
        lines: the lines of the rejected records.
        name: the name of the corrections' file in messages.

    Returns:
        The records after replacement, and the number of corrected records.

    Raises:
        InputRefused: a column is missing, or an id is blank, repeated, in no record of the export, or in a record that
            was not rejected.
    """
    missing = [column for column in records.columns if column not in corrected.columns]
    if missing:
        raise InputRefused(
            f"{name}, line 1: the columns {', '.join(missing)} are missing; a correction has all columns of the export"
        )
    _refuse_unmatched(records, corrected, entity, lines, name)
    identifier = ID_FIELD[entity]
    compared = [column for column in records.columns if column not in (SOURCE_FILE, SOURCE_LINE)]
    # An anti join on every column also finds records whose blank fields differ, because nulls compare as equal.
    changed = corrected.select(records.columns).join(records, on=compared, how="anti", nulls_equal=True)
    unchanged = records.filter(~pl.col(identifier).is_in(changed[identifier].implode()).fill_null(value=False))
    return pl.concat([unchanged, changed]), len(changed)


def _refuse_unmatched(
    records: pl.DataFrame, corrected: pl.DataFrame, entity: Entity, lines: frozenset[int], name: str
) -> None:
    """Raises InputRefused for the first correction that does not replace rejected records only."""
    identifier = ID_FIELD[entity]
    was_rejected = pl.col(SOURCE_LINE).is_in(list(lines))
    exported = records[identifier].drop_nulls().implode()
    not_rejected = records.filter(~was_rejected)[identifier].drop_nulls().implode()
    mistakes = (
        (pl.col(identifier).is_null(), f"the {identifier} is blank; it must be that of a rejected {entity}"),
        (
            pl.col(identifier).is_duplicated() & pl.col(identifier).is_not_null(),
            f"the {identifier} occurs more than once in this file; correct each {entity} once",
        ),
        (
            ~pl.col(identifier).is_in(exported),
            f"no {entity} of the export has this {identifier}; submit new records with `ndtms submit`",
        ),
        (
            pl.col(identifier).is_in(not_rejected),
            f"the run did not reject the {entity} with this {identifier}; only rejected records can be corrected",
        ),
    )
    wrong = [(corrected.filter(is_wrong)[SOURCE_LINE], sentence) for is_wrong, sentence in mistakes]
    # People correct a file from the top, so the message is about the first line with a mistake.
    first_lines = [(lines_found[0], sentence) for lines_found, sentence in wrong if len(lines_found)]
    if first_lines:
        line, sentence = min(first_lines)
        raise InputRefused(f"{name}, line {line}: {sentence}")
