"""A check reads the dates and codes of withheld records too, so that mistakes show before consent is mapped."""

from pathlib import Path

import polars as pl
import pytest

from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import write_export
from tests.support.homes import make_small_home

MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
TITLE = "Values of withheld records that were not understood (no rule looks at them):\n"
# A site whose dates, codes and words for consent are not mapped yet.
NOT_MAPPED = {"CONSENT": "Has agreed", "DOB": "30.11.1980", "TRIAGED": "5 Jan 23", "HOUSING": "Own home"}
NOT_MAPPED["MODST"] = "soon"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


def write_worlds(tmp_path: Path, *edits: dict[str, str]) -> Path:
    return write_export(tmp_path / "export", *(World(edit=edit) for edit in edits))


def read_paragraph(text: str) -> list[str]:
    """Returns the lines about withheld records in a summary, or nothing."""
    return text.partition(TITLE)[2].partition("\n\n")[0].splitlines()


def test_dates_and_codes_of_withheld_records_are_counted(ndtms: Command, tmp_path: Path, home: Path) -> None:
    export = write_worlds(tmp_path, NOT_MAPPED, NOT_MAPPED, {})
    ran = ndtms("check", "--source", export, *MONTH, "--home", home)
    assert read_paragraph(ran.out) == [
        "        2  DOB not a date that can be read",
        "        2  HOUSING no matching code: 'Own home' (2)",
        "        2  MODST not a date that can be read",
        "        2  TRIAGED not a date that can be read",
    ]
    for value in ("1980", "5 Jan", "soon"):
        assert value not in ran.out


def test_they_are_no_findings_and_only_a_check_shows_them(ndtms: Command, tmp_path: Path, home: Path) -> None:
    export = write_worlds(tmp_path, NOT_MAPPED, {})
    found = tmp_path / "found.csv"
    assert read_paragraph(ndtms("check", "--source", export, *MONTH, "--home", home, "--out", found).out)
    rules = pl.read_csv(found, infer_schema=False)["rule"].to_list()
    assert set(rules) == {"CONSENT.given", "CONSENT.code"}
    assert TITLE not in ndtms("submit", "--source", export, *MONTH, "--home", home).out


def test_values_that_may_be_private_are_not_shown(ndtms: Command, tmp_path: Path, home: Path) -> None:
    refused = {"CONSENT": "N"}
    edits = [{**refused, "RELIGION": f"Canary {number}", "HOUSING": f"Word {number // 2}"} for number in range(20)]
    ran = ndtms("check", "--source", write_worlds(tmp_path, *edits), *MONTH, "--home", home)
    assert read_paragraph(ran.out) == [
        "       20  HOUSING no matching code; the values are not shown, because they may be private",
        "       20  RELIGION no matching code; the values are not shown, because they may be private",
    ]
    assert "Canary" not in ran.out and "Word" not in ran.out


def test_the_most_frequent_words_are_shown(ndtms: Command, tmp_path: Path, home: Path) -> None:
    words = [word for number, word in enumerate("abcde", start=1) for _ in range(number)]
    export = write_worlds(tmp_path, *({"CONSENT": "N", "HOUSING": f"Word {word}"} for word in words))
    (line,) = read_paragraph(ndtms("check", "--source", export, *MONTH, "--home", home).out)
    assert line == "       15  HOUSING no matching code: 'Word e' (5), 'Word d' (4), 'Word c' (3) and 1 more"


def test_many_fields_are_summed_up(ndtms: Command, tmp_path: Path, home: Path) -> None:
    headers = ("SEX", "ETHNIC", "NATION", "SEXUALO", "RELIGION", "DISABLE1", "HOUSING", "DOMVIC", "DOMPER", "VETERAN")
    edit = {"CONSENT": "N", **dict.fromkeys(headers, "unknown word")}
    lines = read_paragraph(ndtms("check", "--source", write_worlds(tmp_path, edit), *MONTH, "--home", home).out)
    assert len(lines) == 9 and lines[-1] == "           and 2 more fields"


@pytest.mark.parametrize(
    "edits",
    [
        # Nothing is wrong; nothing is withheld; the record is another agency's.
        [{"CONSENT": "N"}],
        [{"HOUSING": "palace"}],
        [{**NOT_MAPPED, "AGNCY": "L0002"}, {}],
    ],
)
def test_there_is_no_paragraph_where_there_is_nothing(
    ndtms: Command, tmp_path: Path, home: Path, edits: list[dict[str, str]]
) -> None:
    assert TITLE not in ndtms("check", "--source", write_worlds(tmp_path, *edits), *MONTH, "--home", home).out


def test_source_check_reads_them_too(ndtms: Command, tmp_path: Path, home: Path) -> None:
    export = write_worlds(tmp_path, NOT_MAPPED, NOT_MAPPED)
    ran = ndtms("source", "check", export, *MONTH, "--home", home)
    lines = ran.out.splitlines()
    assert "DOB: 99.99.9999 2  2 cannot be read as dates" in lines
    assert "HOUSING: 1 value in 2 records without a matching code: 'Own home' (2)" in lines
