"""The command that lands one submission."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace

import typer

from flows.cli.options import (
    AcceptSameInput,
    AcceptShrunk,
    AcceptStale,
    Agency,
    AsOf,
    ExtractedOn,
    Home,
    Input,
    Orchestrate,
    Period,
    RequirePublished,
    Source,
)
from flows.cli.terminal import BLOCKED, NOT_ORCHESTRATED, note, show_activity
from flows.landing.home import refuse_unwritable
from flows.months.submit import SubmissionBlocked, Submitted
from flows.months.submit import submit as submit_directly
from flows.pipeline.assess import load_reference_inputs, refuse_unpublished
from flows.reports.summary import as_text
from flows.sources.request import SubmissionOptions, SubmissionRequest, build_request
from flows.support.prefect_server import is_server_configured, prefect_server

STARTING_PREFECT = "Prefect is starting"


def submit(
    source: Source,
    period: Period,
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    accept_shrunk: AcceptShrunk = None,
    accept_stale: AcceptStale = None,
    accept_same_input: AcceptSameInput = None,
    require_published: RequirePublished = False,
    orchestrate: Orchestrate = False,
) -> None:
    """Validate an export and land the submission."""
    options = SubmissionOptions(
        source, period, agency, extracted_on, home, input_folder, as_of, accept_shrunk, accept_stale,
        accept_same_input,
    )  # fmt: skip
    request = build_request(options)
    refuse_unwritable(request.home)
    with show_activity("reading code lists and postcodes"):
        inputs = load_reference_inputs(request)
    if require_published:
        refuse_unpublished(inputs)
    # The flow gets the parsed days and home, so that it cannot parse them differently.
    parsed = replace(
        options,
        extracted_on=str(request.extracted_on),
        home=str(request.home),
        as_of=str(request.judged_as_of) if as_of else None,
    )
    land_submission(f"submitting {agency or ''} {period}", request, parsed, orchestrate=orchestrate)


def land_submission(what: str, request: SubmissionRequest, options: SubmissionOptions, *, orchestrate: bool) -> None:
    """Lands a submission and writes its summary.

    Args:
        what: shown on a terminal while it runs.
        request: the submission, for this process.
        options: the same submission, for the Prefect flow.
        orchestrate: runs the flow, as does a Prefect server that is configured.
    """
    with show_activity(what) as show_text:
        if orchestrate or is_server_configured():
            show_text(f"{what}: {STARTING_PREFECT}")
            submitted = _submit_through_prefect(options, lambda: show_text(what))
        else:
            submitted = submit_directly(request)
            # Only after the work: a refusal is one sentence.
            note(NOT_ORCHESTRATED)
    sys.stdout.write(as_text(submitted.summary) + "\n")
    if submitted.landed.status == "blocked":
        raise typer.Exit(BLOCKED)


def _submit_through_prefect(options: SubmissionOptions, note_start: Callable[[], None]) -> Submitted:
    # Prefect logs a stack trace for every failure; the command prints one sentence instead.
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    try:
        with prefect_server():
            # Prefect takes a second to load, which the other commands need not wait for.
            from flows.submission import run_submission  # noqa: PLC0415

            note_start()
            return run_submission(options)
    except SubmissionBlocked as blocked:
        return blocked.submitted
