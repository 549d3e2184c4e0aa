"""Rules of the submission as a whole: what is reported about it, and what blocks it from landing."""

from collections.abc import Sequence

from schemas.fields import AGNCY
from schemas.rule import FILE, SECTION, WARNING
from schemas.rule_registry import FileFacts, FileFinding, file_rule

# With fewer episodes, a month without any date is possible.
_FEWEST_EPISODES = 30


@file_rule("FILE.agencies", FILE, blames=AGNCY, section=SECTION["client"])
def one_agency(facts: FileFacts) -> Sequence[FileFinding]:
    """The records must have one agency, unless an agency was requested.

    Fault: The records have more than one agency.
    Fix: Name the agency to submit with --agency.
    """
    # With --agency, the records of other agencies are out of scope instead.
    if facts.agency_asked is None and len(facts.agencies) > 1:
        return [FileFinding(", ".join(facts.agencies))]
    return ()


@file_rule("FILE.empty", FILE, inferred=True)
def some_rows(facts: FileFacts) -> Sequence[FileFinding]:
    """The submission must have at least one row.

    Fault: No row is left to send.
    Fix: Check the export and the rejected records.
    """
    return [FileFinding("0 rows")] if facts.rows_to_send == 0 else ()


@file_rule("FILE.removed_fields", WARNING, section="Appendix I")
def no_removed_fields(facts: FileFacts) -> Sequence[FileFinding]:
    """The source tables must not have a field that dataset R no longer has.

    Fault: The export has a column that dataset R no longer has; the column is ignored.
    Fix: Nothing needs to be done; remove the column from the export to avoid this warning.
    """
    return [FileFinding(column) for column in facts.removed_columns]


@file_rule("FILE.shrunk", FILE, inferred=True)
def not_shrunk(facts: FileFacts) -> Sequence[FileFinding]:
    """The submission must have at least {shrink_share} of the rows of the previous submission.

    Fault: The submission has less than {shrink_share} of the rows of the previous submission.
    Fix: Check whether the export is complete; if it is, submit again with --accept-shrunk and the reason.
    """
    if facts.last_rows_sent is None:
        return ()
    # A share suits small and large agencies alike.
    if facts.rows_to_send >= facts.last_rows_sent * facts.shrink_share:
        return ()
    return [FileFinding(f"{facts.rows_to_send} rows, {facts.last_rows_sent} in the last submission")]


@file_rule("FILE.stale", FILE, inferred=True)
def not_stale(facts: FileFacts) -> Sequence[FileFinding]:
    """Some date of the records must be in the period.

    Fault: No triage, start, end, discharge or exit of a record is in the period.
    Fix: Check whether this is the export of the period; if it is, submit again with --accept-stale and the reason.
    """
    if facts.has_day_in_period or facts.episodes_in_play < _FEWEST_EPISODES:
        return ()
    return [FileFinding(f"{facts.episodes_in_play} episodes")]


@file_rule("FILE.early", WARNING, inferred=True)
def not_early(facts: FileFacts) -> Sequence[FileFinding]:
    """The data must be extracted on or after the last day of the period.

    Fault: The data was extracted before the last day of the period.
    Fix: Extract the data again after the period has ended.
    """
    return [FileFinding(facts.extracted_early)] if facts.extracted_early else ()
