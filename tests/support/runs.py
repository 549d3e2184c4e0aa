"""Requests and runs of agency L0001 for tests, without the command."""

from datetime import UTC, datetime
from pathlib import Path

from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.landing.landed import Landed
from flows.pipeline.assess import Assessment, assess, load_reference_inputs, read_export
from flows.sources.request import SubmissionRequest
from tests.support.requests import submission_request

STARTED_AT = datetime(2023, 5, 3, 9, tzinfo=UTC)


def build_request(export: Path, home: Path, period: str = "2023-04") -> SubmissionRequest:
    """Returns the request to submit a month of an export, extracted on 3 May 2023."""
    return submission_request(str(export), period, agency="L0001", extracted_on="2023-05-03", home=home)


def assess_request(request: SubmissionRequest) -> Assessment:
    """Reads the export of a request and assesses it; nothing is written."""
    inputs = load_reference_inputs(request)
    return assess(request, inputs, read_export(request, inputs))


def land_export(export: Path, home: Path, period: str = "2023-04") -> Landed:
    """Assesses a month of an export and lands it in a home."""
    request = build_request(export, home, period)
    with locked_home(request.home):
        return land(assess_request(request), STARTED_AT)
