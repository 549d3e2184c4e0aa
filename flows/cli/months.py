"""The commands for months that have passed: backfill and replay."""

import os
import sys
from typing import cast

import typer

from flows.cli.options import (
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
from flows.cli.submit import land_submission
from flows.cli.terminal import BLOCKED, FAILED, NOT_ORCHESTRATED, note, progress_bar
from flows.landing.home import put_in_order, refuse_unwritable
from flows.months.processes import judging_processes
from flows.months.replay import nothing_to_land, read_corrected, replay_request
from flows.months.result import BackfillResult, messages, outcome_table
from flows.months.run import BackfillRequest, left_unchanged, run_backfill
from flows.pipeline.assess import load_reference_inputs
from flows.reports.tables import Format, show
from flows.sources.request import find_home
from flows.support.prefect_server import is_server_configured, prefect_server
from flows.support.progress import set_progress


def backfill(
    source: Source,
    first: FirstMonth,
    last: LastMonth,
    agency: Agencies = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    workers: Workers = None,
    store: Store = None,
    distributed: Distributed = False,
    scheduler: Scheduler = None,
    orchestrate: Orchestrate = False,
) -> None:
    """Land every month a source has, oldest first; what is unchanged is left alone."""
    place = str(find_home(home))
    asked = BackfillRequest(source, first, last, tuple(agency or ()), extracted_on, place, input_folder, as_of, store)
    with progress_bar("months") as progress:
        set_progress(progress)
        done = left_unchanged(asked)
        if done is None and (orchestrate or distributed or scheduler or is_server_configured()):
            done = _backfill_through_prefect(asked, workers, scheduler, distributed=distributed)
        elif done is None:
            note(NOT_ORCHESTRATED)
            with judging_processes(workers or os.cpu_count() or 1) as judge:
                done = run_backfill(asked, judge, progress)
    show(outcome_table(done), Format.TABLE, None)
    for sentence in messages(done):
        note(sentence)
    if done.with_status("failed"):
        raise typer.Exit(FAILED)
    if done.blocked:
        raise typer.Exit(BLOCKED)


def _backfill_through_prefect(
    asked: BackfillRequest, workers: int | None, scheduler: str | None, *, distributed: bool
) -> BackfillResult:
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    from flows.backfill import BackfillBlocked, BackfillStopped  # noqa: PLC0415
    from flows.backfill import backfill as flow  # noqa: PLC0415

    try:
        with prefect_server():
            done = flow(
                source=asked.source,
                first=asked.first,
                last=asked.last,
                agencies=list(asked.agencies),
                extracted_on=asked.extracted_on,
                home=asked.home,
                input_folder=asked.input_folder,
                as_of=asked.as_of,
                workers=workers,
                store=asked.store,
                distributed=distributed,
                scheduler=scheduler,
            )
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
    """Land a run's month again with corrected records in the place of rejected ones."""
    place = find_home(home)
    put_in_order(place)
    request = replay_request(place, run, source, input_folder)
    inputs = load_reference_inputs(request)
    needless = nothing_to_land(request, inputs, read_corrected(request, inputs))
    if needless:
        sys.stdout.write(f"{run}: {needless}; nothing was landed\n")
        return
    refuse_unwritable(place)
    land_submission(
        f"correcting {run}",
        request,
        orchestrate=orchestrate,
        source=source or request.source,
        home=str(place),
        corrects=run,
        corrections=str(input_folder),
    )
