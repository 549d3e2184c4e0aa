"""The agency of an episode: its own column, other agencies' records with the same ids, and what is stored of them."""

from pathlib import Path

import polars as pl
import pytest

from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import SUBMISSION_FILE, make_small_home, query_audit
from tests.support.runs import land_export


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_small_home(tmp_path / "home")


def write_agencies(file: Path, *agencies: str) -> None:
    """Writes the column AGNCY of a table, one value for each record."""
    table = pl.read_csv(file, infer_schema=False)
    table.with_columns(pl.Series("AGNCY", agencies, dtype=pl.String)).write_csv(file)


def read_sent(home: Path, *columns: str) -> list[tuple[object, ...]]:
    return pl.read_csv(home / SUBMISSION_FILE, infer_schema=False).select(columns).rows()


def test_an_episode_of_another_agency_is_left_out_with_its_interventions(tmp_path: Path, home: Path) -> None:
    export = write_export(tmp_path / "export", World(), World())
    write_agencies(export / "episodes.csv", "", "L0002")
    assert land_export(export, home).status == "landed"
    assert read_sent(home, "EPISODID", "AGNCY") == [("E0000", "L0001")]
    left_out = "select entity, cause_entity, rules from rejected_rows where outcome = 'out_of_scope' order by entity"
    assert query_audit(home, left_out) == [
        ("client", "client", ["CLIENTID.no_episode"]),
        ("episode", "episode", ["AGNCY.other"]),
        ("intervention", "episode", []),
    ]


def test_the_agency_of_an_episode_is_sent_in_upper_case(tmp_path: Path, home: Path) -> None:
    export = write_export(tmp_path / "export", World(edit={"AGNCY": ""}), World(edit={"AGNCY": "l0001"}))
    write_agencies(export / "episodes.csv", "l0001", "")
    assert land_export(export, home).status == "landed"
    assert read_sent(home, "EPISODID", "AGNCY") == [("E0000", "L0001"), ("E0001", "L0001")]
    assert query_audit(home, "select rule from findings where rule like 'AGNCY.%'") == []


@pytest.mark.parametrize(
    ("ids", "other"),
    [
        (("CLIENTID",), World()),
        (("CLIENTID", "MODID"), World()),
        # An intervention goes with the episode in scope, so the other agency has none.
        (("CLIENTID", "EPISODID"), World(without=frozenset({"intervention"}))),
    ],
)
def test_two_agencies_with_the_same_ids_do_not_affect_each_other(
    tmp_path: Path, home: Path, ids: tuple[str, ...], other: World
) -> None:
    land_export(write_export(tmp_path / "alone", World()), home)
    alone = (home / SUBMISSION_FILE).read_bytes()
    both = write_export(tmp_path / "both", World(), other)
    for name in ("clients", "episodes", "interventions"):
        table = pl.read_csv(both / f"{name}.csv", infer_schema=False)
        shared = [pl.col(column).first() for column in ids if column in table.columns and len(table) > 1]
        table.with_columns(shared).write_csv(both / f"{name}.csv")
    write_agencies(both / "clients.csv", "L0001", "L0002")
    write_agencies(both / "episodes.csv", "L0001", "L0002")
    assert land_export(both, home).status == "landed"
    assert query_audit(home, "select rule from findings where rule like '%.conflict'") == []
    assert (home / SUBMISSION_FILE).read_bytes() == alone


def test_no_value_of_a_record_out_of_scope_is_stored(tmp_path: Path, home: Path) -> None:
    export = write_export(tmp_path / "export", World(), World(edit={"SEX": "secret", "AGNCY": "L0002"}))
    land_export(export, home)
    of_the_other = "client_id = 'C0001' or episode_id = 'E0001'"
    found = query_audit(home, f"select rule, value, old_value, new_value from findings where {of_the_other}")
    assert found == [("AGNCY.other", None, None, None)]
    assert query_audit(home, "select count(*) from outcomes where outcome = 'out_of_scope'") == [(3,)]
    assert query_audit(home, "select count(*) from unmapped where value = 'secret'") == [(0,)]
