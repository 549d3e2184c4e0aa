"""Forgetting: deletes personal data from a home, so that it is in none of the files of the home afterwards.

What is to be deleted is first written to a file, then the audit is replaced by one without the data, and then the
files with the data are deleted.  A process killed before the audit is replaced leaves everything unchanged; one killed
after it leaves files, which the next command that writes to the home deletes before anything else.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from flows.audit import database
from flows.audit.forgotten import Forgotten, count_records, read_last_number, write_remaining
from flows.support.atomic_files import replace_atomically, sync_folder, write_atomically
from flows.support.software_version import read_build
from schemas.dataset import ENTITIES


@dataclass(frozen=True)
class Forgetting:
    """What forgetting does: the runs and records by entity, and the files to delete, as paths below the home."""

    forgotten: Forgotten
    records: tuple[tuple[str, int], ...]
    files: tuple[str, ...]


def plan_forgetting(connection: duckdb.DuckDBPyConnection, home: Path, forgotten: Forgotten) -> Forgetting:
    """Returns what forgetting would do; changes nothing.

    Args:
        connection: the audit of the home.
        home: the home.
        forgotten: what to forget.
    """
    counts = count_records(connection, forgotten)
    files = [*_list_submission_files(connection, forgotten), *_list_reports(connection, home, forgotten)]
    present = tuple(file for file in files if (home / file).is_file())
    return Forgetting(forgotten, tuple((entity, counts[entity]) for entity in ENTITIES), present)


def _list_submission_files(connection: duckdb.DuckDBPyConnection, forgotten: Forgotten) -> list[str]:
    """Returns the files that the runs landed, unless a later run has replaced them."""
    found = connection.execute(
        "select output_path from runs where output_path is not null"
        " qualify row_number() over (partition by output_path order by run_number desc) = 1"
        " and list_contains($runs, run_id) order by output_path",
        {"runs": forgotten.runs},
    )
    return [path for (path,) in found.fetchall()]


def _list_reports(connection: duckdb.DuckDBPyConnection, home: Path, forgotten: Forgotten) -> list[str]:
    """Returns the reports of the runs and of their months; that of a replaced run was replaced as well."""
    months = connection.execute(
        "select agency, period from latest_runs where list_contains($runs, run_id) order by all",
        {"runs": forgotten.runs},
    ).fetchall()
    folder = home / "reports"
    reports = [file for agency, period in months for file in (folder / (agency or "none")).glob(f"{period}*")]
    reports += [file for run in forgotten.runs for file in folder.glob(f"{run}[-.]*")]
    return [str(file.relative_to(home)) for file in sorted(reports)]


def forget(home: Path, forgetting: Forgetting, reason: str, forgotten_at: datetime) -> None:
    """Deletes what was planned from the home.  Only the process that holds the home's lock may call it.

    Args:
        home: the home.
        forgetting: what to do, from `plan_forgetting`.
        reason: why, for the record in the audit.
        forgotten_at: when, for the record in the audit.

    Raises:
        OSError, duckdb.Error: the new audit cannot be written; nothing was deleted.
    """
    path = database.audit_path(home)
    with database.open_for_writing(home) as audit:
        # The log would otherwise be applied to the file that replaces the audit.
        audit.execute("checkpoint")
        number = read_last_number(audit) + 1
    intent = {"forget_number": number, "files": list(forgetting.files)}
    write_atomically(_intent_path(home), json.dumps(intent).encode())
    replace_atomically(
        path,
        lambda part: write_remaining(path, part, forgetting.forgotten, reason, forgotten_at, read_build()),
    )
    finish_forgetting(home)


def finish_forgetting(home: Path) -> None:
    """Deletes the files of a deletion that was interrupted, if its audit is in place; otherwise drops the plan.

    Only the process that holds the home's lock may call it.
    """
    intent = _intent_path(home)
    if not intent.exists():
        return
    planned = json.loads(intent.read_text(encoding="utf-8"))
    with database.open_for_writing(home) as audit:
        is_replaced = read_last_number(audit) >= planned["forget_number"]
    path, snapshot = database.audit_path(home), database.snapshot_path(home)
    # A killed process also leaves the folder in which DuckDB keeps what does not fit into memory.
    left = [f".{path.name}.part*", f".{snapshot.name}.part*", f"{path.name}.tmp"]
    _delete([file for pattern in left for file in home.glob(pattern)])
    if is_replaced:
        _delete([snapshot, *(home / file for file in planned["files"])])
    _delete([intent])


def is_forgetting_unfinished(home: Path) -> bool:
    """Returns whether a deletion was interrupted, which the next command that writes to the home completes."""
    return _intent_path(home).exists()


def _delete(files: Sequence[Path]) -> None:
    for file in files:
        if file.is_dir():
            shutil.rmtree(file)
        else:
            file.unlink(missing_ok=True)
    for folder in sorted({file.parent for file in files if file.parent.is_dir()}):
        sync_folder(folder)


def _intent_path(home: Path) -> Path:
    return home / ".forgetting.json"
