"""Upper-tier authorities: from a place to its code on the last day of the period."""

from datetime import date

import polars as pl
import pytest

from flows.reference.postcode_releases import COUNTIES
from schemas.code_lists import Code, CodeList
from tests.support.geography import search
from transforms.derive.identity import Geography, reduce_postcodes
from transforms.derive.postcode_lookup import find_recodings, look_up_authorities

RECODED = pl.read_csv(COUNTIES.parent / "recoded.csv", infer_schema=False).with_columns(
    pl.col("from").str.to_date("%Y-%m-%d")
)
# (postcode, authority by the newest directory): a postcode without a district has no authority.
POSTCODES = [
    ("NR14 7", "UJ", "E10000020"),
    ("NR14 7", "UL", "E10000020"),
    ("NR14 7", "UX", None),
    ("NR14 8", "AA", "E10000020"),
    ("NR14 8", "AB", "E10000029"),
    ("NR14 9", "AA", None),
    ("PE8 6", "AA", "E06000031"),
    ("PE8 6", "AB", "E07000152"),
    ("CA1 1", "AA", "E06000063"),
    ("CA1 1", "AB", "E06000064"),
    ("YO1 1", "AA", "E06000065"),
    ("TA1 1", "AA", "E06000066"),
    ("S70 1", "AA", "E08000038"),
    ("S70 2", "AA", "E08000039"),
    ("EH1 1", "AA", "S92000003"),
    ("CF1 1", "AA", "W92000004"),
    ("BT1 1", "AA", "N92000002"),
    ("LS1 1", "AA", "E08000035"),
]
DIRECTORY = pl.DataFrame(
    POSTCODES, schema={"sector": pl.String, "unit": pl.String, "authority": pl.String}, orient="row"
)
CONCEPTS = (
    "E10000020", "E10000029", "E10000006", "E10000023", "E10000027", "E06000063", "E06000064", "E06000065", "E06000066",
    "E06000031", "E08000016", "E08000019", "E08000038", "E08000039", "S92000003", "W92000004", "N92000002",
    "outside_uk",
)  # fmt: skip
# The codes of this list are not those of the ONS, so that nothing but the concept can find them.
UTLA = CodeList(
    "UTLA", "published", "made up", tuple(Code(f"U-{concept}", concept, concept=concept) for concept in CONCEPTS)
)


def after_lookup(postcode: str | None, last_day: date, nfa_utla: str | None = None, utla: str | None = None) -> str:
    """The UTLA of an episode, `nothing` where it has none."""
    geography = Geography(search(DIRECTORY), find_recodings(last_day, RECODED), UTLA)
    row = {"PC": [postcode], "UTLA": [utla], "NFA_UTLA": [nfa_utla]}
    episodes = pl.DataFrame(row, schema=dict.fromkeys(row, pl.String))
    return reduce_postcodes(episodes, geography)[0]["UTLA"].item() or "nothing"


@pytest.mark.parametrize(
    ("postcode", "expected"),
    [
        ("NR14 7UJ", "U-E10000020"),
        ("nr147uj", "U-E10000020"),
        ("NR14 7", "U-E10000020"),
        ("NR14 8", "nothing"),
        ("PE8 6", "nothing"),
        ("NR14 8AB", "U-E10000029"),
        ("NR14 9", "nothing"),
        ("NR14 9AA", "nothing"),
        ("NR14 7ZZ", "nothing"),
        ("NR15 7", "nothing"),
        ("EH1 1AA", "U-S92000003"),
        ("EH1 1", "U-S92000003"),
        ("CF1 1AA", "U-W92000004"),
        # By the area alone, whether or not a directory has the postcode.
        ("BT1 1AA", "U-N92000002"),
        ("BT99 9ZZ", "U-N92000002"),
        ("BT1 2", "U-N92000002"),
        ("JE2 3AB", "U-outside_uk"),
        ("GY1 1AA", "U-outside_uk"),
        ("IM1 1AA", "U-outside_uk"),
        ("IM1 1", "U-outside_uk"),
        ("OUTSIDE UK", "U-outside_uk"),
        ("NFA", "nothing"),
        ("ZZ99 3VZ", "nothing"),
        ("ZZ99 3", "nothing"),
        ("no postcode", "nothing"),
        (None, "nothing"),
        # The UTLA list has no row for it.
        ("LS1 1AA", "nothing"),
    ],
)
def test_the_area_of_a_postcode(postcode: str | None, expected: str) -> None:
    assert after_lookup(postcode, date(2023, 4, 30)) == expected


