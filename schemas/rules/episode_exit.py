"""Rules of episodes: exit from the secure setting, the fields to complete at exit, and the destination."""

from schemas.conditions.condition import Always, all_of, any_of
from schemas.conditions.values import Flag
from schemas.fields import (
    DISD,
    DISRSN,
    EXITD,
    EXITDEST,
    EXITRSN,
    HOMELESSEXIT,
    LIVSCRN,
    MHTXEXIT,
    RECONNECT,
    RECPDT,
    REFHEPCTX,
    REFHEPCTXDT,
    RTOAGNCY,
    SENTENCED,
    THNALOX,
)
from schemas.record_field import RecordField
from schemas.rule import ERROR, WARNING, Statement, applies_to
from schemas.rule_registry import rule, rule_family

_RELEASED = EXITRSN.means("released")
# The definitions ask for the first group at every exit, and for the second at a release only.
_AT_EXIT = (LIVSCRN, MHTXEXIT, SENTENCED, REFHEPCTX)
_AT_RELEASE = (RECONNECT, THNALOX, HOMELESSEXIT, RTOAGNCY)
_OTHER_EPISODE_OPEN = Flag(
    "another_episode_is_open_at_exit",
    "another episode of the client, triaged on or before this EXITD, has no DISD or no DISRSN",
)
_LATER_RECEPTION = Flag(
    "a_later_reception_precedes_the_exit",
    "another episode of the client has a later RECPDT, and this EXITD is blank or after it",
)
_STAY_EXITS_OTHERWISE = Flag(
    "another_episode_of_the_stay_exits_otherwise",
    "another episode of the client with this RECPDT has another EXITD, on or after this TRIAGED",
)


@rule("EXITD.order", WARNING, inferred=True)
def exit_is_not_before_reception() -> Statement:
    """The {EXITD} must not be before the {RECPDT}.

    Fault: The {EXITD} is before the {RECPDT}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(EXITD.is_populated).holds(EXITD.is_on_or_after(RECPDT))


@rule("EXITD.before_discharge", ERROR)
def exit_is_not_before_discharge() -> Statement:
    """The {EXITD} must not be before the {DISD}.

    Fault: The {EXITD} is before the {DISD}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(EXITD.is_populated).holds(EXITD.is_on_or_after(DISD))


@rule("EXITD.other_open", ERROR)
def other_episodes_end_before_the_exit() -> Statement:
    """Every other episode that was triaged by the {EXITD} must have a {DISD} and a {DISRSN}.

    Fault: Another episode of the client, triaged by this {EXITD}, has no {DISD} or no {DISRSN}.
    Fix: Discharge the other episode in the clinical system.
    """
    return applies_to(EXITD.is_populated).holds(~_OTHER_EPISODE_OPEN)


@rule("EXITD.before_next_reception", ERROR)
def exit_is_not_after_the_next_reception() -> Statement:
    """The {EXITD} must be filled in, and not after the next {RECPDT}, if the client was received again.

    Fault: Another episode of the client has a later {RECPDT}, but this {EXITD} is blank or after it.
    Fix: Record the exit from the earlier stay in the clinical system, or correct the dates.
    """
    return applies_to(Always()).holds(~_LATER_RECEPTION)


@rule("EXITD.of_one_stay", WARNING, inferred=True)
def episodes_of_one_stay_exit_together() -> Statement:
    """Episodes with the same {RECPDT} must have the same {EXITD}.

    Fault: Another episode of the client with the same {RECPDT} has another {EXITD}, on or after this {TRIAGED}.
    Fix: Record the same exit date in the episodes of one stay in the clinical system.
    """
    return applies_to(Always()).holds(~_STAY_EXITS_OTHERWISE)


@rule("EXITD.pair", ERROR)
def exit_reason_has_a_date() -> Statement:
    """An {EXITRSN} must have an {EXITD}.

    Fault: There is an {EXITRSN}, but the {EXITD} is blank.
    Fix: Record the exit date, or remove the reason, in the clinical system.
    """
    return applies_to(EXITRSN.is_populated).holds(EXITD.is_populated)


