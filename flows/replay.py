"""Replay: a month landed again with corrected records in the place of rejected ones."""

from dataclasses import replace
from pathlib import Path

from flows.assessment import Grounds, read_export
from flows.corrections import corrections_of, refuse_changed_export, rejecting_run
from flows.extract import Export
from flows.request import SubmissionRequest, submission_request


def replay_request(home: Path, run_id: str, source: str | None, folder: Path) -> SubmissionRequest:
    """The submission of a run's month with corrected records.

    Args:
        home: where the audit lies.
        run_id: the run that rejected.
        source: the mapping's path, where it is no more found under its name.
        folder: the corrected records, in tables as the export's; those without corrections may be missing.

    Raises:
        InputRefused: there is no such run, or no such directory.
    """
    run = rejecting_run(home, run_id)
    request = submission_request(
        run.source if source is None else source,
        run.period,
        agency=run.agency,
        extracted_on=run.extracted_on,
        home=home,
        input_folder=run.input_folder,
    )
    return replace(request, source=run.source, corrections=corrections_of(home, run_id, folder.absolute()))


def read_corrected(request: SubmissionRequest, grounds: Grounds) -> Export:
    """Reads an export with its corrections.

    Raises:
        InputRefused: the export changed since the run read it, or a correction is of no rejected record.
    """
    export = read_export(request, grounds)
    if request.corrections:
        refuse_changed_export(request.home, request.corrections.run_id, export.digests)
    return export
