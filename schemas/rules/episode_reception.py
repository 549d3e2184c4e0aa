"""Rules of episodes: links to client and interventions, consent, postcode, reception and triage."""

from functools import partial

from schemas.condition import (
    AgeAtLeast,
    Always,
    AnyOtherRecord,
    Compared,
    Flag,
    KnownTrue,
    Understood,
    after,
    before,
    blank,
    means,
    populated,
)
from schemas.rule import (
    CLIENT_DETAILS,
    EPISODE_DETAILS,
    INTERVENTION_DETAILS,
    Catalogue,
    Statement,
    applies_to,
)

catalogue = Catalogue()
episode_rule = partial(catalogue.rule, entity="episode")

# The other episode was triaged first (by EPISODID if both were triaged on one day) and is not discharged yet.
_EARLIER_EPISODE_GOES_ON = AnyOtherRecord(
    "CLIENTID",
    (
        before("other.TRIAGED", "TRIAGED")
        | (Compared("other.TRIAGED", "=", "TRIAGED") & before("other.EPISODID", "EPISODID"))
    )
    & (blank("other.DISD") | after("other.DISD", "TRIAGED")),
    "an earlier episode of the client has no DISD, or a DISD after this TRIAGED",
)


@episode_rule(
    "EPISODID.orphan",
    severity="reject",
    basis="inferred",
    section=EPISODE_DETAILS,
    owner="conversion",
    field="CLIENTID",
    stage="ties",
)
def an_episode_names_its_client() -> Statement:
    """The episode's CLIENTID names a client record."""
    return applies_to(Always()).holds(Flag("has_parent", "CLIENTID names a client record"))


@episode_rule("MODID.absent", severity="reject", section=INTERVENTION_DETAILS, stage="ties")
def an_episode_has_an_intervention() -> Statement:
    """The episode has an intervention, so that a row can carry its MODID."""
    return applies_to(populated("EPISODID")).holds(Flag("has_child", "some intervention record names the episode"))


@episode_rule("CONSENT.given", severity="withhold", section=EPISODE_DETAILS, stage="consent")
def consent_is_given() -> Statement:
    """CONSENT is the code for yes."""
    return applies_to(Always()).holds(KnownTrue(means("CONSENT", "yes")))


@episode_rule("PC.format", severity="error", section=EPISODE_DETAILS)
def a_postcode_can_be_cut() -> Statement:
    """PC is a UK postcode, a postcode sector, or says no fixed abode or outside the UK."""
    return applies_to(populated("PC")).holds(Understood("PC", "a postcode, a sector, no fixed abode or outside UK"))


@episode_rule("INTRCPTD.before_birth", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def reception_comes_after_birth() -> Statement:
    """INTRCPTD is after the client's DOB."""
    return applies_to(populated("INTRCPTD")).holds(after("INTRCPTD", "client.DOB"))


@episode_rule("RECPDT.order", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def this_reception_follows_the_first() -> Statement:
    """RECPDT is not before INTRCPTD."""
    return applies_to(populated("RECPDT")).holds(~before("RECPDT", "INTRCPTD"))


@episode_rule("PRISON.missing", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def a_transfer_names_where_from() -> Statement:
    """A client received elsewhere first has the PRISON they came from."""
    return applies_to(before("INTRCPTD", "RECPDT")).holds(populated("PRISON"))


@episode_rule("PRISON.not_transferred", severity="warning", section=EPISODE_DETAILS)
def no_transfer_no_prison() -> Statement:
    """A client received here first has no PRISON they came from."""
    return applies_to(Compared("INTRCPTD", "=", "RECPDT")).holds(blank("PRISON"))


@episode_rule("TRIAGED.order", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def triage_follows_reception() -> Statement:
    """TRIAGED is not before RECPDT."""
    return applies_to(populated("TRIAGED")).holds(~before("TRIAGED", "RECPDT"))


@episode_rule("TRIAGED.overlap", severity="warning", basis="inferred", section="Data entities")
def episodes_follow_each_other() -> Statement:
    """Every earlier episode of the client was discharged by this TRIAGED."""
    return applies_to(populated("TRIAGED")).holds(~_EARLIER_EPISODE_GOES_ON)


@episode_rule("DOB.adult", severity="warning", section="Introduction")
def the_client_is_an_adult() -> Statement:
    """The client is 18 or older on TRIAGED."""
    return applies_to(populated("TRIAGED")).holds(AgeAtLeast("client.DOB", "TRIAGED", 18))


@episode_rule("DOB.plausible", severity="warning", basis="inferred", section=CLIENT_DETAILS)
def the_client_is_not_over_110() -> Statement:
    """The client is not over 110 on TRIAGED."""
    return applies_to(populated("TRIAGED")).holds(~AgeAtLeast("client.DOB", "TRIAGED", 111))
