"""Logs a submission as a whole: its names are on every event of its steps, and its end is an event."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from flows.sources.request import SubmissionRequest
from flows.support.errors import InputRefused, RunFailed
from flows.support.events import log_about, log_step

if TYPE_CHECKING:
    from flows.months.submit import Submitted

Given = ParamSpec("Given")


def log_run(
    submit: Callable[Concatenate[SubmissionRequest, Given], "Submitted"],
) -> Callable[Concatenate[SubmissionRequest, Given], "Submitted"]:
    """Decorates the function that submits a request: it ends with the event `run`, whether or not it landed."""

    @wraps(submit)
    def submit_and_log(request: SubmissionRequest, *arguments: Given.args, **named: Given.kwargs) -> "Submitted":
        with log_about(**request.about), log_step("run") as counts:
            try:
                submitted = submit(request, *arguments, **named)
            except InputRefused:
                counts["state"] = "refused"
                raise
            except RunFailed:
                counts["state"] = "failed"
                raise
            is_landed = submitted.landed.status == "landed"
            counts["state"] = submitted.landed.status
            counts["rows_sent"] = submitted.summary.rows_sent if is_landed else 0
            return submitted

    return cast("Callable[Concatenate[SubmissionRequest, Given], Submitted]", submit_and_log)
