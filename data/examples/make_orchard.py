"""Writes the example: three monthly exports of a fictional clinical system in two fictional prisons.

Everybody in it is synthetic.  Names, birthdays, identifiers, answers and dates are drawn at random
from the lists below; nobody real is described.  'Orchard Secure Health', HMP Fairwater, HMP
Stonebeck and the other prisons do not exist.  The postcodes are real places, so that the look-up
of authorities has real input, but nobody in the example lives there.

The example looks like a vendor's reporting extract, not like an NDTMS file: tables and columns have
the vendor's names, words replace codes, dates are timestamps, three texts mean blank, and some
columns belong to no field.  The mapping data/sources/orchard.toml maps it to the dataset.

One simulation runs past the last month.  A month's export holds what the system knew at the end of
that month, so the same people appear in several months.  Records are drawn so that they break no
rule; then about one in twenty gets a fault.  The faults are printed and not exported.

    python data/examples/make_orchard.py [--out DIR] [--seed N]

Postcodes: Source: Office for National Statistics licensed under the Open Government Licence v.3.0.
Contains OS data © Crown copyright and database right 2025.  Contains Royal Mail data © Royal Mail
copyright and database right 2025.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

SEED = 20230401
MONTH_ENDS = {"2023-04": date(2023, 4, 30), "2023-05": date(2023, 5, 31), "2023-06": date(2023, 6, 30)}


def split_words(text: str, separator: str | None = None) -> list[str]:
    """Splits a text into its words; a text is easier to read and edit than a list of strings."""
    return text.split(separator)


PATIENT, EPISODE, ITEM = "ORPatient", "ORSubstanceEpisode", "ORTreatmentItem"

COLUMNS: dict[str, list[str]] = {
    PATIENT: split_words(
        "RowIdentifier SiteName DateCreated CreatedBy NomsReference Title GivenName FamilyName KnownAs "
        "BirthDate LegalSex EthnicOrigin BirthCountry MainLanguage Wing"
    ),
    EPISODE: split_words(
        "RowIdentifier IDPatient SiteName DateCreated CreatedBy KeyWorker ShareConsent HomePostcode "
        "BenefitsOfficeArea DateFirstReception DateReception ReceivedFrom DateFirstAssessed "
        "SexualOrientation PregnantAtAssessment Faith DisabilityFirst DisabilitySecond DisabilityThird "
        "Accommodation AbuseExperienced AbuseOfOthers LastPaidWork ArmedForces ParentalResponsibility "
        "ChildrenLiveWith ChildrenInHousehold FamilySupportFirst FamilySupportSecond FamilySupportThird "
        "SubstanceFirst SubstanceSecond SubstanceThird DrinkingDays UnitsPerDrinkingDay Injecting "
        "AuditScore HepBVaccination HepCTest DateHepCTest HivResult DateHivTest LiverReferral "
        "MentalHealthNeed MentalHealthCareBefore PaidForSex SpiceUse ThirteenWeekReview DateDischarge "
        "DischargeReason ThroughTheGate MentalHealthCareInside SentenceStatus NaloxoneKit "
        "HepCReferral DateHepCReferral HomelessOnRelease DateLeftSite LeftSiteReason "
        "LeftSiteDestination OnwardReferral Comments"
    ),
    ITEM: split_words(
        "RowIdentifier IDSubstanceEpisode DateCreated CreatedBy ItemName DateStarted DateEnded DailyDose Setting"
    ),
}

# The text of a blank value: most columns leave the cell empty, some screens write a word.
BLANKS = {
    **dict.fromkeys(("ReceivedFrom", "DateDischarge", "DateLeftSite", "DateEnded", "DateHepCReferral"), "NULL"),
    **dict.fromkeys(("SubstanceSecond", "SubstanceThird", "BirthDate", "DailyDose"), "NULL"),
    **dict.fromkeys(("ShareConsent", "Faith", "SexualOrientation", "AuditScore"), "Not recorded"),
    **dict.fromkeys(("SpiceUse", "LiverReferral", "HivResult", "LastPaidWork"), "Not recorded"),
}

# --- Words in the records ---------------------------------------------------------------

FAIRWATER, STONEBECK = "HMP Fairwater", "HMP Stonebeck"
OTHER_PRISONS = ("HMP Marlbrook", "HMP Thornwick", "HMYOI Kestrel Down", "IRC Eastmere")

# Names as in real exports: accents, strokes, both apostrophes, hyphens, small first letters.
MEN = split_words(
    "Callum Declan Fergus Gethin Hywel Idris Jermaine Kieran Leighton Marlon Osman Piotr Quentin Rhys "
    "Stefan Tomasz Ulrich Vaughan Wesley Xavier Yusuf Zoltan André Björn César Édouard François Günther "
    "José Léon Øyvind Pádraig René Seán Ümit Šimon Žarko Ángel Ibrahim Delroy Winston Tyrone Dwayne "
    "Emlyn Florian Hamza Ismail Jan-Erik Mohammed Oluwaseun Kwabena Tariq Viktor"
)
WOMEN = split_words(
    "Zoë Siân Chloé Renée Aoife Bronwen Carys Dervla Eilidh Françoise Gwenllian Hélène Imogen Jacinta "
    "Kimberley Latoya Mairéad Niamh Orlaith Philippa Rhiannon Saoirse Tamsin Ursula Verónica Yasmin "
    "Zuzana Šárka Žaneta Agnieszka Dolores Folasade Gabriëlle Inès Joëlle Keisha Noémie Oluwakemi "
    "Parveen Roxanne Shanice Thandiwe Ünzile"
)
SURNAMES = split_words(
    "O'Neill,O’Brien,McNeil,Müller,Ó Súilleabháin,Nuñez,Sørensen,Åkesson,Peña,Gonçalves,Lefèvre,Özdemir,"
    "Škvor,Žukauskas,de Souza,van der Berg,’t Hart,d’Arcy,Abernethy,Blenkinsop,Cholmondeley,Dunwoody,"
    "Etherington,Fothergill,Gillespie,Iddenden,Jessop,Kilbride,Llewellyn,Murgatroyd,Nettleship,Oyelaran,"
    "Pemberton,Quarshie,Ramsbottom,Satterthwaite,Thistlethwaite,Venables,Wolstenholme,Yardley,Zielinska,"
    "Adeyemi,Bhattacharya,Chaudhry,Dlamini,Ekwueme,Farquharson,Grzelak,Hussaini,Jayawardene,Kowalczyk,"
    "Lindqvist,Mahoney-Price,Ndlovu,Olszewski,Papadopoulos,Rahmani,Szczepaniak,Tshabalala,Vasquez,"
    "Whittingstall,Yilmaz,Zawadzki,St. John-Smythe,Delacroix-Étienne",
    separator=",",
)
COUNTRIES = {
    "England": 300, "Wales": 22, "Scotland": 16, "Northern Ireland": 6, "Ireland": 12, "Poland": 12,
    "Romania": 9, "Albania": 8, "Jamaica": 8, "Lithuania": 6, "Nigeria": 5, "Somalia": 5, "Pakistan": 5,
    "Vietnam": 4, "Iran": 4, "Kosovo": 2, "Côte d'Ivoire": 2, "Türkiye": 3, "Portugal": 4, "Germany": 3,
    "": 6,
}  # fmt: skip
ETHNIC_ORIGINS = {
    "White - British": 60, "White - Irish": 4, "Any other White background": 10,
    "Mixed: White and Black Caribbean": 4, "White and Asian": 1, "Indian": 2, "Pakistani": 4,
    "Bangladeshi": 2, "Caribbean": 5, "African": 4, "Any other Black background": 2,
    "Any other ethnic group": 2, "Prefers not to say": 2, "": 1,
}  # fmt: skip
WELL_KNOWN_AUTHORITIES = (
    "Kent", "Somerset", "Cumberland", "North Yorkshire", "Herefordshire, County of", "Leeds", "Sheffield",
    "Barnsley", "Kingston upon Hull, City of", "Bournemouth, Christchurch and Poole", "Westminster",
    "Lambeth", "Birmingham", "Norfolk", "St. Helens", "West Northamptonshire", "Bristol, City of", "Cornwall",
)  # fmt: skip

# Independent answers, with their weights; '' means no answer.
ANSWERS: dict[str, dict[str, int]] = {
    "SexualOrientation": {
        "Heterosexual or straight": 80, "Gay or lesbian": 4, "Bisexual": 4, "Prefers not to say": 4, "": 8,
    },
    "Faith": {
        "Church of England": 18, "Roman Catholic": 16, "Muslim": 14, "No religion": 34, "Sikh": 2,
        "Buddhist": 3, "Hindu": 1, "Pagan": 2, "Rastafarian": 2, "Declines to disclose": 3, "": 5,
    },
    "Accommodation": {
        "Council or housing association tenancy": 22, "Private tenancy": 12, "Owner occupier": 3,
        "Other - living with family permanently": 16, "Other – supported accommodation": 5, "Hostel": 8,
        "Rough sleeping": 10, "Sofa surfing": 10, "No home of their own – temporary housing": 6,
        "Other – approved premises": 3, "": 5,
    },
    "AbuseExperienced": {"Yes": 20, "No": 60, "Declined": 8, "Not appropriate to ask": 6, "": 6},
    "AbuseOfOthers": {"Yes": 9, "No": 70, "Declined": 9, "Not appropriate to ask": 6, "": 6},
    "LastPaidWork": {
        "Less than 1 year": 22, "1 to 2 years": 16, "2 to 3 years": 14, "More than 3 years": 32,
        "Declined": 4, "": 12,
    },
    "ArmedForces": {"No": 86, "Yes": 6, "Declined": 3, "": 5},
    "HepBVaccination": {"Accepted": 40, "Refused": 22, "Already immunised": 20, "Not offered": 10, "": 8},
    "MentalHealthNeed": {"Yes": 40, "No": 55, "": 5},
    "MentalHealthCareBefore": {"Yes": 25, "No": 66, "Declined": 4, "": 5},
    "PaidForSex": {"No": 78, "Yes": 6, "Declined": 10, "": 6},
}  # fmt: skip

DISABILITIES = (
    "Behaviour and emotional", "Hearing", "Learning disability", "Mobility and gross motor",
    "Progressive conditions and physical health", "Sight", "Speech", "Other",
)  # fmt: skip
FAMILY_SUPPORT = (
    "Early Help (family support)", "Child in Need (LA service)", "Has a Child Protection Plan (LA service)",
    "Looked after Child (LA service)", "Other relevant child or family support service",
)  # fmt: skip

# The main problem determines the first substances and the treatment.
SUBSTANCES = {
    "opiates": ("Heroin", "Methadone (illicit)", "Other opiates"),
    "alcohol": ("Alcohol",),
    "other": ("Crack cocaine", "Cocaine powder", "Cannabis", "Amphetamines (excluding ecstasy)"),
}
FURTHER_SUBSTANCES = (
    "Crack cocaine", "Cannabis", "Diazepam and other benzodiazepines", "Cocaine powder", "Alcohol",
    "Nicotine", "Prescription drugs", "Synthetic cannabinoids (Spice)", "Ecstasy",
)  # fmt: skip
PRESCRIBING = {
    "opiates": {
        ("Methadone maintenance",): 30, ("Buprenorphine maintenance",): 14,
        ("Depot buprenorphine maintenance",): 8, ("Methadone reduction",): 14,
        ("Buprenorphine reduction",): 8, ("Lofexidine",): 2, ("Naltrexone",): 2,
        ("Opioid re-induction",): 2, ("Methadone maintenance", "Methadone reduction"): 20,
    },
    "alcohol": {("Alcohol detoxification and prescribing",): 70, (): 30},
    "other": {(): 92, ("Benzodiazepine detoxification",): 8},
}  # fmt: skip
SUBSTITUTION = ("Methadone", "Buprenorphine", "Depot buprenorphine", "Opioid re-induction")
SUPPORT = (
    "Key work", "Psychosocial therapy", "Group programme", "Mental health therapy",
    "Drug Recovery Wing", "Substance-free living wing",
)  # fmt: skip
# NDTMS does not accept these alone, so they are only added to other interventions.
BRIEF = {
    "alcohol": "Alcohol brief advice",
    "opiates": "Mutual aid introduction",
    "other": "Mutual aid introduction",
}

COMMENTS = (
    'Asked to be called by the name in "Known as"',
    "Leaflet | breathing space | handed out",
    "Seen on the wing.\nInterpreter booked for next time.",
    "Prefers afternoons; café job in the mornings",
)

# --- Postcodes: real ones, from the Office for National Statistics' directory --------------------

_ENGLISH = """
TS24 7DH, TS1 2RT, TS6 7JH, TS10 3QF, TS16 0FF, DL1 9GT, WA8 7UT, WA8 7NB, WA13 0FZ, WA5 2QG, BB3 3HH,
BB1 6JX, FY5 1GG, HU8 0SY, HU12 9RN, DN14 6UW, DN32 0JS, DN15 9JE, DE3 8TT, LE5 9FH, LE15 7TJ, NG1 6AN,
NG8 3BR, HR4 0AW, WR13 5JX, TF2 7RS, ST6 4NJ, BS3 4LS, BS21 7SB, BS16 5UF, BS32 4QX, PL5 4PL, TQ2 7QH,
SN1 5JS, PE2 7HZ, PE1 5BG, LU1 5PT, SS22 8AG, RM15 6DW, SS17 7WX, ME5 7XQ, RG12 4UE, RG7 5TR, RG1 4QX,
SL1 6AQ, SL6 6LA, RG41 2AS, RG6 2QE, MK2 2NP, BN3 1BB, PO4 8QA, PO3 5QL, SO18 1ZB, PO41 0PZ, PO33 1BJ,
DH9 0EJ, DL14 9SB, WA16 0AP, L65 9JG, CW9 9WA, WV16 4NR, TR11 3JZ, TR15 2HB, TR21 0NL, TR21 0NA,
SN16 0HW, MK40 4PW, LU6 9PF, LU7 6DX, NE15 0PA, BH23 4JR, DT2 7LS, BH16 5LL, MK18 1AZ, HP22 9PF,
NN16 9ZW, NN4 8XZ, CA5 4TG, CA11 0HL, TA10 9YW, BL4 7SF, BL1 4EY, BL9 8JY, M26 4GB, M20 3JY, M40 2JA,
OL4 2NN, M24 2XU, OL16 5PG, M27 1LQ, SK4 2QT, SK8 6HB, OL6 7NN, WA15 5UX, WA3 1LP, L36 4HF, L36 2NZ,
L3 3HS, WA10 2LY, WN5 7HS, L31 0AH, CH45 5HU, DN2 5TD, S66 3YR, NE6 5BT, NE29 8QN, NE32 3HT, SR2 0NX,
B20 3AW, CV3 2YP, DY8 4DP, B68 8BJ, CV7 7LR, WV12 5YB, WV14 0NB, WV4 4LL, BD18 2AL, HX7 6BY, HX3 9RN,
BD19 5HG, LS2 8FR, WF9 2QU, WF8 2AA, NE21 6SH, S72 9JZ, S35 8RY, EC2M 3UD, EC2R 8EJ, RM6 6UR, EN4 8AY,
NW9 5FF, DA17 5PW, HA0 4YX, BR2 0NU, WC1E 7LG, CR2 1NF, UB5 6DQ, N13 4ZP, SE9 6HB, SE9 9DB, EC2A 4TR,
SW6 2LW, N15 4FY, HA1 2EZ, RM7 1NN, RM14 1BD, HA6 1SZ, W4 1NP, N1 2LQ, SW3 4NX, SW10 0ZR, SW15 3QJ,
KT9 1BW, SE27 9LF, SW4 7AE, SE23 1XZ, SM4 4WW, E15 1GG, E15 3FL, IG7 5WX, TW1 3EP, SE1 5TQ, SM6 9WF,
SM2 6NT, E3 5GP, E17 7FJ, SW18 4JY, SW1V 4PE, PE13 3UR, CB1 2AA, SK13 8HJ, DE75 7UB, EX2 8HT, TQ9 7ZQ,
BN10 7JE, BN23 7HG, CM18 6QT, CM15 9HT, GL5 5JQ, GL52 4WH, PO11 9NH, GU30 7FU, HP2 6LF, AL1 1AA,
ME14 5NT, ME15 6AR, PR3 1BL, PR2 0EG, LE9 9RL, LE9 8ZN, LN11 0BT, PE9 1JU, IP27 0QY, NR21 8EQ, NG15 7NR,
NG17 4EJ, OX10 7NY, OX13 5NL, ST5 5DR, ST20 0WN, CB9 8JG, CO10 9GE, KT15 2AJ, GU8 5EW, CV7 9QW,
CV37 0BA, RH6 0LF, RH15 8LF, DY10 2XN, WR9 8HW
"""
# Two postcodes per sector, one on each side of a boundary between authorities or nations.
_STRADDLING = """
LE15 8QA, LE15 8FN, RG6 2SF, RG6 2JF, SK14 6RY, SK14 6AY, SO18 3HY, SO18 3RU, S75 5GY, S75 5QQ,
SK12 7EH, SK12 7DH, KT2 5XN, KT2 5PY, YO25 3SY, YO25 3HS, SM7 3DX, SM7 3DH, L26 0UJ, L26 0XF, SW19 6WE,
SW19 6JH, FY5 3LQ, FY5 3LD, RG4 0PX, RG4 0UH, DN38 6DU, DN38 6BX, PE9 3TP, PE9 3ES, DE6 5FX, DE6 5HB,
NW6 5RR, NW6 5GX, RG27 7LH, RG27 7BL, SY15 6SZ, SY15 6NH, NP16 7HR, NP16 7YU, CA6 5FE, CA6 5DQ,
LL14 5DP, LL14 5ZB
"""
# Areas that were recoded years ago: no address uses them now, but files still contain them.
_TERMINATED = "AB1 0AA, AB1 3TQ, BS18 5EF, CA6 7BB, LE87 4DR, M10 0JB, SO1 7EN, W1M 5HH, WD2 4QR, YO3 8UA, YO5 7BQ"
_OTHER_NATIONS = """
EH4 2UE, EH91 5AX, EH12 7HX, EH15 3HG, G33 4SB, G2 7BW, G2 1SQ, G41 1ER, CF34 9SN, CF10 2ER, CF24 3QA,
CF34 9GD, LL14 1TG, LL30 9AW, LL63 5RT, JE3 3BP, GY1 2UQ, IM9 5EP
"""
# The shipped directory must not contain Northern Ireland, which is recognised by the area BT alone.
_NORTHERN_IRELAND = "BT1 5GS, BT9 7AL, BT34 3NQ, BT47 6WJ"

POSTCODES = tuple(
    postcode.strip()
    for group in (_ENGLISH, _STRADDLING, _TERMINATED, _OTHER_NATIONS, _NORTHERN_IRELAND)
    for postcode in group.split(",")
)
NO_FIXED_ABODE = ("NO FIXED ABODE", "No fixed abode", "NFA", "ZZ99 3VZ")

# --- Dates and records ---------------------------------------------------------------------------

Choice = TypeVar("Choice")

MONTHS = split_words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")

Row = dict[str, str]
Rows = dict[str, list[Row]]


def format_day(day: date) -> str:
    """Formats a date as the system does: 03 Apr 2023.  Avoids strftime, whose months depend on the locale."""
    return f"{day.day:02} {MONTHS[day.month - 1]} {day.year}"


def read_day(text: str) -> date:
    """Parses a cell that `format_day` or `Clerk.draw_timestamp` wrote."""
    day, month, year = text.split()[:3]
    return date(int(year), MONTHS.index(month) + 1, int(day))


@dataclass(frozen=True)
class Seen:
    """A value that the system has from a day on, and the value before that day."""

    since: date
    text: str
    before: str = ""


Value = str | Seen


@dataclass
class Entry:
    """A record over time: the day it was created and its values."""

    since: date
    values: dict[str, Value]

    def get_row(self, day: date) -> Row:
        """Returns the record as it was at the end of this day."""
        return {column: _get_text(value, day) for column, value in self.values.items()}


def _get_text(value: Value, day: date) -> str:
    if isinstance(value, str):
        return value
    return value.text if value.since <= day else value.before


@dataclass
class Dossier:
    """All records of one patient at one site, in the order in which they were recorded."""

    patient: Entry
    episodes: list[Entry]
    items: list[Entry]

    def get_rows(self, day: date) -> Rows:
        """Returns the rows of each table at the end of this day; no rows before the first episode."""
        tables = {PATIENT: [self.patient], EPISODE: self.episodes, ITEM: self.items}
        return {
            table: [entry.get_row(day) for entry in entries if entry.since <= day] for table, entries in tables.items()
        }


# --- People and their stays -------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """A fictional person: their personal details, and the answers they always give."""

    given: str
    family: str
    born: date
    is_woman: bool
    noms_reference: str
    problem: str
    patient_answers: Mapping[str, Value]
    episode_answers: Mapping[str, Value]


@dataclass(frozen=True)
class Stay:
    """A stay in one prison, from reception on; `came_from` is the previous prison, if any."""

    site: str
    first_reception: date
    reception: date
    came_from: str = ""


@dataclass(frozen=True)
class Ending:
    """How a stay ends: why treatment stops, why the person leaves, and what is arranged for them.

    `destination` is 'area' for an authority, 'prison' for another prison, or the text to record.
    An empty `left` means that the person stays in prison without treatment.
    """

    discharge: str
    left: str = ""
    onward: str = ""
    destination: str = ""


ENDINGS: dict[Ending, int] = {
    Ending("Transferred - to community service", "Released", "Structured treatment", "area"): 24,
    Ending("Transferred - to community service", "Released", "Structured treatment and recovery support", "area"): 8,
    Ending("Transferred - to community service", "Released", "Structured treatment", "Secure hospital"): 2,
    Ending("completed", "Released", "Recovery support", "area"): 9,
    Ending("completed", "Released", "No onward referral", "area"): 7,
    Ending("Referral offered and refused", "Released", "No onward referral", "area"): 6,
    Ending("Released from court", "Released", "No onward referral", "area"): 5,
    Ending("Dropped out", "Released", "Recovery support", "area"): 5,
    Ending("Withdrawn by service", "Released", "No onward referral", "area"): 3,
    Ending("Deported", "Released", "No onward referral", "Left the UK"): 2,
    Ending("Transferred - to another prison", "Transfer to another prison", "", "prison"): 16,
    Ending("Dropped out", "Absconded"): 1,
    Ending("Died", "Died"): 1,
    Ending("completed"): 10,
    Ending("Dropped out"): 4,
    Ending("Declined to start"): 1,
}


def draw(rng: Random, weights: Mapping[Choice, int]) -> Choice:
    """Draws one of the keys, with probabilities by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def draw_days(rng: Random, fewest: int, most: int) -> timedelta:
    """Draws a number of days; both ends are possible."""
    return timedelta(days=rng.randint(fewest, most))


