"""Rules of episodes: exit from the secure setting, the fields to complete at exit, and the destination."""

from functools import partial

from schemas.condition import AnyOtherRecord, after, before, blank, means, populated
from schemas.rule import EPISODE_DETAILS, Catalogue, Statement, applies_to

catalogue = Catalogue()
episode_rule = partial(catalogue.rule, entity="episode")

_LEFT = populated("EXITD") | populated("EXITRSN")
_RELEASED = means("EXITRSN", "released")
_OTHER_EPISODE_OPEN = AnyOtherRecord(
    "CLIENTID",
    ~after("other.TRIAGED", "EXITD") & (blank("other.DISD") | blank("other.DISRSN")),
    "another episode of the client, triaged on or before this EXITD, has no DISD or no DISRSN",
)


@episode_rule("EXITD.order", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def exit_follows_reception() -> Statement:
    """EXITD is not before RECPDT."""
    return applies_to(populated("EXITD")).holds(~before("EXITD", "RECPDT"))


@episode_rule("EXITD.before_discharge", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def exit_follows_discharge() -> Statement:
    """EXITD is not before DISD."""
    return applies_to(populated("EXITD")).holds(~before("EXITD", "DISD"))


@episode_rule("EXITD.other_open", severity="error", section=EPISODE_DETAILS)
def all_episodes_end_before_the_exit() -> Statement:
    """At the exit every other episode triaged by then has its discharge date and reason."""
    return applies_to(populated("EXITD")).holds(~_OTHER_EPISODE_OPEN)


@episode_rule("EXITD.pair", severity="error", section=EPISODE_DETAILS)
def an_exit_reason_has_its_date() -> Statement:
    """An exit reason is sent with the date of the exit."""
    return applies_to(populated("EXITRSN")).holds(populated("EXITD"))


@episode_rule("EXITRSN.pair", severity="error", section=EPISODE_DETAILS)
def an_exit_date_has_its_reason() -> Statement:
    """An exit date is sent with the reason for the exit."""
    return applies_to(populated("EXITD")).holds(populated("EXITRSN"))


@episode_rule("EXITD.undischarged", severity="error", section=EPISODE_DETAILS)
def an_exit_follows_a_discharge() -> Statement:
    """A client who left was discharged, with date and reason."""
    return applies_to(_LEFT).holds(populated("DISD") & populated("DISRSN"))


@episode_rule("LIVSCRN.at_exit", severity="error", section=EPISODE_DETAILS)
def livscrn_is_known_at_exit() -> Statement:
    """LIVSCRN is completed by the exit."""
    return applies_to(populated("EXITD")).holds(populated("LIVSCRN"))


@episode_rule("MHTXEXIT.at_exit", severity="error", section=EPISODE_DETAILS)
def mhtxexit_is_known_at_exit() -> Statement:
    """MHTXEXIT is completed by the exit."""
    return applies_to(populated("EXITD")).holds(populated("MHTXEXIT"))


@episode_rule("SENTENCED.at_exit", severity="error", section=EPISODE_DETAILS)
def sentenced_is_known_at_exit() -> Statement:
    """SENTENCED is completed by the exit."""
    return applies_to(populated("EXITD")).holds(populated("SENTENCED"))


@episode_rule("REFHEPCTX.at_exit", severity="error", section=EPISODE_DETAILS)
def refhepctx_is_known_at_exit() -> Statement:
    """REFHEPCTX is completed by the exit."""
    return applies_to(populated("EXITD")).holds(populated("REFHEPCTX"))


@episode_rule("RECONNECT.at_release", severity="error", section=EPISODE_DETAILS)
def reconnect_is_known_at_release() -> Statement:
    """RECONNECT is completed at a release."""
    return applies_to(_RELEASED).holds(populated("RECONNECT"))


@episode_rule("RECONNECT.not_released", severity="warning", section=EPISODE_DETAILS)
def reconnect_is_for_the_released() -> Statement:
    """RECONNECT is there only for a client who was released."""
    return applies_to(populated("RECONNECT")).holds(_RELEASED)


@episode_rule("THNALOX.at_release", severity="error", section=EPISODE_DETAILS)
def thnalox_is_known_at_release() -> Statement:
    """THNALOX is completed at a release."""
    return applies_to(_RELEASED).holds(populated("THNALOX"))


@episode_rule("THNALOX.not_released", severity="warning", section=EPISODE_DETAILS)
def thnalox_is_for_the_released() -> Statement:
    """THNALOX is there only for a client who was released."""
    return applies_to(populated("THNALOX")).holds(_RELEASED)


@episode_rule("HOMELESSEXIT.at_release", severity="error", section=EPISODE_DETAILS)
def homelessexit_is_known_at_release() -> Statement:
    """HOMELESSEXIT is completed at a release."""
    return applies_to(_RELEASED).holds(populated("HOMELESSEXIT"))


@episode_rule("HOMELESSEXIT.not_released", severity="warning", section=EPISODE_DETAILS)
def homelessexit_is_for_the_released() -> Statement:
    """HOMELESSEXIT is there only for a client who was released."""
    return applies_to(populated("HOMELESSEXIT")).holds(_RELEASED)


@episode_rule("RTOAGNCY.at_release", severity="error", section=EPISODE_DETAILS)
def rtoagncy_is_known_at_release() -> Statement:
    """RTOAGNCY is completed at a release."""
    return applies_to(_RELEASED).holds(populated("RTOAGNCY"))


@episode_rule("RTOAGNCY.not_released", severity="warning", section=EPISODE_DETAILS)
def rtoagncy_is_for_the_released() -> Statement:
    """RTOAGNCY is there only for a client who was released."""
    return applies_to(populated("RTOAGNCY")).holds(_RELEASED)


@episode_rule("REFHEPCTXDT.order", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def a_referral_follows_reception() -> Statement:
    """REFHEPCTXDT is not before RECPDT."""
    return applies_to(populated("REFHEPCTXDT")).holds(~before("REFHEPCTXDT", "RECPDT"))


@episode_rule("REFHEPCTXDT.missing", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def a_referral_has_its_date() -> Statement:
    """A referral to hepatitis C treatment has its date."""
    return applies_to(means("REFHEPCTX", "yes")).holds(populated("REFHEPCTXDT"))


@episode_rule("REFHEPCTXDT.not_referred", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def no_referral_no_date() -> Statement:
    """A client who was not referred has no referral date."""
    return applies_to(populated("REFHEPCTXDT")).holds(~means("REFHEPCTX", "no"))


@episode_rule("EXITDEST.missing", severity="error", section=EPISODE_DETAILS)
def a_destination_is_told() -> Statement:
    """EXITDEST is there after a transfer, and after a release with a referral."""
    return applies_to(
        populated("EXITD")
        & (means("EXITRSN", "transferred") | (_RELEASED & means("RTOAGNCY", "structured", "recovery")))
    ).holds(populated("EXITDEST"))


@episode_rule("EXITDEST.release_area", severity="warning", section="Appendix G")
def a_release_without_referral_names_the_area() -> Statement:
    """EXITDEST is there after a release without onward referral, too."""
    return applies_to(_RELEASED & means("RTOAGNCY", "none")).holds(populated("EXITDEST"))


@episode_rule("EXITDEST.not_exited", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def no_exit_no_destination() -> Statement:
    """EXITDEST is there only for a client who left."""
    return applies_to(populated("EXITDEST")).holds(populated("EXITD"))


@episode_rule("EXITDEST.deported", severity="warning", section=EPISODE_DETAILS)
def the_deported_leave_the_country() -> Statement:
    """A deported client's EXITDEST is outside the UK."""
    return applies_to(means("DISRSN", "deported") & populated("EXITDEST")).holds(means("EXITDEST", "outside_uk"))


@episode_rule("RTOAGNCY.transferred", severity="warning", section="Appendix D and G")
def a_transfer_outside_is_referred() -> Statement:
    """A transfer outside custody is referred to structured treatment, save to a secure hospital."""
    return applies_to(
        means("DISRSN", "transferred_not_in_custody")
        & _RELEASED
        & ~means("EXITDEST", "non_ndtms_secure")
        & populated("RTOAGNCY")
    ).holds(means("RTOAGNCY", "structured"))


@episode_rule("RTOAGNCY.refused", severity="warning", section="Appendix D and G")
def who_refused_is_not_referred() -> Statement:
    """A released client who refused the referral has no onward referral."""
    return applies_to(means("DISRSN", "referral_refused") & _RELEASED & populated("RTOAGNCY")).holds(
        means("RTOAGNCY", "none")
    )


@episode_rule("RTOAGNCY.completed", severity="warning", section="Appendix D and G")
def who_completed_needs_no_structure() -> Statement:
    """A released client who completed treatment is not referred to structured treatment."""
    return applies_to(means("DISRSN", "completed") & _RELEASED).holds(~means("RTOAGNCY", "structured"))
