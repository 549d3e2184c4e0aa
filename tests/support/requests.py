"""Requests for submissions, from the options that a test cares about."""

from pathlib import Path

from flows.sources.request import SubmissionOptions, SubmissionRequest, build_request


def submission_request(source: str | Path, period: str, **others: str | Path | None) -> SubmissionRequest:
    """The request of a submission; `others` are fields of SubmissionOptions."""
    return build_request(SubmissionOptions(str(source), period, **others))  # type: ignore[arg-type]