def draw_day(rng: Random, first: date, last: date) -> date:
    """Draws a day from the first to the last; returns the first if the last is before it."""
    return first + draw_days(rng, 0, max(0, (last - first).days))


def draw_origin(rng: Random) -> dict[str, Value]:
    """Draws the postcode before custody, as people type it, or a benefits office if there is none."""
    housed = draw(rng, {"housed": 88, "no fixed abode": 8, "abroad": 4})
    if housed == "no fixed abode":
        area = rng.choice(WELL_KNOWN_AUTHORITIES)
        return {"HomePostcode": rng.choice(NO_FIXED_ABODE), "BenefitsOfficeArea": area}
    postcode = rng.choice(POSTCODES)
    # People also type postcodes without the space or in lower case.
    typed = draw(rng, {postcode: 80, postcode.replace(" ", ""): 12, postcode.lower(): 8})
    return {"HomePostcode": "OUTSIDE UK" if housed == "abroad" else typed}


def draw_disabilities(rng: Random) -> dict[str, Value]:
    """Draws no disability, not stated, or one to three different disabilities."""
    answer = draw(rng, {"None": 66, "Not stated": 4, "": 4, "some": 26})
    count = draw(rng, {1: 20, 2: 7, 3: 3})
    named = rng.sample(DISABILITIES, count) if answer == "some" else [answer]
    # With fewer answers than columns, the last columns stay blank.
    return dict(zip(("DisabilityFirst", "DisabilitySecond", "DisabilityThird"), named, strict=False))


