"""The month of all agencies of a source as one Prefect flow: a submission of its own for each."""

import os

# Nothing about a run leaves the machine; said before Prefect reads its settings.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

from datetime import date

from prefect import flow, runtime

from flows.intake.extract import agencies_in
from flows.pipeline.assess import grounds_of
from flows.sources.months import months_of
from flows.sources.request import submission_request
from flows.submission import SubmissionBlocked, submitted_as
from flows.support.errors import InputRefused, RunFailed
from flows.support.private_files import private_files
from schemas.period import Period


class AgenciesMissing(RuntimeError):
    """Some agency's submission was not landed; the others were.  The alarms are of their own runs."""


def _run_name() -> str:
    parameters = runtime.flow_run.parameters
    who = ", ".join(parameters.get("agencies") or ["all agencies"])
    return f"{who} {parameters.get('period') or 'last month'}"


@flow(name="monthly", flow_run_name=_run_name, persist_result=False, log_prints=False)
@private_files()
def monthly(
    source: str,
    period: str = "",
    agencies: list[str] | None = None,
    home: str | None = None,
    input_folder: str | None = None,
) -> list[str]:
    """Lands the month of every agency of a source, one after the other; gives the ids of the runs.

    Args:
        source: a mapping's name or path, or the directory of a plain export.
        period: YYYY-MM; empty is the last month that is over.
        agencies: those to submit; None is all the source has.
        home: where the audit and the submissions are kept.
        input_folder: where the export lies instead of where the mapping says.

    Raises:
        InputRefused: there is no such source, or it has no export of the month.
        AgenciesMissing: some agency's submission failed or was blocked; the others were landed.
    """
    month = period or str(Period.before(date.today()))
    landed, missing = [], []
    for agency in agencies_of(source, month, agencies or [], home, input_folder):
        try:
            done = submitted_as(agency, month, source=source, home=home, input_folder=input_folder)
        except (InputRefused, RunFailed, SubmissionBlocked) as error:
            missing.append(f"{agency}: {error}")
        else:
            landed.append(done.landed.run_id)
    if missing:
        raise AgenciesMissing(f"{len(missing)} not landed for {month}: {'; '.join(missing)}")
    return landed


def agencies_of(source: str, month: str, agencies: list[str], home: str | None, input_folder: str | None) -> list[str]:
    """The agencies that a source has in a month."""
    period = Period.parse(month)
    found = months_of(source, input_folder, period, period, agencies)
    named = found.agencies_of[period]
    if named:
        return named
    request = submission_request(found.source, month, home=home, input_folder=found.input_folder)
    grounds = grounds_of(request)
    return agencies_in(request.mapping, request.folder, grounds.lists, grounds.settings.limits)
