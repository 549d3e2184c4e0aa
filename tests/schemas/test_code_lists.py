"""Code lists: what a status lets a list do, and which codes count on a day."""

from datetime import date

import pytest

from flows.reference.in_force import SHIPPED_LISTS, list_code_lists, read_lists
from schemas.code_lists import Code, CodeList, CodeLists, Status

ONE_CODE = (Code("M", "Male", concept="male"),)
FIRST, LAST = date(2023, 4, 1), date(2023, 4, 30)


@pytest.mark.parametrize(
    ("status", "codes", "is_published", "checks"),
    [
        ("published", ONE_CODE, True, True),
        ("provisional", ONE_CODE, False, True),
        ("partial", ONE_CODE, False, False),
        ("published", (), False, False),
        ("provisional", (), False, False),
        ("partial", (), False, False),
    ],
)
def test_what_a_status_lets_a_list_do(
    status: Status, codes: tuple[Code, ...], is_published: bool, checks: bool
) -> None:
    code_list = CodeList("SEX", status, "made up", codes)
    assert (code_list.is_published, code_list.checks) == (is_published, checks)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "expected"),
    [
        (None, None, True),
        (LAST, None, True),
        (date(2023, 5, 1), None, False),
        (None, LAST, True),
        (None, date(2023, 4, 29), False),
        (LAST, LAST, True),
        (FIRST, date(2023, 4, 29), False),
        (date(2023, 5, 1), date(2024, 1, 1), False),
    ],
)
def test_a_code_counts_from_its_first_to_its_last_day(
    valid_from: date | None, valid_to: date | None, expected: bool
) -> None:
    code = Code("M", "Male", "male", valid_from, valid_to)
    assert code.is_valid_on(LAST) is expected
    on_the_day = CodeList("SEX", "published", "made up", (code,)).on(LAST)
    assert on_the_day.codes == ((code,) if expected else ())
    assert on_the_day.is_published is expected


def test_codes_by_their_meaning() -> None:
    codes = (Code("1", "one", "a"), Code("2", "two", "b"), Code("3", "three", "a"), Code("4", "four"))
    code_list = CodeList("SEX", codes=codes)
    assert code_list.find_codes_meaning(["a"]) == ("1", "3")
    assert code_list.find_codes_meaning(["b", "a"]) == ("1", "2", "3")
    assert code_list.find_codes_meaning(["c"]) == ()


def test_a_list_that_is_absent_is_empty() -> None:
    lists = CodeLists({"SEX": CodeList("SEX", "published", "made up", ONE_CODE)})
    assert lists["PRISON"] == CodeList("PRISON")
    assert not lists["PRISON"].checks


def test_the_lists_that_are_not_published() -> None:
    lists = CodeLists(
        {
            "A": CodeList("A", "published", "", ONE_CODE),
            "B": CodeList("B", "provisional", "", ONE_CODE),
            "C": CodeList("C", "partial", "", ONE_CODE),
            "D": CodeList("D", "published", "", ()),
        }
    )
    assert lists.find_not_published(["D", "E", "C", "B", "A", "B"]) == ("B", "C", "D", "E")
    # A list whose codes are not valid yet is empty.
    future = CodeLists({"A": CodeList("A", "published", "", (Code("M", "Male", valid_from=date(2024, 1, 1)),))})
    assert future.on(LAST).find_not_published(["A"]) == ("A",)


def test_when_a_list_was_loaded_makes_it_no_other_list() -> None:
    assert CodeList("SEX", loaded="2023-05-03") == CodeList("SEX")


def test_shipped_lists_are_of_the_dataset_and_hold_each_code_once() -> None:
    shipped = read_lists(SHIPPED_LISTS.read_bytes(), SHIPPED_LISTS.name)
    assert set(shipped) <= list_code_lists()
    for code_list in shipped.values():
        codes = [(code.code, code.valid_from, code.valid_to) for code in code_list.codes]
        assert len(set(codes)) == len(codes), code_list.name
        assert code_list.source, code_list.name