def draw_family(rng: Random) -> dict[str, Value]:
    """Draws parental responsibility, the children at home and, if there are any, their help."""
    parent = draw(rng, {"Yes": 35, "No": 58, "Declined": 4, "": 3})
    at_home = draw(rng, {"0": 60, "1": 14, "2": 12, "3": 5, "98": 3, "": 6})
    answers: dict[str, Value] = {"ParentalResponsibility": parent, "ChildrenInHousehold": at_home}
    if parent == "Yes":
        live_with = "None of" if at_home == "0" else rng.choice(("All", "Some of"))
        answers["ChildrenLiveWith"] = f"{live_with} the children live with client"
    # The rules require this help in exactly these cases.
    if parent == "Yes" or at_home in {"1", "2", "3"}:
        answers |= draw_family_support(rng)
    return answers


def draw_family_support(rng: Random) -> dict[str, Value]:
    """Draws the help of the children: none, not known, not stated, or up to three kinds."""
    nothing = "None of the children are receiving any help"
    answer = draw(rng, {nothing: 50, "Client declined to answer": 5, "Not known": 10, "some": 35})
    named = rng.sample(FAMILY_SUPPORT, draw(rng, {1: 70, 2: 22, 3: 8})) if answer == "some" else [answer]
    return dict(zip(("FamilySupportFirst", "FamilySupportSecond", "FamilySupportThird"), named, strict=False))


def draw_substances(rng: Random, problem: str) -> dict[str, Value]:
    """Draws one to three different problem substances; the first is the one treated."""
    first = rng.choice(SUBSTANCES[problem])
    # No substance occurs twice, because a rule reports a repetition.
    further = [substance for substance in FURTHER_SUBSTANCES if substance != first]
    named = [first, *rng.sample(further, draw(rng, {0: 35, 1: 40, 2: 25}))]
    return dict(zip(("SubstanceFirst", "SubstanceSecond", "SubstanceThird"), named, strict=False))


def draw_use(rng: Random, problem: str) -> dict[str, Value]:
    """Draws the drinking in the last four weeks, the AUDIT score and injecting."""
    drinks = problem == "alcohol" or rng.random() < 0.4
    days = rng.randint(12, 28) if problem == "alcohol" else rng.randint(1, 12) if drinks else 0
    score = rng.randint(16, 40) if problem == "alcohol" else rng.randint(0, 15)
    injects = 40 if problem == "opiates" else 2
    return {
        "DrinkingDays": str(days),
        # A person who does not drink has no units, or 0.
        "UnitsPerDrinkingDay": str(rng.randint(3, 36)) if drinks else draw(rng, {"": 80, "0": 20}),
        "AuditScore": draw(rng, {str(score): 80, "": 20}),
        "Injecting": draw(
            rng,
            {
                "Injecting now": injects,
                "Injected in the past": 25,
                "Never injected": 40,
                "Declined": 3,
                "": 2,
            },
        ),
    }


def draw_earlier_test(rng: Random) -> str:
    """Draws the date of a test before custody, as exact as the patient remembers it."""
    year, month = rng.randint(2016, 2021), rng.randint(1, 12)
    # Day 28 exists in every month.
    day = format_day(date(year, month, rng.randint(1, 28)))
    return draw(rng, {day: 55, str(year): 20, f"{MONTHS[month - 1]} {year}": 15, f"{month:02}/{year}": 10})


