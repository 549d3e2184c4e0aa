"""The monthly submission as a Prefect flow: read the export, judge it, land it, tell of it.

Parameters are paths and ids alone.  What tasks hand each other stays in the memory of this process:
nothing is cached or kept as a result, since it is about named prisoners.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

# Nothing about a run leaves the machine; said before Prefect reads its settings.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

from prefect import flow, runtime, tags, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed

from flows.assessment import Assessment, Grounds, assess, grounds_of
from flows.durable import write_whole
from flows.errors import InputRefused, RunFailed, SourceUnreadable, without_values
from flows.extract import Export
from flows.landing import Landed, holding, land, record_failure, refuse_unwritable
from flows.past import past_of
from flows.replay import read_corrected, replay_request
from flows.report import report
from flows.request import SubmissionRequest, home_of, submission_request
from flows.summary import Summary, as_markdown, summarise

Given = ParamSpec("Given")
Made = TypeVar("Made")
_IN_MEMORY: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False, "log_prints": False}


@dataclass(frozen=True)
class Submitted:
    """What came of a submission: the run in the audit and its summary."""

    landed: Landed
    summary: Summary


class SubmissionBlocked(RuntimeError):
    """A rule of the file keeps the submission from being landed; the audit has the run."""

    def __init__(self, submitted: Submitted) -> None:
        super().__init__(f"{submitted.summary.title} is blocked by {'; '.join(submitted.summary.blocked_by)}")
        self.submitted = submitted


def _can_help(_task: object, _run: object, state: Any) -> bool:
    """A share that did not answer may answer later; a file that is wrong stays wrong."""
    return isinstance(state.result(raise_on_failure=False), SourceUnreadable)


@task(
    name="read the export",
    retries=3,
    retry_delay_seconds=[2, 10, 30],
    retry_condition_fn=_can_help,
    timeout_seconds=3600,
    **_IN_MEMORY,
)
def read_task(request: SubmissionRequest, grounds: Grounds) -> Export:
    """Reads and reduces the export; the one task that a retry can help."""
    return _told_without_values(read_corrected, request, grounds)


@task(name="judge the records", timeout_seconds=3600, **_IN_MEMORY)
def judge_task(request: SubmissionRequest, grounds: Grounds, export: Export) -> Assessment:
    """Runs the rules and decides what becomes of every record."""
    return _told_without_values(assess, request, grounds, export, past_of(request))


@task(name="land the submission", timeout_seconds=1800, **_IN_MEMORY)
def land_task(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands file and audit, both or neither."""
    return _told_without_values(land, assessment, started_at)


def _run_name() -> str:
    parameters = runtime.flow_run.parameters
    return f"{parameters.get('agency') or 'any agency'} {parameters.get('period') or 'last month'}"


@flow(name="submission", flow_run_name=_run_name, persist_result=False, log_prints=False, validate_parameters=True)
def submission(
    source: str,
    period: str = "",
    agency: str | None = None,
    extracted_on: str | None = None,
    home: str | None = None,
    input_folder: str | None = None,
    as_of: str | None = None,
    accept_shrunk: str | None = None,
    corrects: str | None = None,
    corrections: str | None = None,
) -> Any:
    """Makes one submission and lands it; gives what came of it (`Submitted`).

    Args:
        source: a mapping's name or path, or the directory of a plain export.
        period: YYYY-MM; empty is the last month that is over on the day of the extract.
        agency: the agency it is for; None takes the single one of the export.
        extracted_on: YYYY-MM-DD; None is today.
        home: where the audit and the submissions are kept.
        input_folder: where the export lies instead of where the mapping says.
        as_of: `today`, or a day: what the month is judged by instead of what held in its time.
        accept_shrunk: why a file that shrank by half may be landed; the audit keeps it.
        corrects: the id of a run whose rejected records are put right.
        corrections: the directory of the corrected records.

    Raises:
        InputRefused: the command, the source or the reference data is wrong; nothing was written.
        SubmissionBlocked: a rule of the file blocks it; findings and outcomes are in the audit.
        RunFailed: the run failed and is marked so in the audit.
    """
    started_at = datetime.now(UTC)
    if corrects and corrections:
        request = replay_request(home_of(home), corrects, source, Path(corrections))
    else:
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
    try:
        grounds = _told_without_values(grounds_of, request)
        export = read_task(request, grounds)
        with holding(request.home, _what(request)):
            assessment = judge_task(request, grounds, export)
            landed = land_task(assessment, started_at)
    except RunFailed as failure:
        record_failure(request, str(failure), started_at)
        raise
    submitted = Submitted(landed, summarise(assessment, landed))
    _tell(submitted, request)
    if landed.status == "blocked":
        # A state of its own, so that a schedule's alarms tell it from a failure.
        blocked = SubmissionBlocked(submitted)
        return Failed(name="Blocked", message=str(blocked), data=blocked)
    return submitted


def submitted_as(agency: str | None, period: str, **parameters: Any) -> Submitted:
    """A submission whose run bears its agency and month as tags."""
    with tags(*filter(None, (agency, period))):
        return cast("Submitted", submission(agency=agency, period=period, **parameters))


def _tell(submitted: Submitted, request: SubmissionRequest) -> None:
    """What a person needs to see of a run in Prefect's pages: counts, rules, and where the report is."""
    summary, run_id = submitted.summary, submitted.landed.run_id
    text = as_markdown(summary)
    if runtime.deployment.id:
        # Nobody stands by who could ask for the report.
        page, _ = report(request.home, run_id)
        path = request.home / "reports" / f"{run_id}.html"
        write_whole(path, page.encode())
        text += f"\n\n[The report]({path.as_uri()}) ({path})"
    create_markdown_artifact(markdown=text, key=_artefact_key(run_id), description=summary.title)


def _what(request: SubmissionRequest) -> str:
    return f"the submission of {request.agency or 'any agency'} {request.period}"


def _artefact_key(run_id: str) -> str:
    return f"submission-{run_id.lower()}"


def _told_without_values(step: Callable[Given, Made], *arguments: Given.args, **named: Given.kwargs) -> Made:
    """Runs a step; what goes wrong in it is told without a value of any record."""
    try:
        return step(*arguments, **named)
    except (InputRefused, RunFailed):
        raise
    except Exception as error:
        raise without_values(error) from None
