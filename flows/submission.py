"""The monthly submission as a Prefect flow: read the export, assess it, land it, report on it.

Parameters are only paths and ids.  Tasks pass their results in the memory of this process.  Nothing is cached
or persisted, because the records are about named prisoners.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from prefect import flow, runtime, tags, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed
from prefect.utilities.annotations import quote

from flows.landing.landed import Landed
from flows.months.replay import build_replay
from flows.months.submit import (
    RETRY_PAUSES,
    Steps,
    SubmissionBlocked,
    Submitted,
    judge_step,
    land_step,
    read_step,
    submit,
)
from flows.pipeline.assess import Assessment, ReferenceInputs
from flows.reports.board_artefact import publish_board
from flows.reports.summary import as_markdown
from flows.sources.request import SubmissionOptions, SubmissionRequest, build_request
from flows.support.error_lines import log_in_one_line
from flows.support.errors import InputRefused, RunFailed, SourceUnreadable
from flows.support.heartbeats import send_heartbeats
from flows.support.hidden_values import hidden_values
from flows.support.private_files import private_files
from transforms.inputs import Export

__all__ = ["SubmissionBlocked", "Submitted", "run_submission", "submission"]
log_in_one_line(SubmissionBlocked)
_IN_MEMORY: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False, "log_prints": False}


def _can_help(_task: object, _run: object, state: Any) -> bool:
    """Returns whether a retry can help: an unreachable share may respond later, a wrong file stays wrong."""
    return isinstance(state.result(raise_on_failure=False), SourceUnreadable)


@task(
    name="read the export",
    retries=len(RETRY_PAUSES),
    retry_delay_seconds=list(RETRY_PAUSES),
    retry_condition_fn=_can_help,
    timeout_seconds=3600,
    **_IN_MEMORY,
)
def read_task(request: SubmissionRequest, inputs: ReferenceInputs) -> Export:
    """Reads and reduces the export; the only task that a retry can help."""
    return read_step(request, inputs)


@task(name="judge the records", timeout_seconds=3600, **_IN_MEMORY)
def judge_task(request: SubmissionRequest, inputs: ReferenceInputs, export: Export) -> Assessment:
    """Runs the rules and determines the outcome of every record."""
    return judge_step(request, inputs, export)


@task(name="land the submission", timeout_seconds=1800, **_IN_MEMORY)
def land_task(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands the file and the audit, both or neither."""
    return land_step(assessment, started_at)


def _pass_whole(step: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a task that takes its arguments as they are: Prefect would visit every code and record in them."""
    return lambda *given: step(*(quote(value) for value in given))


def _build_run_name() -> str:
    parameters = runtime.flow_run.parameters
    return f"{parameters.get('agency') or 'any agency'} {parameters.get('period') or 'last month'}"


@flow(
    name="submission", flow_run_name=_build_run_name, persist_result=False, log_prints=False, validate_parameters=True
)
@private_files()
@hidden_values(SubmissionBlocked)
def submission(
    source: str,
    period: str = "",
    agency: str | None = None,
    extracted_on: str | None = None,
    home: str | None = None,
    input_folder: str | None = None,
    as_of: str | None = None,
    accept_shrunk: str | None = None,
    accept_stale: str | None = None,
    accept_same_input: str | None = None,
    corrects: str | None = None,
    corrections: str | None = None,
) -> Any:
    """Creates one submission, lands it, and returns its result (`Submitted`).

    Args:
        source: a mapping's name or path, or the directory of a plain export.
        period: YYYY-MM; blank uses the last month completed on the day of the extract.
        agency: the agency to submit for; None uses the only agency in the export.
        extracted_on: YYYY-MM-DD; None uses today.
        home: the directory of the audit and the submissions.
        input_folder: overrides the directory of the export that the mapping names.
        as_of: `today` or a day: assesses the month against what is in force then, not what was in force in its time.
        accept_shrunk: the reason for landing a file that shrank by half; the audit stores it.
        accept_stale: the reason for landing a file without a date of the month; the audit stores it.
        accept_same_input: the reason for landing an export with the files of another month; the audit stores it.
        corrects: the id of a run whose rejected records are corrected.
        corrections: the directory of the corrected records.

    Raises:
        InputRefused: the command, the source or the reference data is wrong; nothing was written.
        SubmissionBlocked: a rule of the file blocks it; findings and outcomes are in the audit.
        RunFailed: the run failed, and the audit marks it as failed.
    """
    options = SubmissionOptions(
        source,
        period,
        agency,
        extracted_on,
        home,
        input_folder,
        as_of,
        accept_shrunk,
        accept_stale,
        accept_same_input,
        corrects,
        corrections,
    )
    request = _build_request(options)
    try:
        with send_heartbeats():
            submitted = submit(request, Steps(*(_pass_whole(step) for step in (read_task, judge_task, land_task))))
    except RunFailed:
        publish_board(request.home)
        raise
    _publish_summary(submitted)
    publish_board(request.home)
    if submitted.landed.status == "blocked":
        # A separate state lets alarms distinguish a blocked run from a failed one.
        blocked = SubmissionBlocked(submitted)
        return Failed(name="Blocked", message=str(blocked), data=blocked)
    return submitted


def _build_request(options: SubmissionOptions) -> SubmissionRequest:
    if bool(options.corrects) != bool(options.corrections):
        raise InputRefused(
            "corrects and corrections are used together: the run to correct, and the directory of the corrected records"
        )
    return build_replay(options) if options.corrects else build_request(options)


def run_submission(options: SubmissionOptions) -> Submitted:
    """Runs a submission with its agency and month as tags."""
    with tags(*filter(None, (options.agency, options.period))):
        return cast("Submitted", submission(**asdict(options)))


def _publish_summary(submitted: Submitted) -> None:
    """Publishes counts, rules and the path of the report on Prefect's pages."""
    summary, run_id = submitted.summary, submitted.landed.run_id
    text = as_markdown(summary)
    if summary.report:
        text += f"\n\n[The report]({Path(summary.report).as_uri()}) ({summary.report})"
    create_markdown_artifact(markdown=text, key=_build_artefact_key(run_id), description=summary.title)


def _build_artefact_key(run_id: str) -> str:
    return f"submission-{run_id.lower()}"
