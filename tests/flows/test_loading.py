"""Official code lists and postcode releases: loaded, shown, carried over, refused, and given up again."""

import io
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.pipeline.assess import load_reference_inputs, refuse_unpublished
from flows.reference.code_list_files import read_sheet
from flows.reference.in_force import list_code_lists, load_reference_in_force
from flows.reference.load import (
    compare_with_lists_in_force,
    load_code_lists,
    prepare_lists,
    read_postcodes,
    store_postcodes,
    unload_code_lists,
)
from flows.reports.catalogue_tables import build_codes_table
from flows.support.errors import InputRefused
from schemas.code_lists import Code, CodeList
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.requests import submission_request
from tests.support.runs import land_export
from transforms.results.expired_codes import describe_expired_codes

TODAY = date(2026, 1, 2)
COLUMNS = "list,code,label,concept,status,source,valid_from,valid_to"
NO = "CONSENT,2,No,no,published,official,,"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(home: Path, file: Path) -> list[str]:
    return load_code_lists(home, prepare_lists(home, read_sheet(file).lists), TODAY)


def test_a_loaded_list_replaces_the_whole_list_and_reports_what_it_replaced(tmp_path: Path) -> None:
    file = write(
        tmp_path / "lists.csv",
        COLUMNS,
        "CONSENT,1,Yes,yes,published,official,,",
        "CONSENT,2,No,no,published,official,,",
    )
    assert load(tmp_path / "home", file) == ["CONSENT: 2 codes, published, instead of 2, provisional"]
    consent = load_reference_in_force(tmp_path / "home").lists["CONSENT"]
    assert [code.code for code in consent.codes] == ["1", "2"]
    assert consent.loaded == "2026-01-02"


def test_two_homes_do_not_see_each_others_lists(tmp_path: Path) -> None:
    file = write(tmp_path / "lists.csv", COLUMNS, "CONSENT,1,Yes,yes,published,official,,", NO)
    load(tmp_path / "one", file)
    assert load_reference_in_force(tmp_path / "other").lists["CONSENT"].status == "provisional"


def test_lists_loaded_one_after_another_are_all_in_force_and_older_files_are_kept(tmp_path: Path) -> None:
    for name in ("CONSENT", "PARENT"):
        load(
            tmp_path,
            write(
                tmp_path / "lists.csv",
                COLUMNS,
                f"{name},1,Yes,yes,published,official,,",
                f"{name},2,No,no,published,official,,",
            ),
        )
    lists = load_reference_in_force(tmp_path).lists
    assert lists["CONSENT"].is_published
    assert lists["PARENT"].is_published
    assert len(list((tmp_path / "reference").glob("code-lists-*.json"))) == 2


def test_unloading_returns_to_the_shipped_list(tmp_path: Path) -> None:
    load(tmp_path, write(tmp_path / "lists.csv", COLUMNS, "CONSENT,1,Yes,yes,published,official,,", NO))
    unload_code_lists(tmp_path, ["CONSENT"])
    assert [code.code for code in load_reference_in_force(tmp_path).lists["CONSENT"].codes] == ["Y", "N"]
    with pytest.raises(InputRefused, match="CONSENT was not loaded"):
        unload_code_lists(tmp_path, ["CONSENT"])


@pytest.mark.parametrize(
    ("row", "meaning"),
    [("CONSENT,Y,Agreed,,published,official,,", "yes"), ("CONSENT,7,YES,,published,official,,", "yes")],
    ids=["by code", "by label"],
)
def test_meanings_are_carried_over(tmp_path: Path, row: str, meaning: str) -> None:
    load(tmp_path, write(tmp_path / "lists.csv", COLUMNS, row, "CONSENT,N,Refused,,published,official,,"))
    assert load_reference_in_force(tmp_path).lists["CONSENT"].codes[0].concept == meaning


