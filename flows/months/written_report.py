"""Writes the report of a month that has just landed or was blocked; a failure to do so never fails the landing."""

import logging
from pathlib import Path

from flows.landing.landed import Landed
from flows.pipeline.assess import Assessment
from flows.reports.html import write_report
from flows.support.errors import describe_failure, is_interrupt
from flows.support.events import log_step

_log = logging.getLogger("ndtms")


def write_landed_report(assessment: Assessment, landed: Landed) -> Path | None:
    """Writes the report of a run to HOME/reports/AGENCY/PERIOD.html.

    Only the process that holds the home's lock may call it, so that the report is that of the month's last run.

    Returns:
        The path; None if the report could not be written, which is logged as a warning.
    """
    request = assessment.request
    try:
        with log_step("report"):
            return write_report(request.home, landed.run_id, assessment.submission.agency, str(request.period))
    # The run has landed, so nothing that goes wrong here may look like a failed run.
    except BaseException as error:
        if is_interrupt(error):
            raise
        _log.warning(
            "the report of %s could not be written (%s); `ndtms report --run %s` writes it",
            landed.run_id, describe_failure(error), landed.run_id,
        )  # fmt: skip
        return None
