"""Rules of episodes: disabilities, children and the help they get, substances and alcohol."""

from functools import partial

from schemas.condition import NumberBetween, SameText, before, blank, means, populated
from schemas.rule import EPISODE_DETAILS, Catalogue, Statement, applies_to

catalogue = Catalogue()
episode_rule = partial(catalogue.rule, entity="episode")


@episode_rule("DISABLE2.after_none", severity="error", section=EPISODE_DETAILS)
def nothing_follows_none_in_disable2() -> Statement:
    """After no disability, or not stated in DISABLE1, DISABLE2 is blank."""
    return applies_to(means("DISABLE1", "none", "declined")).holds(blank("DISABLE2"))


@episode_rule("DISABLE3.after_none", severity="error", section=EPISODE_DETAILS)
def nothing_follows_none_in_disable3() -> Statement:
    """After no disability, or not stated in DISABLE1, DISABLE3 is blank."""
    return applies_to(means("DISABLE1", "none", "declined")).holds(blank("DISABLE3"))


@episode_rule("EHCS2.after_none", severity="error", section="Appendix C")
def nothing_follows_none_in_ehcs2() -> Statement:
    """After no help received, or declined to answer in EHCS, EHCS2 is blank."""
    return applies_to(means("EHCS", "none", "declined")).holds(blank("EHCS2"))


@episode_rule("EHCS3.after_none", severity="error", section="Appendix C")
def nothing_follows_none_in_ehcs3() -> Statement:
    """After no help received, or declined to answer in EHCS, EHCS3 is blank."""
    return applies_to(means("EHCS", "none", "declined")).holds(blank("EHCS3"))


@episode_rule("DISABLE2.gap", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def no_gap_before_disable2() -> Statement:
    """DISABLE2 is used after DISABLE1."""
    return applies_to(populated("DISABLE2")).holds(populated("DISABLE1"))


@episode_rule("DISABLE3.gap", severity="warning", section=EPISODE_DETAILS)
def no_gap_before_disable3() -> Statement:
    """DISABLE3 is used after DISABLE2."""
    return applies_to(populated("DISABLE3")).holds(populated("DISABLE2"))


@episode_rule("EHCS2.gap", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def no_gap_before_ehcs2() -> Statement:
    """EHCS2 is used after EHCS."""
    return applies_to(populated("EHCS2")).holds(populated("EHCS"))


@episode_rule("EHCS3.gap", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def no_gap_before_ehcs3() -> Statement:
    """EHCS3 is used after EHCS2."""
    return applies_to(populated("EHCS3")).holds(populated("EHCS2"))


@episode_rule("DRUG3.gap", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def no_gap_before_drug3() -> Statement:
    """DRUG3 is used after DRUG2."""
    return applies_to(populated("DRUG3")).holds(populated("DRUG2"))


@episode_rule("DISABLE2.repeated", severity="warning", basis="inferred", section=EPISODE_DETAILS, owner="conversion")
def disable2_is_another() -> Statement:
    """DISABLE2 does not repeat DISABLE1."""
    return applies_to(populated("DISABLE2")).holds(~SameText("DISABLE2", "DISABLE1"))


@episode_rule("DISABLE3.repeated", severity="warning", basis="inferred", section=EPISODE_DETAILS, owner="conversion")
def disable3_is_a_third() -> Statement:
    """DISABLE3 repeats neither DISABLE1 nor DISABLE2."""
    return applies_to(populated("DISABLE3")).holds(
        ~(SameText("DISABLE3", "DISABLE1") | SameText("DISABLE3", "DISABLE2"))
    )


@episode_rule("EHCS2.repeated", severity="warning", basis="inferred", section=EPISODE_DETAILS, owner="conversion")
def ehcs2_is_another() -> Statement:
    """EHCS2 does not repeat EHCS."""
    return applies_to(populated("EHCS2")).holds(~SameText("EHCS2", "EHCS"))


@episode_rule("EHCS3.repeated", severity="warning", basis="inferred", section=EPISODE_DETAILS, owner="conversion")
def ehcs3_is_a_third() -> Statement:
    """EHCS3 repeats neither EHCS nor EHCS2."""
    return applies_to(populated("EHCS3")).holds(~(SameText("EHCS3", "EHCS") | SameText("EHCS3", "EHCS2")))


@episode_rule("DRUG2.repeated", severity="warning", basis="inferred", section=EPISODE_DETAILS, owner="conversion")
def drug2_is_another() -> Statement:
    """DRUG2 does not repeat DRUG1."""
    return applies_to(populated("DRUG2")).holds(~SameText("DRUG2", "DRUG1"))


@episode_rule("DRUG3.repeated", severity="warning", basis="inferred", section=EPISODE_DETAILS, owner="conversion")
def drug3_is_a_third() -> Statement:
    """DRUG3 repeats neither DRUG1 nor DRUG2."""
    return applies_to(populated("DRUG3")).holds(~(SameText("DRUG3", "DRUG1") | SameText("DRUG3", "DRUG2")))


@episode_rule("PRNTSTAT.missing", severity="error", section="Appendix C")
def a_parent_says_where_the_children_live() -> Statement:
    """A parent has PRNTSTAT."""
    return applies_to(means("PARENT", "yes")).holds(populated("PRNTSTAT"))


@episode_rule("PRNTSTAT.not_parent", severity="warning", section="Appendix C")
def only_parents_say_where_children_live() -> Statement:
    """PRNTSTAT is asked of parents alone."""
    return applies_to(populated("PRNTSTAT")).holds(means("PARENT", "yes"))


@episode_rule("EHCS.missing", severity="error", section="Appendix C")
def help_for_children_is_told() -> Statement:
    """EHCS is there where the client is a parent or lives with children."""
    return applies_to(means("PARENT", "yes") | NumberBetween("CHILDWTH", 1, 97)).holds(populated("EHCS"))


@episode_rule("EHCS.not_applicable", severity="warning", section="Appendix C")
def no_children_no_help() -> Statement:
    """EHCS is blank where the client is no parent and lives with no child."""
    return applies_to(means("PARENT", "no") & NumberBetween("CHILDWTH", 0, 0)).holds(blank("EHCS"))


@episode_rule("ALCUNITS.missing", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def drinkers_have_units() -> Statement:
    """A client who drank on some day has ALCUNITS."""
    return applies_to(NumberBetween("ALCDDAYS", 1)).holds(populated("ALCUNITS"))


@episode_rule("ALCUNITS.no_drinking", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def no_drinking_no_units() -> Statement:
    """A client who drank on no day has no ALCUNITS above 0."""
    return applies_to(NumberBetween("ALCDDAYS", 0, 0)).holds(~NumberBetween("ALCUNITS", 1))


@episode_rule("HEPCTSTD.before_birth", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def hepctstd_is_no_test_before_birth() -> Statement:
    """HEPCTSTD is not before the client's DOB."""
    return applies_to(populated("HEPCTSTD")).holds(~before("HEPCTSTD", "client.DOB"))


@episode_rule("HIVTESTDT.before_birth", severity="warning", basis="inferred", section=EPISODE_DETAILS)
def hivtestdt_is_no_test_before_birth() -> Statement:
    """HIVTESTDT is not before the client's DOB."""
    return applies_to(populated("HIVTESTDT")).holds(~before("HIVTESTDT", "client.DOB"))