def draw_blood_tests(rng: Random, assessed: date) -> dict[str, Value]:
    """Draws hepatitis C and HIV tests: perhaps an earlier test, and perhaps one during the stay."""
    earlier = draw(rng, {"": 60, draw_earlier_test(rng): 40})
    offered = draw(rng, {"Accepted": 55, "Refused": 25, "Not offered": 12, "": 8})
    tested_on = assessed + draw_days(rng, 3, 45)
    result = draw(rng, {"Negative": 60, "Positive": 3, "Never tested": 30, "": 7})
    return {
        "HepCTest": offered,
        # The new date replaces the earlier one on the day of the test.
        "DateHepCTest": Seen(tested_on, format_day(tested_on), earlier) if offered == "Accepted" else earlier,
        "HivResult": result,
        "DateHivTest": draw_earlier_test(rng) if result in {"Negative", "Positive"} else "",
    }


def draw_consent(rng: Random) -> Value:
    """Draws whether the patient consents to sending data to NDTMS; a few change their mind."""
    answer = draw(rng, {"Agreed": 916, "Declined": 36, "": 26, "withdrawn": 10, "asked later": 12})
    changed_on = draw_day(rng, date(2023, 5, 2), date(2023, 6, 28))
    if answer == "withdrawn":
        return Seen(changed_on, "Declined", "Agreed")
    return Seen(changed_on, "Agreed") if answer == "asked later" else answer


def holds_birthday(identifier: str, born: date) -> bool:
    """Returns whether an id happens to contain the birthday in one of its usual forms."""
    letters_and_digits = "".join(filter(str.isalnum, identifier))
    return any(born.strftime(form) in letters_and_digits for form in ("%Y%m%d", "%d%m%Y", "%y%m%d", "%d%m%y"))


# --- Treatment -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Treatment:
    """One treatment in an episode, and the day it was recorded."""

    name: str
    recorded: date
    started: date
    ended: date

    @property
    def is_long_substitution(self) -> bool:
        """Returns whether an opioid substitute was given for the 13 weeks after which a review is due."""
        return self.name.startswith(SUBSTITUTION) and (self.ended - self.started).days >= 91


def draw_treatments(rng: Random, problem: str, assessed: date, discharged: date) -> list[Treatment]:
    """Draws the treatments of an episode; the first is recorded at the assessment, as every episode has one."""
    given = draw_prescriptions(rng, problem, assessed, discharged)
    wanted = draw(rng, {0: 12, 1: 52, 2: 28, 3: 8}) if given else draw(rng, {1: 36, 2: 46, 3: 18})
    for name in rng.sample(SUPPORT, wanted):
        started = min(assessed + draw_days(rng, 0, 28), discharged)
        # An episode must have a treatment from its first day, or its first export is rejected.
        recorded = draw_day(rng, assessed, started) if given else assessed
        ended = discharged if rng.random() < 0.6 else draw_day(rng, started, discharged)
        given.append(Treatment(name, recorded, started, ended))
    # Added last, because a brief intervention alone is not reported.
    if rng.random() < 0.18:
        on = draw_day(rng, assessed, discharged)
        given.append(Treatment(BRIEF[problem], on, on, on))
    return given


def draw_prescriptions(rng: Random, problem: str, assessed: date, discharged: date) -> list[Treatment]:
    """Draws the prescriptions, if any: one medicine, or maintenance followed by a reduction."""
    names = draw(rng, PRESCRIBING[problem])
    started = min(assessed + draw_days(rng, 0, 2), discharged)
    ended = discharged if rng.random() < 0.75 else draw_day(rng, started, discharged)
    if "detoxification" in "".join(names):
        ended = min(started + draw_days(rng, 6, 14), discharged)
    if len(names) == 2:
        # The reduction starts when the maintenance ends, because a rule reports an overlap.
        turned = started + (ended - started) // 2
        return [Treatment(names[0], assessed, started, turned), Treatment(names[1], turned, turned, ended)]
    return [Treatment(name, assessed, started, ended) for name in names]


def draw_review(rng: Random, given: Iterable[Treatment], discharged: date) -> Value:
    """Draws the answer to the 13-week review; blank unless a substitute was given for that long."""
    due = next(
        (treatment.started + draw_days(rng, 84, 91) for treatment in given if treatment.is_long_substitution), None
    )
    if due is None:
        return ""
    # A review that did not take place is recorded at discharge.
    return Seen(due, "Yes") if rng.random() < 0.85 else Seen(discharged, "No")


def choose_discharge_reason(rng: Random, ending: Ending, first_substance: Value) -> str:
    """Returns the reason for discharge; for completed treatment, it names what the patient is free of."""
    if ending.discharge != "completed":
        return ending.discharge
    if first_substance == "Alcohol":
        return "Treatment completed - alcohol free"
    if first_substance == "Cannabis" and rng.random() < 0.5:
        return "Treatment completed – occasional user (not opiates or crack)"
    return "Treatment completed - drug free"


def choose_break_reason(rng: Random, ending: Ending) -> str:
    """Draws why an earlier episode of a stay ended; not completed if treatment continues after release."""
    if ending.onward.startswith("Structured") or rng.random() < 0.5:
        return rng.choice(("Dropped out", "Withdrawn by service"))
    return "Treatment completed - drug free"


# --- The clinical system ------------------------------------------------------------


def build_entry(table: str, since: date, values: Mapping[str, Value]) -> Entry:
    """Returns a record with all columns of its table, in order; columns without a value are blank."""
    unknown = set(values) - set(COLUMNS[table])
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    return Entry(since, {column: values.get(column, "") for column in COLUMNS[table]})


