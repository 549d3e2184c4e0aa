"""One submission, step by step: read the export, judge it, land it.

The steps are the same whether Prefect orchestrates them or not; Prefect's tasks wrap them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from flows.audit.previous import past_of
from flows.intake.extract import Export
from flows.landing.commit import Landed, land, record_failure
from flows.landing.home import locked_home, refuse_unwritable
from flows.months.replay import read_corrected
from flows.pipeline.assess import Assessment, Grounds, assess, grounds_of
from flows.reports.summary import Summary, summarise
from flows.sources.request import SubmissionRequest
from flows.support.errors import FileNotMoved, InputRefused, RunFailed, SourceUnreadable, is_interrupt, without_values
from flows.support.private_files import private_files

Given = ParamSpec("Given")
Made = TypeVar("Made")
# How long to wait before a share that did not answer is asked again, in seconds.
RETRY_PAUSES = (2.0, 10.0, 30.0)


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


def read_step(request: SubmissionRequest, grounds: Grounds) -> Export:
    """Reads and reduces the export.

    Raises:
        InputRefused: it is not what the source says.
        SourceUnreadable: it cannot be read this time.
        RunFailed: the program failed.
    """
    return guarded(read_corrected, request, grounds)


def read_patiently(
    read: Callable[[SubmissionRequest, Grounds], Export], request: SubmissionRequest, grounds: Grounds
) -> Export:
    """The export as `read` gives it; a share that does not answer is asked again after a pause."""
    for pause in RETRY_PAUSES:
        try:
            return read(request, grounds)
        except SourceUnreadable:
            time.sleep(pause)
    return read(request, grounds)


def judge_step(request: SubmissionRequest, grounds: Grounds, export: Export) -> Assessment:
    """Runs the rules and decides what becomes of every record."""
    return guarded(assess, request, grounds, export, past_of(request))


def land_step(assessment: Assessment, started_at: datetime) -> Landed:
    """Lands file and audit, both or neither."""
    return guarded(land, assessment, started_at)


def _read_directly(request: SubmissionRequest, grounds: Grounds) -> Export:
    return read_patiently(read_step, request, grounds)


@dataclass(frozen=True)
class Steps:
    """The steps of a submission, plain or as tasks of an orchestrator."""

    read: Callable[[SubmissionRequest, Grounds], Export] = _read_directly
    judge: Callable[[SubmissionRequest, Grounds, Export], Assessment] = judge_step
    land: Callable[[Assessment, datetime], Landed] = land_step


@private_files()
def submit(request: SubmissionRequest, steps: Steps | None = None) -> Submitted:
    """Makes one submission and lands it.

    Args:
        request: what is asked for.
        steps: who does the steps; by default this process, one after the other.

    Returns:
        What came of it; its status is `blocked` where a rule of the file keeps it from being landed.

    Raises:
        InputRefused: the source or the reference data is wrong; nothing was written.
        RunFailed: the run failed and is marked so in the audit, as far as that was possible.
    """
    steps, started_at = steps or Steps(), datetime.now(UTC)
    refuse_unwritable(request.home)
    try:
        grounds = guarded(grounds_of, request)
        export = steps.read(request, grounds)
        purpose = f"the submission of {request.agency or 'any agency'} {request.period}"
        with locked_home(request.home, purpose):
            assessment = steps.judge(request, grounds, export)
            landed = steps.land(assessment, started_at)
    except FileNotMoved:
        raise
    except RunFailed as failure:
        record_failure(request, str(failure), started_at)
        raise
    return Submitted(landed, summarise(assessment, landed))


def guarded(step: Callable[Given, Made], *arguments: Given.args, **named: Given.kwargs) -> Made:
    """Runs a step; what goes wrong in it is raised without a value of any record.

    Raises:
        InputRefused, RunFailed: as the step raised them, or in the place of another error.
        KeyboardInterrupt: the step was interrupted.  The audit must not be opened again in this process.
    """
    try:
        return step(*arguments, **named)
    except (InputRefused, RunFailed):
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        raise without_values(error) from None
