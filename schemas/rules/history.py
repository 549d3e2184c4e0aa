"""Rules that compare with the previous submission: values that may not change, or may change in one direction only.

`F.sent_last` is the value sent then, `F.sent_now` the value to send now. A value that is sent as blank because it was
not parsed is blank here. The rules see the records in play that were in the previous submission.
"""

from schemas.condition import Always, Condition, Flag, SameArea, SentAsBefore
from schemas.dataset import ID_FIELD, list_fields
from schemas.fields import MODEND, MODST, UTLA
from schemas.record_field import RecordField
from schemas.rule import ERROR, WARNING, Statement, applies_to
from schemas.rule_registry import rule, rule_family

_REOPENED = Flag("was_reopened", "DISD or EXITD was sent in the last submission and is blank now")
_REOPENED_AS_ALLOWED = Flag(
    "was_reopened_as_allowed",
    "the client was not released, an intervention new since then starts within 21 days of the old DISD,"
    " and every intervention that had ended is still there and ended",
)


def _select_fields(*updatability: str) -> tuple[RecordField, ...]:
    return tuple(
        RecordField(field.header)
        for field in list_fields()
        # The id identifies the record: a record with another id is another record.
        if field.updatability in updatability and field.header not in ID_FIELD.values()
    )


def _is_sent_twice(field: RecordField) -> Condition:
    return field.sent_last.is_populated & field.sent_now.is_populated


@rule_family("mismatch", ERROR, fields=_select_fields("mismatch"), stage="history")
def does_not_cause_a_mismatch(field: RecordField) -> Statement:
    """{field} must be the same as in the previous submission.

    Fault: {field} differs from the previous submission, so the portal will report a mismatch.
    Fix: Put the old value back in the clinical system if it was right.
    Choice: Replace or delete the record at the portal; or restore the old value in the source.
    """
    return applies_to(_is_sent_twice(field)).holds(SentAsBefore(field.reference))


@rule_family("changed", WARNING, fields=_select_fields("fixed"), stage="history")
def fixed_value_is_not_changed(field: RecordField) -> Statement:
    """{field} must not change after it was sent.

    Fault: {field} differs from the previous submission.
    Fix: Put the old value back in the clinical system, unless this corrects a mistake.
    Choice: Restore the old value in the source; or keep the new value if the old one was a mistake.
    """
    same: Condition = SentAsBefore(field.reference)
    if field == UTLA:
        # A recoded authority is the same area, so the value has not changed.
        same = same | SameArea(field.reference)
    return applies_to(field.sent_last.is_populated).holds(same)


@rule_family("changed", WARNING, fields=_select_fields("on_event"), stage="history")
def exit_value_is_not_changed(field: RecordField) -> Statement:
    """{field} must not change after it was sent, unless the episode was re-opened as allowed.

    Fault: {field} differs from the previous submission, and the episode was not re-opened as allowed.
    Fix: Put the old value back in the clinical system, unless this corrects a mistake.
    Choice: Restore the old value in the source; or keep the new value if the old one was a mistake.
    """
    applies = field.sent_last.is_populated & ~(_REOPENED & _REOPENED_AS_ALLOWED)
    return applies_to(applies).holds(SentAsBefore(field.reference))


@rule_family("changed", ERROR, fields=_select_fields("once"), stage="history")
def value_is_filled_in_once(field: RecordField) -> Statement:
    """{field} must keep the value that was sent first.

    Fault: {field} differs from the previous submission.
    Fix: Put the old value back in the clinical system, unless this corrects a mistake.
    Choice: Restore the old value in the source; or keep the new value if the old one was a mistake.
    """
    return applies_to(_is_sent_twice(field)).holds(SentAsBefore(field.reference))


@rule_family("withdrawn", WARNING, fields=_select_fields("to_yes", "disclosure"), stage="history")
def yes_is_not_withdrawn(field: RecordField) -> Statement:
    """{field} must stay 'yes' after it was sent as 'yes'.

    Fault: The answer for {field} was 'yes' in the previous submission and is not 'yes' now.
    Fix: Put the 'yes' back in the clinical system, unless it was a mistake.
    Choice: Restore the yes in the source; or keep the new value if the yes was a mistake.
    """
    return applies_to(field.sent_last.means("yes")).holds(field.sent_now.means("yes"))


@rule("DISD.reopened", ERROR, section="Discharge date; Appendix D", stage="history")
def episode_is_reopened_as_allowed() -> Statement:
    """A discharge or exit must only be removed after a court appearance, with new interventions.

    Fault: The episode was discharged or exited in the previous submission and is open again, without what allows it.
    Fix: Put the dates back in the clinical system, or record the new treatment as a new episode.
    Choice: Restore the dates in the source; or send what has begun since then as a separate episode.
    """
    return applies_to(_REOPENED).holds(_REOPENED_AS_ALLOWED)


@rule("MODEND.unended", ERROR, stage="history")
def end_is_not_removed() -> Statement:
    """An intervention that had an {MODEND} in the previous submission must still have one.

    Fault: The intervention had an {MODEND} in the previous submission and has none now.
    Fix: Put the end date back in the clinical system, or record the new treatment as a new intervention.
    Choice: Restore the end in the source; or send what has begun since then as a new intervention.
    """
    return applies_to(MODEND.sent_last.is_populated).holds(MODEND.sent_now.is_populated)


@rule("MODST.unstarted", ERROR, stage="history")
def start_is_not_removed() -> Statement:
    """An intervention that had an {MODST} in the previous submission must still have one.

    Fault: The intervention had an {MODST} in the previous submission and has none now.
    Fix: Put the start date back in the clinical system, or delete the intervention at the portal.
    Choice: Restore the start in the source; or delete the intervention at the portal.
    """
    return applies_to(MODST.sent_last.is_populated).holds(MODST.sent_now.is_populated)


@rule("EPISODID.dropped", WARNING, inferred=True, section="Data entities", owner="conversion", stage="dropped")
def episode_stays_in_the_export() -> Statement:
    """An episode of the previous submission must be in the export.

    Fault: The episode was in the previous submission and is not in this export.
    Fix: Bring the episode back into the export, unless it was sent by mistake.
    Choice: Restore the record in the export; or delete it at the portal if it was sent by mistake.
    """
    return applies_to(Always()).holds(Flag("is_in_export", "the episode is in this export"))


@rule("MODID.dropped", WARNING, inferred=True, section="Data entities", owner="conversion", stage="dropped")
def intervention_stays_in_the_export() -> Statement:
    """An intervention of the previous submission must be in the export while its episode is.

    Fault: The intervention was in the previous submission; its episode is in this export, the intervention is not.
    Fix: Bring the intervention back into the export, unless it was sent by mistake.
    Choice: Restore the record in the export; or delete it at the portal if it was sent by mistake.
    """
    # EPISODID.dropped reports a missing episode once, not again for each of its interventions.
    with_its_episode = Flag("episode_is_in_play", "its episode is in this export, and in play")
    return applies_to(with_its_episode).holds(Flag("is_in_export", "the intervention is in this export"))
