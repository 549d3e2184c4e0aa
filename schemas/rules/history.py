"""Rules that compare with the previous submission: values that may not change, or may change in one direction only.

`F.sent_last` is the value sent then, `F.sent_now` the value to send now. A value that is sent as blank because it was
not parsed is blank here. The rules see the records in play that were in the previous submission.
"""

from schemas.conditions.codes import SameArea
from schemas.conditions.condition import Always, Condition, KnownTrue, all_of, any_of
from schemas.conditions.values import Flag, SentAsBefore
from schemas.dataset import ID_FIELD, list_fields
from schemas.fields import (
    CLIENTID,
    CLINREV,
    DISD,
    DISRSN,
    EPISODID,
    EXITD,
    EXITRSN,
    LIVSCRN,
    MODEND,
    MODST,
    NPSUSE,
    UTLA,
)
from schemas.record_field import RecordField
from schemas.rule import ERROR, REJECT, SECTION, WARNING, Statement, applies_to
from schemas.rule_registry import rule, rule_family

_REOPENED = Flag("was_reopened", "DISD or EXITD was sent in the last submission and is blank now")
_LEFT_OPEN = EXITD.sent_last.is_blank & EXITRSN.sent_last.is_blank
_TRANSFERRED = EXITRSN.sent_last.means("transferred") & DISRSN.sent_last.means("transferred_in_custody")
_RESTARTED_SOON = Flag(
    "restarted_soon", "an intervention new since then starts on the old DISD, or fewer than 21 days after it"
)
_RESTARTED = Flag("restarted", "an intervention new since then starts on or after the old DISD")
_STILL_ENDED = Flag("still_ended", "every intervention that had ended is still there and ended")
_REOPENED_AS_ALLOWED = all_of(any_of(_LEFT_OPEN & _RESTARTED_SOON, _TRANSFERRED & _RESTARTED), _STILL_ENDED)
# The discharge moved to a later day, after treatment that is new since then.
_CLOSED_AGAIN = Flag("was_closed_again", "DISD is later than in the last submission") & _RESTARTED
_MAY_CHANGE = any_of(_REOPENED & _REOPENED_AS_ALLOWED, _CLOSED_AGAIN)
# After an exit was sent, an episode may only be re-opened after a transfer.
_MAY_CHANGE_AFTER_EXIT = any_of(all_of(_REOPENED, _TRANSFERRED, _RESTARTED, _STILL_ENDED), _CLOSED_AGAIN)


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
    """{field} must not change after an exit, unless the episode was re-opened as allowed or closed again.

    Fault: {field} differs from the previous submission, after an exit.
    Fix: Put the old value back in the clinical system, unless this corrects a mistake.
    Choice: Restore the old value in the source; or keep the new value if the old one was a mistake.
    """
    applies = all_of(EXITD.sent_last.is_populated, field.sent_last.is_populated, ~_MAY_CHANGE_AFTER_EXIT)
    return applies_to(applies).holds(SentAsBefore(field.reference))


@rule_family("changed", WARNING, fields=(LIVSCRN, NPSUSE, CLINREV), stage="history")
def answer_is_not_changed_after_the_event(field: RecordField) -> Statement:
    """{field} must not change after it was sent at the exit or discharge.

    Fault: {field} differs from the previous submission, after the exit or discharge.
    Fix: Put the old value back in the clinical system, unless this corrects a mistake.
    Choice: Restore the old value in the source; or keep the new value if the old one was a mistake.
    """
    event, may_change = (EXITD, _MAY_CHANGE_AFTER_EXIT) if field == LIVSCRN else (DISD, _MAY_CHANGE)
    # The rule `withdrawn` reports a yes that is taken back.
    withdrawn = field.sent_last.means("yes") & ~field.sent_now.means("yes")
    applies = all_of(event.sent_last.is_populated, field.sent_last.is_populated, ~KnownTrue(withdrawn), ~may_change)
    return applies_to(applies).holds(SentAsBefore(field.reference))


@rule_family("changed", WARNING, fields=(DISD, DISRSN, EXITD, EXITRSN), stage="history")
def end_is_filled_in_once(field: RecordField) -> Statement:
    """{field} must keep the value that was sent first, unless the episode was re-opened and closed again.

    Fault: {field} differs from the previous submission.
    Fix: Put the old value back in the clinical system, unless this corrects a mistake.
    Choice: Restore the old value in the source; or keep the new value if the old one was a mistake.
    """
    return applies_to(_is_sent_twice(field) & ~_CLOSED_AGAIN).holds(SentAsBefore(field.reference))


@rule_family("changed", WARNING, fields=(MODST, MODEND), stage="history")
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