def test_a_list_that_brings_meanings_has_no_others(tmp_path: Path) -> None:
    rows = ["PARENT,Y,Yes,,published,official,,", "PARENT,1,Aye,yes,published,official,,"]
    load(tmp_path, write(tmp_path / "lists.csv", COLUMNS, *rows, "PARENT,N,No,no,published,official,,"))
    concepts = [(code.code, code.concept) for code in load_reference_in_force(tmp_path).lists["PARENT"].codes]
    assert sorted(concepts) == [("1", "yes"), ("N", "no"), ("Y", "")]


def test_a_meaning_that_rules_need_and_nobody_has_any_more_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "lists.csv", COLUMNS, "CONSENT,7,Agreed,,published,official,,")
    with pytest.raises(InputRefused, match=r"no code has the concept 'yes', which CONSENT\.differs, CONSENT\.given"):
        prepare_lists(tmp_path, read_sheet(file).lists)


@pytest.mark.parametrize(
    ("row", "reported"),
    [
        ("CONSENT,7,Agreed,,published,o,,", "'yes', which CONSENT.differs, CONSENT.given need; write it"),
        (
            "DISRSN,80,x,completed,published,o,,",
            "DISRSN.died, DISRSN.without_exit, TRIAGED.after_death need; write",
        ),
        ("EXITRSN,D,Died,died,published,o,,", " need; write it"),
    ],
)
def test_the_rules_that_need_a_meaning_are_named_once(tmp_path: Path, row: str, reported: str) -> None:
    with pytest.raises(InputRefused) as caught:
        prepare_lists(tmp_path, read_sheet(write(tmp_path / "lists.csv", COLUMNS, row)).lists)
    assert reported in str(caught.value)
    named = re.findall(r"[A-Z]+\.[a-z_]+", str(caught.value).partition("column concept")[0])
    assert sorted(set(named)) == named


@pytest.mark.parametrize(
    ("header", "row", "reported"),
    [
        (COLUMNS, "NOPE,1,x,,published,s,,", "line 2: NOPE is not a code list"),
        (COLUMNS, "SEX,1,x,,official,s,,", "line 2: the status 'official' is not allowed"),
        (COLUMNS, "SEX,,x,,published,s,,", "line 2: the code is blank"),
        (COLUMNS, "SEX,1,x,,published,s,01/04/2023,", "line 2: valid_from is '01/04/2023'"),
        ("colour,size", "red,1", "no column for the list was found"),
        ("Field,Value,Description", "FOO,1,x", "no row names a code list"),
    ],
)
def test_what_is_wrong_with_a_file_is_reported(tmp_path: Path, header: str, row: str, reported: str) -> None:
    with pytest.raises(InputRefused, match=reported):
        read_sheet(write(tmp_path / "lists.csv", header, row))


def test_a_published_sheet_is_read_forgivingly_and_shown_first(tmp_path: Path) -> None:
    file = write(
        tmp_path / "sheet.csv", "CSV header,Permissible value,Description", "DISABLE1,1,Hearing", ",2,Sight", "DAT,x,y"
    )
    sheet = read_sheet(file)
    assert [code.code for code in sheet.lists["DISABLE"].codes] == ["1", "2"]
    assert "code from the column 'Permissible value'" in sheet.understood
    assert "Ignored, because the dataset has no such list: DAT" in sheet.understood


def test_columns_of_the_tool_that_are_absent_are_blank(tmp_path: Path) -> None:
    file = write(tmp_path / "own.csv", "list,code,concept,status", "PARENT,1,yes,published", "PARENT,2,no,published")
    sheet = read_sheet(file)
    assert sheet.understood == ""
    assert sheet.lists["PARENT"].codes == (Code("1", "", "yes"), Code("2", "", "no"))
    assert (sheet.lists["PARENT"].status, sheet.lists["PARENT"].source) == ("published", "")
    load(tmp_path, file)
    row = build_codes_table(tmp_path, None).filter(pl.col("list") == "PARENT")
    assert row["source"].item() == "not stated"