class Clerk:
    """Draws people, their stays and their records, all from one random source."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self._birthdays: set[date] = set()

    def draw_identifier(self, born: date) -> str:
        """Draws a technical id that reveals nothing about the patient, such as 03F2-91AC-77D0."""
        drawn = f"{self.rng.getrandbits(48):012X}"
        # Draws again, because a rule rejects an id that contains the birthday.
        if holds_birthday(drawn, born):
            return self.draw_identifier(born)
        return f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"

    def draw_timestamp(self, day: date) -> str:
        """Draws a time on that day in working hours: 03 Apr 2023 14:07."""
        return f"{format_day(day)} {self.rng.randint(8, 17):02}:{self.rng.randint(0, 59):02}"

    def draw_stamp(self, day: date) -> dict[str, Value]:
        """Draws when and by whom a record was created."""
        return {"DateCreated": self.draw_timestamp(day), "CreatedBy": f"STF{self.rng.randint(100, 140)}"}

    def draw_birthday(self, assessed: date) -> date:
        """Draws a birthday that nobody else has, so that no two people look like one."""
        born = assessed - timedelta(days=round(self.rng.triangular(19, 68, 33) * 365.25))
        if born in self._birthdays:
            return self.draw_birthday(assessed)
        self._birthdays.add(born)
        return born

    def draw_person(self, is_woman: bool, assessed: date) -> Person:
        """Draws a new person with all their answers."""
        rng = self.rng
        given = rng.choice(WOMEN if is_woman else MEN)
        problem = draw(rng, {"opiates": 45, "alcohol": 21, "other": 34})
        # Leaves out the letters that look like digits.
        letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=3))
        return Person(
            given=given,
            family=rng.choice(SURNAMES),
            born=self.draw_birthday(assessed),
            is_woman=is_woman,
            noms_reference=f"{letters[0]}{rng.randint(0, 9999):04}{letters[1:]}",
            problem=problem,
            patient_answers={
                "EthnicOrigin": draw(rng, ETHNIC_ORIGINS),
                "BirthCountry": draw(rng, COUNTRIES),
                "MainLanguage": draw(rng, {"English": 88, "Polish": 4, "Romanian": 4, "Other": 4}),
                "KnownAs": draw(rng, {"": 85, given[:3]: 15}),
                "Wing": rng.choice("ABCDEF"),
            },
            episode_answers={
                **{column: draw(rng, answers) for column, answers in ANSWERS.items()},
                **draw_origin(rng),
                **draw_disabilities(rng),
                **draw_family(rng),
                **draw_substances(rng, problem),
                **draw_use(rng, problem),
                **draw_blood_tests(rng, assessed),
                "PregnantAtAssessment": draw(rng, {"No": 80, "Yes": 5, "": 8} if is_woman else {"": 85, "No": 15}),
                "ShareConsent": draw_consent(rng),
            },
        )

    def build_patient(self, person: Person, site: str, since: date) -> Entry:
        """Returns the patient record that a site creates for a person."""
        return build_entry(
            PATIENT,
            since,
            {
                "RowIdentifier": self.draw_identifier(person.born),
                "SiteName": site,
                **self.draw_stamp(since),
                "NomsReference": person.noms_reference,
                "Title": "Ms" if person.is_woman else "Mr",
                "GivenName": person.given,
                "FamilyName": person.family,
                "BirthDate": format_day(person.born),
                "LegalSex": "Woman" if person.is_woman else "Man",
                **person.patient_answers,
            },
        )

    def admit(self, person: Person, stay: Stay, assessed: date) -> list[Dossier]:
        """Adds the stays of a person at a site; some return after release, some move to the other site."""
        dossier = Dossier(self.build_patient(person, stay.site, assessed), [], [])
        ending, left_on, destination = self.serve(dossier, person, stay, assessed)
        if ending.destination == "area" and self.rng.random() < 0.15:
            # Some people return to the same site, where they keep their patient record.
            received = left_on + draw_days(self.rng, 15, 70)
            self.serve(dossier, person, Stay(stay.site, received, received), received + draw_days(self.rng, 0, 6))
        if destination in {FAIRWATER, STONEBECK}:
            # The first reception is that of the whole time in custody, not of this prison.
            next_stay = Stay(destination, stay.first_reception, left_on, stay.site)
            return [dossier, *self.admit(person, next_stay, left_on + draw_days(self.rng, 0, 6))]
        return [dossier]

    def serve(self, dossier: Dossier, person: Person, stay: Stay, assessed: date) -> tuple[Ending, date, str]:
        """Adds the episodes of one stay to a dossier; returns how, when and for where the person left."""
        rng = self.rng
        ending = draw(rng, ENDINGS)
        spans = self.draw_spans(assessed)
        # Most people leave on the day of discharge or some days later.
        left_on = spans[-1][1] + timedelta(days=0 if ending.left == "Died" else rng.choice((0, 0, 1, 3, 7, 14)))
        destination = self.draw_destination(ending, person, stay)
        leaving = self.draw_leaving(ending, destination, stay, left_on) if ending.left else {}
        for position, (first, last) in enumerate(spans, start=1):
            is_last = position == len(spans)
            reason = (
                choose_discharge_reason(rng, ending, person.episode_answers["SubstanceFirst"])
                if is_last
                else choose_break_reason(rng, ending)
            )
            self.record_episode(dossier, person, stay, (first, last, reason), leaving)
        return ending, left_on, destination

    def draw_spans(self, assessed: date) -> list[tuple[date, date]]:
        """Draws the first and last day of each episode of a stay, in order."""
        spans: list[tuple[date, date]] = []
        for _ in range(draw(self.rng, {1: 58, 2: 32, 3: 10})):
            discharged = assessed + timedelta(days=round(self.rng.triangular(8, 200, 40)))
            spans.append((assessed, discharged))
            # The next episode starts after the discharge, because a rule reports an overlap.
            assessed = discharged + draw_days(self.rng, 3, 30)
        return spans

    def draw_destination(self, ending: Ending, person: Person, stay: Stay) -> str:
        """Returns where the person goes: an authority, a prison, or the text of the ending.

        Fairwater is for men only, and nobody returns to a site from the other one: a site creates
        a new patient record each time, so one person would look like two.
        """
        if ending.destination == "area":
            return self.rng.choice(WELL_KNOWN_AUTHORITIES)
        if ending.destination == "prison":
            sister = STONEBECK if stay.site == FAIRWATER else FAIRWATER
            goes_to_sister = self.rng.random() < 0.4 and not person.is_woman and stay.came_from != sister
            return sister if goes_to_sister else self.rng.choice(OTHER_PRISONS)
        return ending.destination

    def draw_leaving(self, ending: Ending, destination: str, stay: Stay, left_on: date) -> dict[str, Value]:
        """Returns the answers at exit; questions about release are answered only for a release."""
        rng = self.rng
        answers = {
            "DateLeftSite": self.draw_timestamp(left_on),
            "LeftSiteReason": ending.left,
            "LeftSiteDestination": destination,
            "OnwardReferral": ending.onward,
            "MentalHealthCareInside": draw(rng, {"Yes": 35, "No": 65}),
            "SentenceStatus": draw(rng, {"Sentenced": 70, "On remand": 30}),
            "LiverReferral": draw(rng, {"Yes": 12, "No": 88}),
        }
        if ending.left == "Released":
            answers["ThroughTheGate"] = draw(rng, {"Yes": 45, "No": 55})
            answers["NaloxoneKit"] = draw(rng, {"Kit and training given": 60, "Not given": 40})
            answers["HomelessOnRelease"] = draw(rng, {"Yes": 30, "No": 70})
        # The system has these answers only from the day on which the person leaves.
        values: dict[str, Value] = {column: Seen(left_on, text) for column, text in answers.items()}
        values["HepCReferral"] = Seen(left_on, "No")
        if rng.random() < 0.15:
            referred_on = draw_day(rng, stay.reception, left_on)
            values["HepCReferral"] = Seen(referred_on, "Yes")
            values["DateHepCReferral"] = Seen(referred_on, format_day(referred_on))
        return values

    def record_episode(
        self,
        dossier: Dossier,
        person: Person,
        stay: Stay,
        span: tuple[date, date, str],
        leaving: Mapping[str, Value],
    ) -> None:
        """Adds an episode and its treatments."""
        assessed, discharged, reason = span
        given = draw_treatments(self.rng, person.problem, assessed, discharged)
        episode_id = self.draw_identifier(person.born)
        values: dict[str, Value] = {
            "RowIdentifier": episode_id,
            "IDPatient": dossier.patient.values["RowIdentifier"],
            "SiteName": stay.site,
            **self.draw_stamp(assessed),
            "KeyWorker": f"STF{self.rng.randint(100, 140)}",
            "DateFirstReception": format_day(stay.first_reception),
            "DateReception": format_day(stay.reception),
            "ReceivedFrom": stay.came_from,
            "DateFirstAssessed": self.draw_timestamp(assessed),
            **person.episode_answers,
            "SpiceUse": Seen(discharged, draw(self.rng, {"Yes": 20, "No": 80})),
            "ThirteenWeekReview": draw_review(self.rng, given, discharged),
            "DateDischarge": Seen(discharged, format_day(discharged)),
            "DischargeReason": Seen(discharged, reason),
            **leaving,
            "Comments": self.rng.choice(COMMENTS) if self.rng.random() < 0.1 else "",
        }
        dossier.episodes.append(build_entry(EPISODE, assessed, values))
        dossier.items += [self.build_item(treatment, episode_id, person.born) for treatment in given]

    def build_item(self, given: Treatment, episode_id: str, born: date) -> Entry:
        """Returns the record of a treatment."""
        is_medicine = given.name.startswith(SUBSTITUTION)
        return build_entry(
            ITEM,
            given.recorded,
            {
                "RowIdentifier": self.draw_identifier(born),
                "IDSubstanceEpisode": episode_id,
                **self.draw_stamp(given.recorded),
                "ItemName": given.name,
                "DateStarted": Seen(given.started, format_day(given.started)),
                "DateEnded": Seen(given.ended, format_day(given.ended)),
                "DailyDose": f"{self.rng.randrange(8, 80, 2)} mg" if is_medicine else "",
                "Setting": draw(self.rng, {"Wing": 50, "Healthcare": 35, "Group room": 15}),
            },
        )


# How many people are first assessed per period and site; later periods have more.
INTAKE = (
    (FAIRWATER, date(2022, 9, 12), date(2023, 4, 28), 250),
    (FAIRWATER, date(2023, 5, 1), date(2023, 5, 30), 20),
    (FAIRWATER, date(2023, 6, 1), date(2023, 6, 29), 22),
    (STONEBECK, date(2022, 9, 12), date(2023, 4, 28), 124),
    (STONEBECK, date(2023, 5, 1), date(2023, 5, 30), 10),
    (STONEBECK, date(2023, 6, 1), date(2023, 6, 29), 12),
)


def draw_stay(rng: Random, site: str, assessed: date) -> Stay:
    """Draws how a person came to the site: mostly from court, one in five from another prison."""
    reception = assessed - draw_days(rng, 0, 6)
    if rng.random() < 0.8:
        return Stay(site, reception, reception)
    return Stay(site, reception - draw_days(rng, 10, 240), reception, rng.choice(OTHER_PRISONS))


def simulate(seed: int) -> list[Dossier]:
    """Returns the dossiers of both sites, in the order in which they were opened."""
    clerk = Clerk(seed)
    dossiers: list[Dossier] = []
    for site, first, last, people in INTAKE:
        for _ in range(people):
            assessed = draw_day(clerk.rng, first, last)
            is_woman = site == STONEBECK and clerk.rng.random() < 0.55
            stay = draw_stay(clerk.rng, site, assessed)
            dossiers += clerk.admit(clerk.draw_person(is_woman, assessed), stay, assessed)
    # A real table is in the order in which its rows were created.
    return sorted(dossiers, key=lambda dossier: dossier.patient.since)


# --- Faults --------------------------------------------------------------------------------------

Change = Callable[[Rows, Random], None]
# What a row must contain: True is any value, False is blank, a text is that text, a tuple is any of its texts.
Where = Mapping[str, bool | str | tuple[str, ...]]

DISCHARGED: Where = {"DateDischarge": True}
STAYING: Where = {"DateDischarge": True, "DateLeftSite": False}
UNDISCHARGED: Where = {"DateDischarge": False}
LEFT: Where = {"DateLeftSite": True}
RELEASED: Where = {"LeftSiteReason": "Released"}
PARENT: Where = {"ParentalResponsibility": "Yes"}
NOT_PARENT: Where = {"ParentalResponsibility": "No", "ChildrenInHousehold": "0"}


@dataclass(frozen=True)
class Fault:
    """A kind of fault in records, and the number of patients that have it.

    A `lifelong` fault is in every month (an id does not change from month to month). A fault
    `of_history` shows only in comparison with the previous month. Any other fault appears in one
    month and may be corrected in the next.
    """

    kind: str
    how_many: int
    change: Change
    lifelong: bool = False
    of_history: bool = False


def select_rows(rows: Iterable[Row], where: Where) -> list[Row]:
    """Returns the rows that contain the wanted values."""
    return [row for row in rows if all(_holds(row[column], wanted) for column, wanted in where.items())]


def _holds(text: str, wanted: bool | str | tuple[str, ...]) -> bool:
    if isinstance(wanted, bool):
        return bool(text) is wanted
    return text in (wanted if isinstance(wanted, tuple) else (wanted,))


def put(table: str, where: Where | None = None, **values: str) -> Change:
    """Writes these values into the first row that matches, if there is one."""

    def change(rows: Rows, _: Random) -> None:
        for row in select_rows(rows[table], where or {})[:1]:
            row.update(values)

    return change


def move(table: str, column: str, anchor: str, days: int, where: Where | None = None) -> Change:
    """Moves a date to a number of days after (or before) another date of the same row."""

    def change(rows: Rows, _: Random) -> None:
        for row in select_rows(rows[table], {anchor: True, **(where or {})})[:1]:
            row[column] = format_day(read_day(row[anchor]) + timedelta(days=days))

    return change


def misdate(table: str, column: str, wrong: str, right: str = "202") -> Change:
    """Mistypes the year of a date: 2203 for 2023."""

    def change(rows: Rows, _: Random) -> None:
        for row in select_rows(rows[table], {column: True})[:1]:
            row[column] = row[column].replace(f" {right}", f" {wrong}")

    return change


def repeat(table: str, **values: str) -> Change:
    """Exports the last row twice, unchanged or with other values under the same id."""

    def change(rows: Rows, _: Random) -> None:
        rows[table] += [row | values for row in rows[table][-1:]]

    return change


def remove(table: str) -> Change:
    """Leaves out the last row and its children, if the table has other rows."""

    def change(rows: Rows, _: Random) -> None:
        if len(rows[table]) > 1:
            gone = rows[table].pop()["RowIdentifier"]
            rows[ITEM] = [row for row in rows[ITEM] if row["IDSubstanceEpisode"] != gone]

    return change


def leave_without_episodes(rows: Rows, _: Random) -> None:
    """Leaves a patient without episodes."""
    rows[EPISODE], rows[ITEM] = [], []


def leave_without_items(rows: Rows, _: Random) -> None:
    """Leaves an episode without treatment items."""
    for episode in rows[EPISODE][:1]:
        rows[ITEM] = [row for row in rows[ITEM] if row["IDSubstanceEpisode"] != episode["RowIdentifier"]]


def orphan(table: str, parent: str) -> Change:
    """Gives the last row the id of a parent that does not exist."""

    def change(rows: Rows, rng: Random) -> None:
        for row in rows[table][-1:]:
            row[parent] = draw_other_id(rng)

    return change


def draw_other_id(rng: Random) -> str:
    """Draws an id that no record has."""
    return f"FFFF-{rng.getrandbits(16):04X}-{rng.getrandbits(16):04X}"


def rename_patient(rows: Rows, _: Random) -> None:
    """Makes a patient's id from the birthday."""
    for patient in rows[PATIENT]:
        patient["RowIdentifier"] = f"OR-{read_day(patient['BirthDate']):%d%m%Y}"
        for episode in rows[EPISODE]:
            episode["IDPatient"] = patient["RowIdentifier"]


