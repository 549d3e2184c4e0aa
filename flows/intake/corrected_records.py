"""Replaces the records that a run rejected with corrected ones."""

import polars as pl

from flows.sources.request import Corrections
from flows.support.errors import InputRefused
from flows.support.text import format_count
from schemas.dataset import ID_FIELD, TABLE, Entity
from schemas.record_columns import SOURCE_FILE, SOURCE_LINE
from transforms.inputs import CorrectedTable

# Distinguishes the files of corrections from those of the export.
PREFIX = "corrections/"
# The directory of whole files that replace those of the export.
WHOLE_FILES = "export"


def replace_rejected(
    records: pl.DataFrame, corrected: pl.DataFrame, entity: Entity, corrections: Corrections, name: str
) -> tuple[pl.DataFrame, CorrectedTable]:
    """Replaces rejected records with corrected records of the same id, and counts the replacements.

    A correction that equals its record changes nothing: the record stays as it is.

    Args:
        records: the export's records as cleaned text, with source file and line.
        corrected: the corrected records in the same columns.
        entity: the entity of the records.
        corrections: where the corrections and the rejected records are.
        name: the name of the corrections' file in its directory.

    Returns:
        The records after replacement, and the counts of what was read.

    Raises:
        InputRefused: a column is missing or is not in the export, or an id is blank, repeated, in no record of the
            export, or in a record that was not rejected.
    """
    _refuse_other_columns(records, corrected, f"{corrections.folder / name}, line 1")
    _refuse_unmatched(records, corrected, entity, corrections)
    changed = _select_differing(corrected.select(records.columns), records)
    counts = CorrectedTable(name, len(corrected), len(changed), len(corrected) - len(changed))
    return pl.concat([records.filter(~_has_id_of(changed, entity)), changed]), counts


def replace_differing(
    records: pl.DataFrame, again: pl.DataFrame, entity: Entity, corrections: Corrections
) -> tuple[pl.DataFrame, CorrectedTable]:
    """Replaces rejected records with those that differ once whole files of the export are replaced.

    Args:
        records: the export's records as cleaned text, with source file and line.
        again: all records, read from the export and from the files that replace some of its files.
        entity: the entity of the records.
        corrections: where the corrections and the rejected records are.

    Returns:
        The records after replacement, and the counts of what was read.

    Raises:
        InputRefused: as `replace_rejected`, or a record of the export is missing.
    """
    identifier, whole = ID_FIELD[entity], corrections.folder / WHOLE_FILES
    _refuse_other_columns(records, again, f"{whole}, {TABLE[entity]}")
    again = again.select(records.columns)
    new, old = _select_differing(again, records), _select_differing(records, again)
    differing = pl.concat([new, old])
    # A record without an id can replace none, and is refused.
    changed = pl.concat([again.filter(_has_id_of(differing, entity)), new.filter(pl.col(identifier).is_null())])
    _refuse_unmatched(records, changed, entity, corrections)
    missing = old.filter(~_has_id_of(again, entity))
    if len(missing):
        raise InputRefused(
            f"{whole}: with these files, {format_count(len(missing), f'{entity} record')} of the export"
            f" would be missing, the first from {missing[SOURCE_FILE][0]}, line {missing[SOURCE_LINE][0]};"
            " corrections replace records and remove none: keep the rows, or submit the whole export with `ndtms"
            " submit`"
        )
    counts = CorrectedTable(TABLE[entity], len(again), len(changed), len(again) - len(changed))
    return pl.concat([records.filter(~_has_id_of(differing, entity)), changed]), counts


def _select_differing(records: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Returns the records that are not among the others, whatever their files and lines."""
    compared = [column for column in records.columns if column not in (SOURCE_FILE, SOURCE_LINE)]
    # An anti join on every column also finds records whose blank fields differ, because nulls compare as equal.
    return records.join(others, on=compared, how="anti", nulls_equal=True)


def _has_id_of(others: pl.DataFrame, entity: Entity) -> pl.Expr:
    """Returns whether a record has the id of one of the others; false without an id."""
    identifier = ID_FIELD[entity]
    return pl.col(identifier).is_in(others[identifier].drop_nulls().implode()).fill_null(value=False)


def _refuse_other_columns(records: pl.DataFrame, corrected: pl.DataFrame, place: str) -> None:
    """Raises InputRefused if a column is missing, or has values and is not in the export."""
    missing = [column for column in records.columns if column not in corrected.columns]
    if missing:
        raise InputRefused(
            f"{place}: the columns {', '.join(missing)} are missing; a correction has all columns of the export"
        )
    added = [name for name in corrected.columns if name not in records.columns and corrected[name].count()]
    if added:
        raise InputRefused(
            f"{place}: the columns {', '.join(added)} have values and are not in the export, so their values would be"
            " lost; correct these columns in the source, and submit the whole export with `ndtms submit`"
        )


def _refuse_unmatched(records: pl.DataFrame, corrected: pl.DataFrame, entity: Entity, corrections: Corrections) -> None:
    """Raises InputRefused for the first correction that does not replace rejected records only."""
    identifier = ID_FIELD[entity]
    not_rejected = _select_not_rejected(records, entity, corrections)
    mistakes = (
        (pl.col(identifier).is_null(), f"the {identifier} is blank; it must be that of a rejected {entity}"),
        (
            pl.col(identifier).is_duplicated() & pl.col(identifier).is_not_null(),
            f"the {identifier} occurs more than once in this file; correct each {entity} once",
        ),
        (
            ~_has_id_of(records, entity) & pl.col(identifier).is_not_null(),
            f"no {entity} of the export has this {identifier}; submit new records with `ndtms submit`",
        ),
        (
            _has_id_of(not_rejected, entity),
            f"the run did not reject the {entity} with this {identifier}; only rejected records can be corrected",
        ),
    )
    found = [(corrected.filter(is_wrong).sort(SOURCE_FILE, SOURCE_LINE), sentence) for is_wrong, sentence in mistakes]
    # People correct a file from the top, so the message is about the first line with a mistake.
    first = [
        (wrong[SOURCE_FILE][0], wrong[SOURCE_LINE][0], sentence, len(wrong) - 1)
        for wrong, sentence in found
        if len(wrong)
    ]
    if first:
        file, line, sentence, others = min(first)
        place = corrections.folder / file.removeprefix(PREFIX) if file.startswith(PREFIX) else file
        more = f"; other records with the same mistake: {others}" if others else ""
        raise InputRefused(f"{place}, line {line}: {sentence}{more}")


def _select_not_rejected(records: pl.DataFrame, entity: Entity, corrections: Corrections) -> pl.DataFrame:
    """Returns the records that the run did not reject.

    A line alone does not identify a record: SQL takes records from several files, and several records from one row.
    """
    place = [SOURCE_FILE, SOURCE_LINE]
    rows = sorted(corrections.rejected[entity], key=str)
    rejected = pl.DataFrame(
        rows, schema={SOURCE_FILE: pl.String, SOURCE_LINE: pl.UInt32, "id": pl.String}, orient="row"
    )
    others = records.join(rejected.filter(pl.col("id").is_null()), on=place, how="anti")
    return others.join(rejected, left_on=[*place, ID_FIELD[entity]], right_on=[*place, "id"], how="anti")