@rule("DISD.late_return", WARNING, section="Appendix D", stage="history")
def episode_is_reopened_soon_after_a_transfer() -> Statement:
    """An episode that is re-opened after a transfer must have an intervention that starts within 21 days.

    Fault: The episode was re-opened after a transfer, and no new intervention starts within 21 days of the old {DISD}.
    Fix: Check whether the client returned in time; otherwise record the new treatment as a new episode.
    Choice: Keep the re-opened episode; or send what has begun since then as a separate episode.
    """
    applies = all_of(_REOPENED, _TRANSFERRED, _RESTARTED, _STILL_ENDED)
    return applies_to(applies).holds(_RESTARTED_SOON)


@rule("EPISODID.moved", ERROR, owner="conversion", stage="history")
def episode_stays_with_its_client() -> Statement:
    """An episode must keep the client that it was sent under.

    Fault: The episode was sent last under another {CLIENTID}.
    Fix: Check whether the client's ID changed, or the episode was moved to another client.
    Choice: Restore the old client ID in the source; or delete the episode at the portal, which has it twice.
    """
    # An episode is only sent with a CLIENTID, so the last one is always populated.
    return applies_to(CLIENTID.sent_now.is_populated).holds(SentAsBefore("CLIENTID"))


@rule("MODID.moved", ERROR, owner="conversion", stage="history")
def intervention_stays_with_its_episode() -> Statement:
    """An intervention must keep the episode that it was sent under.

    Fault: The intervention was sent last under another {EPISODID}.
    Fix: Check whether the episode's ID changed, or the intervention was moved to another episode.
    Choice: Restore the old episode ID in the source; or delete the intervention at the portal, which has it twice.
    """
    # An intervention is only sent with an EPISODID, so the last one is always populated.
    return applies_to(EPISODID.sent_now.is_populated).holds(SentAsBefore("EPISODID"))


@rule("EPISODID.renumbered", ERROR, owner="conversion")
def episode_keeps_its_id() -> Statement:
    """An episode must keep the {EPISODID} that it was sent under.

    Fault: The {EPISODID} is new, and an episode that is no longer in the export is the same in all other respects.
    Fix: Restore the old ID: check how the source mapping makes the ID of an episode.
    Choice: Restore the old ID in the source; or delete the old episode at the portal.
    """
    same = Flag(
        "replaces_an_episode",
        "an episode of the last submission that is not in the export has the same person and dates",
    )
    return applies_to(EPISODID.is_populated).holds(~same)


@rule("AGNCY.changed", REJECT, entity="episode", section=SECTION["client"], owner="conversion")
def episode_stays_with_its_agency() -> Statement:
    """An episode must stay with the agency that it was last landed under.

    Fault: The episode was last landed under another agency.
    Fix: Record the episode at the other agency as ended and start a new one here, or correct the {AGNCY}.
    """
    moved = Flag("was_sent_by_another_agency", "the episode was last landed under another agency")
    return applies_to(EPISODID.is_populated).holds(~moved)


@rule("EPISODID.no_longer_sent", WARNING, inferred=True, section="Data entities", stage="sent")
def episode_is_still_sent() -> Statement:
    """An episode of the latest submission must be sent again.

    Fault: The episode was in the latest submission and is in this export, but is not sent now.
    Fix: Correct what keeps the episode from being sent; the outcome shows what it is.
    Choice: Correct the record, so that it is sent; or delete it at the portal if it was sent by mistake.
    """
    return applies_to(Flag("was_in_latest", "the episode was in the latest submission")).holds(
        Flag("is_sent", "the episode is sent")
    )


@rule("MODID.no_longer_sent", WARNING, inferred=True, section="Data entities", stage="sent")
def intervention_is_still_sent() -> Statement:
    """An intervention of the latest submission must be sent again while its episode is.

    Fault: The intervention was in the latest submission and is in this export, but is not sent now.
    Fix: Correct what keeps the intervention from being sent; the outcome shows what it is.
    Choice: Correct the record, so that it is sent; or delete it at the portal if it was sent by mistake.
    """
    with_episode = Flag("was_in_latest", "the intervention was in the latest submission") & Flag(
        "episode_is_sent", "its episode is sent"
    )
    return applies_to(with_episode).holds(Flag("is_sent", "the intervention is sent"))


@rule("EPISODID.incomplete", WARNING, inferred=True, section="Data entities", stage="sent")
def episode_is_sent_whole() -> Statement:
    """An episode that is sent must be sent with all of its interventions.

    Fault: The episode is sent, but an intervention of it is rejected.
    Fix: Correct what keeps the intervention from being sent.
    """
    return applies_to(Flag("is_sent", "the episode is sent")).holds(
        ~Flag("has_rejected_intervention", "an intervention of the episode is rejected")
    )
