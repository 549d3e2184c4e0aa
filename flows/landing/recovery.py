"""Recovery: brings every run that was killed to one of two states, landed or never started.

The audit decides.  A run in the audit has landed, so its file must be at the recorded path with the recorded
SHA-256.  A file that is missing or different is written again from the audit.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from flows.audit import database as audit
from flows.landing.submission_file import format_submission
from flows.reference.file_format import load_format_in_force
from flows.support.atomic_files import replace_atomically, sync_folder
from flows.support.errors import InputRefused
from flows.support.private_files import make_directory
from schemas.dataset import Entity
from transforms.results.submission_rows import build_submission_rows

_SENT_TABLES: dict[Entity, tuple[str, str]] = {
    "client": ("internal.sent_clients", ""),
    "episode": ("internal.sent_episodes", "client_row"),
    "intervention": ("internal.sent_interventions", "episode_row"),
}
_CHUNK = 2**20


class FileNotRestored(InputRefused):
    """The file of a landed run cannot be written again from the audit."""


@dataclass(frozen=True)
class LandedFile:
    """The submission file of a landed run: its path under the home, and its SHA-256."""

    run_id: str
    path: str
    sha256: str

    def is_in_place(self, home: Path) -> bool:
        """Returns whether the file exists and is the one that landed."""
        return hash_file(home / self.path) == self.sha256


def waiting_folder(home: Path) -> Path:
    """Returns the folder where runs wait until they are in the audit and their file is moved."""
    return home / ".landing"


def submissions_folder(home: Path, agency: str | None) -> Path:
    """Returns the folder of an agency's submission files."""
    return home / "submissions" / str(agency)


def is_recovery_needed(home: Path) -> bool:
    """Returns whether a killed run left something to recover."""
    folder = waiting_folder(home)
    return folder.is_dir() and any(folder.iterdir())


def recover(home: Path) -> Iterator[str]:
    """Moves the file of a run that landed but was not moved, and removes runs that never landed.

    Only the process that holds the home's lock may call it.

    Yields:
        A sentence for each file that was missing or differed from the audit, and was written again.

    Raises:
        InputRefused: the waiting folder contains something other than runs.
    """
    folders = _find_waiting_runs(home)
    if not folders:
        return
    with audit.open_for_writing(home) as connection:
        files = [(find_landed_file(connection, folder.name), folder) for folder in folders]
        for file, folder in files:
            if file is not None:
                yield from _finish_landing(connection, home, file, folder)
            shutil.rmtree(folder)


def _find_waiting_runs(home: Path) -> list[Path]:
    """Returns the folders of waiting runs, oldest first."""
    folder = waiting_folder(home)
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise InputRefused(
            f"{folder}: this is not a directory, but runs are stored in it until they land; move the file away"
        )
    # Operating systems leave hidden files such as .DS_Store in folders.
    entries = [entry for entry in folder.iterdir() if entry.is_dir() or not entry.name.startswith(".")]
    stray = next((entry for entry in entries if not entry.is_dir()), None)
    if stray is not None:
        raise InputRefused(f"{stray}: this is not a run, but is stored where runs wait to land; move it away")
    return sorted(entries, key=lambda entry: (entry.stat().st_mtime_ns, entry.name))


def find_landed_file(connection: duckdb.DuckDBPyConnection, run_id: str) -> LandedFile | None:
    """Returns the file of a landed run; None if the run is not in the audit, or sent no file."""
    row = connection.execute(
        "select run_id, output_path, output_sha256 from runs where run_id = ? and output_path is not null", [run_id]
    ).fetchone()
    return LandedFile(*row) if row else None


def run_in_audit(home: Path, run_id: str) -> dict[str, object] | None:
    """Returns the status, output_path and output_sha256 of a committed run; None if it was not committed.

    Opens the audit again, because after a failure only the stored audit shows whether the commit succeeded.
    """
    columns = ("status", "output_path", "output_sha256")
    with audit.open_for_writing(home) as connection:
        row = connection.execute(f"select {', '.join(columns)} from runs where run_id = ?", [run_id]).fetchone()
    return dict(zip(columns, row, strict=True)) if row else None


def _finish_landing(connection: duckdb.DuckDBPyConnection, home: Path, file: LandedFile, folder: Path) -> Iterator[str]:
    # A later run has replaced this file, so restoring it would undo the later landing.
    if file.run_id != _find_latest_run(connection, file.path):
        return
    waiting = folder / Path(file.path).name
    if hash_file(waiting) == file.sha256:
        try:
            move_into_place(home, waiting, file)
        except IsADirectoryError:
            raise InputRefused(
                f"{home / file.path}: this is a folder, but a submission file belongs there; move the folder away"
            ) from None
    elif not file.is_in_place(home):
        try:
            yield restore_file(connection, home, file)
        except FileNotRestored as error:
            # One file that cannot be restored must not block every later run.
            yield str(error)


def _find_latest_run(connection: duckdb.DuckDBPyConnection, path: str) -> str:
    """Returns the latest run that landed at a path: a month that landed again has one file."""
    row = connection.execute(
        "select run_id from runs where output_path = ? order by run_number desc limit 1", [path]
    ).fetchone()
    return str(row[0]) if row else ""


def move_into_place(home: Path, waiting: Path, file: LandedFile) -> Path:
    """Moves the file of a landed run from the waiting folder to the path in the audit."""
    path = home / file.path
    make_directory(path.parent)
    waiting.replace(path)
    sync_folder(path.parent)
    return path


def restore_file(connection: duckdb.DuckDBPyConnection, home: Path, file: LandedFile) -> str:
    """Writes the file of a landed run again, from the rows in the audit.

    Returns:
        A sentence that names the file.

    Raises:
        FileNotRestored: the new content differs from what landed, as after a change of the file format.
    """
    path = home / file.path
    what = "differed from the audit" if path.exists() else "was missing"
    rows = build_submission_rows(_load_sent(connection, file.run_id))
    parts = list(format_submission(rows, load_format_in_force(home)))
    if hashlib.sha256(b"".join(parts)).hexdigest() != file.sha256:
        raise FileNotRestored(
            f"{path}: the file {what} and cannot be written again from the audit of {file.run_id}: the file format"
            " has changed since; submit the month again"
        )
    make_directory(path.parent)
    replace_atomically(path, lambda part: part.write_bytes(b"".join(parts)))
    return f"{path}: the file {what}; it was written again, as {file.run_id} landed it"


def _load_sent(connection: duckdb.DuckDBPyConnection, run_id: str) -> dict[Entity, pl.DataFrame]:
    """Returns what a run sent per entity, in the columns that `submission_rows` expects."""
    frames = {}
    for entity, (table, parent) in _SENT_TABLES.items():
        frame = audit.query_frame(
            connection, f"select * exclude (run_id) from {table} where run_id = getvariable('run')", {"run": run_id}
        )
        frames[entity] = frame.rename({parent: "parent_row"}) if parent else frame
    return frames


def hash_file(path: Path) -> str | None:
    """Returns the SHA-256 of a file, read in chunks; None if the file does not exist."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(_CHUNK):
                digest.update(chunk)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        raise InputRefused(
            f"{path}: this is a directory, but a submission file is stored at this path; move it away"
        ) from None
    return digest.hexdigest()
