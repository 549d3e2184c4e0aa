"""Conditions: three-valued logic, and the words of each."""

from datetime import date

import polars as pl
import pytest

from schemas.code_lists import Code, CodeList, CodeLists
from schemas.conditions.codes import CodeListIsChecked, IsCode, MeansArea, SameArea
from schemas.conditions.condition import Always, Condition, KnownTrue, RuleContext, all_of, any_of
from schemas.conditions.days import (
    AfterExtract,
    AgeAtLeast,
    Compared,
    Comparison,
    DaysBeforeExtract,
    DaysBetween,
    HoldsBirthday,
)
from schemas.conditions.values import Flag, IsText, IsWholeNumber, NumberBetween, SameText, SentAsBefore, Understood
from schemas.fields import ALCDDAYS, DISD, DISRSN, EXITD, EXITDEST, PARENT, PC

YES_NO = CodeList("PARENT", "published", "made up", (Code("Y", "Yes", "yes"), Code("N", "No", "no")))
EXTRACTED_ON = date(2023, 5, 3)
AREAS = CodeList("UTLA", "published", "made up", (Code("U1", "Norfolk", "E10000020"), Code("U2", "Kent")))
PLACES = CodeList(
    "EXITDEST",
    "partial",
    "made up",
    (
        Code("N", "Norfolk", "E10000020"), Code("K", "Kent"), Code("O", "Outside the UK", "outside_uk"),
        Code("H", "Hospital", "non_ndtms_secure"), Code("X", "Hartlepool", "E06000001"),
    ),
)  # fmt: skip
CONTEXT = RuleContext(
    EXTRACTED_ON, CodeLists({"PARENT": YES_NO, "UTLA": AREAS, "EXITDEST": PLACES}), frozenset({("E1", "E2")})
)
Truth = bool | None
YES, NO = Flag("yes", "it is so"), Flag("no", "it is not so")
UNSURE = Flag("unsure", "nobody knows")
FACTS = {True: YES, False: NO, None: UNSURE}


def truth(condition: Condition, **values: object) -> Truth:
    """The truth for one record; dates are dates, everything else text, unless it is a number or a truth."""
    columns = {"yes": True, "no": False, "unsure": None} | {
        name.replace("__", "."): value for name, value in values.items()
    }
    schema = {name: _type(name, value) for name, value in columns.items()}
    found: Truth = pl.DataFrame([columns], schema=schema).select(condition.expression(CONTEXT).alias("truth")).item()
    return found


def _type(name: str, value: object) -> type[pl.DataType]:
    if name in ("yes", "no", "unsure"):
        return pl.Boolean
    if isinstance(value, date) or (
        value is None and name in ("DOB.value", "DISD.value", "MODEND.value", "EXITD.value")
    ):
        return pl.Date
    return pl.Int64 if isinstance(value, int) or name == "AUDIT.value" else pl.String


BOTH = {
    (True, True): True, (True, False): False, (False, False): False,
    (True, None): None, (False, None): False, (None, None): None,
}  # fmt: skip
EITHER = {
    (True, True): True, (True, False): True, (False, False): False,
    (True, None): True, (False, None): None, (None, None): None,
}  # fmt: skip


@pytest.mark.parametrize("pair", BOTH)
def test_and_or_in_three_values(pair: tuple[Truth, Truth]) -> None:
    left, right = (FACTS[name] for name in pair)
    assert truth(left & right) is truth(right & left) is BOTH[pair]
    assert truth(left | right) is truth(right | left) is EITHER[pair]


@pytest.mark.parametrize(("given", "expected"), [(True, False), (False, True), (None, None)])
def test_not_and_surely(given: Truth, expected: Truth) -> None:
    assert truth(~FACTS[given]) is expected
    assert truth(KnownTrue(FACTS[given])) is (given is True)


@pytest.mark.parametrize(
    ("came", "understood", "is_populated", "is_yes", "is_not_yes"),
    [
        ("Y", "Y", True, True, False),
        ("N", "N", True, False, True),
        # Blank is a known state; what was not understood has no answer.
        (None, None, False, False, True),
        ("perhaps", None, True, None, None),
    ],
)
def test_blank_is_known_and_not_understood_is_not(
    came: str | None, understood: str | None, is_populated: bool, is_yes: Truth, is_not_yes: Truth
) -> None:
    values = {"PARENT": came, "PARENT__value": understood}
    assert truth(PARENT.is_populated, **values) is is_populated
    assert truth(PARENT.is_blank, **values) is not is_populated
    assert truth(PARENT.means("yes"), **values) is is_yes
    assert truth(~PARENT.means("yes"), **values) is is_not_yes
    assert truth(PARENT.means("yes", "no"), **values) is (None if came == "perhaps" else came is not None)


def test_a_meaning_that_no_code_has_is_false_where_the_code_is_known() -> None:
    assert truth(PARENT.means("declined"), PARENT="Y", PARENT__value="Y") is False
    assert truth(PARENT.means("declined"), PARENT="x", PARENT__value=None) is None