@rule("EXITRSN.pair", ERROR)
def exit_date_has_a_reason() -> Statement:
    """An {EXITD} must have an {EXITRSN}.

    Fault: There is an {EXITD}, but the {EXITRSN} is blank.
    Fix: Record the exit reason, or remove the date, in the clinical system.
    """
    return applies_to(EXITD.is_populated).holds(EXITRSN.is_populated)


@rule("EXITD.undischarged", ERROR)
def exit_needs_a_discharge() -> Statement:
    """A client who left must have a {DISD} and a {DISRSN}.

    Fault: There is an {EXITD} or an {EXITRSN}, but the {DISD} or the {DISRSN} is blank.
    Fix: Record the discharge in the clinical system, or remove the exit if the client is still there.
    """
    return applies_to(EXITD.is_populated | EXITRSN.is_populated).holds(DISD.is_populated & DISRSN.is_populated)


@rule_family("at_exit", ERROR, fields=_AT_EXIT)
def is_recorded_at_exit(field: RecordField) -> Statement:
    """{field} must be filled in at exit.

    Fault: The episode has an {EXITD}, but the answer for {field} is blank.
    Fix: Complete the field in the clinical system.
    """
    return applies_to(EXITD.is_populated).holds(field.is_populated)


@rule_family("at_release", ERROR, fields=_AT_RELEASE)
def is_recorded_at_release(field: RecordField) -> Statement:
    """{field} must be filled in at a release.

    Fault: The {EXITRSN} is 'released', but the answer for {field} is blank.
    Fix: Complete the field in the clinical system.
    """
    return applies_to(_RELEASED).holds(field.is_populated)


@rule_family("not_released", WARNING, fields=_AT_RELEASE)
def needs_a_release(field: RecordField) -> Statement:
    """{field} must be blank if the {EXITRSN} is not 'released'.

    Fault: The answer for {field} is filled in, although the {EXITRSN} is not 'released'.
    Fix: Remove the answer, or correct the exit reason, in the clinical system.
    """
    return applies_to(field.is_populated & EXITRSN.is_populated).holds(_RELEASED)


@rule("REFHEPCTXDT.order", WARNING, inferred=True)
def referral_is_not_before_reception() -> Statement:
    """The {REFHEPCTXDT} must not be before the {RECPDT}.

    Fault: The {REFHEPCTXDT} is before the {RECPDT}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(REFHEPCTXDT.is_populated).holds(REFHEPCTXDT.is_on_or_after(RECPDT))


@rule("REFHEPCTXDT.missing", WARNING, inferred=True)
def referral_has_a_date() -> Statement:
    """A client with {REFHEPCTX} 'yes' must have a {REFHEPCTXDT}.

    Fault: The {REFHEPCTX} is 'yes', but the {REFHEPCTXDT} is blank.
    Fix: Record the date of the referral in the clinical system.
    """
    return applies_to(REFHEPCTX.means("yes")).holds(REFHEPCTXDT.is_populated)


@rule("REFHEPCTXDT.not_referred", WARNING, inferred=True)
def date_needs_a_referral() -> Statement:
    """A client with {REFHEPCTX} 'no' must not have a {REFHEPCTXDT}.

    Fault: There is a {REFHEPCTXDT}, although the {REFHEPCTX} is 'no'.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    # A blank REFHEPCTX is reported by REFHEPCTX.at_exit, so only "no" contradicts the date.
    return applies_to(REFHEPCTXDT.is_populated).holds(~REFHEPCTX.means("no"))


@rule("EXITDEST.missing", ERROR)
def transfer_or_referral_has_a_destination() -> Statement:
    """The {EXITDEST} must be filled in after a transfer, and after a release with a referral.

    Fault: The client was transferred, or released with a referral, but the {EXITDEST} is blank.
    Fix: Record the destination in the clinical system.
    """
    # Other exits, such as a death, have no destination.
    referred_at_release = all_of(_RELEASED, RTOAGNCY.means("structured", "recovery"))
    return applies_to(EXITD.is_populated & (EXITRSN.means("transferred") | referred_at_release)).holds(
        EXITDEST.is_populated
    )


