"""Corrections: corrected records that replace those a run rejected."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.audit import database as audit
from flows.audit.runs import find_run
from flows.intake.sql.database import is_result
from flows.sources.request import Corrections
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, Entity

_INPUTS = "select item, name, digest from manifest where run_id = ? and item in ('input', 'source mapping')"
_JUDGED_BY = "select name from manifest where run_id = ? and item = 'judged by'"
_REJECTED = """
    select distinct entity, source_file, source_line, if(is_whole_place, null, id) from (
        select
            entity, source_file, source_line, outcome,
            coalesce(intervention_id, episode_id, client_id) as id,
            bool_and(outcome = 'rejected') over (partition by entity, source_file, source_line) as is_whole_place
        from outcomes where run_id = $run
    ) where outcome = 'rejected'
"""


@dataclass(frozen=True)
class RejectingRun:
    """A run whose rejected records are corrected, its inputs, and what was accepted of them.

    `judged_by` is the name of the manifest's item with the day whose rules and lists decided; blank if it has none.
    """

    run_id: str
    source: str
    agency: str | None
    period: str
    extracted_on: str
    input_folder: str
    dataset: str
    judged_by: str
    shrink_accepted: str | None
    stale_accepted: str | None
    same_input_accepted: str | None


def load_rejecting_run(home: Path, run_id: str) -> RejectingRun:
    """Returns the run with this id.  Raises InputRefused if it does not exist, failed, or is a correction."""
    with audit.open_read_only(home) as connection:
        run = find_run(connection, run_id)
        judged = connection.execute(_JUDGED_BY, [run_id]).fetchone()
    if run["status"] == "failed":
        raise InputRefused(
            f"--run is {run_id!r}, which failed; only a run that landed or was blocked can be corrected;"
            " submit the month again with `ndtms submit`"
        )
    if run["corrects"]:
        raise InputRefused(
            f"--run is {run_id!r}, itself a correction of {run['corrects']}; pass that run and all corrections"
        )
    return RejectingRun(
        run_id,
        run["source"],
        run["agency"],
        run["period"],
        str(run["extracted_on"]),
        run["input_folder"],
        run["dataset"],
        judged[0] if judged else "",
        run["shrink_accepted"],
        run["stale_accepted"],
        run["same_input_accepted"],
    )


def load_corrections(home: Path, run_id: str, folder: Path) -> Corrections:
    """Returns the corrections of a run, limited to the records it rejected.

    Raises:
        InputRefused: the directory does not exist.
    """
    if not folder.is_dir():
        raise InputRefused(f"{folder}: the directory of the corrections does not exist; check --input")
    with audit.open_read_only(home) as connection:
        return Corrections(folder, run_id, find_rejected_places(connection, run_id))


def find_rejected_places(
    connection: duckdb.DuckDBPyConnection, run_id: str
) -> dict[Entity, frozenset[tuple[str, int, str | None]]]:
    """Returns the file and the line of the records that a run rejected, by entity.

    SQL can build several records of one row. The id is None unless the run did not reject all of them, because an id
    may be masked.
    """
    rejected = connection.execute(_REJECTED, {"run": run_id}).fetchall()
    return {
        entity: frozenset((file, line, record_id) for found, file, line, record_id in rejected if found == entity)
        for entity in ENTITIES
    }


def refuse_changed_export(home: Path, corrections: Corrections, manifest: Collection[tuple[str, str, str]]) -> None:
    """Raises InputRefused if the rejected records cannot be found, because the export or the mapping changed.

    Args:
        home: the home of the audit.
        corrections: the corrections and the places of the rejected records.
        manifest: item, name and digest of every input, now.
    """
    run_id = corrections.run_id
    with audit.open_read_only(home) as connection:
        recorded = connection.execute(_INPUTS, [run_id]).fetchall()
    changed = [row for row in recorded if row not in manifest]
    # The line numbers of the rejected records are those of the export as the run read it.
    files = sorted(name for item, name, _ in changed if item == "input")
    if files:
        raise InputRefused(
            f"{', '.join(files)} changed since {run_id} read it; submit the whole export with `ndtms submit`"
        )
    results = sorted({file for places in corrections.rejected.values() for file, _, _ in places if is_result(file)})
    if changed and results:
        raise InputRefused(
            f"the mapping {changed[0][1]} changed since {run_id}, so rows of the {results[0]} are on other lines;"
            " submit the whole export with `ndtms submit`"
        )
