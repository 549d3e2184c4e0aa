"""One submission, step by step: read the export, assess it, land it.

The steps are the same with and without Prefect, whose tasks wrap them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from flows.landing.commit import land, record_failure
from flows.landing.home import locked_home, refuse_unwritable
from flows.landing.landed import Landed
from flows.months.board import renew_board
from flows.months.metrics import renew_metrics
from flows.months.other_months import OtherMonths, find_other_months, refuse_same_input
from flows.months.replay import read_corrected
from flows.months.run_log import log_run
from flows.months.written_report import write_landed_report
from flows.pipeline.assess import Assessment, ReferenceInputs, assess, load_reference_inputs
from flows.reports.summary import Summary, summarise
from flows.sources.request import SubmissionRequest
from flows.support.errors import FileNotMoved, InputRefused, RunFailed, SourceUnreadable, hide_values, is_interrupt
from flows.support.private_files import private_files
from transforms.inputs import Export

Given = ParamSpec("Given")
Made = TypeVar("Made")
# Pauses before a share that did not respond is read again, in seconds.
RETRY_PAUSES = (2.0, 10.0, 30.0)


@dataclass(frozen=True)
class Submitted:
    """The result of a submission: the run in the audit and its summary."""

    landed: Landed
    summary: Summary


class SubmissionBlocked(RuntimeError):
    """A rule of the file blocks the submission; the audit has the run."""

    def __init__(self, submitted: Submitted) -> None:
        super().__init__(f"{submitted.summary.title} is blocked by {'; '.join(submitted.summary.blocked_by)}")
        self.submitted = submitted


def read_step(request: SubmissionRequest, inputs: ReferenceInputs) -> Export:
    """Reads and reduces the export.

    Raises:
        InputRefused: the export does not match the source's mapping.
        SourceUnreadable: the export cannot be read at the moment.
        RunFailed: the program failed.
    """
    return run_guarded(read_corrected, request, inputs)


def read_patiently(
    read: Callable[[SubmissionRequest, ReferenceInputs], Export], request: SubmissionRequest, inputs: ReferenceInputs
) -> Export:
    """Reads the export with `read`, and retries after a pause if a share does not respond."""
    for pause in RETRY_PAUSES:
        try:
            return read(request, inputs)
        except SourceUnreadable:
            time.sleep(pause)
    return read(request, inputs)


def judge_step(request: SubmissionRequest, inputs: ReferenceInputs, export: Export) -> Assessment:
    """Runs the rules and determines the outcome of every record."""
    return run_guarded(assess, request, inputs, export)


def land_step(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands the file and the audit, both or neither."""
    return run_guarded(land, assessment, started_at)


def _read_directly(request: SubmissionRequest, inputs: ReferenceInputs) -> Export:
    return read_patiently(read_step, request, inputs)


@dataclass(frozen=True)
class Steps:
    """The steps of a submission, as plain functions or as tasks of an orchestrator."""

    read: Callable[[SubmissionRequest, ReferenceInputs], Export] = _read_directly
    judge: Callable[[SubmissionRequest, ReferenceInputs, Export], Assessment] = judge_step
    land: Callable[[Assessment, datetime], Landed] = land_step


@private_files()
@log_run
def submit(request: SubmissionRequest, steps: Steps | None = None) -> Submitted:
    """Creates one submission, lands it, and writes its report.

    Args:
        request: the submission to create.
        steps: the functions that run the steps; by default in this process, one after another.

    Returns:
        The result; its status is `blocked` if a rule of the file keeps the submission from landing.

    Raises:
        InputRefused: the source or the reference data is wrong, or the files are those of another month; nothing was
            written.
        RunFailed: the run failed; the audit marks it as failed, if that was possible.
    """
    steps, started_at = steps or Steps(), datetime.now(UTC)
    refuse_unwritable(request.home)
    try:
        inputs = run_guarded(load_reference_inputs, request)
        export = steps.read(request, inputs)
        purpose = f"the submission of {request.agency or 'any agency'} {request.period}"
        with locked_home(request.home, purpose):
            assessment = steps.judge(request, inputs, export)
            others = run_guarded(_check_other_months, assessment)
            landed = steps.land(assessment, started_at)
            report = write_landed_report(assessment, landed)
    # The run has landed, so it must not be recorded as failed.
    except FileNotMoved:
        raise
    except RunFailed as failure:
        record_failure(request, str(failure), started_at)
        renew_board(request.home)
        renew_metrics(request.home)
        raise
    renew_board(request.home)
    renew_metrics(request.home)
    return Submitted(landed, summarise(assessment, landed, others.later, report=report))


def _check_other_months(assessment: Assessment) -> OtherMonths:
    """Refuses the files of another month, and returns the agency's other months."""
    others = find_other_months(assessment)
    refuse_same_input(assessment, others.same_input)
    return others


def run_guarded(step: Callable[Given, Made], *arguments: Given.args, **named: Given.kwargs) -> Made:
    """Runs a step and raises its errors without any value from a record.

    Raises:
        InputRefused, RunFailed: as raised by the step, or in place of another error.
        KeyboardInterrupt: the step was interrupted.  The audit must not be opened again in this process.
    """
    try:
        return step(*arguments, **named)
    except (InputRefused, RunFailed):
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        # Not chained, because the text of the original error may quote a record.
        raise hide_values(error) from None
