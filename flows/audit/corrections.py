"""Corrections: corrected records that replace those a run rejected."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.audit import database as audit
from flows.sources.request import Corrections
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES

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


def rejecting_run(home: Path, run_id: str) -> RejectingRun:
    """Returns the run with this id.  Raises InputRefused if it does not exist, failed, or is a correction."""
    columns = "source, agency, period, extracted_on::varchar, input_folder, dataset, status, corrects"
    with audit.open_read_only(home) as connection:
        run = connection.execute(f"select {columns} from runs where run_id = ?", [run_id]).fetchone()
    if run is None:
        raise InputRefused(f"--run is {run_id!r}; there is no such run, `ndtms runs` lists all runs")
    *values, status, corrects = run
    if status == "failed":
        raise InputRefused(f"--run is {run_id!r}, which failed; only a run that landed or was blocked can be corrected")
    if corrects:
        raise InputRefused(f"--run is {run_id!r}, itself a correction of {corrects}; pass that run and all corrections")
    return RejectingRun(run_id, *values)


def load_corrections(home: Path, run_id: str, folder: Path) -> Corrections:
    """Returns the corrections of a run, limited to the lines of the records it rejected.

    Raises:
        InputRefused: the directory does not exist.
    """
    if not folder.is_dir():
        raise InputRefused(f"{folder}: the directory of the corrections does not exist")
    with audit.open_read_only(home) as connection:
        rejected = connection.execute(
            "select entity, source_line from recorded_outcomes where run_id = ? and outcome = 'rejected'", [run_id]
        ).fetchall()
    lines = {entity: frozenset(line for found, line in rejected if found == entity) for entity in ENTITIES}
    return Corrections(folder, run_id, lines)


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
