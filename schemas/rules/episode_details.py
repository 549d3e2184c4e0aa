"""Rules of episodes: disabilities, children and the help they get, substances and alcohol."""

from schemas.conditions.condition import any_of
from schemas.fields import (
    ALCDDAYS,
    ALCUNITS,
    CHILDWTH,
    DISABLE1,
    DISABLE2,
    DISABLE3,
    DOB,
    DRUG1,
    DRUG2,
    DRUG3,
    EHCS,
    EHCS2,
    EHCS3,
    HEPCTSTD,
    HIVSTAT,
    HIVTESTDT,
    PARENT,
    PRNTSTAT,
)
from schemas.record_field import RecordField
from schemas.rule import ERROR, WARNING, Statement, applies_to
from schemas.rule_registry import rule, rule_family

# The fields that come before each field of the same question.
_EARLIER: dict[RecordField, tuple[RecordField, ...]] = {
    DISABLE2: (DISABLE1,),
    DISABLE3: (DISABLE1, DISABLE2),
    EHCS2: (EHCS,),
    EHCS3: (EHCS, EHCS2),
    DRUG2: (DRUG1,),
    DRUG3: (DRUG1, DRUG2),
}
# DRUG2 has no such rule: a blank DRUG1 is reported by DRUG1.required.
_WITH_GAP = (DISABLE2, DISABLE3, EHCS2, EHCS3, DRUG3)
_STATED_GAP = "DISABLE3"


@rule_family("after_none", ERROR, fields=(DISABLE2, DISABLE3))
def nothing_follows_no_disability(field: RecordField) -> Statement:
    """{field} must be blank if the {DISABLE1} is 'no disability' or 'not stated'.

    Fault: The {field} is filled in, although the {DISABLE1} is 'no disability' or 'not stated'.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(DISABLE1.means("none", "declined")).holds(field.is_blank)


@rule_family("after_none", ERROR, fields=(EHCS2, EHCS3), section="Appendix C")
def nothing_follows_no_help(field: RecordField) -> Statement:
    """{field} must be blank if the {EHCS} is 'no help received' or 'declined to answer'.

    Fault: The {field} is filled in, although the {EHCS} is 'no help received' or 'declined to answer'.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(EHCS.means("none", "declined")).holds(field.is_blank)


@rule_family("none", ERROR, fields=(DISABLE2, DISABLE3, EHCS2, EHCS3))
def no_answer_is_recorded_once(field: RecordField) -> Statement:
    """{field} must not be an answer that means none, or that the client declined to answer.

    Fault: {field} is an answer that means none, or that the client declined to answer.
    Fix: Remove the answer; record it only in the first field of the question.
    """
    return applies_to(field.is_populated).holds(~field.means("none", "declined"))


@rule_family("gap", WARNING, fields=_WITH_GAP, inferred=lambda field: field.header != _STATED_GAP)
def earlier_field_is_used_first(field: RecordField) -> Statement:
    """{field} must be used only after the fields of the same question before it.

    Fault: The {field} is filled in, but the field of the same question before it is blank.
    Fix: Fill the fields of the question in order in the clinical system.
    """
    return applies_to(field.is_populated).holds(_EARLIER[field][-1].is_populated)


@rule_family("repeated", WARNING, fields=_EARLIER, inferred=True, owner="conversion")
def answer_is_not_repeated(field: RecordField) -> Statement:
    """{field} must not repeat an earlier field of the same question.

    Fault: The {field} repeats an earlier field of the same question.
    Fix: Remove the repetition in the clinical system, or check that the source mapping reads different columns.
    """
    # Compares with every earlier field, because DRUG3 may repeat DRUG1.
    return applies_to(field.is_populated).holds(~any_of(*(field.equals(earlier) for earlier in _EARLIER[field])))


