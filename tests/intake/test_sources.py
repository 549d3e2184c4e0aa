"""Joins, filters, mappings that extend others, and what an export looks like before it is judged."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli import build_app
from flows.landing.submission_file import format_submission
from flows.sources.mapping import mapping_schema
from flows.sources.mapping_files import read_mapping
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES
from schemas.submission_file import load_file_format
from tests.support.homes import make_small_home
from tests.support.requests import submission_request
from tests.support.runs import assess_request

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "orchard": ["ORPatient.csv", "ORSubstanceEpisode.csv", "ORTreatmentItem.csv"],
    "meadow": ["persons.parquet", "journeys.xlsx", "programmes.parquet"],
}
run_command = CliRunner()


def test_the_second_example_gives_what_the_first_does(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    rows = {}
    for system in EXAMPLES:
        request = submission_request(system, "2023-04", agency="L0001", extracted_on="2023-05-03", home=home)
        file = b"".join(format_submission(assess_request(request).submission.rows, load_file_format()))
        rows[system] = pl.read_csv(file, infer_schema=False).drop("CMSID")
    assert rows["meadow"].equals(rows["orchard"])


MAPPING = """
name = "joined"
[clients]
file = "clients.csv"
by_header = true
where = { Deleted = ["", "no"] }
[episodes]
file = "episodes.csv"
[[episodes.join]]
name = "home"
file = "homes.csv"
on = { CLIENTID = "Person" }
[episodes.columns]
EPISODID = "EPISODID"
CLIENTID = "CLIENTID"
PC = "home.Postcode"
[interventions]
file = "interventions.csv"
by_header = true
"""
TABLES = {
    "clients.csv": "CLIENTID,Deleted\nC1,\nC2,no\nC3,yes\n",
    "episodes.csv": "EPISODID,CLIENTID\nE1,C1\nE2,C2\nE3,C9\n",
    "homes.csv": "Person,Postcode\n C1 ,NR14 7\nC7,AA1 1\nC7,AA1 1\n",
    "interventions.csv": "MODID,EPISODID\n",
}


def source(folder: Path, mapping: str = MAPPING, **tables: str) -> Path:
    for name, text in (TABLES | {f"{name}.csv": text for name, text in tables.items()}).items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "joined.toml").write_text(mapping, encoding="utf-8")
    return folder / "joined.toml"


def read(path: Path, home: Path) -> "dict[str, pl.DataFrame]":
    from flows.pipeline.assess import load_reference_inputs, read_export

    request = submission_request(str(path), "2023-04", agency="L0001", home=make_small_home(home))
    records = read_export(request, load_reference_inputs(request)).records
    return {entity: records[entity] for entity in ENTITIES}


def test_columns_are_joined_and_rows_are_left_out(tmp_path: Path) -> None:
    found = read(source(tmp_path), tmp_path / "home")
    assert found["client"]["CLIENTID"].to_list() == ["C1", "C2"]
    assert found["client"]["source_line"].to_list() == [2, 3]
    assert found["episode"]["PC"].to_list() == ["NR14 7", None, None]


def test_a_second_row_to_join_is_refused_with_its_line(tmp_path: Path) -> None:
    path = source(tmp_path, homes="Person,Postcode\nC1,NR14 7\nC2,AA1 1\nC1,AA1 1\n")
    with pytest.raises(InputRefused, match=r"homes\.csv, line 4: a second row has the same Person"):
        read(path, tmp_path / "home")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('on = { CLIENTID = "Person" }', 'on = { CLIENTID = "Who" }', "'Who', which the mapping names in join.on"),
        ('on = { CLIENTID = "Person" }', 'on = { Nobody = "Person" }', "'Nobody', which the mapping names in join.on"),
        ("where = { Deleted", "where = { Gone", "'Gone', which the mapping names in where"),
    ],
)
def test_columns_that_are_not_there_are_reported(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(InputRefused, match=expected):
        read(source(tmp_path, MAPPING.replace(old, new)), tmp_path / "home")


def test_a_mapping_overrides_in_another_what_is_its_own(tmp_path: Path) -> None:
    source(tmp_path)
    (tmp_path / "site").mkdir()
    own = tmp_path / "site" / "own.toml"
    own.write_bytes(b'extends = "../joined.toml"\nname = "own"\n[episodes.columns]\nCMSID = "EPISODID"\n')
    found = read_mapping(own)
    assert found.name == "own"
    assert found.episodes.columns["PC"] == "home.Postcode"
    assert found.episodes.columns["CMSID"] == "EPISODID"
    assert read(own, tmp_path / "home")["client"].height == 2, "a location is relative to the file that contains it"


def test_a_mapping_that_extends_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n', encoding="utf-8")
    with pytest.raises(InputRefused, match="extends itself"):
        read_mapping(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("clients", "expected"),
    [
        ("CLIENTID,Deleted\nC1,\n1.11E+08,\n", r"line 3: CLIENTID is a rounded number"),
        ("CLIENTID,Deleted,DOB\nC1,,\nC2,,29000\n", r"line 3: every DOB is a number of days"),
    ],
)
def test_what_a_spreadsheet_damaged_is_refused(tmp_path: Path, clients: str, expected: str) -> None:
    with pytest.raises(InputRefused, match=expected) as caught:
        read(source(tmp_path, clients=clients), tmp_path / "home")
    assert "29000" not in str(caught.value)


def test_one_number_among_dates_is_left_to_the_rules(tmp_path: Path) -> None:
    path = source(tmp_path, clients="CLIENTID,Deleted,DOB\nC1,,1980-01-01\nC2,,29000\n")
    assert read(path, tmp_path / "home")["client"]["DOB"].to_list() == ["1980-01-01", "29000"]


def test_a_check_describes_an_export_looks_like() -> None:
    done = run_command.invoke(build_app(), ["source", "check", "orchard", "--period", "2023-04"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert "clients: ORPatient.csv, 384 rows, 15 columns, text encoding cp1252" in lines
    assert any(line.startswith("MODAL: 1 value in 1 record without a matching code") for line in lines)
    assert any(line.startswith("TRIAGED: 99 aaa 9999 99:99 493") and "MIXED" in line for line in lines)
    assert any(line.startswith("agencies: L0001, L0002") for line in lines)
    assert not any("1977" in line for line in lines if line.startswith("DOB")), "no birthday is shown"


def test_the_schema_for_editors_knows_every_key() -> None:
    assert '"marker"' in mapping_schema()
    assert '"extends"' in mapping_schema()
