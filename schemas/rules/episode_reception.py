"""Rules of episodes: links to client and interventions, consent, postcode, reception and triage."""

from schemas.conditions.condition import Always, KnownTrue
from schemas.conditions.values import Flag
from schemas.fields import (
    CLIENTID,
    CONSENT,
    DISRSN,
    DOB,
    EPISODID,
    EXITRSN,
    HOUSING,
    INTRCPTD,
    PC,
    PRISON,
    RECPDT,
    TRIAGED,
    UTLA,
)
from schemas.rule import ERROR, REJECT, SECTION, WARNING, WITHHOLD, Statement, applies_to
from schemas.rule_registry import rule

_EARLIER_EPISODE_GOES_ON = Flag(
    "an_earlier_episode_goes_on", "an earlier episode of the client has no DISD, or a DISD after this TRIAGED"
)
_LATER_EPISODE_REFUSES = Flag(
    "a_later_episode_refuses", "a later triaged episode of the client has CONSENT no", (CONSENT.means("no"),)
)
_EARLIER_STAY = Flag(
    "reception_belongs_to_an_earlier_stay",
    "another episode of the client ended with a release or an abscond, on or after this RECPDT and before this TRIAGED",
    (EXITRSN.means("released", "absconded"),),
)
_DIED_BEFORE = Flag(
    "another_episode_ends_with_death_before",
    "another episode of the client ended with the client's death before this TRIAGED",
    (EXITRSN.means("died"), DISRSN.means("died")),
)
_PSEUDO = Flag("is_pseudo_postcode", "the source has a ZZ99 pseudo postcode other than ZZ99 3VZ")
_NO_FIXED_ABODE = "ZZ99 3"


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


@rule("CONSENT.differs", WARNING, inferred=True, stage="consent")
def consent_is_not_withdrawn_later() -> Statement:
    """A client who consented must not refuse in a later episode.

    Fault: The {CONSENT} is yes, but a later triaged episode of the client has the answer no.
    Fix: Find out from the client which answer is right, and correct the other one in the clinical system.
    """
    return applies_to(CONSENT.means("yes")).holds(~_LATER_EPISODE_REFUSES)


@rule("PC.format", ERROR)
def postcode_can_be_truncated() -> Statement:
    """The {PC} must be a UK postcode, a postcode sector, or a text for no fixed abode or outside the UK.

    Fault: The {PC} is not a UK postcode, a postcode sector, or a text for no fixed abode or outside the UK.
    Fix: Correct the postcode in the clinical system.
    """
    return applies_to(PC.is_populated & ~_PSEUDO).holds(
        PC.is_understood_as("a postcode, a sector, no fixed abode or outside UK")
    )


@rule("PC.pseudo", WARNING, owner="conversion")
def postcode_is_a_real_one() -> Statement:
    """The {PC} must not be a pseudo postcode other than that for no fixed abode.

    Fault: The {PC} is a pseudo postcode, which is sent as blank.
    Fix: Record the client's postcode, or no fixed abode, in the clinical system.
    """
    return applies_to(PC.is_populated).holds(~_PSEUDO)


@rule("PC.with_a_home", WARNING, inferred=True)
def no_fixed_abode_has_no_home() -> Statement:
    """A client with the {PC} for no fixed abode must not have a home as {HOUSING}.

    Fault: The {PC} says no fixed abode, but the {HOUSING} is a home.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    no_abode = PC.is_text(_NO_FIXED_ABODE) & ~UTLA.means("outside_uk")
    return applies_to(no_abode).holds(~HOUSING.means("home"))


@rule("UTLA.postcode", WARNING)
def authority_is_that_of_the_postcode() -> Statement:
    """The {UTLA} of the source must be the area of the postcode.

    Fault: The source has a {UTLA} that is not the area of the postcode.
    Fix: Correct the wrong one of the two in the clinical system.
    """
    has_both = Flag("has_two_authorities", "the source has a UTLA, and the directory an authority for the postcode")
    same = Flag("authorities_are_one_area", "both are one area, under its codes of different days")
    return applies_to(has_both).holds(same)


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


@rule("TRIAGED.after_death", ERROR, section="Appendix D")
def triage_is_not_after_death() -> Statement:
    """The {TRIAGED} must not be after the client's death in another episode.

    Fault: Another episode of the client ended with the client's death before this {TRIAGED}.
    Fix: Check which of the two episodes belongs to the client, and correct the other one in the clinical system.
    """
    return applies_to(TRIAGED.is_populated).holds(~_DIED_BEFORE)


@rule("RECPDT.of_an_earlier_stay", ERROR, section="2 Episode details; Appendix D")
def reception_belongs_to_this_stay() -> Statement:
    """The {RECPDT} must be that of the stay in which the client was triaged.

    Fault: Another episode of the client ended with a release or an abscond between the {RECPDT} and the {TRIAGED}.
    Fix: Record the date of the reception after that exit in the clinical system.
    """
    return applies_to(RECPDT.is_populated & TRIAGED.is_populated).holds(~_EARLIER_STAY)


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
