"""Compares a submission with its agency's other months: those with the same files, and later ones that have landed."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import duckdb

from flows.audit import database as audit
from flows.audit.landed_months import SameInput, find_same_input, list_later_months
from flows.intake.corrected_records import PREFIX
from flows.pipeline.assess import Assessment
from flows.sources.request import SubmissionRequest
from flows.support.errors import InputRefused


@dataclass(frozen=True)
class OtherMonths:
    """The other landed months of an agency: one with the same files as the export, and those (YYYY-MM) after it."""

    same_input: SameInput | None = None
    later: tuple[str, ...] = ()


def find_other_months(assessment: Assessment) -> OtherMonths:
    """Returns what the audit has of the agency's other months.

    Raises:
        InputRefused: the audit cannot be read.
    """
    request, agency, period = assessment.request, assessment.submission.agency, str(assessment.request.period)
    if agency is None or not audit.audit_path(request.home).exists():
        return OtherMonths()
    digests = [digest for item, name, digest in assessment.manifest if item == "input" and not name.startswith(PREFIX)]
    with audit.open_read_only(request.home) as connection:
        same = find_same_files(connection, replace(request, agency=agency), digests)
        return OtherMonths(same, tuple(list_later_months(connection, agency, period)))


def find_same_files(
    connection: duckdb.DuckDBPyConnection, request: SubmissionRequest, digests: Collection[str]
) -> SameInput | None:
    """Returns another landed month of the request's agency with the same files, unless that is as it should be.

    Args:
        connection: the audit.
        request: the submission; without an agency nothing is found.
        digests: the SHA-256 of each file of its export.
    """
    # Corrections are for the export that their month has landed from. SQL may select the rows of the month itself.
    if request.agency is None or request.corrections or request.mapping.sql_distinguishes_months:
        return None
    return find_same_input(connection, request.agency, str(request.period), digests)


def refuse_same_input(assessment: Assessment, same: SameInput | None) -> None:
    """Raises InputRefused if a submission would land the files of another month, and no reason is given for it."""
    if same and _would_land_same_input(assessment):
        raise InputRefused(
            f"{_describe_same_input(assessment.request, same)}; submit the export of {assessment.request.period}, or,"
            " if nothing changed between the two months, submit this one with --accept-same-input and the reason"
        )


def add_same_input_notice(assessment: Assessment) -> Assessment:
    """Returns an assessment that is only checked, with a notice if its submission would be refused for its files."""
    same = find_other_months(assessment).same_input
    if same is None or not _would_land_same_input(assessment):
        return assessment
    notice = (
        f"{_describe_same_input(assessment.request, same)}; `ndtms submit` needs --accept-same-input and the reason"
    )
    return replace(assessment, notices=(notice, *assessment.notices))


def _would_land_same_input(assessment: Assessment) -> bool:
    # A blocked run lands no file, and its finding names what is wrong.
    return not assessment.submission.is_blocked and assessment.request.same_input_accepted is None


def _describe_same_input(request: SubmissionRequest, same: SameInput) -> str:
    return (
        f"{request.folder}: the files of {request.period} are the same as those of {same.period},"
        f" which landed as {same.run_id}"
    )