EARLY, LATE = date(2023, 4, 3), date(2023, 4, 4)
COMPARED: list[tuple[Comparison, date | None, date | None, Truth]] = [
    ("<", EARLY, LATE, True), ("<", LATE, LATE, False), ("<", LATE, EARLY, False), ("<", None, LATE, None),
    ("<=", LATE, LATE, True), ("<=", LATE, EARLY, False), ("<=", EARLY, None, None),
    ("=", LATE, LATE, True), ("=", EARLY, LATE, False), ("=", None, None, None),
    (">", LATE, EARLY, True), (">", LATE, LATE, False), (">", None, EARLY, None),
]  # fmt: skip


@pytest.mark.parametrize(("comparison", "left", "right", "expected"), COMPARED)
def test_comparisons_with_a_blank_have_no_answer(
    comparison: Comparison, left: date | None, right: date | None, expected: Truth
) -> None:
    assert truth(Compared("DISD", comparison, "EXITD"), DISD__value=left, EXITD__value=right) is expected


def test_before_and_after() -> None:
    values = {"DISD__value": EARLY, "EXITD__value": LATE}
    assert truth(DISD.is_before(EXITD), **values) is True
    assert truth(DISD.is_after(EXITD), **values) is False


@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        (date(2005, 4, 3), date(2023, 4, 3), True),
        (date(2005, 4, 4), date(2023, 4, 3), False),
        (date(2004, 2, 29), date(2022, 2, 28), False),
        (date(2004, 2, 29), date(2022, 3, 1), True),
        (date(2004, 3, 1), date(2022, 2, 28), False),
        (date(2030, 1, 1), date(2023, 4, 3), False),
        (None, date(2023, 4, 3), None),
        (date(2005, 4, 3), None, None),
    ],
)
def test_age_in_whole_years(born: date | None, on: date | None, expected: Truth) -> None:
    assert truth(AgeAtLeast("DOB", "DISD", 18), DOB__value=born, DISD__value=on) is expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (EARLY, date(2023, 4, 10), True),
        (EARLY, date(2023, 4, 9), False),
        (EARLY, date(2023, 4, 2), False),
        (None, LATE, None),
        (EARLY, None, None),
    ],
)
def test_days_between(first: date | None, last: date | None, expected: Truth) -> None:
    assert truth(DaysBetween("DISD", "EXITD", 7), DISD__value=first, EXITD__value=last) is expected
    assert truth(DISD.is_days_before(EXITD, 7), DISD__value=first, EXITD__value=last) is expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2023, 4, 26), True), (date(2023, 4, 27), False), (date(2023, 6, 1), False), (None, None)],
)
def test_days_before_the_extract(day: date | None, expected: Truth) -> None:
    assert truth(DaysBeforeExtract("DISD", 7), DISD__value=day) is expected
    assert truth(DISD.is_days_before_extract(7), DISD__value=day) is expected


@pytest.mark.parametrize(
    ("came", "understood", "expected"),
    [("80", "80", True), ("82", "82", True), ("081", "81", False), (None, None, False), ("x", None, None)],
)
def test_one_of_some_codes(came: str | None, understood: str | None, expected: Truth) -> None:
    assert truth(IsCode("DISRSN", ("80", "82")), DISRSN=came, DISRSN__value=understood) is expected
    assert truth(DISRSN.is_code("80", "82"), DISRSN=came, DISRSN__value=understood) is expected


@pytest.mark.parametrize(
    ("came", "understood", "expected"),
    [
        # An area is one by its concept, whatever its code; a code without a concept means nothing.
        ("N", "N", True),
        ("O", "O", True),
        ("H", "H", False),
        ("K", "K", False),
        ("X", "X", False),
        (None, None, False),
        ("elsewhere", None, None),
    ],
)
def test_an_area(came: str | None, understood: str | None, expected: Truth) -> None:
    assert truth(MeansArea("EXITDEST"), EXITDEST=came, EXITDEST__value=understood) is expected
    assert truth(EXITDEST.means_area, EXITDEST=came, EXITDEST__value=understood) is expected


@pytest.mark.parametrize(
    ("came", "understood", "expected"),
    [("NFA", "ZZ99 3", True), ("NR14 7", "NR14 7", False), (None, None, False), ("***", None, None)],
)
def test_a_text(came: str | None, understood: str | None, expected: Truth) -> None:
    assert truth(IsText("PC", "ZZ99 3"), PC=came, PC__value=understood) is expected
    assert truth(PC.is_text("ZZ99 3"), PC=came, PC__value=understood) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [("7", True), ("07", True), ("9" * 30, True), ("-7", False), ("7.0", False), ("7 ", False), ("٧", False),
     ("x", False), (None, None)],
)  # fmt: skip
def test_a_whole_number(came: str | None, expected: Truth) -> None:
    assert truth(IsWholeNumber("ALCDDAYS"), ALCDDAYS=came) is expected
    assert truth(ALCDDAYS.is_whole_number, ALCDDAYS=came) is expected


