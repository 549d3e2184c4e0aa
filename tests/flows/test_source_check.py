"""What an export looks like before anything is judged: which columns are known, and which fields have none."""

from pathlib import Path

import polars as pl
import pytest

from flows.pipeline.assess import load_reference_inputs
from flows.reports.describe_export import describe_export
from flows.support.errors import InputRefused
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import build_request


def lines_of(export: Path, home: Path) -> list[str]:
    request = build_request(export, make_small_home(home))
    return list(describe_export(request, load_reference_inputs(request)))


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
    assert "EHCS" not in " ".join(line for line in reported if "column" in line)


def test_a_field_under_both_of_its_names_is_refused(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    with_columns(export / "episodes.csv", EHCS1="1")
    with pytest.raises(InputRefused, match="line 1: EHCS and EHCS1 are one field"):
        lines_of(export, tmp_path / "home")
