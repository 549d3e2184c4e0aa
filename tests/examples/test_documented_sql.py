"""The SQL that docs/mapping-with-sql.md prints runs on the example that it describes."""

import re
from pathlib import Path

import duckdb
import pytest

from flows.intake.sql.macros import build_macros

ROOT = Path(__file__).parents[2]
EXPORT = ROOT / "data/examples/harbour/2023-04"
BLOCKS = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/mapping-with-sql.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_the_sql_of_the_page_finds_rows(block: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'Europe/London'")
        for macro in build_macros(["%d-%m-%Y"]):
            connection.execute(macro)
        for file in EXPORT.glob("*.csv"):
            connection.execute(
                f"create table {file.stem} as select *, 'x.csv' as source_file, 2 as source_line"
                f" from read_csv('{file}', all_varchar = true)"
            )
        found = connection.execute(block)
        if block.startswith("create view"):
            found = connection.execute("from patient_ids")
        assert len(found.fetchall()) > 10


def test_a_merged_patient_has_the_id_at_the_end_of_the_chain() -> None:
    [view] = [block for block in BLOCKS if block.startswith("create view patient_ids")]
    with duckdb.connect() as connection:
        connection.execute(
            "create table patients as from (values ('a', 'b'), ('b', 'c'), ('c', null), ('d', null))"
            " as patients(patient_id, merged_into)"
        )
        connection.execute(view)
        found = connection.execute("from patient_ids order by patient_id").fetchall()
    assert found == [("a", "c"), ("b", "c"), ("c", "c"), ("d", "d")]
