"""Code lists from published PDF documents: what is read, what is reported, and what is refused."""

import subprocess
from pathlib import Path

import pytest

from flows.reference.code_list_files import Sheet, read_sheet
from flows.reference.in_force import load_reference_in_force, read_shipped_lists
from flows.support.errors import InputRefused
from tests.printed.refusal import read_in_this_process
from tests.support.command import Command
from tests.support.published_pdf import APPENDICES, Document, Row, Table, list_appendix_tables, write_pdf

EXITS: list[Row] = [("T", "Transferred"), ("R", "Released"), ("A", "Absconded"), ("D", "Died")]
TWO_COLUMNS = ("Code", "Text")
BOTH = pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "unruled"])


@pytest.fixture(autouse=True)
def _read_without_a_process(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(subprocess, "run", read_in_this_process)


def read_codes(sheet: Sheet, name: str) -> list[tuple[str, str]]:
    return [(code.code, code.label) for code in sheet.lists[name].codes]


def read_exits(path: Path, heading: str, *, ruled: bool = True, text: str = "") -> Sheet:
    return read_sheet(write_pdf(path / "exits.pdf", Table(heading, EXITS, TWO_COLUMNS, text), ruled=ruled))


@BOTH
def test_the_tables_of_the_appendices_are_read_over_pages(tmp_path: Path, ruled: bool) -> None:
    sheet = read_sheet(write_pdf(tmp_path / "lists.pdf", *list_appendix_tables(), ruled=ruled))
    assert sorted(sheet.lists) == sorted(APPENDICES)
    for name in APPENDICES:
        expected = [(code.code, code.label) for code in read_shipped_lists()[name].codes]
        assert read_codes(sheet, name) == expected, name
    assert "HOUSING, pages 6, 7, 8, 9: 24 codes" in sheet.understood
    assert not sheet.problems
    assert "Ignored" not in sheet.understood


@BOTH
def test_the_same_document_has_the_same_bytes(tmp_path: Path, ruled: bool) -> None:
    first, second = (
        write_pdf(tmp_path / f"{name}.pdf", *list_appendix_tables(), ruled=ruled).read_bytes() for name in "ab"
    )
    assert first == second


@BOTH
@pytest.mark.parametrize(
    "heading",
    [
        "EXITRSN", "Exit reason", "Exit reasons", "Appendix D: exit reason definitions", "4.2 Exit reason:",
        "Exit reason (EXITRSN)", "Why did the client leave? (EXITRSN)", "EXITRSN – exit reason", "EXITRSN: reasons",
        "Exit reason (continued)",
    ],
)  # fmt: skip
def test_a_heading_names_a_list(tmp_path: Path, ruled: bool, heading: str) -> None:
    assert read_codes(read_exits(tmp_path, heading, ruled=ruled), "EXITRSN") == EXITS


@BOTH
@pytest.mark.parametrize(
    "heading",
    [
        "Discharge reason and exit reason definitions", "Reasons for exit", "Exit reasoning", "CLIENTID",
        "Discharge reason (EXITRSN)", "SEX: exit reason", "exitrsn of the client",
    ],
)  # fmt: skip
def test_a_heading_that_names_no_list_or_two_is_reported(tmp_path: Path, ruled: bool, heading: str) -> None:
    known = Table("Sex", [("1", "Male"), ("2", "Female")], TWO_COLUMNS)
    tables = (known, Table(heading, EXITS, TWO_COLUMNS))
    sheet = read_sheet(write_pdf(tmp_path / "lists.pdf", *tables, ruled=ruled))
    assert list(sheet.lists) == ["SEX"]
    assert f"Ignored, because its heading names no code list: page 1, below {heading!r}, 4 codes" in sheet.understood


@BOTH
def test_a_text_may_follow_the_heading(tmp_path: Path, ruled: bool) -> None:
    text = "Below are the current secure setting exit reasons and their definitions:"
    assert read_codes(read_exits(tmp_path, "Exit reason", ruled=ruled, text=text), "EXITRSN") == EXITS


@BOTH
def test_a_heading_counts_only_for_the_tables_below_it(tmp_path: Path, ruled: bool) -> None:
    document = Document()
    document.write_heading("Exit reason")
    document.write_heading("Reasons of another dataset")
    document.write_table([TWO_COLUMNS, *EXITS], ruled=ruled)
    with pytest.raises(InputRefused, match="no table of codes and texts below the name or the title of a code list"):
        read_sheet(document.save(tmp_path / "lists.pdf"))


@BOTH
def test_a_table_after_a_page_break_continues_the_list(tmp_path: Path, ruled: bool) -> None:
    document = Document()
    document.write_heading("Exit reason")
    document.write_table([TWO_COLUMNS, *EXITS[:2]], ruled=ruled)
    document.add_page()
    document.write_table([TWO_COLUMNS, *EXITS[2:]], ruled=ruled)
    assert read_codes(read_sheet(document.save(tmp_path / "lists.pdf")), "EXITRSN") == EXITS


@BOTH
def test_a_table_continues_without_its_header(tmp_path: Path, ruled: bool) -> None:
    document = Document()
    document.write_heading("Exit reason")
    document.write_table([TWO_COLUMNS, *EXITS[:2]], ruled=ruled)
    document.add_page()
    document.write_table(EXITS[2:], ruled=ruled, has_header=False)
    sheet = read_sheet(document.save(tmp_path / "lists.pdf"))
    assert read_codes(sheet, "EXITRSN") == EXITS
    assert not sheet.problems


@BOTH
def test_a_row_may_be_split_at_the_end_of_a_page(tmp_path: Path, ruled: bool) -> None:
    document = Document()
    document.write_heading("Discharge reason")
    document.write_table([TWO_COLUMNS, ("80", "Drug free"), ("71", "Incomplete – onward")], ruled=ruled)
    document.add_page()
    document.write_table([TWO_COLUMNS, ("", "referral refused"), ("85", "Incomplete")], ruled=ruled)
    sheet = read_sheet(document.save(tmp_path / "lists.pdf"))
    expected = [("80", "Drug free"), ("71", "Incomplete – onward referral refused"), ("85", "Incomplete")]
    if ruled:
        assert read_codes(sheet, "DISRSN") == expected
    else:
        # The next word would have fitted on the line, so the text may have another reason to be there.
        assert "may belong to the code above it" in sheet.problems["DISRSN"]


def test_codes_that_are_centred_without_rules_are_refused_with_their_page(tmp_path: Path) -> None:
    label = "Rented home only and shared with others, " * 4
    tables = [Table("Housing situation", [("1", "Owns home"), ("2", label), ("3", "Hostel")])]
    tables[0] = Table(tables[0].heading, [(*row, "") for row in tables[0].rows])
    sheet = read_sheet(write_pdf(tmp_path / "lists.pdf", *tables, ruled=False, centred=True))
    assert not sheet.lists
    assert sheet.problems["HOUSING"].startswith("page 1: ")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("B C", "Bailed"), "page 1: the code 'B C' has more than one word"),
        (("B", ""), "page 1: a row has no text"),
        (("", "Bailed"), "page 1: a row has no code"),
        (("T", "Bailed"), "page 1: the code 'T' of the list EXITRSN occurs twice for the same days"),
    ],
)
def test_a_row_that_is_not_certain_is_refused_with_its_page(tmp_path: Path, row: Row, problem: str) -> None:
    table = Table("Exit reason", [*EXITS[:2], row, *EXITS[2:]], TWO_COLUMNS)
    sheet = read_sheet(write_pdf(tmp_path / "lists.pdf", table, ruled=True))
    assert sheet.problems["EXITRSN"].startswith(problem)
    assert not sheet.lists


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("B C", "Bailed"), "page 1: the code 'B' has more than one word"),
        (("B", ""), "page 1: the code 'B' has no text next to it"),
        (("", "Bailed"), "page 1: a line of text may belong to the code above it or to the one below it"),
        (("A", "Absconded"), "page 1: the code 'A' of the list EXITRSN occurs twice"),
    ],
)
def test_a_line_that_is_not_certain_is_refused_with_its_page(tmp_path: Path, row: Row, problem: str) -> None:
    table = Table("Exit reason", [*EXITS[:2], row, *EXITS[2:]], TWO_COLUMNS)
    sheet = read_sheet(write_pdf(tmp_path / "lists.pdf", table, ruled=False))
    assert sheet.problems["EXITRSN"].startswith(problem)