def rename_episode(rows: Rows, _: Random) -> None:
    """Makes an episode's id from the birthday."""
    for episode in rows[EPISODE][:1]:
        renamed = f"E{read_day(rows[PATIENT][0]['BirthDate']):%y%m%d}-1"
        for item in select_rows(rows[ITEM], {"IDSubstanceEpisode": episode["RowIdentifier"]}):
            item["IDSubstanceEpisode"] = renamed
        episode["RowIdentifier"] = renamed


def put_birthday(table: str, column: str, form: str) -> Change:
    """Writes the birthday into an id that no other record refers to."""

    def change(rows: Rows, _: Random) -> None:
        for row in rows[table][-1:]:
            row[column] = read_day(rows[PATIENT][0]["BirthDate"]).strftime(form)

    return change


def register_twice(rows: Rows, rng: Random) -> None:
    """Registers the same person as a second patient, with a separate episode."""
    patient, episode = draw_other_id(rng), draw_other_id(rng)
    item = rows[ITEM][0] | {"RowIdentifier": draw_other_id(rng), "IDSubstanceEpisode": episode}
    rows[PATIENT].append(rows[PATIENT][0] | {"RowIdentifier": patient})
    rows[EPISODE].append(rows[EPISODE][0] | {"RowIdentifier": episode, "IDPatient": patient})
    rows[ITEM].append(item)


def overlap_episodes(rows: Rows, _: Random) -> None:
    """Discharges an episode only after the next one began."""
    if len(rows[EPISODE]) > 1:
        earlier, later = rows[EPISODE][:2]
        earlier["DateDischarge"] = format_day(read_day(later["DateFirstAssessed"]) + timedelta(days=5))


def forget_earlier_discharge(rows: Rows, _: Random) -> None:
    """Never discharges an episode, although the patient left at the end of the next."""
    if len(rows[EPISODE]) > 1 and rows[EPISODE][1]["DateLeftSite"]:
        for column in ("DateDischarge", "DischargeReason", "DateLeftSite", "LeftSiteReason"):
            rows[EPISODE][0][column] = ""


def run_alongside(name: str, alongside: tuple[str, ...]) -> Change:
    """Starts a second item the day after one of these, which still runs; '' starts the same one again."""

    def change(rows: Rows, rng: Random) -> None:
        for item in select_rows(rows[ITEM], {"ItemName": alongside, "DateStarted": True, "DateEnded": False})[:1]:
            started = format_day(read_day(item["DateStarted"]) + timedelta(days=1))
            another = {
                "RowIdentifier": draw_other_id(rng),
                "ItemName": name or item["ItemName"],
                "DateStarted": started,
            }
            rows[ITEM].append(item | another)

    return change


def keep_brief_items_only(rows: Rows, _: Random) -> None:
    """Leaves only mutual aid in an episode."""
    for item in select_rows(rows[ITEM], {"IDSubstanceEpisode": rows[EPISODE][0]["RowIdentifier"]}):
        item["ItemName"] = "Mutual aid introduction"


def end_after_discharge(rows: Rows, _: Random) -> None:
    """Ends an item nine days after the episode."""
    for episode in select_rows(rows[EPISODE], DISCHARGED)[:1]:
        item = select_rows(rows[ITEM], {"IDSubstanceEpisode": episode["RowIdentifier"]})[-1]
        item["DateEnded"] = format_day(read_day(episode["DateDischarge"]) + timedelta(days=9))


def leave_open(rows: Rows, _: Random) -> None:
    """Leaves an item without an end at discharge."""
    for episode in select_rows(rows[EPISODE], DISCHARGED)[:1]:
        select_rows(rows[ITEM], {"IDSubstanceEpisode": episode["RowIdentifier"]})[-1]["DateEnded"] = ""


def reopen(rows: Rows, rng: Random) -> None:
    """Reopens the last episode within three weeks, with a new item, which is allowed."""
    for episode in select_rows(rows[EPISODE][-1:], {"DateDischarge": True, "DateLeftSite": False}):
        started = read_day(episode["DateDischarge"]) + draw_days(rng, 1, 14)
        episode |= {"DateDischarge": "", "DischargeReason": ""}
        last = select_rows(rows[ITEM], {"IDSubstanceEpisode": episode["RowIdentifier"]})[-1]
        again = {"RowIdentifier": draw_other_id(rng), "ItemName": "Key work", "DateStarted": format_day(started)}
        rows[ITEM].append(last | again | {"DateEnded": ""})


PATIENT_FAULTS = (
    Fault("given name missing", 2, put(PATIENT, GivenName="")),
    Fault("surname missing", 1, put(PATIENT, FamilyName="NULL")),
    Fault("surname not known", 1, put(PATIENT, FamilyName="???")),
    Fault("birthday missing", 3, put(PATIENT, BirthDate="")),
    Fault("birthday on 31 February", 2, put(PATIENT, BirthDate="31 Feb 1988")),
    Fault("birthday with a year of two digits", 1, put(PATIENT, BirthDate="03/04/88")),
    Fault("birthday of a child", 1, put(PATIENT, BirthDate="12 Jan 2008")),
    Fault("birthday in 1900", 1, put(PATIENT, BirthDate="01 Jan 1900")),
    Fault("birthday in the future", 1, put(PATIENT, BirthDate="14 Jun 2068")),
    Fault("sex missing", 2, put(PATIENT, LegalSex="")),
    Fault("sex not in the list", 2, put(PATIENT, LegalSex="Indeterminate")),
    Fault("ethnicity not in the list", 2, put(PATIENT, EthnicOrigin="Cornish")),
    Fault("country that no longer exists", 2, put(PATIENT, BirthCountry="Yugoslavia")),
    Fault("site missing", 1, put(PATIENT, SiteName="")),
    Fault("site unknown", 1, put(PATIENT, SiteName="HMP Fairwater (closed wing)")),
    Fault("patient without id", 1, put(PATIENT, RowIdentifier=""), lifelong=True),
    Fault("patient id from the birthday", 2, rename_patient, lifelong=True),
    Fault("NOMS reference from the birthday", 1, put_birthday(PATIENT, "NomsReference", "%d%m%y"), lifelong=True),
    Fault("NOMS reference a stopgap", 4, put(PATIENT, NomsReference="A0000AA"), lifelong=True),
    Fault("patient twice", 2, repeat(PATIENT)),
    Fault("patient twice, contradicting", 2, repeat(PATIENT, EthnicOrigin="Any other mixed background")),
    Fault("person registered twice", 1, register_twice, lifelong=True),
    Fault("patient without episodes", 2, leave_without_episodes),
)

