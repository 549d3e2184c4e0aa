"""Ties: which records belong together, by their ids."""

import polars as pl
import pytest

from schemas.record_columns import IS_REPEAT
from transforms.link.linkage import Records, find_well_formed_agencies, link_records

Row = tuple[str | None, ...]


def records(clients: list[Row], episodes: list[Row], interventions: list[Row]) -> Records:
    """Clients are (CLIENTID, agency), episodes (EPISODID, CLIENTID), interventions (MODID, EPISODID)."""

    def frame(rows: list[Row], *columns: str) -> pl.DataFrame:
        table = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
        return table.with_columns(table.is_duplicated().alias("again")).select(
            *columns, (pl.col("again") & ~pl.struct(columns).is_first_distinct()).alias(IS_REPEAT)
        )

    return Records(
        frame(clients, "CLIENTID", "AGNCY.value"),
        frame(episodes, "EPISODID", "CLIENTID"),
        frame(interventions, "MODID", "EPISODID"),
    )


def tied(clients: list[Row], episodes: list[Row], interventions: list[Row], agency: str | None = "L0001") -> Records:
    return link_records(records(clients, episodes, interventions), agency)


def test_a_record_has_its_parent_and_its_parent_has_a_child() -> None:
    found = tied([("C1", "L0001"), ("C2", "L0001")], [("E1", "C2")], [("M1", "E1"), ("M2", "E1")])
    assert found.client["has_child"].to_list() == [False, True]
    assert found.episode["has_parent"].to_list() == [True]
    assert found.episode["parent_row"].to_list() == [1]
    assert found.episode["has_child"].to_list() == [True]
    assert found.intervention["parent_row"].to_list() == [0, 0]


def test_an_orphan_has_no_parent() -> None:
    found = tied([("C1", "L0001")], [("E1", "C9")], [("M1", "E9")])
    assert (found.episode["has_parent"].item(), found.episode["parent_row"].item()) == (False, None)
    assert (found.intervention["has_parent"].item(), found.intervention["parent_row"].item()) == (False, None)


def test_ids_are_compared_as_text() -> None:
    found = tied([("c1", "L0001"), ("01", "L0001")], [("E1", "C1"), ("E2", "1")], [])
    assert found.episode["has_parent"].to_list() == [False, False]


def test_a_key_in_conflict_is_a_parent_but_no_single_one() -> None:
    found = tied([("C1", "L0001"), ("C1", "L0002")], [("E1", "C1")], [])
    assert found.client["shares_its_id"].to_list() == [True, True]
    assert (found.episode["has_parent"].item(), found.episode["parent_row"].item()) == (True, None)


def test_an_exact_repeat_is_no_conflict() -> None:
    found = tied([("C1", "L0001"), ("C1", "L0001")], [("E1", "C1")], [])
    assert found.client[IS_REPEAT].to_list() == [False, True]
    assert found.client["shares_its_id"].to_list() == [False, False]
    assert found.episode["parent_row"].to_list() == [0]


def test_a_repeat_with_a_conflict_shares_nothing_itself() -> None:
    found = tied([("C1", "L0001"), ("C1", "L0001"), ("C1", "L0002")], [], [])
    assert found.client["shares_its_id"].to_list() == [True, False, True]


def test_a_blank_id_ties_to_nothing() -> None:
    found = tied([(None, "L0001"), (None, "L0002")], [(None, None), ("E1", None)], [("M1", None), (None, None)])
    assert found.client["shares_its_id"].to_list() == [False, False]
    assert found.client["client_key"].to_list() == [None, None]
    assert found.client["has_child"].to_list() == [None, None]
    assert found.episode["has_parent"].to_list() == [False, False]
    assert found.intervention["has_parent"].to_list() == [False, False]


@pytest.mark.parametrize(
    ("of_record", "asked", "expected"),
    [("L0001", "L0001", True), ("L0002", "L0001", False), (None, "L0001", None), ("L0001", None, None)],
)
def test_whether_a_client_is_of_the_agency(of_record: str | None, asked: str | None, expected: bool | None) -> None:
    assert tied([("C1", of_record)], [], [], asked).client["is_of_the_agency"].item() is expected


@pytest.mark.parametrize("agencies", [["L0001", "L0001"], ["L0001", None], ["L0002", "L0001"], [None], []])
def test_the_well_formed_agencies(agencies: list[str | None]) -> None:
    clients = pl.DataFrame({"AGNCY.value": agencies}, schema={"AGNCY.value": pl.String})
    assert find_well_formed_agencies(clients) == sorted({agency for agency in agencies if agency})