def test_lists_without_a_status_are_shown_before_they_are_in_force(tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path / "own.csv", "list,code,concept", "PARENT,1,yes", "PARENT,2,no"))
    assert sheet.lists["PARENT"] == CodeList("PARENT", "published", "", (Code("1", "", "yes"), Code("2", "", "no")))
    assert "concept from the column 'concept'" in sheet.understood
    assert "all assumed to be published: PARENT (2 codes)" in sheet.understood


@pytest.mark.parametrize(
    ("rows", "reported"),
    [
        (["SEX,1,x,,published,s,,", "SEX,1,y,,published,s,,"], "line 3: the code '1' of the list SEX occurs twice"),
        (
            ["SEX,1,x,,published,s,,2023-04-01", "SEX,1,y,,published,s,2023-04-01,"],
            "line 3: the code '1' of the list SEX occurs twice for the same days; it may occur",
        ),
        (["SEX,1,x,,published,s,2023-04-02,2023-04-01"], "line 2: valid_from is 2023-04-02, after valid_to, 2023-04-0"),
    ],
)
def test_a_code_twice_for_a_day_is_refused(tmp_path: Path, rows: list[str], reported: str) -> None:
    with pytest.raises(InputRefused, match=reported):
        read_sheet(write(tmp_path / "lists.csv", COLUMNS, *rows))


@pytest.mark.parametrize(
    "rows",
    [
        ["SEX,1,x,,published,s,,2023-03-31", "SEX,1,y,,published,s,2023-04-01,"],
        ["UTLA,1,x,E10000099,published,s,,"],
        ["DOMVIC,1,x,unknown,published,s,,"],
        ["SEX,1,x,anything,published,s,,"],
    ],
    ids=["one after the other", "areas", "a concept of another list", "a list without concepts"],
)
def test_what_a_list_may_define_about_codes(tmp_path: Path, rows: list[str]) -> None:
    sheet = read_sheet(write(tmp_path / "lists.csv", COLUMNS, *rows))
    assert sheet.lists
    assert not sheet.notices


@pytest.mark.parametrize(
    ("row", "reported"),
    [
        (
            "CONSENT,1,x,yess,published,s,,",
            "the code '1' of the list CONSENT has the concept 'yess', which no rule uses;"
            " concepts of this list: no, yes",
        ),
        (
            "UTLA,1,x,E1000002,published,s,,",
            "the code '1' of the list UTLA has the concept 'E1000002', which no rule uses;"
            " concepts of this list: outside_uk, the ONS code of an area",
        ),
    ],
)
def test_a_concept_that_nothing_asks_for_is_reported(tmp_path: Path, row: str, reported: str) -> None:
    assert read_sheet(write(tmp_path / "lists.csv", COLUMNS, row)).notices == (reported,)


def test_a_sheet_with_a_code_twice_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "sheet.csv", "Field,Value,Description", "SEX,1,Man", "SEX,1,Woman")
    with pytest.raises(InputRefused, match="line 3: the code '1' of the list SEX occurs twice"):
        read_sheet(file)


@pytest.mark.slow
def test_a_workbook_is_read_as_a_table_is(tmp_path: Path) -> None:
    table = pl.DataFrame(
        [dict(zip(COLUMNS.split(","), ["SEX", "01", "Man", "", "published", "official", "", ""], strict=True))]
    )
    buffer = io.BytesIO()
    table.write_excel(buffer)
    (tmp_path / "lists.xlsx").write_bytes(buffer.getvalue())
    assert [code.code for code in read_sheet(tmp_path / "lists.xlsx").lists["SEX"].codes] == ["01"]


def test_the_difference_shows_what_loading_would_change(tmp_path: Path) -> None:
    new = {"CONSENT": CodeList("CONSENT", "published", "official", (Code("Y", "Agreed", "yes"), Code("X", "Odd")))}
    reported = compare_with_lists_in_force(tmp_path, new).select("change", "code").rows()
    assert sorted(reported) == [("added", "X"), ("changed", "Y"), ("removed", "N"), ("status", "")]


