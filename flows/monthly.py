"""One month for all agencies of a source as a Prefect flow, with a separate submission per agency."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from prefect import flow, runtime
from prefect.states import Failed

from flows.intake.extract import find_agencies_in
from flows.landing.home import renew_snapshot
from flows.pipeline.assess import load_reference_inputs
from flows.sources.months import find_months
from flows.sources.request import SubmissionOptions, build_request, find_home
from flows.submission import SubmissionBlocked, run_submission
from flows.support.error_lines import log_in_one_line
from flows.support.errors import InputRefused, RunFailed
from flows.support.hidden_values import hidden_values
from flows.support.private_files import private_files
from schemas.period import Period


class AgenciesMissing(RuntimeError):
    """At least one agency's submission was not landed; the others were."""


log_in_one_line(AgenciesMissing)


def _build_run_name() -> str:
    parameters = runtime.flow_run.parameters
    who = ", ".join(parameters.get("agencies") or ["all agencies"])
    return f"{who} {parameters.get('period') or Period.before(date.today())}"


@flow(name="monthly", flow_run_name=_build_run_name, persist_result=False, log_prints=False)
@private_files()
@hidden_values(SubmissionBlocked)
def monthly(
    source: str,
    period: str = "",
    agencies: list[str] | None = None,
    home: str | None = None,
    input_folder: str | None = None,
    accept_same_input: str | None = None,
) -> Any:
    """Lands the month of every agency of a source, one after another, and returns the ids of the runs.

    Args:
        source: a mapping's name or path, or the directory of a plain export.
        period: YYYY-MM; blank uses the last completed month.
        agencies: the agencies to submit; None submits all agencies in the source.
        home: the directory of the audit and the submissions.
        input_folder: overrides the directory of the export that the mapping names.
        accept_same_input: the reason for landing an export with the files of another month; the audit stores it.

    Raises:
        InputRefused: the source does not exist, or it has no export for the month.
        AgenciesMissing: an agency's submission failed or was blocked; the others were landed.
    """
    month = period or str(Period.before(date.today()))
    options = SubmissionOptions(
        source, month, home=home, input_folder=input_folder, accept_same_input=accept_same_input
    )
    landed, missing = [], []
    for submission in list_submissions(options, agencies or []):
        try:
            done = run_submission(submission)
        except (InputRefused, RunFailed, SubmissionBlocked) as error:
            missing.append(f"{submission.agency or 'no agency'}: {error}")
        else:
            landed.append(done.landed.run_id)
    # The agencies of a large home land within less than a minute of each other.
    renew_snapshot(find_home(home))
    if missing:
        # A separate state, because each of these submissions has an alarm of its own.
        not_landed = AgenciesMissing(f"{len(missing)} not landed for {month}: {'; '.join(missing)}")
        return Failed(name="Incomplete", message=str(not_landed), data=not_landed)
    return landed


def list_submissions(options: SubmissionOptions, agencies: list[str]) -> list[SubmissionOptions]:
    """Returns the submissions of a month: one for each agency that the source has, or that is requested.

    Where the export names no agency there is one submission, which says so when it runs.

    Args:
        options: the source, the month and what all submissions have in common.
        agencies: the requested agencies; an empty list requests all.

    Raises:
        InputRefused: the source does not exist, or it has no export for the month.
    """
    period = Period.parse(options.period)
    found = find_months(options.source or "", options.input_folder, period, period, agencies)
    # A directory of exports is a source with the layout that was found.
    options = replace(options, source=found.source, input_folder=found.input_folder)
    named: Sequence[str | None] = found.agencies_by_month[period]
    # If the agencies are already known, the export need not be read for them.
    if not named:
        request = build_request(options)
        limits = load_reference_inputs(request).settings.limits
        named = find_agencies_in(request.mapping, request.folder, limits, request.query_parameters) or [None]
    return [replace(options, agency=agency) for agency in named]
