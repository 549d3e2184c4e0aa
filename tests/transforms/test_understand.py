"""Parsing: what the source had, what it means and what of it is sent."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from schemas.code_lists import Code, CodeList, CodeLists, Status
from schemas.dataset import Entity, list_entity_fields
from transforms.parse.fields import ParseOptions, parse_fields

SEX = CodeList("SEX", "published", "made up", (Code("M", "Male"), Code("F", "Female")))


def understood(
    entity: Entity, values: dict[str, str], lists: dict[str, CodeList], reading: ParseOptions | None = None
) -> dict[str, object]:
    row = {field.header: values.get(field.header) for field in list_entity_fields(entity)}
    records = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String))
    return parse_fields(records, entity, CodeLists(lists), reading or ParseOptions()).row(0, named=True)


@pytest.mark.parametrize(
    ("status", "text", "value", "sent"),
    [
        ("published", "male", "M", "M"),
        ("published", "Q", None, None),
        ("published", "", None, None),
        ("provisional", "male", "M", "M"),
        ("provisional", "Q", None, "Q"),
        ("partial", "male", "M", "M"),
        ("partial", "Q", None, "Q"),
    ],
)
def test_what_is_sent_of_a_code_depends_on_the_list(
    status: Status, text: str, value: str | None, sent: str | None
) -> None:
    lists = {"SEX": replace(SEX, status=status)}
    found = understood("client", {"SEX": text} if text else {}, lists)
    assert (found["SEX"], found["SEX.value"], found["SEX.sent"]) == (text or None, value, sent)


@pytest.mark.parametrize("lists", [{}, {"SEX": CodeList("SEX", "published", "made up", ())}])
def test_a_list_that_is_absent_or_empty_sends_what_came(lists: dict[str, CodeList]) -> None:
    found = understood("client", {"SEX": "Q"}, lists)
    assert (found["SEX.value"], found["SEX.sent"]) == (None, "Q")


def test_local_codes_are_read_for_their_field_alone() -> None:
    shared = CodeList("DISABLE", "published", "made up", (Code("NN", "No disability"),))
    reading = ParseOptions(codes={"DISABLE1": {"none": "No disability"}})
    found = understood("episode", {"DISABLE1": "None", "DISABLE2": "None"}, {"DISABLE": shared}, reading)
    assert (found["DISABLE1"], found["DISABLE1.value"], found["DISABLE1.sent"]) == ("None", "NN", "NN")
    assert (found["DISABLE2"], found["DISABLE2.value"], found["DISABLE2.sent"]) == ("None", None, None)


def test_dates_numbers_and_nations() -> None:
    nations = CodeList("NATION", "published", "made up", (Code("SRB", "Serbia"),))
    client = understood("client", {"DOB": "03/04/1980", "NATION": "Kosovo"}, {"NATION": nations})
    assert (client["DOB"], client["DOB.value"], client["NATION.value"]) == ("03/04/1980", date(1980, 4, 3), "SRB")
    episode = understood(
        "episode", {"HEPCTSTD": "May 2019", "TRIAGED": "May 2019", "AUDIT": "07", "ALCDDAYS": "29"}, {}
    )
    assert episode["HEPCTSTD.value"] == date(2019, 5, 1)
    assert episode["TRIAGED.value"] is None
    assert (episode["AUDIT.value"], episode["ALCDDAYS.value"]) == (7, None)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("AUDIT", "40", 40), ("AUDIT", "41", None), ("AUDIT", "0", 0),
        ("ALCDDAYS", "28", 28), ("ALCDDAYS", "29", None),
        ("ALCUNITS", "999", 999), ("ALCUNITS", "1000", None),
        ("CHILDWTH", "98", 98), ("CHILDWTH", "99", None),
    ],
)  # fmt: skip
def test_the_range_of_each_number(field: str, text: str, value: int | None) -> None:
    assert understood("episode", {field: text}, {})[f"{field}.value"] == value


def test_dates_in_the_source_s_own_form() -> None:
    reading = ParseOptions(dates=("%d %b %Y",))
    found = understood("intervention", {"MODST": "03 Apr 2023", "MODEND": "3 Apr 2023"}, {}, reading)
    assert (found["MODST.value"], found["MODEND.value"]) == (date(2023, 4, 3), None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("L0001", "L0001"),
        ("L001", "L001"),
        ("LLL00011", "LLL00011"),
        ("LL001", "LL001"),
        ("L01", None),
        ("L000011", None),
        ("LLLL001", None),
        ("0001", None),
        ("L0001X", None),
        # Cleaning, which comes before, makes the letters capitals.
        ("l0001", None),
        ("L٠٠٠١", None),
    ],
)
def test_an_agency_is_one_to_three_letters_and_three_to_five_digits(text: str, value: str | None) -> None:
    assert understood("client", {"AGNCY": text}, {})["AGNCY.value"] == value


def test_an_agency_may_be_a_name_that_the_source_translates() -> None:
    reading = ParseOptions(codes={"AGNCY": {"hmp fairwater": "L0001"}})
    found = understood("client", {"AGNCY": "HMP Fairwater"}, {}, reading)
    assert found["AGNCY.value"] == "L0001"
