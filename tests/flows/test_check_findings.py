"""`ndtms check --out` writes the findings that a submission would record, without one."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export, write_small_export
from tests.support.homes import make_small_home

MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "export", *TWO_CLIENTS)


def test_the_findings_are_those_that_the_audit_shows_after_landing(
    ndtms: Command, export: Path, tmp_path: Path
) -> None:
    home = make_small_home(tmp_path / "home")
    checked, landed = tmp_path / "checked.csv", tmp_path / "landed.csv"
    assert ndtms("check", "--source", export, *MONTH, "--home", home, "--out", checked).code == 0
    assert not list(home.glob("*.duckdb"))
    assert ndtms("submit", "--source", export, *MONTH, "--home", home).code == 0
    assert ndtms("findings", "--home", home, "--out", landed).code == 0
    columns = pl.read_csv(checked, infer_schema=False)
    assert len(columns) == 2
    assert columns.equals(pl.read_csv(landed, infer_schema=False).drop("run_id"))


def test_the_ending_of_the_file_decides_the_format(ndtms: Command, export: Path, tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    for name in ("found.json", "found.xlsx", "found.md"):
        assert ndtms("check", "--source", export, *MONTH, "--home", home, "--out", tmp_path / name).code == 0
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))[0]["agency"] == "L0001"
    assert (tmp_path / "found.xlsx").read_bytes().startswith(b"PK")
    assert (tmp_path / "found.md").read_text(encoding="utf-8").startswith("|")


def test_a_format_that_is_asked_for_precedes_the_ending(ndtms: Command, export: Path, tmp_path: Path) -> None:
    out = tmp_path / "codes.csv"
    assert ndtms("codes", "SEX", "--home", tmp_path / "home", "--format", "json", "--out", out).code == 0
    assert json.loads(out.read_text(encoding="utf-8"))


def test_a_folder_that_does_not_exist_is_refused(ndtms: Command, export: Path, tmp_path: Path) -> None:
    out = tmp_path / "none" / "found.csv"
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"), "--out", out)
    assert (ran.code, "there is no directory" in ran.err) == (2, True)


def test_a_check_says_which_words_could_mean_consent(ndtms: Command, export: Path, tmp_path: Path) -> None:
    path = export / "episodes.csv"
    rows = pl.read_csv(path, infer_schema=False)
    rows.with_columns(CONSENT=pl.lit("Has agreed")).write_csv(path)
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"))
    assert (
        f"Note: no value of CONSENT means yes, so every episode is withheld; values that match no code: Has agreed"
        f" ({len(rows)}); name the one that means yes under [episodes.codes.CONSENT] in the mapping."
    ) in ran.out


def test_clients_who_refuse_are_no_mistake_of_the_mapping(ndtms: Command, export: Path, tmp_path: Path) -> None:
    path = export / "episodes.csv"
    pl.read_csv(path, infer_schema=False).with_columns(CONSENT=pl.lit("N")).write_csv(path)
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"))
    assert "CONSENT means" not in ran.out


@pytest.mark.parametrize("number", [2, 60])
def test_a_column_that_may_hold_names_is_not_shown(ndtms: Command, tmp_path: Path, number: int) -> None:
    """Of few values none is repeated; of many each is, twice."""
    export = write_export(tmp_path / "export", *[TWO_CLIENTS[0]] * number)
    path = export / "episodes.csv"
    rows = pl.read_csv(path, infer_schema=False)
    names = [f"Canary {place // (2 if number > 2 else 1)}" for place in range(len(rows))]
    rows.with_columns(CONSENT=pl.Series(names)).write_csv(path)
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"))
    assert "not shown because it may be private: check which column CONSENT is read from" in ran.out
    assert "Canary" not in ran.out + ran.err


def _blank_housing(export: Path, number: int) -> int:
    """Blanks HOUSING in the first episodes of an export, and returns how many episodes it has."""
    path = export / "episodes.csv"
    rows = pl.read_csv(path, infer_schema=False)
    is_first = pl.int_range(pl.len()) < number
    rows.with_columns(HOUSING=pl.when(~is_first).then("HOUSING")).write_csv(path)
    return len(rows)


def test_a_check_names_required_fields_that_are_empty_in_every_record(ndtms: Command, tmp_path: Path) -> None:
    export = write_small_export(tmp_path / "export")
    assert _blank_housing(export, 100) >= 5
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"))
    [note] = [line for line in ran.out.splitlines() if "empty in every record" in line]
    names, rest = note.split(" are ", 1)
    assert "HOUSING" in names.removeprefix("Note: ").split(", ")
    assert rest == (
        "empty in every record, although a rule requires an answer in each; if your system records them, name their"
        " columns in the mapping (`ndtms source check` shows what is missing)."
    )


def test_a_field_with_one_answer_is_not_named(ndtms: Command, tmp_path: Path) -> None:
    export = write_small_export(tmp_path / "export")
    _blank_housing(export, 19)
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"))
    [note] = [line for line in ran.out.splitlines() if "empty in every record" in line]
    assert "HOUSING" not in note


def test_an_empty_field_of_a_few_records_is_not_named(ndtms: Command, export: Path, tmp_path: Path) -> None:
    _blank_housing(export, 2)
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"))
    assert "empty in every record" not in ran.out


def test_a_field_that_only_some_records_require_is_not_named(ndtms: Command, tmp_path: Path) -> None:
    export, out = write_small_export(tmp_path / "export"), tmp_path / "found.csv"
    path = export / "episodes.csv"
    rows = pl.read_csv(path, infer_schema=False)
    rows.with_columns(DISD=pl.when(pl.int_range(pl.len()) < 9).then(pl.lit("2023-04-20"))).write_csv(path)
    home = make_small_home(tmp_path / "home")
    ran = ndtms("check", "--source", export, *MONTH, "--home", home, "--out", out)
    assert "DISRSN" in pl.read_csv(out, infer_schema=False)["field"].to_list()
    [note] = [line for line in ran.out.splitlines() if "empty in every record" in line]
    assert "DISRSN" not in note


def test_a_field_with_only_wrong_answers_is_not_named(ndtms: Command, tmp_path: Path) -> None:
    export, out = write_small_export(tmp_path / "export", housing="N@"), tmp_path / "found.csv"
    home = make_small_home(tmp_path / "home")
    ran = ndtms("check", "--source", export, *MONTH, "--home", home, "--out", out)
    assert "HOUSING" in pl.read_csv(out, infer_schema=False)["field"].to_list()
    [note] = [line for line in ran.out.splitlines() if "empty in every record" in line]
    assert "HOUSING" not in note


def test_one_empty_field_is_named_in_the_singular(ndtms: Command, tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *[World(edit={"HOUSING": ""})] * 5)
    ran = ndtms("check", "--source", export, *MONTH, "--home", make_small_home(tmp_path / "home"))
    assert (
        "Note: HOUSING is empty in every record, although a rule requires an answer in each; if your system records it,"
        " name its column in the mapping"
    ) in ran.out
