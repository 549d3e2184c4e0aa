"""Corrections: corrected records that replace those a run rejected."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.audit import database as audit
from flows.audit.runs import find_run
from flows.sources.request import Corrections
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, Entity

_INPUT = "select name, digest from manifest where run_id = ? and item = 'input'"


@dataclass(frozen=True)
class RejectingRun:
    """A run whose rejected records are corrected, and its inputs."""

    run_id: str
    source: str
    agency: str | None
    period: str
    extracted_on: str
    input_folder: str
    dataset: str


def load_rejecting_run(home: Path, run_id: str) -> RejectingRun:
    """Returns the run with this id.  Raises InputRefused if it does not exist, failed, or is a correction."""
    with audit.open_read_only(home) as connection:
        run = find_run(connection, run_id)
    if run["status"] == "failed":
        raise InputRefused(f"--run is {run_id!r}, which failed; only a run that landed or was blocked can be corrected")
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
    )


def load_corrections(home: Path, run_id: str, folder: Path) -> Corrections:
    """Returns the corrections of a run, limited to the lines of the records it rejected.

    Raises:
        InputRefused: the directory does not exist.
    """
    if not folder.is_dir():
        raise InputRefused(f"{folder}: the directory of the corrections does not exist")
    with audit.open_read_only(home) as connection:
        return Corrections(folder, run_id, find_rejected_lines(connection, run_id))


def find_rejected_lines(connection: duckdb.DuckDBPyConnection, run_id: str) -> dict[Entity, frozenset[int]]:
    """Returns the source lines of the records that a run rejected, by entity."""
    rejected = connection.execute(
        "select entity, source_line from recorded_outcomes where run_id = ? and outcome = 'rejected'", [run_id]
    ).fetchall()
    return {entity: frozenset(line for found, line in rejected if found == entity) for entity in ENTITIES}


def refuse_changed_export(home: Path, run_id: str, digests: Mapping[str, str]) -> None:
    """Raises InputRefused if the export is not the one that the run read."""
    with audit.open_read_only(home) as connection:
        recorded = dict(connection.execute(_INPUT, [run_id]).fetchall())
    # The line numbers of the rejected records are those of the export as the run read it.
    changed = sorted(name for name, digest in recorded.items() if digests.get(name) != digest)
    if changed:
        raise InputRefused(
            f"{', '.join(changed)} changed since {run_id} read it; submit the whole export with `ndtms submit`"
        )
