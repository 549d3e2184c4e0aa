"""The command that validates an export and lands nothing."""

import sys

import typer

from flows.cli.options import (
    AcceptSameInput,
    AcceptShrunk,
    AcceptStale,
    Agency,
    AsOf,
    ExtractedOn,
    FindingsOut,
    Home,
    Input,
    Period,
    RequirePublished,
    Source,
)
from flows.cli.terminal import BLOCKED, show_activity
from flows.months.other_months import add_same_input_notice
from flows.pipeline.assess import assess, load_reference_inputs, read_export, refuse_unpublished
from flows.quality.checked import find_unusual_in_check
from flows.reports.findings import list_findings
from flows.reports.summary import as_text, summarise
from flows.reports.tables import show
from flows.sources.request import SubmissionOptions, build_request
from flows.support.events import log_about


def check(
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
    out: FindingsOut = None,
) -> None:
    """Validate an export and report on it; nothing is landed, and only --out is written."""
    request = build_request(
        SubmissionOptions(
            source, period, agency, extracted_on, home, input_folder, as_of, accept_shrunk, accept_stale,
            accept_same_input,
        )
    )  # fmt: skip
    with log_about(**request.about), show_activity(f"checking {agency or ''} {period}"):
        inputs = load_reference_inputs(request)
        if require_published:
            refuse_unpublished(inputs)
        assessment = add_same_input_notice(assess(request, inputs, read_export(request, inputs)))
    if out:
        show(list_findings(assessment), None, out)
    unusual = find_unusual_in_check(
        request.home, assessment.submission.agency, str(request.period), assessment.counts, assessment.quality
    )
    sys.stdout.write(as_text(summarise(assessment, unusual=unusual)) + "\n")
    if assessment.submission.is_blocked:
        raise typer.Exit(BLOCKED)