@rule("PRNTSTAT.missing", ERROR, section="Appendix C")
def parent_has_parental_status() -> Statement:
    """A client with {PARENT} 'yes' must have {PRNTSTAT}.

    Fault: The {PARENT} is 'yes', but the answer for {PRNTSTAT} is blank.
    Fix: Record whether the children live with the client in the clinical system.
    """
    return applies_to(PARENT.means("yes")).holds(PRNTSTAT.is_populated)


@rule("PRNTSTAT.not_parent", WARNING, section="Appendix C")
def only_a_parent_has_parental_status() -> Statement:
    """Only a client with {PARENT} 'yes' must have {PRNTSTAT}.

    Fault: The answer for {PRNTSTAT} is filled in, although the {PARENT} is not 'yes'.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(PRNTSTAT.is_populated).holds(PARENT.means("yes"))


@rule("EHCS.missing", ERROR, section="Appendix C")
def help_for_children_is_recorded() -> Statement:
    """The {EHCS} must be filled in if the client is a parent or lives with children.

    Fault: The {EHCS} is blank, although the client is a parent or lives with children.
    Fix: Record the help that the children receive in the clinical system.
    """
    # 98 is the code for "declined", not a number of children.
    return applies_to(PARENT.means("yes") | CHILDWTH.is_between(1, 97)).holds(EHCS.is_populated)


@rule("EHCS.not_applicable", WARNING, section="Appendix C")
def help_needs_children() -> Statement:
    """The {EHCS} must be blank if the client is not a parent and does not live with a child.

    Fault: The {EHCS} is filled in, although the client is not a parent and does not live with a child.
    Fix: Remove the answer, or correct the {PARENT} or the {CHILDWTH}, in the clinical system.
    """
    return applies_to(PARENT.means("no") & CHILDWTH.is_between(0, 0)).holds(EHCS.is_blank)


@rule("CHILDWTH.lives_with", WARNING, inferred=True, section="Appendix C")
def children_who_live_with_the_client_count() -> Statement:
    """A client whose children live with the client must have {CHILDWTH} above 0.

    Fault: By {PRNTSTAT}, children live with the client, but the {CHILDWTH} is 0.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(PRNTSTAT.means("lives_with")).holds(~CHILDWTH.is_between(0, 0))


@rule("HIVTESTDT.never_tested", WARNING)
def test_date_needs_a_known_status() -> Statement:
    """A client with an {HIVTESTDT} must have a known {HIVSTAT}.

    Fault: There is an {HIVTESTDT}, although the {HIVSTAT} is unknown.
    Fix: Record the result of the test, or remove its date, in the clinical system.
    """
    return applies_to(HIVTESTDT.is_populated).holds(~HIVSTAT.means("unknown"))


@rule("ALCUNITS.missing", WARNING, inferred=True)
def drinking_days_have_units() -> Statement:
    """A client with one or more {ALCDDAYS} must have the {ALCUNITS}.

    Fault: The client drank on one or more days by the {ALCDDAYS}, but the {ALCUNITS} is blank.
    Fix: Record the units on a drinking day in the clinical system.
    """
    return applies_to(ALCDDAYS.is_at_least(1)).holds(ALCUNITS.is_populated)


@rule("ALCUNITS.no_drinking", WARNING, inferred=True)
def no_drinking_days_have_no_units() -> Statement:
    """A client with 0 {ALCDDAYS} must not have {ALCUNITS} above 0.

    Fault: The {ALCUNITS} is above 0, although the {ALCDDAYS} is 0.
    Fix: Correct the wrong one of the two fields in the clinical system.
    """
    return applies_to(ALCDDAYS.is_between(0, 0)).holds(~ALCUNITS.is_at_least(1))


@rule_family("before_birth", WARNING, fields=(HEPCTSTD, HIVTESTDT), inferred=True)
def test_is_not_before_birth(field: RecordField) -> Statement:
    """{field} must not be before the client's {DOB}.

    Fault: The {field} is before the client's {DOB}.
    Fix: Correct the wrong one of the two dates in the clinical system.
    """
    return applies_to(field.is_populated).holds(field.is_on_or_after(DOB.of_client))
