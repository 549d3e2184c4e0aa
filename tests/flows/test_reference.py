"""Reference data in force: what is shipped, and what a user loads in its place."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.reference.code_list_files import read_sheet
from flows.reference.in_force import (
    LIST_COLUMNS,
    hash_list,
    list_code_lists,
    load_reference_in_force,
    read_lists,
)
from flows.reference.load import load_code_lists, read_postcodes, store_postcodes
from flows.reference.numbered_files import find_newest, next_path, reference_folder
from flows.reference.packed_directory import SHIPPED
from flows.support.errors import InputRefused
from schemas.code_lists import Code, CodeList

HEADER = ",".join(LIST_COLUMNS)
PRISONS = (
    f"{HEADER}\n"
    "PRISON,FWR,HMP Fairwater,,published,official,2023-04-01,\n"
    "PRISON,SBK,HMP Stonebeck,,published,official,,\n"
)
DAY = date(2023, 5, 3)


def write(folder: Path, text: str, name: str = "lists.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(text: str) -> str:
    with pytest.raises(InputRefused) as caught:
        read_lists(text.encode(), "lists.csv")
    return str(caught.value)


def test_without_a_home_the_shipped_ones_hold(tmp_path: Path) -> None:
    found = load_reference_in_force(tmp_path / "none")
    assert found.directory_path == SHIPPED
    assert set(found.list_digests) == list_code_lists()
    assert not found.lists["PRISON"].checks
    assert not (tmp_path / "none").exists()


def test_a_list_that_is_loaded_is_replaced_whole_and_others_stay(tmp_path: Path) -> None:
    before = load_reference_in_force(tmp_path)
    sexes = f"{HEADER}\nSEX,1,Male,,published,official,,\n"
    shown = load_code_lists(tmp_path, read_lists((sexes + PRISONS.partition("\n")[2]).encode(), "lists.csv"), DAY)
    after = load_reference_in_force(tmp_path)
    assert after.lists["SEX"].codes == (Code("1", "Male"),)
    assert (after.lists["SEX"].status, after.lists["SEX"].loaded) == ("published", "2023-05-03")
    assert after.lists["PRISON"].codes[0] == Code("FWR", "HMP Fairwater", "", date(2023, 4, 1), None)
    assert after.lists["HOUSING"] == before.lists["HOUSING"]
    assert shown == [
        "PRISON: 2 codes, published, instead of 0, partial",
        "SEX: 1 code, published, instead of 2, provisional",
    ]
    changed = {name for name in list_code_lists() if before.list_digests[name] != after.list_digests[name]}
    assert changed == {"SEX", "PRISON"}


def test_later_loads_add_to_earlier_ones_and_none_is_deleted(tmp_path: Path) -> None:
    load_code_lists(tmp_path, read_lists(PRISONS.encode(), "lists.csv"), DAY)
    load_code_lists(tmp_path, {"SEX": CodeList("SEX", "published", "x", (Code("1", "Male"),))}, date(2023, 6, 1))
    lists = load_reference_in_force(tmp_path).lists
    assert (lists["PRISON"].loaded, lists["SEX"].loaded) == ("2023-05-03", "2023-06-01")
    assert sorted(path.name for path in reference_folder(tmp_path).iterdir()) == [
        "code-lists-000001.json",
        "code-lists-000002.json",
    ]


def test_the_highest_number_is_in_force_beyond_its_digits(tmp_path: Path) -> None:
    reference_folder(tmp_path).mkdir()
    for number in ("000009", "000010", "000002"):
        (reference_folder(tmp_path) / f"postcodes-{number}.parquet").touch()
    found = find_newest(tmp_path, "postcodes", ".parquet")
    assert found is not None and found.name == "postcodes-000010.parquet"
    assert next_path(tmp_path, "postcodes", ".parquet").name == "postcodes-000011.parquet"
    assert next_path(tmp_path, "code-lists", ".json").name == "code-lists-000001.json"


def test_the_digest_is_of_what_a_list_contains(tmp_path: Path) -> None:
    one = read_lists(PRISONS.encode(), "a.csv")["PRISON"]
    load_code_lists(tmp_path, {"PRISON": one}, DAY)
    assert hash_list(load_reference_in_force(tmp_path).lists["PRISON"]) == hash_list(one)
    other = read_lists(PRISONS.replace("HMP Stonebeck", "HMP Stonebeek").encode(), "a.csv")["PRISON"]
    assert hash_list(other) != hash_list(one)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "lists.csv: the file is empty"),
        (HEADER + "\n", "lists.csv: the table has no rows"),
        ("list,code\nSEX,M\n", "lists.csv: the column label is missing; required: list, code"),
        (PRISONS + "CASTLE,X,x,,published,o,,\n", "line 4: CASTLE is not a code list of the dataset; allowed:"),
        (PRISONS + ",X,x,,published,o,,\n", "lists.csv, line 4: a blank is not a code list"),
        (PRISONS + "SEX,X,x,,official,o,,\n", "line 4: the status 'official' is not allowed; allowed: published"),
        (PRISONS + "SEX,,x,,published,o,,\n", "lists.csv, line 4: the code is blank"),
        (PRISONS + "SEX,M,x,,published,o,,,more\n", "lists.csv, line 4: the row is longer than the header"),
        (PRISONS + "SEX,M,x,,published,o,01/04/2023,\n", "line 4: valid_from is '01/04/2023'; write it as YYYY-MM-DD"),
        (PRISONS + "SEX,M,x,,published,o,,soon\n", "lists.csv, line 4: valid_to is 'soon'"),
        (PRISONS + "PRISON,X,x,,partial,o,,\n", "the list PRISON has more than one status: partial, published"),
        (PRISONS + 'PRISON,X,"x\n', "line 4: the record is not well-formed CSV"),
    ],
)  # fmt: skip
def test_a_table_of_lists_that_is_wrong(text: str, shown: str) -> None:
    assert shown in refusal(text)


def test_the_line_of_a_mistake_is_that_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="line 5: the code is blank"):
        read_sheet(write(tmp_path, PRISONS + "\nSEX,,x,,published,o,,\n"))


def test_bytes_that_are_no_utf_8() -> None:
    with pytest.raises(InputRefused, match="line 2: byte 0xe4 is not valid utf-8"):
        read_lists(PRISONS.replace("Fairwater", "Fäirwater").encode("cp1252"), "lists.csv")


def test_a_byte_order_mark_and_white_space_do_no_harm() -> None:
    found = read_lists(b"\xef\xbb\xbf" + PRISONS.replace("FWR", " FWR ").encode(), "lists.csv")
    assert found["PRISON"].codes[0].code == "FWR"


@pytest.mark.slow
def test_the_same_lists_from_a_workbook(tmp_path: Path) -> None:
    table = pl.read_csv(PRISONS.encode(), infer_schema=False)
    table.write_excel(tmp_path / "lists.xlsx")
    assert read_sheet(tmp_path / "lists.xlsx").lists == read_sheet(write(tmp_path, PRISONS)).lists


@pytest.mark.parametrize("name", ["lists.csv", "lists.xlsx"])
def test_a_file_of_lists_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused, match="the file is missing"):
        read_sheet(tmp_path / name)


@pytest.mark.slow
def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="the file is not a readable Excel workbook"):
        read_sheet(write(tmp_path, PRISONS, "lists.xlsx"))


def test_a_postcode_directory_that_is_loaded_is_in_force(tmp_path: Path) -> None:
    release = write(tmp_path, "pcds,oscty,oslaua\nNR14 7UJ,E10000020,E07000149\n", "ONSPD_FEB_2023_UK.csv")
    shown = store_postcodes(tmp_path, read_postcodes(release))
    assert "1 postcode of 1 authority is in force" in shown
    found = load_reference_in_force(tmp_path)
    assert found.directory.rows() == [("NR14 7", "UJ", "E10000020")]
    assert found.directory_path.name == "postcodes-000001.parquet"
    assert found.directory_digest != load_reference_in_force(tmp_path / "none").directory_digest


def test_a_postcode_directory_that_is_something_else(tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        read_postcodes(write(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(InputRefused):
        read_postcodes(tmp_path / "none.csv")
