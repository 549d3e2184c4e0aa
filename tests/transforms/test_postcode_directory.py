import itertools
import json
from pathlib import Path

import polars as pl
import pytest

from transforms.derive.postcode_directory import (
    DirectoryLayout,
    UnknownDirectoryLayout,
    count_moved_postcodes,
    detect_layout,
    directory,
    find_unusable,
    unique_postcodes,
)

HEADERS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent.parent / "data" / "onspd_nspl_headers.json").read_text(encoding="utf-8")
)
COUNTIES = pl.DataFrame(
    {
        "LTLA21CD": ["E06000001", "E07000026", "E07000240", "W06000001"],
        "UTLA21CD": ["E06000001", "E10000006", "E10000015", "W06000001"],
    }
)
LAYOUT = DirectoryLayout("pcds", "cty", "laua")

# The plain statement of which columns each release has, next to the code's patterns.
EXPECTED = {
    "ONSPD May 2018 .. Feb 2021 (nuts)": ("pcds", "oscty", "oslaua"),
    "ONSPD May 2021 (itl replaces nuts)": ("pcds", "oscty", "oslaua"),
    "ONSPD Aug 2022 (+oa21,lsoa21,msoa21)": ("pcds", "oscty", "oslaua"),
    "ONSPD Feb 2023 v2 (ccg->sicbl, stp->icb)": ("pcds", "oscty", "oslaua"),
    "ONSPD Aug 2024 v2 (park->npark, buasd11 dropped, bua11->bua22/bua24)": ("pcds", "oscty", "oslaua"),
    "ONSPD Nov 2025 (all renamed)": ("pcds", "cty25cd", "lad25cd"),
    "ONSPD Aug 2026 (55 columns)": ("pcds", "cty26cd", "lad26cd"),
    "NSPL Aug 2020 (nuts)": ("pcds", "cty", "laua"),
    "NSPL Nov 2021": ("pcds", "cty", "laua"),
    "NSPL21 Aug 2024": ("pcds", "cty", "laua"),
    "NSPL May 2025": ("pcds", "cty", "laua"),
    "NSPL late 2025 (renamed)": ("pcds", "cty25cd", "lad25cd"),
    "NSPL Aug 2026": ("pcds", "cty26cd", "lad26cd"),
    'ONS "NSPL latest centroids" portal CSV (2020)': ("pcds", "cty", "laua"),
    "PCD_OA_LSOA_MSOA_LAD_AUG21_UK_LU": ("pcds", None, "ladcd"),
    "Code-Point Open": ("Postcode", "Admin_county_code", "Admin_district_code"),
}


def made(*rows: tuple[str | None, str | None, str | None]) -> list[tuple[str, str, str | None]]:
    table = pl.DataFrame(list(rows), schema=dict.fromkeys(LAYOUT.columns, pl.String), orient="row")
    return directory(table, LAYOUT, COUNTIES).rows()


def test_every_header_line_is_stated_here() -> None:
    assert len(HEADERS) == 16
    assert HEADERS.keys() == EXPECTED.keys()


@pytest.mark.parametrize("release", EXPECTED)
def test_a_release_is_recognised_by_its_columns(release: str) -> None:
    layout = detect_layout(HEADERS[release])
    assert (layout.postcode, layout.county, layout.district) == EXPECTED[release]
    assert layout.termination == (None if release == "Code-Point Open" else "doterm")


@pytest.mark.parametrize("release", EXPECTED)
def test_case_order_and_outer_space_of_the_columns_do_not_count(release: str) -> None:
    shouted = [f" {name.upper()}" for name in reversed(HEADERS[release])]
    layout = detect_layout(shouted)
    assert layout.columns == tuple(f" {name.upper()}" for name in EXPECTED[release] if name)


def test_the_postcode_and_the_district_are_enough() -> None:
    assert detect_layout(["pcds", "lad25cd"]) == DirectoryLayout("pcds", None, "lad25cd")


