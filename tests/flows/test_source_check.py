"""What an export looks like before anything is judged: which columns are known, and which fields have none."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from flows.intake import export_tables
from flows.intake.tables import RawTable, TableSource, read_file
from flows.pipeline.assess import load_reference_inputs
from flows.reports.describe_export import describe_export
from flows.sources.mapping import TableFile
from flows.support.errors import InputRefused
from tests.rules.world import World
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.requests import submission_request
from tests.support.runs import build_request


def lines_of(export: Path, home: Path) -> list[str]:
    request = build_request(export, make_small_home(home))
    return list(describe_export(request, load_reference_inputs(request)).lines)


def with_columns(file: Path, **added: str) -> None:
    table = pl.read_csv(file, infer_schema=False)
    table.with_columns(pl.lit(text).alias(name) for name, text in added.items()).write_csv(file)


def test_what_a_plain_export_may_bring_in_addition_to_fields_is_known(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    clients = pl.read_csv(export / "clients.csv", infer_schema=False)
    clients.drop("FINITIAL", "SINITIAL", strict=False).write_csv(export / "clients.csv")
    with_columns(export / "clients.csv", FORENAME="Ada", SURNAME="Love", Comments="x")
    with_columns(export / "episodes.csv", NFA_UTLA="Norfolk")
    reported = lines_of(export, tmp_path / "home")
    assert [line for line in reported if "columns that are not a field" in line] == [
        "  columns that are not a field (1): Comments"
    ]
    assert not [line for line in reported if "fields without a column" in line and "INITIAL" in line]
    assert "Ada" not in str(reported) and "Love" not in str(reported)


def test_an_initial_without_its_name_has_no_column(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    clients = pl.read_csv(export / "clients.csv", infer_schema=False)
    clients.drop("FINITIAL", "FORENAME", strict=False).write_csv(export / "clients.csv")
    assert any("fields without a column" in line and "FINITIAL" in line for line in lines_of(export, tmp_path / "home"))


def rename_column(file: Path, **names: str) -> None:
    pl.read_csv(file, infer_schema=False).rename(names).write_csv(file)


def test_another_name_of_a_field_is_its_column(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    rename_column(export / "episodes.csv", EHCS="EHCS1")
    reported = lines_of(export, tmp_path / "home")
    assert "EHCS" not in " ".join(line for line in reported if "without a column" in line or "not a field" in line)


def test_a_field_under_both_of_its_names_is_refused(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    with_columns(export / "episodes.csv", EHCS1="1")
    with pytest.raises(InputRefused, match="line 1: EHCS and EHCS1 are one field"):
        lines_of(export, tmp_path / "home")


def drop_column(file: Path, *names: str) -> None:
    pl.read_csv(file, infer_schema=False).drop(names).write_csv(file)


def test_nothing_required_is_missing(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    assert lines_of(export, tmp_path / "home")[0] == "required items: none is missing"


def test_what_is_missing_comes_first_with_the_next_step(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    drop_column(export / "episodes.csv", "CMSID", "DRUG1")
    request = build_request(export, make_small_home(tmp_path / "home"))
    description = describe_export(request, load_reference_inputs(request))
    assert not description.can_be_sent
    assert list(description.lines[:3]) == [
        "nothing can be sent yet, because 2 required items are missing:",
        "  CMSID (software system and version): no record has a value; add a column CMSID to episodes.csv",
        "  DRUG1 (problem substance 1): no record has a value; add a column DRUG1 to episodes.csv",
    ]


def test_a_constant_is_not_missing(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    drop_column(export / "episodes.csv", "CMSID")
    request = build_request(export, make_small_home(tmp_path / "home"))
    mapping = request.mapping.model_copy(update={"constants": {"CMSID": "System 1"}})
    assert describe_export(replace(request, mapping=mapping), load_reference_inputs(request)).can_be_sent


@pytest.mark.parametrize(
    ("file", "header", "value", "expected"),
    [
        (
            "episodes.csv",
            "CONSENT",
            "Perhaps",
            "no value means yes; give its values codes under [episodes.codes.CONSENT]",
        ),
        ("episodes.csv", "TRIAGED", "soon", "no value can be read as a date; name their form under dates"),
        (
            "clients.csv",
            "AGNCY",
            "Hill",
            "no value is an agency code; give its values codes under [clients.codes.AGNCY]",
        ),
        ("interventions.csv", "EPISODID", "", "no record has a value; add a column EPISODID to interventions.csv"),
    ],
)
def test_a_required_column_without_a_usable_value_is_missing(
    file: str, header: str, value: str, expected: str, tmp_path: Path
) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    with_columns(export / file, **{header: value})
    first, second, *_ = lines_of(export, tmp_path / "home")
    assert first.startswith("nothing can be sent yet, because 1 required item is missing")
    assert header in second and second.endswith(expected)


def test_the_files_that_sql_reads_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def count_reading(source: TableSource, table: TableFile) -> RawTable:
        read.append(table.file)
        return read_file(source, table)

    monkeypatch.setattr(export_tables, "read_file", count_reading)
    request = submission_request("harbour", "2023-04", agency="L0001", home=make_small_home(tmp_path / "home"))
    describe_export(request, load_reference_inputs(request))
    assert len(read) == len(set(read)) == 10


def test_fields_without_a_value_and_repeated_ids_are_named(tmp_path: Path) -> None:
    export = write_export(
        tmp_path / "export", World(), World(), World(episodes=({"EPISODID": "E@", "TRIAGED": "2023-01-09"},))
    )
    reported = lines_of(export, tmp_path / "home")
    [blank] = [line for line in reported if line.startswith("interventions: fields with a column but without a value")]
    assert "MODEND" in blank
    assert "MODST" not in blank
    assert any(line.startswith("episodes: 2 records with the EPISODID of another record") for line in reported)
    assert not any(line.startswith("clients: ") and "of another record" in line for line in reported)