@pytest.mark.parametrize(("number", "expected"), [(9, False), (10, True), (20, True), (21, False), (None, None)])
def test_numbers_between(number: int | None, expected: Truth) -> None:
    assert truth(NumberBetween("AUDIT", 10, 20), AUDIT__value=number) is expected
    at_least = None if number is None else number >= 10
    assert truth(NumberBetween("AUDIT", 10), AUDIT__value=number) is at_least


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2023, 5, 4), True), (EXTRACTED_ON, False), (date(2023, 5, 2), False), (None, None)]
)
def test_after_the_extract(day: date | None, expected: Truth) -> None:
    assert truth(AfterExtract("DISD"), DISD__value=day) is expected


BORN = date(1980, 4, 3)


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("19800403", True), ("03041980", True), ("800403", True), ("030480", True),
        ("C-1980-04-03-X", True), ("C1980/04/03", True), ("x03.04.80x", True), ("9919800403", True),
        ("0304198099", True), ("7x800403", True),
        # Six digits count only as a whole run, separators taken out.
        ("9800403", False), ("8004031", False), ("800403-1", False), ("99030480", False),
        ("1 9 8 0 0 4 0 3", True),
        ("19800430", False), ("C0001", False), ("198004", False), ("04031980", False), (None, None),
    ],
)  # fmt: skip
def test_an_id_that_holds_the_birthday(identifier: str | None, expected: Truth) -> None:
    assert truth(HoldsBirthday("CLIENTID", "DOB"), CLIENTID=identifier, DOB__value=BORN) is expected


def test_an_id_with_an_unknown_birthday_has_no_answer() -> None:
    assert truth(HoldsBirthday("CLIENTID", "DOB"), CLIENTID="19800403", DOB__value=None) is None


@pytest.mark.parametrize(
    ("last", "now", "expected"), [("A", "A", True), ("A", "B", False), (None, "A", False), (None, None, True)]
)
def test_sent_as_before(last: str | None, now: str | None, expected: bool) -> None:
    assert truth(SentAsBefore("SEX"), last__SEX=last, now__SEX=now) is expected


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [("E1", "E2", True), ("E2", "E1", False), ("E1", "E1", False), (None, "E2", False), ("E1", None, False)],
)
def test_the_same_area_under_another_code(last: str | None, now: str | None, expected: bool) -> None:
    assert truth(SameArea("UTLA"), last__UTLA=last, now__UTLA=now) is expected


def test_the_same_text() -> None:
    condition = SameText("DRUG1", "DRUG2")
    assert truth(condition, DRUG1__sent="1000", DRUG2__sent="1000") is True
    assert truth(condition, DRUG1__sent="1000", DRUG2__sent="2000") is False
    assert truth(condition, DRUG1__sent="1000", DRUG2__sent=None) is None


def test_whether_a_list_checks() -> None:
    assert truth(CodeListIsChecked("PARENT")) is True
    assert truth(CodeListIsChecked("SEX")) is False


def test_words() -> None:
    condition = (DISD.is_populated | EXITD.is_blank) & ~PARENT.means("yes", "declined")
    assert condition.words() == ("(DISD is populated or EXITD is blank) and PARENT is not 'yes' or 'declined'")
    assert (~DISD.is_before(EXITD)).words() == "DISD is on or after EXITD"
    assert DISD.is_on_or_after(EXITD).words() == "DISD is on or after EXITD"
    assert (~all_of(YES, NO, UNSURE)).words() == "not (it is so and it is not so and nobody knows)"
    assert any_of(YES, all_of(NO, UNSURE)).words() == "it is so or (it is not so and nobody knows)"
    assert NumberBetween("AUDIT", 1, 1).words() == "AUDIT is 1"
    assert Understood("DOB", "a date").words() == "DOB is a date"
    assert DaysBetween("DISD", "EXITD", 7).words() == "DISD to EXITD is 7 days or more"
    assert DaysBeforeExtract("DISD", 7).words() == "DISD is 7 days or more before the day of the extract"
    assert IsCode("DISRSN", ("80", "82")).words() == "DISRSN is 80 or 82"
    assert MeansArea("EXITDEST").words() == "EXITDEST is an area or outside the UK"
    assert IsText("PC", "ZZ99 3").words() == "PC is ZZ99 3"
    assert IsWholeNumber("ALCDDAYS").words() == "ALCDDAYS is a whole number"
    assert KnownTrue(YES).words() == "it is so, without doubt"


def test_clauses_are_the_smallest_conditions_in_order() -> None:
    condition = (YES & ~NO) | (UNSURE & Always())
    assert list(condition.clauses()) == [YES, ~NO, UNSURE]
    assert list(KnownTrue(YES | NO).clauses()) == [YES, NO]