def test_the_latest_of_several_boundaries_counts() -> None:
    layout = detect_layout(["pcds", "cty23cd", "cty25cd", "lad23cd", "lad25cd", "lad21cd"])
    assert (layout.county, layout.district) == ("cty25cd", "lad25cd")


@pytest.mark.parametrize(
    ("columns", "reported"),
    [
        (["CLIENTID", "FORENAME"], "no column for the postcode (pcds) or the district"),
        (["pcds", "lsoa21cd"], "it has no column for the district"),
        (["pcd", "oslaua"], "it has no column for the postcode"),
        (["Postcode", "Admin_county_code"], "no column for the postcode (pcds) or the district"),
        ([], "no column for the postcode (pcds) or the district"),
        (["pcds", "lad25cd", "PCDS"], "the column pcds occurs 2 times"),
        (["pcds", "oslaua", "oslaua"], "the column oslaua occurs 2 times"),
        (["pcds", "oslaua", "oscty", "oscty"], "the column oscty occurs 2 times"),
    ],
)
def test_other_columns_are_refused(columns: list[str], reported: str) -> None:
    with pytest.raises(UnknownDirectoryLayout) as refused:
        detect_layout(columns)
    assert reported in str(refused.value)
    # A file without a header begins with somebody's record.
    assert "FORENAME" not in str(refused.value)


@pytest.mark.parametrize(
    ("county", "district", "authority"),
    [
        ("E10000015", "E07000240", "E10000015"),
        ("", "E07000240", "E10000015"),
        (None, "E07000026", "E10000006"),
        ("E99999999", "E07000026", "E10000006"),
        ("", "E07999000", "E07999000"),
        ("E10", "E0600001", None),
        ("E99999999", "E06000001", "E06000001"),
        ("E11000005", "E08000025", "E08000025"),
        ("E13000001", "E09000007", "E09000007"),
        ("E13000002", "E09000029", "E09000029"),
        ("E13000002", "", None),
        ("E11000005", "E99999999", None),
        ("E99999999", "E99999999", None),
        ("S99999999", "S12000033", "S92000003"),
        ("W99999999", "W06000001", "W92000004"),
        ("N99999999", "N09000003", "N92000002"),
        ("L99999999", "L99999999", None),
        ("M99999999", "M99999999", None),
        ("", "", None),
        (None, None, None),
        (" E10000015 ", "e07000240", "E10000015"),
        ("", " e09000007", "E09000007"),
    ],
)
def test_the_authority_of_a_postcode(county: str | None, district: str | None, authority: str | None) -> None:
    assert made(("AL1 1AA", county, district)) == [("AL1 1", "AA", authority)]


def test_without_a_county_column_the_district_decides() -> None:
    table = pl.DataFrame({"pcds": ["AL1 1AA", "B6 6RT"], "lad25cd": ["E07000240", "E08000025"]})
    answer = directory(table, detect_layout(table.columns), COUNTIES)
    assert answer.rows() == [("AL1 1", "AA", "E10000015"), ("B6 6", "RT", "E08000025")]


def plain_authority(county: str, district: str) -> str | None:
    """The facts once more, in the plainest words: no polars, no pattern."""
    pseudo = "99999999"
    if county[:3] == "E10" and county[1:] != pseudo:
        return county
    if district[1:] == pseudo or not district:
        return None
    if district[:3] == "E07":
        return {"E07000026": "E10000006", "E07000240": "E10000015"}.get(district, district)
    if district[:3] in ("E06", "E08", "E09"):
        return district
    return {"S12": "S92000003", "W06": "W92000004", "N09": "N92000002"}.get(district[:3])