EPISODE_FAULTS = (
    Fault("consent in other words", 2, put(EPISODE, ShareConsent="Agreed verbally")),
    Fault("episode without id", 1, put(EPISODE, RowIdentifier=""), lifelong=True),
    Fault("episode id from the birthday", 1, rename_episode, lifelong=True),
    Fault("episode twice", 2, repeat(EPISODE)),
    Fault("episode twice, contradicting", 1, repeat(EPISODE, DrinkingDays="27")),
    Fault("episode of nobody", 2, orphan(EPISODE, "IDPatient")),
    Fault("episode without items", 2, leave_without_items),
    Fault("first reception missing", 1, put(EPISODE, DateFirstReception="")),
    Fault("first reception on 30 February", 1, put(EPISODE, DateFirstReception="30 Feb 2023")),
    Fault("reception missing", 2, put(EPISODE, DateReception="")),
    Fault("reception before the first", 1, move(EPISODE, "DateReception", "DateFirstReception", -4)),
    Fault("assessment missing", 2, put(EPISODE, DateFirstAssessed="")),
    Fault("assessment before reception", 1, move(EPISODE, "DateFirstAssessed", "DateReception", -3)),
    Fault("assessment in 2203", 1, misdate(EPISODE, "DateFirstAssessed", "220")),
    Fault(
        "received from, but not transferred",
        1,
        put(EPISODE, {"ReceivedFrom": False}, ReceivedFrom="IRC Eastmere"),
    ),
    Fault("transferred, but not stated from where", 2, put(EPISODE, {"ReceivedFrom": True}, ReceivedFrom="")),
    Fault("problem substance missing", 2, put(EPISODE, SubstanceFirst="")),
    Fault("same substance twice", 1, put(EPISODE, {"SubstanceFirst": "Heroin"}, SubstanceSecond="heroin")),
    Fault(
        "third substance without a second",
        1,
        put(EPISODE, {"SubstanceThird": False}, SubstanceSecond="", SubstanceThird="Nicotine"),
    ),
    Fault("postcode malformed", 2, put(EPISODE, HomePostcode="NR14 77UJ")),
    Fault("postcode in words", 1, put(EPISODE, HomePostcode="not known")),
    Fault("postcode missing", 2, put(EPISODE, HomePostcode="", BenefitsOfficeArea="")),
    Fault("postcode of no place", 1, put(EPISODE, HomePostcode="QX9 4ZZ", BenefitsOfficeArea="")),
    Fault("postcode without a district", 1, put(EPISODE, HomePostcode="BD98 1GD", BenefitsOfficeArea="")),
    Fault("sector of two authorities", 1, put(EPISODE, HomePostcode="RG6 2", BenefitsOfficeArea="")),
    Fault("no fixed abode, no area", 2, put(EPISODE, HomePostcode="No fixed abode", BenefitsOfficeArea="")),
    Fault("area abolished", 1, put(EPISODE, {"BenefitsOfficeArea": True}, BenefitsOfficeArea="Cumbria")),
    Fault("orientation not in the list", 1, put(EPISODE, SexualOrientation="Asexual")),
    Fault("faith not in the list", 1, put(EPISODE, Faith="Jedi")),
    Fault("disability after none", 1, put(EPISODE, {"DisabilityFirst": "None"}, DisabilitySecond="Hearing")),
    Fault(
        "same disability twice",
        1,
        put(EPISODE, {"DisabilityFirst": "Other", "DisabilitySecond": False}, DisabilitySecond="OTHER"),
    ),
    Fault(
        "second disability without a first",
        1,
        put(EPISODE, {"DisabilityFirst": False}, DisabilitySecond="Sight"),
    ),
    Fault("accommodation not in the list", 2, put(EPISODE, Accommodation="Narrow boat")),
    Fault("parent, children not asked for", 2, put(EPISODE, PARENT, ChildrenLiveWith="")),
    Fault(
        "children of somebody who is not a parent",
        1,
        put(EPISODE, NOT_PARENT, ChildrenLiveWith="Some of the children live with client"),
    ),
    Fault("parent, help not asked for", 1, put(EPISODE, PARENT, FamilySupportFirst="", FamilySupportSecond="")),
    Fault("help for no children", 1, put(EPISODE, NOT_PARENT, FamilySupportFirst="Not known")),
    Fault(
        "help after none",
        1,
        put(
            EPISODE,
            {"FamilySupportFirst": "None of the children are receiving any help"},
            FamilySupportSecond="Child in Need (LA service)",
        ),
    ),
    Fault("number of children in words", 1, put(EPISODE, PARENT, ChildrenInHousehold="three")),
    Fault("31 drinking days of 28", 2, put(EPISODE, {"DrinkingDays": True}, DrinkingDays="31")),
    Fault("units missing", 1, put(EPISODE, {"SubstanceFirst": "Alcohol"}, UnitsPerDrinkingDay="")),
    Fault(
        "units of somebody who does not drink",
        1,
        put(EPISODE, {"DrinkingDays": "0"}, UnitsPerDrinkingDay="12"),
    ),
    Fault("AUDIT score of 41", 1, put(EPISODE, {"AuditScore": True}, AuditScore="41")),
    Fault("AUDIT score of another test", 1, put(EPISODE, {"AuditScore": True}, AuditScore="AUDIT-C 9")),
    Fault("injecting not in the list", 1, put(EPISODE, Injecting="Unknown")),
    Fault("hepatitis C test in words", 1, put(EPISODE, DateHepCTest="last spring")),
    Fault("hepatitis C test before birth", 1, put(EPISODE, DateHepCTest="1923")),
    Fault("HIV test in 2122", 1, put(EPISODE, DateHivTest="05 Mar 2122")),
    Fault("HIV test with letters for digits", 1, put(EPISODE, DateHivTest="2O19")),
    Fault("Spice not asked for at discharge", 2, put(EPISODE, DISCHARGED, SpiceUse="")),
    Fault("review missing", 2, put(EPISODE, {**DISCHARGED, "ThirteenWeekReview": True}, ThirteenWeekReview="")),
    Fault(
        "review without a substitute",
        1,
        put(EPISODE, {"SubstanceFirst": "Cannabis"}, ThirteenWeekReview="No"),
    ),
    Fault("discharge reason missing", 2, put(EPISODE, STAYING, DischargeReason="")),
    Fault("discharge reason not in the list", 1, put(EPISODE, STAYING, DischargeReason="Went home")),
    Fault("discharge date missing", 2, put(EPISODE, STAYING, DateDischarge="")),
    Fault("discharge on 31 April", 1, put(EPISODE, STAYING, DateDischarge="31 Apr 2023")),
    Fault("discharge before assessment", 1, move(EPISODE, "DateDischarge", "DateFirstAssessed", -2, STAYING)),
    Fault("exit before discharge", 2, move(EPISODE, "DateLeftSite", "DateDischarge", -6, LEFT)),
    Fault("exit before reception", 1, move(EPISODE, "DateLeftSite", "DateReception", -1, LEFT)),
    Fault("exit without discharge", 1, move(EPISODE, "DateLeftSite", "DateFirstAssessed", 2, UNDISCHARGED)),
    Fault("exit reason missing", 1, put(EPISODE, LEFT, LeftSiteReason="")),
    Fault("exit date missing", 1, put(EPISODE, LEFT, DateLeftSite="")),
    Fault("earlier episode left open", 1, forget_earlier_discharge),
    Fault("exit, liver not asked for", 1, put(EPISODE, LEFT, LiverReferral="")),
    Fault("exit, mental health not asked for", 1, put(EPISODE, LEFT, MentalHealthCareInside="")),
    Fault("exit, sentence not known", 1, put(EPISODE, LEFT, SentenceStatus="")),
    Fault(
        "exit, hepatitis C referral not asked for",
        1,
        put(EPISODE, LEFT, HepCReferral="", DateHepCReferral=""),
    ),
    Fault("referral without a date", 1, put(EPISODE, {"HepCReferral": "Yes"}, DateHepCReferral="")),
    Fault(
        "date of no referral",
        1,
        move(EPISODE, "DateHepCReferral", "DateReception", 5, {**LEFT, "HepCReferral": "No"}),
    ),
    Fault("release, naloxone not asked for", 2, put(EPISODE, RELEASED, NaloxoneKit="")),
    Fault("release, housing not asked for", 1, put(EPISODE, RELEASED, HomelessOnRelease="")),
    Fault("release, referral not stated", 1, put(EPISODE, RELEASED, OnwardReferral="")),
    Fault(
        "support after release for somebody transferred",
        1,
        put(
            EPISODE,
            {"LeftSiteReason": "Transfer to another prison"},
            ThroughTheGate="Yes",
            NaloxoneKit="Not given",
        ),
    ),
    Fault("release, destination missing", 2, put(EPISODE, RELEASED, LeftSiteDestination="")),
    Fault("destination of somebody still here", 1, put(EPISODE, UNDISCHARGED, LeftSiteDestination="Leeds")),
    Fault("died, but released", 1, put(EPISODE, RELEASED, DischargeReason="Died")),
    Fault(
        "transferred in custody, but released",
        1,
        put(EPISODE, RELEASED, DischargeReason="Transferred - to another prison"),
    ),
    Fault(
        "to the community, but transferred",
        1,
        put(
            EPISODE,
            {"LeftSiteReason": "Transfer to another prison"},
            DischargeReason="Transferred - to community service",
        ),
    ),
    Fault(
        "completed, but referred to treatment",
        1,
        put(
            EPISODE,
            {**RELEASED, "OnwardReferral": "Structured treatment"},
            DischargeReason="Treatment completed - drug free",
        ),
    ),
    Fault(
        "referral refused, but made",
        1,
        put(
            EPISODE,
            {**RELEASED, "OnwardReferral": "Recovery support"},
            DischargeReason="Referral offered and refused",
        ),
    ),
    Fault(
        "deported to an English authority",
        1,
        put(EPISODE, {**RELEASED, "OnwardReferral": "No onward referral"}, DischargeReason="Deported"),
    ),
    Fault("episodes overlap", 2, overlap_episodes),
)

