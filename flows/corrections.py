"""Corrections: records put right, in the place of those a run rejected."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import audit
from flows.errors import InputRefused
from flows.request import Corrections
from schemas.dataset import ENTITIES, ID_FIELD, Entity
from schemas.record_columns import SOURCE_FILE, SOURCE_LINE

_INPUT = "select name, digest from manifest where run_id = ? and item = 'input'"


@dataclass(frozen=True)
class Rejecting:
    """A run whose rejected records are put right: what it was made from."""

    run_id: str
    source: str
    agency: str | None
    period: str
    extracted_on: str
    input_folder: str
    dataset: str


def rejecting_run(home: Path, run_id: str) -> Rejecting:
    """The run of this id.  Raises InputRefused where there is none, or it failed."""
    wanted = "source, agency, period, extracted_on::varchar, input_folder, dataset, status, corrects"
    with audit.read(home) as connection:
        found = connection.execute(f"select {wanted} from runs where run_id = ?", [run_id]).fetchone()
    if found is None:
        raise InputRefused(f"--run is {run_id!r}; there is no such run, `ndtms runs` lists them")
    *what, status, corrects = found
    if status == "failed":
        raise InputRefused(f"--run is {run_id!r}, which failed; a run that landed or was blocked can be corrected")
    if corrects:
        raise InputRefused(
            f"--run is {run_id!r}, itself a correction of {corrects}; name that run, and bring all corrections at once"
        )
    return Rejecting(run_id, *what)


def corrections_of(home: Path, run_id: str, folder: Path) -> Corrections:
    """What may be corrected of a run: the lines of the records it rejected."""
    if not folder.is_dir():
        raise InputRefused(f"{folder}: there is no such directory to read corrections from")
    with audit.read(home) as connection:
        rejected = connection.execute(
            "select entity, source_line from recorded_outcomes where run_id = ? and outcome = 'rejected'", [run_id]
        ).fetchall()
    lines = {entity: frozenset(line for found, line in rejected if found == entity) for entity in ENTITIES}
    return Corrections(folder, run_id, lines)


def refuse_changed_export(home: Path, run_id: str, digests: Mapping[str, str]) -> None:
    """Raises InputRefused where the export is not the one that the run read."""
    with audit.read(home) as connection:
        read = dict(connection.execute(_INPUT, [run_id]).fetchall())
    changed = sorted(name for name, digest in read.items() if digests.get(name) != digest)
    if changed:
        raise InputRefused(
            f"{', '.join(changed)} changed since {run_id} read it; submit the export whole with `ndtms submit`"
        )


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
