"""Rules of the submission as a whole: what is reported about it, and what blocks it from landing."""

from collections.abc import Sequence

from schemas.fields import AGNCY
from schemas.rule import FILE, SECTION, WARNING
from schemas.rule_registry import FileFacts, FileFinding, file_rule


@file_rule("FILE.agencies", FILE, blames=AGNCY, section=SECTION["client"])
def one_agency(facts: FileFacts) -> Sequence[FileFinding]:
    """The client records must have one agency, unless an agency was requested.

    Fault: The client records have more than one agency.
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
    if facts.last_rows_sent is None or facts.shrink_accepted:
        return ()
    # A share suits small and large agencies alike.
    if facts.rows_to_send >= facts.last_rows_sent * facts.shrink_share:
        return ()
    return [FileFinding(f"{facts.rows_to_send} rows, {facts.last_rows_sent} in the last submission")]


@file_rule("AGNCY.changed", FILE, blames=AGNCY, section=SECTION["client"])
def episodes_stay_with_their_agency(facts: FileFacts) -> Sequence[FileFinding]:
    """An episode must stay with the agency that it was last landed under.

    Fault: The episode was last landed under another agency.
    Fix: Record the episode at the other agency as ended and start a new one here, or correct the {AGNCY}.
    """
    return [FileFinding(f"last landed under {agency}", episode) for episode, agency in facts.moved_episodes]