def test_a_row_below_an_interruption_is_refused(tmp_path: Path) -> None:
    document = Document()
    document.write_heading("Exit reason")
    document.write_table([TWO_COLUMNS, *EXITS[:2]], ruled=False)
    document.write_text("The following reasons are for clients who leave in another way, and are seldom recorded:")
    document.write_table(EXITS[2:], ruled=False, has_header=False)
    sheet = read_sheet(document.save(tmp_path / "lists.pdf"))
    assert sheet.problems == {"EXITRSN": "page 1: a row is separated from the table above it"}


def test_other_tables_are_reported(tmp_path: Path) -> None:
    other = Table(
        "Fields being removed", [("Episode", "DAT", "DAT of residence")], ("Level", "CSV File Header", "Item")
    )
    tables = (Table("Exit reason", EXITS, TWO_COLUMNS), other)
    understood = read_sheet(write_pdf(tmp_path / "lists.pdf", *tables, ruled=True)).understood
    assert understood.splitlines() == [
        "EXITRSN, page 1: 4 codes",
        "Ignored, because its heading names no code list: page 1, below 'Fields being removed', columns Level, CSV File"
        " Header, Item",
    ]


def test_what_loading_would_change_is_shown_before_it_is_loaded(tmp_path: Path, ndtms: Command) -> None:
    rows = [("T", "Transferred"), ("R", "Released to home"), ("A", "Absconded"), ("D", "Died"), ("B", "Bailed")]
    file = write_pdf(tmp_path / "lists.pdf", Table("Exit reason", rows, TWO_COLUMNS), ruled=True)
    home = tmp_path / "home"
    shown = ndtms("reference", "load", file, "--home", home)
    assert shown.code == 2
    assert shown.err.splitlines() == [
        "EXITRSN, page 1: 5 codes",
        "EXITRSN: 5 codes, published, instead of 4, published: 1 new, 1 changed",
        "  new: B 'Bailed'",
        "  changed: R 'Released (released)' -> 'Released to home (released)'",
        "ndtms: nothing was loaded; check the interpretation above, then run again with --yes",
    ]
    assert not home.exists()
    assert ndtms("reference", "load", file, "--home", home, "--yes").code == 0
    codes = load_reference_in_force(home).lists["EXITRSN"].codes
    assert [(code.code, code.concept) for code in codes] == [
        ("T", "transferred"), ("R", "released"), ("A", "absconded"), ("D", "died"), ("B", ""),
    ]  # fmt: skip


