"""The commands for past months: backfill and replay."""

import os
import sys
from dataclasses import asdict, replace
from typing import cast

import typer

from flows.cli.options import (
    AcceptSameInput,
    Agencies,
    AsOf,
    CorrectedRecords,
    Distributed,
    ExtractedOn,
    FirstMonth,
    Home,
    Input,
    LastMonth,
    Orchestrate,
    RejectingRun,
    Scheduler,
    Source,
    SourceOfRun,
    Store,
    Workers,
)
from flows.cli.submit import STARTING_PREFECT, land_submission
from flows.cli.terminal import BLOCKED, FAILED, NOT_ORCHESTRATED, note, show_activity, show_progress
from flows.landing.home import recover_home, refuse_unwritable
from flows.months.options import BackfillOptions
from flows.months.plan import plan_backfill
from flows.months.processes import start_processes
from flows.months.replay import build_replay, describe_corrections, find_reason_not_to_land, read_corrected
from flows.months.result import BackfillResult, build_outcome_table, list_messages
from flows.months.run import run_backfill
from flows.pipeline.assess import load_reference_inputs
from flows.reports.tables import Format, show
from flows.sources.request import SubmissionOptions, find_home
from flows.support.prefect_server import is_server_configured, prefect_server
from flows.support.progress import Progress, set_progress


def backfill(
    source: Source,
    first: FirstMonth,
    last: LastMonth,
    agency: Agencies = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    accept_same_input: AcceptSameInput = None,
    workers: Workers = None,
    store: Store = None,
    distributed: Distributed = False,
    scheduler: Scheduler = None,
    orchestrate: Orchestrate = False,
) -> None:
    """Land every month that a source has, oldest first; skip months whose inputs have not changed."""
    options = BackfillOptions(
        source, first, last, tuple(agency or ()), extracted_on, str(find_home(home)), input_folder, as_of,
        accept_same_input, workers, store, distributed, scheduler,
    )  # fmt: skip
    with show_progress("months") as progress:
        done = _land_months(options, progress, orchestrate=orchestrate)
    show(build_outcome_table(done), Format.TABLE, None)
    for sentence in list_messages(done):
        note(sentence)
    if done.with_status("failed"):
        raise typer.Exit(FAILED)
    if done.blocked:
        raise typer.Exit(BLOCKED)


def _land_months(options: BackfillOptions, progress: Progress, *, orchestrate: bool) -> BackfillResult:
    """Lands the months that changed, through Prefect where that is requested or configured."""
    with plan_backfill(options, progress) as plan:
        if plan.is_empty:
            return plan.result
        if not (orchestrate or options.distributed or options.scheduler or is_server_configured()):
            with start_processes(options.workers or os.cpu_count() or 1) as processes:
                result = run_backfill(plan, processes.judge, processes.compare)
            # Only after the work: a refusal is one sentence.
            note(NOT_ORCHESTRATED)
            return result
    # The flow locks the home itself, and plans again, because its parameters can only be text.
    set_progress(progress)
    progress(0, 1, STARTING_PREFECT)
    return _backfill_through_prefect(options)


def _backfill_through_prefect(options: BackfillOptions) -> BackfillResult:
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    with prefect_server():
        from flows.backfill import BackfillBlocked, BackfillStopped  # noqa: PLC0415
        from flows.backfill import backfill as flow  # noqa: PLC0415

        try:
            done = flow(**asdict(options) | {"agencies": list(options.agencies)})
        except (BackfillStopped, BackfillBlocked) as ended:
            return ended.backfilled
        return cast("BackfillResult", done)


def replay(
    run: RejectingRun,
    input_folder: CorrectedRecords,
    source: SourceOfRun = None,
    orchestrate: Orchestrate = False,
    home: Home = None,
) -> None:
    """Land the month of a run again, with corrected records in place of rejected ones."""
    place = find_home(home)
    options = SubmissionOptions(source, home=str(place), corrects=run, corrections=str(input_folder))
    with show_activity(f"reading the corrections of {run}"):
        # A killed run may have left a file to move, and a replay reads the audit before it locks the home.
        recover_home(place)
        request = build_replay(options)
        inputs = load_reference_inputs(request)
        export = read_corrected(request, inputs)
        needless = find_reason_not_to_land(request, inputs, export)
    if not needless:
        refuse_unwritable(place)
    for sentence in describe_corrections(export):
        sys.stdout.write(f"{sentence}\n")
    if needless:
        sys.stdout.write(f"{run}: {needless}; nothing was landed\n")
        return
    named = replace(options, source=source or request.source)
    land_submission(f"correcting {run}", request, named, orchestrate=orchestrate)
