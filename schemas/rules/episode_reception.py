"""Rules of episodes: links to client and interventions, consent, postcode, reception and triage."""

from schemas.condition import Always, AnyOtherRecord, Flag, KnownTrue
from schemas.fields import (
    CLIENTID,
    CONSENT,
    DISD,
    DOB,
    EPISODID,
    INTRCPTD,
    PC,
    PRISON,
    RECPDT,
    TRIAGED,
)
from schemas.rule import ERROR, REJECT, SECTION, WARNING, WITHHOLD, Statement, applies_to
from schemas.rule_registry import rule

# The other episode was triaged first (by EPISODID if both were triaged on one day) and is not discharged yet.
_EARLIER_EPISODE_GOES_ON = AnyOtherRecord(
    "CLIENTID",
    (TRIAGED.of_other.is_before(TRIAGED) | (TRIAGED.of_other.is_on(TRIAGED) & EPISODID.of_other.is_before(EPISODID)))
    & (DISD.of_other.is_blank | DISD.of_other.is_after(TRIAGED)),
    "an earlier episode of the client has no DISD, or a DISD after this TRIAGED",
)


@rule("EPISODID.orphan", REJECT, blames=CLIENTID, inferred=True, owner="conversion", stage="ties")
def episode_has_its_client() -> Statement:
    """The {CLIENTID} of an episode must be that of a client record.

    Fault: No client record has the {CLIENTID} of this episode.
    Fix: Check that the export contains the client and that the source mapping reads the ID from the same column.
    """
    return applies_to(Always()).holds(Flag("has_parent", "CLIENTID names a client record"))


@rule("MODID.absent", REJECT, entity="episode", section=SECTION["intervention"], stage="ties")
def episode_has_an_intervention() -> Statement:
    """An episode must have an intervention.

    Fault: The episode has no intervention record, so there is no row to send it in.
    Fix: Record the intervention in the clinical system, or check that the export contains it.
    """
    return applies_to(EPISODID.is_populated).holds(Flag("has_child", "some intervention record names the episode"))


@rule("CONSENT.given", WITHHOLD, stage="consent")
def consent_is_given() -> Statement:
    """The {CONSENT} must be yes.

    Fault: The {CONSENT} is not recorded as yes, so the episode is not sent.
    Fix: Nothing needs to be done if the client refused; otherwise record the consent in the clinical system.
    """
    # A value that was not parsed is not consent either, so no answer counts as false.
    return applies_to(Always()).holds(KnownTrue(CONSENT.means("yes")))


@rule("PC.format", ERROR)
def postcode_can_be_truncated() -> Statement:
    """The {PC} must be a UK postcode, a postcode sector, or a text for no fixed abode or outside the UK.

    Fault: The {PC} is not a UK postcode, a postcode sector, or a text for no fixed abode or outside the UK.
    Fix: Correct the postcode in the clinical system.
    """
    return applies_to(PC.is_populated).holds(PC.is_understood_as("a postcode, a sector, no fixed abode or outside UK"))


@rule("INTRCPTD.before_birth", WARNING, inferred=True)
def reception_is_after_birth() -> Statement:
    """The {INTRCPTD} must be after the client's {DOB}.

    Fault: The {INTRCPTD} is not after the client's {DOB}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(INTRCPTD.is_populated).holds(INTRCPTD.is_after(DOB.of_client))


@rule("RECPDT.order", WARNING, inferred=True)
def reception_is_not_before_initial_reception() -> Statement:
    """The {RECPDT} must not be before the {INTRCPTD}.

    Fault: The {RECPDT} is before the {INTRCPTD}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(RECPDT.is_populated).holds(RECPDT.is_on_or_after(INTRCPTD))


@rule("PRISON.missing", WARNING, inferred=True)
def transferred_client_has_a_previous_setting() -> Statement:
    """A client whose {INTRCPTD} is before the {RECPDT} must have a {PRISON}.

    Fault: The {INTRCPTD} is before the {RECPDT}, but the {PRISON} is blank.
    Fix: Record the setting that the client came from, or correct the two dates, in the clinical system.
    """
    return applies_to(INTRCPTD.is_before(RECPDT)).holds(PRISON.is_populated)


@rule("PRISON.not_transferred", WARNING)
def first_setting_has_no_previous_one() -> Statement:
    """A client whose {INTRCPTD} is also the {RECPDT} must not have a {PRISON}.

    Fault: There is a {PRISON}, although the {INTRCPTD} and the {RECPDT} are the same day.
    Fix: Remove the setting, or correct the two dates, in the clinical system.
    """
    return applies_to(INTRCPTD.is_on(RECPDT)).holds(PRISON.is_blank)


@rule("TRIAGED.order", WARNING, inferred=True)
def triage_is_not_before_reception() -> Statement:
    """The {TRIAGED} must not be before the {RECPDT}.

    Fault: The {TRIAGED} is before the {RECPDT}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(TRIAGED.is_populated).holds(TRIAGED.is_on_or_after(RECPDT))


@rule("TRIAGED.overlap", WARNING, inferred=True, section="Data entities")
def episodes_of_a_client_do_not_overlap() -> Statement:
    """Every earlier episode of the client must be discharged by the {TRIAGED}.

    Fault: An earlier episode of the client was not discharged by this {TRIAGED}.
    Fix: Discharge the earlier episode in the clinical system, or correct the dates.
    """
    return applies_to(TRIAGED.is_populated).holds(~_EARLIER_EPISODE_GOES_ON)


@rule("DOB.adult", WARNING, entity="episode", section="Introduction")
def client_is_an_adult() -> Statement:
    """The client must be 18 or older on the {TRIAGED}.

    Fault: By the {DOB}, the client was younger than 18 on the {TRIAGED}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(TRIAGED.is_populated).holds(DOB.of_client.is_years_before(TRIAGED, 18))


@rule("DOB.plausible", WARNING, entity="episode", inferred=True, section=SECTION["client"])
def client_is_not_over_110() -> Statement:
    """The client must not be over 110 on the {TRIAGED}.

    Fault: By the {DOB}, the client was over 110 on the {TRIAGED}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(TRIAGED.is_populated).holds(~DOB.of_client.is_years_before(TRIAGED, 111))