@rule("EXITDEST.release_area", WARNING, section="Appendix G")
def release_without_referral_has_an_area() -> Statement:
    """The {EXITDEST} must be filled in after a release without onward referral.

    Fault: The client was released without onward referral, but the {EXITDEST} is blank.
    Fix: Record the area that the client was released to in the clinical system.
    """
    return applies_to(_RELEASED & RTOAGNCY.means("none")).holds(EXITDEST.is_populated)


@rule("EXITDEST.not_exited", WARNING, inferred=True)
def destination_needs_an_exit() -> Statement:
    """The {EXITDEST} must be blank unless there is an {EXITD}.

    Fault: There is an {EXITDEST}, but the {EXITD} is blank.
    Fix: Remove the destination, or record the exit, in the clinical system.
    """
    return applies_to(EXITDEST.is_populated).holds(EXITD.is_populated)


@rule("EXITDEST.not_a_setting", ERROR)
def transfer_goes_to_a_setting() -> Statement:
    """The {EXITDEST} of a transferred client must be a secure setting.

    Fault: The {EXITRSN} is 'transferred', but the {EXITDEST} is an area or outside the UK.
    Fix: Record the setting that the client was transferred to in the clinical system.
    """
    return applies_to(EXITRSN.means("transferred")).holds(~EXITDEST.means_area)


@rule("EXITDEST.not_an_area", ERROR)
def release_goes_to_an_area() -> Statement:
    """The {EXITDEST} of a released client must be an area, outside the UK, or a non-NDTMS secure setting.

    Fault: The {EXITRSN} is 'released', but the {EXITDEST} is neither an area nor outside the UK.
    Fix: Record the area that the client was released to in the clinical system.
    """
    return applies_to(_RELEASED & EXITDEST.is_populated).holds(
        any_of(EXITDEST.means_area, EXITDEST.means("non_ndtms_secure"))
    )


@rule("EXITDEST.secure_hospital", WARNING, section="Appendix D")
def transfer_in_custody_is_to_a_reporting_setting() -> Statement:
    """The {EXITDEST} of a client transferred in custody must not be a non-NDTMS secure setting.

    Fault: The {DISRSN} is 'transferred in custody', but the {EXITDEST} is a setting that does not report to NDTMS.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(DISRSN.means("transferred_in_custody")).holds(~EXITDEST.means("non_ndtms_secure"))


@rule("EXITDEST.deported", WARNING)
def deported_client_leaves_the_uk() -> Statement:
    """The {EXITDEST} of a deported client must be outside the UK.

    Fault: The {DISRSN} is 'deported', but the {EXITDEST} is not outside the UK.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(DISRSN.means("deported") & EXITDEST.is_populated).holds(EXITDEST.means("outside_uk"))


@rule("RTOAGNCY.transferred", WARNING, section="Appendix D and G")
def transfer_out_of_custody_is_referred() -> Statement:
    """A client transferred out of custody must be referred to structured treatment, unless to a secure hospital.

    Fault: The {DISRSN} is 'transferred, not in custody', but the {RTOAGNCY} is not structured treatment.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(
        all_of(
            DISRSN.means("transferred_not_in_custody"),
            _RELEASED,
            # A secure hospital treats the client itself.
            ~EXITDEST.means("non_ndtms_secure"),
            RTOAGNCY.is_populated,
        )
    ).holds(RTOAGNCY.means("structured"))


@rule("RTOAGNCY.refused", WARNING, section="Appendix D and G")
def refused_referral_is_not_to_structured_treatment() -> Statement:
    """A released client who refused the onward referral must not be referred to structured treatment.

    Fault: The {DISRSN} says that the client refused the onward referral, but the {RTOAGNCY} is structured treatment.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(DISRSN.means("referral_refused") & _RELEASED).holds(~RTOAGNCY.means("structured"))


@rule("RTOAGNCY.completed", WARNING, section="Appendix D and G")
def completed_treatment_needs_no_structured_treatment() -> Statement:
    """A released client who completed treatment must not be referred to structured treatment.

    Fault: The {DISRSN} is 'treatment completed', but the {RTOAGNCY} is structured treatment.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(DISRSN.means("completed") & _RELEASED).holds(~RTOAGNCY.means("structured"))
