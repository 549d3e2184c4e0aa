"""Replay: lands a month again, with corrected records that replace rejected ones."""

from dataclasses import replace
from pathlib import Path

from flows.audit import database as audit
from flows.audit.corrections import RejectingRun, load_corrections, load_rejecting_run, refuse_changed_export
from flows.audit.previous import find_last_landed
from flows.landing.recovery import find_landed_file
from flows.pipeline.assess import (
    LAST_SUBMISSION,
    MOVED,
    ReferenceInputs,
    build_manifest,
    parse_judged_day,
    read_export,
)
from flows.sources.request import SubmissionOptions, SubmissionRequest, build_request, find_home
from flows.support.text import format_count
from schemas.period import Period
from transforms.inputs import Export


def build_replay(options: SubmissionOptions) -> SubmissionRequest:
    """Returns the submission of a run's month with corrected records.

    Args:
        options: `corrects` and `corrections` name the run and the corrected records, in tables like those of the
            export; tables without corrections may be missing.  `source` is the mapping's path, if it is no longer
            found under its name.  The other options, except `home`, come from the run.

    Raises:
        InputRefused: the run or the directory does not exist.
    """
    home, run_id, folder = find_home(options.home), options.corrects or "", Path(options.corrections or "").absolute()
    run = load_rejecting_run(home, run_id)
    of_run = SubmissionOptions(
        run.source if options.source is None else options.source,
        run.period,
        run.agency,
        extracted_on=run.extracted_on,
        home=home,
        input_folder=run.input_folder,
        as_of=_find_day_asked_for(run),
        accept_shrunk=run.shrink_accepted,
        accept_stale=run.stale_accepted,
        accept_same_input=run.same_input_accepted,
    )
    # The new run has the recorded source, even if the mapping was found by its path.
    return replace(build_request(of_run), source=run.source, corrections=load_corrections(home, run_id, folder))


def _find_day_asked_for(run: RejectingRun) -> str | None:
    """Returns the day of --as-of of a run; None if what was in force in its month decided."""
    day = parse_judged_day(run.judged_by) if run.judged_by else None
    return None if day in (None, Period.parse(run.period).last_day) else str(day)


def read_corrected(request: SubmissionRequest, inputs: ReferenceInputs) -> Export:
    """Reads an export with its corrections.

    Raises:
        InputRefused: the export changed since the run read it, or a correction does not match a rejected record.
    """
    export = read_export(request, inputs)
    if request.corrections:
        refuse_changed_export(request.home, request.corrections, build_manifest(request, inputs, export.digests))
    return export


def describe_corrections(export: Export) -> list[str]:
    """Returns a sentence for each table of corrected records: how many it has, and what they change."""
    return [
        f"{table.name}: {format_count(table.records, 'record')},"
        f" {'1 replaces a rejected record' if table.replacing == 1 else f'{table.replacing} replace rejected records'},"
        f" {table.unchanged} unchanged"
        for table in export.corrected
    ]


def find_reason_not_to_land(request: SubmissionRequest, inputs: ReferenceInputs, export: Export) -> str:
    """Returns the reason why corrections need not be landed; '' if they must be.

    Args:
        request: the month with its corrections.
        inputs: the reference data and settings it is assessed against.
        export: the export with its corrections, as `read_corrected` returns it.
    """
    if not any(table.replacing for table in export.corrected):
        return "no corrected record differs from the original"
    equal_run = _find_equal_run(request, set(build_manifest(request, inputs, export.digests)))
    return f"the same corrections have already landed, in {equal_run}" if equal_run else ""


def _find_equal_run(request: SubmissionRequest, now: set[tuple[str, str, str]]) -> str | None:
    """Returns the month's current run if it corrects the same run and was made from the same inputs."""
    agency, period = request.agency, str(request.period)
    with audit.open_read_only(request.home) as connection:
        run = connection.execute(
            "select run_id, corrects from latest_runs where agency is not distinct from ? and period = ?",
            [agency, period],
        ).fetchone()
        if run is None or request.corrections is None or run[1] != request.corrections.run_id:
            return None
        file = find_landed_file(connection, run[0])
        # A file that was changed or removed has to be written again.
        if file is not None and not file.is_in_place(request.home):
            return None
        rows = connection.execute("select item, name, digest from manifest where run_id = ?", [run[0]]).fetchall()
        last = find_last_landed(connection, agency, period) if agency else None
    if last:
        now.add((LAST_SUBMISSION, last.run_id, last.history))
    # The output file and episodes that others sent since are not inputs of the request.
    made_from = {row for row in rows if row[0] not in ("output", MOVED)}
    return str(run[0]) if made_from == now else None