def test_every_pair_of_county_and_district_agrees_with_the_plain_statement() -> None:
    counties = ["", "E10000006", "E10000015", "E11000001", "E13000001", *(f"{x}99999999" for x in "ELMNSW")]
    districts = [
        "",
        "E06000001",
        "E07000026",
        "E07000240",
        "E07000300",
        "E08000025",
        "E09000007",
        "S12000033",
    ]
    districts += ["W06000001", "N09000003", *(f"{x}99999999" for x in "ELMNSW")]
    pairs = list(itertools.product(counties, districts))
    rows = [(f"AB{n // 100} {n // 10 % 10}A{'ABCDEFGHIJ'[n % 10]}", *pair) for n, pair in enumerate(pairs)]
    answers = {sector + unit: authority for sector, unit, authority in made(*rows)}
    assert answers == {postcode: plain_authority(*pair) for postcode, *pair in rows}
    assert len(answers) == len(pairs)


@pytest.mark.parametrize(
    ("written", "sector", "unit"),
    [
        ("B6  6RT", "B6 6", "RT"),
        ("BH119LJ", "BH11 9", "LJ"),
        ("bh11 9lj", "BH11 9", "LJ"),
        (" S W1A\u00a01A\tA ", "SW1A 1", "AA"),
        ("GIR 0AA", "GIR 0", "AA"),
        ("NPT 7AA", "NPT 7", "AA"),
    ],
)
def test_the_space_is_before_the_last_three(written: str, sector: str, unit: str) -> None:
    assert made((written, "", "E06000001")) == [(sector, unit, "E06000001")]


def test_what_is_no_postcode_is_left_out_and_reported() -> None:
    table = pl.DataFrame(
        {
            "pcds": ["AL1 1AA", "Leeds", "", None, "B6 6RT", "B6 6RU"],
            "cty": ["", "", "", None, "Leeds", ""],
            "laua": ["", "", "E06000001", None, "E06000001", "00DA"],
        }
    )
    assert find_unusable(table, LAYOUT).rows() == [(1, "pcds"), (2, "pcds"), (4, "cty"), (5, "laua")]
    assert [row[:2] for row in directory(table, LAYOUT, COUNTIES).rows()] == [
        ("AL1 1", "AA"),
        ("B6 6", "RT"),
        ("B6 6", "RU"),
    ]


def test_rows_are_sorted_and_a_postcode_is_there_once() -> None:
    rows = made(
        ("B6 6RT", "", ""),
        ("AL10 1AA", "", "E06000001"),
        ("B66RT", "", "E08000025"),
        ("AL1 1AB", "", "E06000001"),
        ("AL1 1AA", "", "E06000001"),
        ("b6 6rt", "", "E09000007"),
    )
    assert rows == [
        ("AL1 1", "AA", "E06000001"),
        ("AL1 1", "AB", "E06000001"),
        ("AL10 1", "AA", "E06000001"),
        ("B6 6", "RT", "E08000025"),
    ]


def test_a_directory_without_rows_has_its_columns() -> None:
    empty = directory(pl.DataFrame(schema=dict.fromkeys(LAYOUT.columns, pl.String)), LAYOUT, COUNTIES)
    assert empty.schema == {"sector": pl.String, "unit": pl.String, "authority": pl.String}
    assert unique_postcodes(empty).equals(empty)


def test_changes_counts_the_postcodes_that_moved() -> None:
    schema = {"sector": pl.String, "unit": pl.String, "authority": pl.String}
    sector = "AL1 1"
    before = [
        ("AA", "E1"),
        ("AB", "E1"),
        ("AC", "E1"),
        ("AD", None),
        ("AE", None),
        ("AF", "E3"),
        ("AG", "E3"),
    ]
    after = [("AA", "E2"), ("AB", "E2"), ("AC", "E1"), ("AD", None), ("AE", "E1"), ("AF", None), ("AH", "E3")]
    old = pl.DataFrame([(sector, *row) for row in before], schema=schema, orient="row")
    new = pl.DataFrame([(sector, *row) for row in after], schema=schema, orient="row")
    assert count_moved_postcodes(old, new).rows() == [("E1", "E2", 2), (None, "E1", 1), ("E3", None, 1)]
    assert count_moved_postcodes(old, new).schema == {
        "old_authority": pl.String,
        "new_authority": pl.String,
        "postcodes": pl.UInt32,
    }
    assert count_moved_postcodes(old, old).is_empty()
