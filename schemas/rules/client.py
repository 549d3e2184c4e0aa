"""Rules of client records: ids, initials, agency, and possible duplicates."""

from schemas.conditions.condition import all_of
from schemas.conditions.values import Flag
from schemas.fields import AGNCY, CLIENT, CLIENTID, DOB, EPISODID, FINITIAL, SEX, SINITIAL
from schemas.record_field import RecordField
from schemas.rule import REJECT, SCOPE, WARNING, Statement, applies_to
from schemas.rule_registry import rule, rule_family

_HAS_ALL_LINKAGE_FIELDS = all_of(
    FINITIAL.is_understood_as("one letter"),
    SINITIAL.is_understood_as("one letter"),
    DOB.is_understood_as("a date"),
    SEX.is_understood_as("a code of its list"),
)


# Runs with the links, because other rules must not report a client that is out of scope.
@rule("CLIENTID.no_episode", SCOPE, blames=EPISODID, inferred=True, owner="conversion", stage="ties")
def client_has_an_episode() -> Statement:
    """The client must have an episode.

    Fault: No episode record has this client's {CLIENTID}, so there is nothing to send for the client.
    Fix: Check that the export contains the client's episodes; if the client has none, nothing needs to be done.
    """
    return applies_to(CLIENTID.is_populated).holds(Flag("has_child", "some episode record names the client"))


@rule("AGNCY.other", SCOPE, also="episode", inferred=True, owner="conversion", stage="scope")
def agency_is_that_of_the_submission() -> Statement:
    """The {AGNCY} must be the agency that the submission is for.

    Fault: The {AGNCY} is that of another agency, so the record is not part of this submission.
    Fix: Nothing needs to be done if the record belongs to the other agency; otherwise correct the agency code.
    """
    return applies_to(Flag("agency_is_checked", "the record supplies an AGNCY, or takes it from its client")).holds(
        Flag("is_of_the_agency", "AGNCY is the agency of this submission")
    )


@rule_family("format", REJECT, fields=(FINITIAL, SINITIAL))
def initial_is_a_letter(field: RecordField) -> Statement:
    """{field} must be one letter from A to Z.

    Fault: The {field} is not a letter, and no letter can be derived from it.
    Fix: Correct the client's name in the clinical system.
    """
    return applies_to(field.is_populated).holds(field.is_understood_as("one letter A to Z"))


@rule("AGNCY.format", REJECT, also="episode", inferred=True, owner="conversion")
def agency_is_well_formed() -> Statement:
    """The {AGNCY} must be one to three letters followed by three to five digits.

    Fault: The {AGNCY} is not one to three letters followed by three to five digits.
    Fix: Correct the agency code in the clinical system or in the source mapping.
    """
    return applies_to(AGNCY.is_populated).holds(
        AGNCY.is_understood_as("one to three letters followed by three to five digits")
    )


@rule("CLIENT.shared", WARNING)
def reference_belongs_to_one_person() -> Statement:
    """The {CLIENT} must belong to one person only.

    Fault: Another client record has the same {CLIENT}, but other initials, another date of birth or another sex.
    Fix: Find out which of the clients the reference belongs to, and correct the other one in the clinical system.
    """
    # `transforms.rules.stages` compares the clients before the rules run.
    differs = Flag("shares_its_reference", "another record with this CLIENT has other initials, DOB or SEX")
    return applies_to(CLIENT.is_populated).holds(~differs)


@rule("CLIENTID.same_person", WARNING, inferred=True, section="Appendix G, linkage")
def person_has_one_client_id() -> Statement:
    """A person must have only one {CLIENTID}.

    Fault: A client with another {CLIENTID} has the same initials, date of birth and sex.
    Fix: Check whether both are the same person; if so, merge the two clients in the clinical system.
    """
    # Without all four values, a match would be a guess.
    same = Flag("has_possible_duplicate", "a client with another CLIENTID has the same initials, DOB and SEX")
    return applies_to(_HAS_ALL_LINKAGE_FIELDS).holds(~same)
