"""A source's own columns called source_line or source_file are columns like any other."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest

from schemas.dataset import ENTITIES, TABLE
from tests.rules.world import World, columns_of
from tests.support.command import Command
from tests.support.homes import make_small_home

MONTH = ("--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")


def write_csv(table: pl.DataFrame, path: Path) -> None:
    table.write_csv(path)


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path)


def write_xlsx(table: pl.DataFrame, path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (tuple(table.columns), *table.iter_rows()):
        sheet.append(row)
    book.save(path)


@pytest.mark.parametrize("write, ending", [(write_csv, "csv"), (write_parquet, "parquet"), (write_xlsx, "xlsx")])
def test_they_can_be_mapped_and_lines_are_still_right(
    ndtms: Command, tmp_path: Path, write: Callable[[pl.DataFrame, Path], None], ending: str
) -> None:
    worlds = (World(), World(edit={"SEX": ""}))
    lines = ['name = "reserved"']
    for entity in ENTITIES:
        records = [record for number, world in enumerate(worlds) for record in world.records(entity, number)]
        table = pl.DataFrame(records, schema=dict.fromkeys(columns_of(entity), pl.String))
        # Two fields come from columns that the program itself has names like.
        moved = {"client": {"CLIENT": "source_line"}, "episode": {"CMSID": "source_file"}}.get(entity, {})
        write(table.rename(moved), tmp_path / f"{TABLE[entity]}.{ending}")
        lines += [f"[{TABLE[entity]}]", f'file = "{TABLE[entity]}.{ending}"', f"[{TABLE[entity]}.columns]"]
        lines += [f'{name} = "{moved.get(name, name)}"' for name in columns_of(entity)]
    mapping = tmp_path / "reserved.toml"
    mapping.write_text("\n".join(lines) + "\n", encoding="utf-8")
    home = make_small_home(tmp_path / "home")
    ran = ndtms("submit", "--source", mapping, *MONTH, "--home", home)
    assert ran.code == 0, ran.err
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        assert audit.execute("select CLIENT, CMSID from sent_rows").fetchall() == [("R0000", "CASE0000")]
        assert audit.execute("select source_line from findings where rule = 'SEX.required'").fetchall() == [(3,)]


def test_a_plain_export_may_bring_them(ndtms: Command, tmp_path: Path) -> None:
    for entity in ENTITIES:
        table = pl.DataFrame(World().records(entity, 0), schema=dict.fromkeys(columns_of(entity), pl.String))
        table.with_columns(source_line=pl.lit("9"), source_file=pl.lit("x")).write_csv(
            tmp_path / f"{TABLE[entity]}.csv"
        )
    ran = ndtms("check", "--source", tmp_path, *MONTH, "--home", tmp_path / "home")
    assert ran.code == 0, ran.err
    assert "Note: clients.csv: source_line is not a column of the dataset; it is ignored." in ran.out