@pytest.mark.parametrize(
    ("postcode", "last_day", "expected"),
    [
        # Split: both halves go back to the old county, and nothing goes forward.
        ("CA1 1AA", date(2023, 3, 31), "U-E10000006"),
        ("CA1 1AB", date(2023, 3, 31), "U-E10000006"),
        ("CA1 1AA", date(2023, 4, 1), "U-E06000063"),
        ("CA1 1AB", date(2023, 4, 30), "U-E06000064"),
        # By the period's codes a sector may have one authority.
        ("CA1 1", date(2023, 3, 31), "U-E10000006"),
        ("CA1 1", date(2023, 4, 30), "nothing"),
        ("YO1 1AA", date(2023, 3, 31), "U-E10000023"),
        ("YO1 1AA", date(2023, 4, 1), "U-E06000065"),
        ("TA1 1AA", date(2023, 3, 31), "U-E10000027"),
        ("TA1 1AA", date(2023, 4, 30), "U-E06000066"),
        ("S70 1AA", date(2025, 3, 31), "U-E08000016"),
        ("S70 1AA", date(2025, 4, 1), "U-E08000038"),
        ("S70 2AA", date(2025, 3, 31), "U-E08000019"),
        ("S70 2AA", date(2025, 4, 30), "U-E08000039"),
    ],
)
def test_the_code_of_the_day(postcode: str, last_day: date, expected: str) -> None:
    assert after_lookup(postcode, last_day) == expected


@pytest.mark.parametrize(
    ("day", "code", "expected"),
    [
        (date(2023, 4, 1), "E10000023", "E06000065"),
        (date(2023, 4, 1), "E10000027", "E06000066"),
        (date(2023, 3, 31), "E10000023", None),
        (date(2023, 4, 1), "E10000006", None),
        (date(2025, 4, 1), "E08000016", "E08000038"),
        (date(2025, 4, 1), "E08000019", "E08000039"),
        (date(2025, 3, 31), "E08000016", None),
        (date(2025, 3, 31), "E08000038", "E08000016"),
        (date(2025, 3, 31), "E08000039", "E08000019"),
    ],
)
def test_an_older_directory_is_brought_forward_too(day: date, code: str, expected: str | None) -> None:
    assert find_recodings(day, RECODED).get(code) == expected


@pytest.mark.parametrize(
    ("postcode", "nfa_utla", "utla", "expected"),
    [
        ("NR14 7UJ", None, "E09000001", "E09000001"),
        ("NFA", "E09000002", "E09000001", "E09000001"),
        ("NFA", "E09000002", None, "E09000002"),
        ("ZZ99 3VZ", "E09000002", None, "E09000002"),
        ("ZZ99 3", "E09000002", None, "E09000002"),
        ("OUTSIDE UK", "E09000002", None, "U-outside_uk"),
        ("NR14 7UJ", "E09000002", None, "U-E10000020"),
        (None, "E09000002", None, "nothing"),
        ("no postcode", "E09000002", None, "nothing"),
    ],
)
def test_what_the_source_brings(postcode: str | None, nfa_utla: str | None, utla: str | None, expected: str) -> None:
    assert after_lookup(postcode, date(2023, 4, 30), nfa_utla, utla) == expected


def test_postcodes_in_no_directory_are_counted_by_sector() -> None:
    texts = ["NR14 7ZZ", "NR14 7ZY", "XX1 1AA", "NR14 7UJ", "NR14 7UX", "BT9 9ZZ", "ZZ99 3VZ", "NR15 7", "odd", None]
    episodes = pl.DataFrame({"PC": texts}).with_columns(
        UTLA=pl.lit(None, dtype=pl.String), NFA_UTLA=pl.lit(None, dtype=pl.String)
    )
    _, unknown = reduce_postcodes(episodes, Geography(search(DIRECTORY), {}, UTLA))
    assert unknown.rows() == [("NR14 7", 2), ("XX1 1", 1)]


def test_nothing_after_the_lookup_holds_a_full_postcode() -> None:
    texts = ["NR14 7UJ", "NR14 7ZZ", "NR14 7UJ and more", None]
    episodes = pl.DataFrame({"PC": texts}).with_columns(
        UTLA=pl.lit(None, dtype=pl.String), NFA_UTLA=pl.lit(None, dtype=pl.String)
    )
    reduced, _ = reduce_postcodes(episodes, Geography(search(DIRECTORY), {}, UTLA))
    assert reduced["PC"].to_list() == ["NR14 7", "NR14 7", "***", None]
    assert reduced["PC.value"].to_list() == ["NR14 7", "NR14 7", None, None]
    assert "NFA_UTLA" not in reduced.columns


def test_one_answer_for_each_place_in_order() -> None:
    places = pl.DataFrame(
        {"sector": ["EH1 1", None, "NR14 7", "EH1 1"], "unit": ["AA", None, None, "AA"], "outside_uk": [False] * 4},
        schema={"sector": pl.String, "unit": pl.String, "outside_uk": pl.Boolean},
    )
    places = places.with_columns(country=pl.lit(None, dtype=pl.String))
    found = look_up_authorities(places, DIRECTORY, {}, UTLA)
    assert found["authority"].to_list() == ["U-S92000003", None, "U-E10000020", "U-S92000003"]