def test_a_submission_may_be_refused_until_every_list_is_official(tmp_path: Path) -> None:
    request = submission_request(str(tmp_path), "2023-04", extracted_on="2023-05-03", home=tmp_path)
    with pytest.raises(InputRefused, match=r"code lists are not the official ones yet: .*CONSENT"):
        refuse_unpublished(load_reference_inputs(request))
    rows = [f"{name},1,One,,published,official,," for name in sorted(list_code_lists())]
    lists = read_sheet(write(tmp_path / "lists.csv", COLUMNS, *rows)).lists
    load_code_lists(tmp_path, lists, TODAY)
    refuse_unpublished(load_reference_inputs(request))


def test_a_code_that_lapsed_is_reported_with_its_successor(tmp_path: Path) -> None:
    reference = load_reference_in_force(tmp_path)
    notes = describe_expired_codes(reference.lists, date(2023, 4, 30), reference.recoded)
    shown = {(rule, value): note for rule, value, note in notes.iter_rows()}
    assert shown["UTLA.code", "E10000023"] == "It lapsed after 2023-03-31; in its place: E06000065 (North Yorkshire)"
    assert "E06000063 (Cumberland), E06000064" in shown["UTLA.code", "Cumbria"]
    assert shown["UTLA.code", "E08000038"] == "It is valid from 2025-04-01 only"


def test_a_release_of_postcodes_reports_what_moved(tmp_path: Path) -> None:
    header = "pcds,oscty,oslaua"
    first = write(
        tmp_path / "ONSPD_NOV_2021_UK.csv", header, "NR14 7UJ,E10000020,E07000149", "B1 1AA,E11000005,E08000025"
    )
    second = write(
        tmp_path / "ONSPD_FEB_2022_UK.csv", header, "NR14 7UJ,E10000029,E07000149", "B1 1AA,E11000005,E08000025"
    )
    store_postcodes(tmp_path, read_postcodes(first))
    shown = store_postcodes(tmp_path, read_postcodes(second))
    assert "ONSPD Feb 2022: 2 postcodes of 2 authorities are in force" in shown
    assert "instead of ONSPD Nov 2021: 2 postcodes" in shown
    assert "postcodes whose authority changed: 1" in shown
    assert "E10000020 -> E10000029" in shown


def write_workbook(path: Path, *lines: str) -> Path:
    rows = [dict(zip(f"{COLUMNS},aliases".split(","), line.split(","), strict=True)) for line in lines]
    buffer = io.BytesIO()
    pl.DataFrame(rows).write_excel(buffer)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lists.csv", "lists.xlsx"])
def test_aliases_are_loaded_and_shown(tmp_path: Path, name: str) -> None:
    rows = ("CONSENT,1,Yes,yes,published,official,,,Agreed | signed", "CONSENT,2,No,no,published,official,,,")
    if name == "lists.csv":
        load(tmp_path, write(tmp_path / name, f"{COLUMNS},aliases", *rows))
    else:
        load(tmp_path, write_workbook(tmp_path / name, *rows))
    shown = build_codes_table(tmp_path, "CONSENT").select("code", "label", "aliases").rows()
    assert shown == [("1", "Yes", "Agreed|signed"), ("2", "No", "")]


@pytest.mark.slow
@pytest.mark.parametrize("written", ["agreed", "SIGNED", "1 - Agreed", "yes"])
def test_a_value_may_be_an_alias(tmp_path: Path, written: str) -> None:
    home = make_small_home(tmp_path / "home")
    rows = ("CONSENT,1,Yes,yes,published,official,,,Agreed|signed", "CONSENT,2,No,no,published,official,,,")
    load(home, write(tmp_path / "lists.csv", f"{COLUMNS},aliases", *rows))
    assert land_export(write_export(tmp_path / "export", World(edit={"CONSENT": written})), home).status == "landed"
    assert query_audit(home, 'select "CONSENT" from sent_rows') == [("1",)]
