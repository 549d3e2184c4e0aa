"""Staging: writes a whole run to its own folder, from which it is loaded into the audit.

The folder holds the tables as Parquet, which DuckDB reads fast and without another library.  Unless the run is
blocked, it also holds the submission file under its final name.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.landing.submission_file import format_submission
from flows.pipeline.assess import Assessment
from flows.pipeline.settings import describe_settings
from flows.sources.request import SubmissionRequest
from flows.support.atomic_files import sync, write_atomically
from flows.support.events import log_step
from flows.support.software_version import read_build
from schemas.dataset import ENTITIES, list_entity_fields
from schemas.record_schema import sent_schema
from transforms.rules.evaluate import check_conforms

# The size of DuckDB's row groups: with any other size it would rewrite some to fill them.
_ROW_GROUP = 122_880

RunRow = dict[str, object]
ROW_FILE = "run.json"


@contextmanager
def staging(assessment: Assessment, started_at: datetime, folder: Path) -> Iterator[Callable[[], RunRow]]:
    """Writes a run to an empty folder, tables first, so that they can be loaded while the file is written.

    Args:
        assessment: the run.
        started_at: when the run started.
        folder: the folder to write to; it exists and is empty.

    Yields:
        A function that waits for the file, writes the manifest with its digest, and returns the row of `runs`
        except its number and id.
    """
    # The file, the counts and the tables are independent, and polars and the disk leave time for all three.
    with ThreadPoolExecutor(2) as threads:
        writing, counting = None, threads.submit(lambda: assessment.counts)
        if not assessment.submission.is_blocked:
            # The thread gets the context of this one, which has what events are about.
            writing = threads.submit(copy_context().run, _write_submission, assessment, folder)
        for name, table in _select_tables(assessment).items():
            _write_table(name, table, folder)
        _write_table("month_counts", counting.result(), folder)
        yield lambda: _finish_run(assessment, started_at, folder, writing)


def stage(assessment: Assessment, started_at: datetime, folder: Path) -> RunRow:
    """Writes a run and its row to a new folder, from which another process lands it later."""
    # Does not create parents: if the store is gone, so is the backfill that needs this run.
    folder.mkdir()
    with staging(assessment, started_at, folder) as finish:
        row = finish()
    write_atomically(folder / ROW_FILE, json.dumps(row, default=str).encode())
    return row


def read_staged_row(folder: Path) -> RunRow:
    """Reads the staged row of `runs`, which lacks its number and id."""
    row: RunRow = json.loads((folder / ROW_FILE).read_text(encoding="utf-8"))
    return row


def _finish_run(
    assessment: Assessment, started_at: datetime, folder: Path, writing: Future[tuple[str, str]] | None
) -> RunRow:
    file_name, digest = writing.result() if writing else (None, None)
    manifest = list(assessment.manifest)
    if digest:
        manifest.append(("output", "submission file", digest))
    _write_table("manifest", pl.DataFrame(manifest, schema=["item", "name", "digest"], orient="row"), folder)
    changed = describe_settings(assessment.settings_changed)
    return build_common_row(assessment.request, started_at) | {
        "agency": assessment.submission.agency,
        "status": "blocked" if assessment.submission.is_blocked else "landed",
        "clients_in": assessment.submission.read["client"],
        "episodes_in": assessment.submission.read["episode"],
        "interventions_in": assessment.submission.read["intervention"],
        "rows_sent": 0 if assessment.submission.is_blocked else len(assessment.submission.rows),
        "provisional_lists": list(assessment.lists_not_published),
        "settings_changed": "; ".join(changed) or None,
        "shrink_accepted": assessment.request.shrink_accepted,
        "stale_accepted": assessment.request.stale_accepted,
        "same_input_accepted": assessment.request.same_input_accepted,
        "corrects": assessment.request.corrections.run_id if assessment.request.corrections else None,
        "corrections_folder": str(assessment.request.corrections.folder) if assessment.request.corrections else None,
        "output_path": f"submissions/{assessment.submission.agency}/{file_name}" if file_name else None,
        "output_sha256": digest,
    }


def build_common_row(request: SubmissionRequest, started_at: datetime) -> RunRow:
    """Returns the columns of a run's row that do not depend on its status."""
    return {
        "period": str(request.period),
        "dataset": request.mapping.dataset,
        "source": request.source,
        "input_folder": str(request.folder),
        "started_at": started_at,
        "finished_at": datetime.now(UTC),
        "extracted_on": request.extracted_on,
        "software_version": read_build(),
    }


def _write_submission(assessment: Assessment, folder: Path) -> tuple[str, str]:
    """Writes the submission file and syncs it to the disk.  Returns its name and its SHA-256."""
    form, period = assessment.file_format, assessment.request.period
    for entity in ENTITIES:
        # The last check before the file leaves the program: pandera validates what is sent, not what was read.
        sent = assessment.submission.sent[entity]
        check_conforms(sent.select(field.header for field in list_entity_fields(entity)), sent_schema(entity))
    path = folder / form.file_name(str(assessment.submission.agency), period.first_day, period.last_day)
    digest = hashlib.sha256()
    with log_step("write_file") as counts, path.open("wb") as handle:
        for part in format_submission(assessment.submission.rows, form):
            digest.update(part)
            handle.write(part)
        counts |= {"rows": len(assessment.submission.rows), "bytes": handle.tell()}
    sync(path)
    return path.name, digest.hexdigest()


def _select_tables(assessment: Assessment) -> Mapping[str, pl.DataFrame]:
    """Returns the tables of a run but for its counts, by name; what was sent only if the run is not blocked."""
    tables = {
        "run_rules": assessment.submission.rules,
        "found": assessment.submission.findings,
        "completeness": assessment.submission.completeness,
        "unmapped_values": assessment.submission.unmapped,
        "recorded_outcomes": assessment.submission.outcomes,
        "lost_rows": assessment.submission.lost_rows,
    }
    if assessment.submission.is_blocked:
        return tables
    return tables | {
        "sent_clients": assessment.submission.sent["client"],
        "sent_episodes": assessment.submission.sent["episode"].rename({"parent_row": "client_row"}),
        "sent_interventions": assessment.submission.sent["intervention"].rename({"parent_row": "episode_row"}),
    }


def _write_table(name: str, table: pl.DataFrame, folder: Path) -> None:
    table.write_parquet(folder / f"{name}.parquet", compression="lz4", statistics=False, row_group_size=_ROW_GROUP)
