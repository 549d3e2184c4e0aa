"""Rules of client records: ids, initials, agency, and possible duplicates."""

from functools import partial

from schemas.condition import Flag, Understood, populated
from schemas.rule import CLIENT_DETAILS, Catalogue, Statement, applies_to

catalogue = Catalogue()
client_rule = partial(catalogue.rule, entity="client")


_KNOWN_BY_INITIALS = Understood("FINITIAL", "one letter") & Understood("SINITIAL", "one letter")


@client_rule(
    "CLIENTID.no_episode",
    severity="scope",
    basis="inferred",
    section=CLIENT_DETAILS,
    owner="conversion",
    field="EPISODID",
    stage="ties",
)
def a_client_has_an_episode() -> Statement:
    """The client has an episode, so that there is something to send."""
    return applies_to(populated("CLIENTID")).holds(Flag("has_child", "some episode record names the client"))


@client_rule(
    "AGNCY.other",
    severity="scope",
    basis="inferred",
    section=CLIENT_DETAILS,
    owner="conversion",
    stage="ties",
)
def the_agency_is_the_submissions() -> Statement:
    """AGNCY is the agency that this submission is for."""
    well_formed = Understood("AGNCY", "well formed")
    return applies_to(well_formed).holds(Flag("is_of_the_agency", "AGNCY is the agency of this submission"))


@client_rule("FINITIAL.format", severity="reject", section=CLIENT_DETAILS)
def the_first_initial_is_a_letter() -> Statement:
    """FINITIAL is one letter from A to Z."""
    return applies_to(populated("FINITIAL")).holds(Understood("FINITIAL", "one letter A to Z"))


@client_rule("SINITIAL.format", severity="reject", section=CLIENT_DETAILS)
def the_surname_initial_is_a_letter() -> Statement:
    """SINITIAL is one letter from A to Z."""
    return applies_to(populated("SINITIAL")).holds(Understood("SINITIAL", "one letter A to Z"))


@client_rule("AGNCY.format", severity="reject", section=CLIENT_DETAILS, owner="conversion")
def an_agency_is_a_letter_and_four_digits() -> Statement:
    """AGNCY is a capital letter followed by four digits."""
    return applies_to(populated("AGNCY")).holds(Understood("AGNCY", "a capital letter and four digits"))


@client_rule("CLIENT.shared", severity="warning", section=CLIENT_DETAILS)
def a_reference_is_one_persons() -> Statement:
    """No other client record bears this CLIENT with other initials, DOB or SEX."""
    differs = Flag("shares_its_reference", "another record with this CLIENT has other initials, DOB or SEX")
    return applies_to(populated("CLIENT")).holds(~differs)


@client_rule("CLIENTID.same_person", severity="warning", basis="inferred", section="Appendix G, linkage")
def a_person_is_one_client() -> Statement:
    """No client with another CLIENTID has the same initials, DOB and SEX."""
    linked = _KNOWN_BY_INITIALS & Understood("DOB", "a date") & Understood("SEX", "a code of its list")
    same = Flag("has_a_double", "a client with another CLIENTID has the same initials, DOB and SEX")
    return applies_to(linked).holds(~same)
