"""Every postcode of the shipped directory, through the look-up and through a plain statement of the same facts."""

from datetime import date

import polars as pl
import pytest

from flows.reference.in_force import RECODED, SHIPPED_LISTS, read_lists
from flows.reference.packed_directory import read_shipped
from transforms.derive.postcode_lookup import find_recodings, look_up_authorities

pytestmark = pytest.mark.slow

# Areas that have another code before a day and after it: stated here again, apart from the data of the project.
BEFORE_APRIL_2023 = {
    "E06000063": "E10000006",
    "E06000064": "E10000006",
    "E06000065": "E10000023",
    "E06000066": "E10000027",
}
BEFORE_APRIL_2025 = {"E08000038": "E08000016", "E08000039": "E08000019"}
MONTHS = {
    "March 2023": (date(2023, 3, 31), BEFORE_APRIL_2023 | BEFORE_APRIL_2025, 152),
    "April 2023": (date(2023, 4, 30), BEFORE_APRIL_2025, 153),
    "April 2025": (date(2025, 4, 30), {v: k for k, v in BEFORE_APRIL_2025.items()}, 153),
}


@pytest.fixture(scope="module")
def directory() -> pl.DataFrame:
    return read_shipped()


def looked_up(directory: pl.DataFrame, day: date) -> list[str | None]:
    recoded = pl.read_csv(RECODED, infer_schema=False).with_columns(pl.col("from").str.to_date("%Y-%m-%d"))
    utla = read_lists(SHIPPED_LISTS.read_bytes(), "code-lists.csv")["UTLA"].on(day)
    places = directory.select("sector", "unit", outside_uk=pl.lit(value=False), country=pl.lit(None, dtype=pl.String))
    return look_up_authorities(places, directory, find_recodings(day, recoded), utla)["authority"].to_list()


def plainly(sector: str, authority: str | None, recoded: dict[str, str]) -> str | None:
    area = sector[:2] if sector[1].isalpha() else sector[:1]
    if area in ("JE", "GY", "IM"):
        return "OUTSIDE-UK"
    if authority is None:
        return None
    return recoded.get(authority, authority)


@pytest.mark.parametrize("month", MONTHS)
def test_the_look_up_agrees_with_the_facts(directory: pl.DataFrame, month: str) -> None:
    day, recoded, authorities = MONTHS[month]
    answers = looked_up(directory, day)
    expected = [
        plainly(sector, authority, recoded) for sector, authority in directory.select("sector", "authority").iter_rows()
    ]
    assert answers == expected
    different = {answer for answer in answers if answer is not None}
    assert {answer[:3] for answer in different if answer.startswith("E")} == {"E06", "E08", "E09", "E10"}
    assert different - {answer for answer in different if answer.startswith("E")} == {
        "S92000003", "W92000004", "OUTSIDE-UK",
    }  # fmt: skip
    assert sum(answer.startswith("E") for answer in different) == authorities