def test_codes_that_disappear_are_shown(tmp_path: Path, ndtms: Command) -> None:
    rows = next(table for table in list_appendix_tables() if table.heading == APPENDICES["HOUSING"]).rows[1:]
    file = write_pdf(tmp_path / "lists.pdf", Table("Housing situation", rows), ruled=True)
    shown = ndtms("reference", "load", file, "--home", tmp_path / "home")
    assert "1 no longer in the list" in shown.err
    assert "  no longer in the list: 1 'Owns home" in shown.err


def test_one_list_is_loaded_where_another_is_not_certain(tmp_path: Path, ndtms: Command) -> None:
    tables = (
        Table("Exit reason", EXITS, TWO_COLUMNS),
        Table("Sex", [("1", "Male"), ("2 3", "Female")], TWO_COLUMNS),
    )
    file, home = write_pdf(tmp_path / "lists.pdf", *tables, ruled=True), tmp_path / "home"
    refused = ndtms("reference", "load", file, "--home", home, "--yes")
    assert refused.code == 2
    assert "SEX cannot be read for certain, page 1: the code '2 3' has more than one word" in refused.err
    assert ndtms("reference", "load", file, "--home", home, "--yes", "--only", "exitrsn").code == 0
    lists = load_reference_in_force(home).lists
    assert lists["EXITRSN"].source == "lists.pdf"
    assert not lists["SEX"].loaded


@pytest.mark.slow
def test_a_document_is_read_in_its_own_process(tmp_path: Path) -> None:
    assert read_codes(read_exits(tmp_path, "Exit reason"), "EXITRSN") == EXITS


def test_a_damaged_document_is_read_or_refused(tmp_path: Path) -> None:
    content = write_pdf(tmp_path / "lists.pdf", Table("Exit reason", EXITS, TWO_COLUMNS), ruled=True).read_bytes()
    refused = 0
    for place in range(0, len(content), max(1, len(content) // 40)):
        damaged = (content[:place], content[:place] + b"\x00\xff<<" + content[place + 4 :])
        for number, part in enumerate(damaged):
            file = tmp_path / f"damaged-{number}.pdf"
            file.write_bytes(part)
            try:
                sheet = read_sheet(file)
            except InputRefused:
                refused += 1
            else:
                assert read_codes(sheet, "EXITRSN") == EXITS if "EXITRSN" in sheet.lists else sheet.problems
    assert refused > 40
