"""The commands for one submission: submit and check."""

import os
import sys
from typing import Any

import typer

from flows.audit.previous import load_previous
from flows.cli.options import (
    AcceptShrunk,
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
from flows.pipeline.assess import assess, load_reference_inputs, read_export, refuse_unpublished
from flows.reports.summary import as_text, summarise
from flows.sources.request import SubmissionRequest, submission_request
from flows.support.prefect_server import is_server_configured, prefect_server


def submit(
    source: Source,
    period: Period,
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    accept_shrunk: AcceptShrunk = None,
    require_published: RequirePublished = False,
    orchestrate: Orchestrate = False,
) -> None:
    """Validate an export and land the submission."""
    request = submission_request(
        source,
        period,
        agency=agency,
        extracted_on=extracted_on,
        home=home,
        input_folder=input_folder,
        as_of=as_of,
        accept_shrunk=accept_shrunk,
    )
    refuse_unwritable(request.home)
    inputs = load_reference_inputs(request)
    if require_published:
        refuse_unpublished(inputs)
    land_submission(
        f"submitting {agency or ''} {period}",
        request,
        orchestrate=orchestrate,
        source=source,
        period=period,
        agency=agency,
        extracted_on=str(request.extracted_on),
        home=str(request.home),
        input_folder=input_folder,
        as_of=str(request.judged_as_of) if as_of else None,
        accept_shrunk=accept_shrunk,
    )


def land_submission(what: str, request: SubmissionRequest, *, orchestrate: bool, **parameters: Any) -> None:
    """Makes a submission, through Prefect where it is asked for or configured, and writes its summary."""
    with show_activity(what):
        if orchestrate or is_server_configured():
            submitted = _submit_through_prefect(parameters)
        else:
            note(NOT_ORCHESTRATED)
            submitted = submit_directly(request)
    sys.stdout.write(as_text(submitted.summary) + "\n")
    if submitted.landed.status == "blocked":
        raise typer.Exit(BLOCKED)


def _submit_through_prefect(parameters: dict[str, Any]) -> Submitted:
    # Prefect logs a stack for every failure; here each comes to one sentence.
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    # Prefect takes a second to load, which the other commands need not wait for.
    from flows.submission import run_submission  # noqa: PLC0415

    try:
        with prefect_server():
            return run_submission(parameters.pop("agency", None), parameters.pop("period", ""), **parameters)
    except SubmissionBlocked as blocked:
        return blocked.submitted


def check(
    source: Source,
    period: Period,
    agency: Agency = None,
    extracted_on: ExtractedOn = None,
    home: Home = None,
    input_folder: Input = None,
    as_of: AsOf = None,
    accept_shrunk: AcceptShrunk = None,
    require_published: RequirePublished = False,
) -> None:
    """Validate an export and report; nothing is landed, nothing is written."""
    request = submission_request(
        source,
        period,
        agency=agency,
        extracted_on=extracted_on,
        home=home,
        input_folder=input_folder,
        as_of=as_of,
        accept_shrunk=accept_shrunk,
    )
    with show_activity(f"checking {agency or ''} {period}"):
        inputs = load_reference_inputs(request)
        if require_published:
            refuse_unpublished(inputs)
        assessment = assess(request, inputs, read_export(request, inputs), load_previous(request))
    sys.stdout.write(as_text(summarise(assessment)) + "\n")
    if assessment.is_blocked:
        raise typer.Exit(BLOCKED)