ITEM_FAULTS = (
    Fault("item without id", 1, put(ITEM, RowIdentifier=""), lifelong=True),
    Fault("item id from the birthday", 1, put_birthday(ITEM, "RowIdentifier", "T-%Y-%m-%d"), lifelong=True),
    Fault("item twice", 3, repeat(ITEM)),
    Fault("item twice, contradicting", 1, repeat(ITEM, DateStarted="02 Sep 2022")),
    Fault("item of no episode", 2, orphan(ITEM, "IDSubstanceEpisode")),
    Fault("item without name", 2, put(ITEM, ItemName="")),
    Fault("item not in the list", 2, put(ITEM, ItemName="Ear acupuncture")),
    Fault("item started on 31 April", 1, put(ITEM, {"DateStarted": True}, DateStarted="31 Apr 2023")),
    Fault("item ended on 31 June", 1, put(ITEM, {"DateEnded": True}, DateEnded="31 Jun 2023")),
    Fault("item started before assessment", 2, put(ITEM, {"DateStarted": True}, DateStarted="01 Aug 2022")),
    Fault("item ended before it started", 2, move(ITEM, "DateEnded", "DateStarted", -1, {"DateEnded": True})),
    Fault("item ended after discharge", 1, end_after_discharge),
    Fault("item open at discharge", 2, leave_open),
    Fault("item ended without a start", 1, put(ITEM, {"DateEnded": True}, DateStarted="")),
    Fault("item in 2203", 1, misdate(ITEM, "DateStarted", "220")),
    Fault("same item twice at a time", 2, run_alongside("", SUPPORT)),
    Fault("reduction during maintenance", 1, run_alongside("Methadone reduction", ("Methadone maintenance",))),
    Fault("mutual aid alone", 1, keep_brief_items_only),
)

HISTORY_FAULTS = (
    Fault("birthday moved", 1, move(PATIENT, "BirthDate", "BirthDate", 1), of_history=True),
    Fault("new surname", 1, put(PATIENT, FamilyName="Wetherby-Jones"), of_history=True),
    Fault("sex changed", 1, put(PATIENT, {"LegalSex": "Woman"}, LegalSex="Man"), of_history=True),
    Fault("ethnicity changed", 1, put(PATIENT, {"EthnicOrigin": "African"}, EthnicOrigin=""), of_history=True),
    Fault("postcode changed", 1, put(EPISODE, HomePostcode="LE15 8FN"), of_history=True),
    Fault(
        "abuse no longer stated",
        1,
        put(EPISODE, {"AbuseExperienced": "Yes"}, AbuseExperienced="No"),
        of_history=True,
    ),
    Fault("discharge moved", 1, move(EPISODE, "DateDischarge", "DateDischarge", 2, STAYING), of_history=True),
    Fault(
        "other discharge reason",
        1,
        put(EPISODE, {**STAYING, "DischargeReason": "Dropped out"}, DischargeReason="Withdrawn by service"),
        of_history=True,
    ),
    Fault(
        "discharge taken back",
        1,
        put(EPISODE, STAYING, DateDischarge="", DischargeReason=""),
        of_history=True,
    ),
    Fault("episode opened again", 2, reopen, of_history=True),
    Fault("episode gone", 1, remove(EPISODE), of_history=True),
    Fault("item gone", 1, remove(ITEM), of_history=True),
    Fault(
        "item renamed",
        1,
        put(ITEM, {"ItemName": "Key work"}, ItemName="Group programme"),
        of_history=True,
    ),
    Fault("item no longer ended", 1, put(ITEM, {"DateEnded": True}, DateEnded=""), of_history=True),
    Fault(
        "item start moved",
        1,
        move(ITEM, "DateStarted", "DateStarted", 1, {"DateEnded": False}),
        of_history=True,
    ),
)

FAULTS = (*PATIENT_FAULTS, *EPISODE_FAULTS, *ITEM_FAULTS, *HISTORY_FAULTS)


@dataclass(frozen=True)
class Slip:
    """A fault in one patient's records, and the months in which it shows."""

    fault: Fault
    months: tuple[str, ...]
    seed: str

    def spoil(self, rows: Rows) -> None:
        """Makes the change; it is the same in every month, whatever else was drawn in between."""
        self.fault.change(rows, Random(self.seed))


def allot(dossiers: Sequence[Dossier], seed: int) -> dict[int, Slip]:
    """Assigns the faults, at most one per dossier, to dossiers that they change."""
    rng = Random(f"{seed}/faults")
    slips: dict[int, Slip] = {}
    for fault in FAULTS:
        wanted = fault.how_many
        # Tries the dossiers in random order, because only a few can have some of the faults.
        for number in rng.sample(range(len(dossiers)), len(dossiers)):
            if not wanted:
                break
            months = find_shown(fault, dossiers[number], rng) if number not in slips else ()
            if months:
                slips[number] = Slip(fault, months, f"{seed}/{fault.kind}/{number}")
                wanted -= 1
    return slips


def find_shown(fault: Fault, dossier: Dossier, rng: Random) -> tuple[str, ...]:
    """Returns the months in which a fault would show in this dossier; () if it cannot."""
    names = list(MONTH_ENDS)
    possible = [name for name, day in MONTH_ENDS.items() if can_spoil(fault, dossier.get_rows(day))]
    # An id is the same in all months, so the fault must be possible in all of them.
    if not possible or (fault.lifelong and len(possible) < len(names)):
        return ()
    if fault.lifelong:
        return tuple(names)
    if fault.of_history:
        # The first month has nothing to compare with, and a change that goes away is not one.
        return tuple(possible[1:]) if possible == names[-len(possible) :] else ()
    first = names.index(possible[0] if rng.random() < 0.65 else rng.choice(possible))
    return tuple(names[first : first + 1] if rng.random() < 0.35 else names[first:])


def can_spoil(fault: Fault, rows: Rows) -> bool:
    """Returns whether the fault changes these rows; without consent it would not be seen."""
    if not rows[PATIENT] or any(row["ShareConsent"] != "Agreed" for row in rows[EPISODE]):
        return False
    # Changes alter the rows in place, so a copy is needed to compare with.
    before = {table: [dict(row) for row in lines] for table, lines in rows.items()}
    fault.change(rows, Random(0))
    return rows != before


# --- Files ---------------------------------------------------------------------------------------


def write_table(path: Path, table: str, rows: Iterable[Row]) -> None:
    """Writes one table as the system exports it: cp1252, bars as delimiters, CRLF."""
    with path.open("w", encoding="cp1252", newline="") as handle:
        writer = csv.writer(handle, delimiter="|", lineterminator="\r\n")
        writer.writerow(COLUMNS[table])
        for row in rows:
            # Each column has its own text for a blank.
            writer.writerow(row[column] or BLANKS.get(column, "") for column in COLUMNS[table])


def build_month_rows(dossiers: Sequence[Dossier], slips: Mapping[int, Slip], month: str) -> Rows:
    """Returns all rows of a month's export, with their faults."""
    everything: Rows = {table: [] for table in COLUMNS}
    for number, dossier in enumerate(dossiers):
        rows = dossier.get_rows(MONTH_ENDS[month])
        if number in slips and month in slips[number].months:
            slips[number].spoil(rows)
        for table, lines in rows.items():
            everything[table] += lines
    return everything


def write_months(out: Path, seed: int) -> None:
    """Writes the three exports below `out`, one directory per month; the same seed writes the same bytes."""
    dossiers = simulate(seed)
    slips = allot(dossiers, seed)
    for month in MONTH_ENDS:
        directory = out / month
        directory.mkdir(parents=True, exist_ok=True)
        for table, rows in build_month_rows(dossiers, slips, month).items():
            write_table(directory / f"{table}.csv", table, rows)


def format_summary(seed: int) -> str:
    """Returns the contents of the exports and the faults per month; printed, not exported."""
    dossiers = simulate(seed)
    slips = allot(dossiers, seed)
    lines = []
    for month in MONTH_ENDS:
        tables = build_month_rows(dossiers, slips, month)
        counts = ", ".join(f"{len(rows)} {table}" for table, rows in tables.items())
        faulty = Counter(slip.fault.kind for slip in slips.values() if month in slip.months)
        lines += [f"{month}: {counts}; {faulty.total()} dossiers with a fault"]
        lines += [f"    {count} {kind}" for kind, count in sorted(faulty.items())]
    return "\n".join(lines)


def main() -> None:
    """Writes the exports and prints a summary."""
    parser = argparse.ArgumentParser(description="Write the three months of the made-up system 'orchard'.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "orchard", help="where to")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed makes other people")
    options = parser.parse_args()
    write_months(options.out, options.seed)
    print(format_summary(options.seed))


if __name__ == "__main__":
    main()
