"""Ties: which records belong together, by their ids."""

import polars as pl
import pytest

from schemas.dataset import ENTITIES
from schemas.record_columns import IS_REPEAT
from transforms.link.linkage import Records, find_well_formed_agencies, link_records

Row = tuple[str | None, ...]


def records(clients: list[Row], episodes: list[Row], interventions: list[Row]) -> Records:
    """Clients are (CLIENTID, agency), episodes (EPISODID, CLIENTID[, agency]), interventions (MODID, EPISODID)."""

    def frame(rows: list[Row], *columns: str) -> pl.DataFrame:
        table = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
        return table.with_columns(table.is_duplicated().alias("again")).select(
            *columns, (pl.col("again") & ~pl.struct(columns).is_first_distinct()).alias(IS_REPEAT)
        )

    return Records(
        frame(clients, "CLIENTID", "AGNCY").with_columns(_well_formed()),
        frame([(*row, None)[:3] for row in episodes], "EPISODID", "CLIENTID", "AGNCY").with_columns(_well_formed()),
        frame(interventions, "MODID", "EPISODID"),
    )


def _well_formed() -> pl.Expr:
    return pl.when(pl.col("AGNCY").str.contains("^L[0-9]{4}$")).then("AGNCY").alias("AGNCY.value")


def scopes(found: Records) -> list[list[bool]]:
    """Which of the clients, episodes and interventions are out of scope."""
    return [found[entity]["is_out_of_scope"].to_list() for entity in ENTITIES]


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
    found = tied([("C1", "L0001"), ("C1", None)], [("E1", "C1")], [])
    assert found.client["shares_its_id"].to_list() == [True, True]
    assert (found.episode["has_parent"].item(), found.episode["parent_row"].item()) == (True, None)


def test_an_exact_repeat_is_no_conflict() -> None:
    found = tied([("C1", "L0001"), ("C1", "L0001")], [("E1", "C1")], [])
    assert found.client[IS_REPEAT].to_list() == [False, True]
    assert found.client["shares_its_id"].to_list() == [False, False]
    assert found.episode["parent_row"].to_list() == [0]


def test_a_repeat_with_a_conflict_shares_nothing_itself() -> None:
    found = tied([("C1", "L0001"), ("C1", "L0001"), ("C1", None)], [], [])
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
def test_the_find_well_formed_agencies(agencies: list[str | None]) -> None:
    clients = pl.DataFrame({"AGNCY.value": agencies}, schema={"AGNCY.value": pl.String})
    assert find_well_formed_agencies(clients) == sorted({agency for agency in agencies if agency})


OWN, OTHER = "L0001", "L0002"
# What is out of scope among the clients, the episodes and the interventions; each intervention is of its episode.
SCOPE: dict[str, tuple[list[Row], list[Row], list[list[bool]]]] = {
    "the agency's": ([("C1", OWN)], [("E1", "C1")], [[False], [False], [False]]),
    "another agency's client takes its records along": ([("C1", OTHER)], [("E1", "C1")], [[True], [True], [True]]),
    "another agency's episode": ([("C1", OWN)], [("E1", "C1", OTHER)], [[False], [True], [True]]),
    "a client without agency goes with its episodes": ([("C1", None)], [("E1", "C1", OTHER)], [[True], [True], [True]]),
    "a client without agency and one episode of this one": (
        [("C1", None)], [("E1", "C1", OTHER), ("E2", "C1", OWN)], [[False], [True, False], [True, False]],
    ),
    "a client without agency and an episode without": (
        [("C1", None)], [("E1", "C1", OTHER), ("E2", "C1")], [[False], [True, False], [True, False]],
    ),
    "a client without episodes": ([("C1", None)], [], [[False], [], []]),
    "the same person, recorded under another agency": (
        [("C1", OTHER)], [("E1", "C1", OWN), ("E2", "C1")], [[False], [False, True], [False, True]],
    ),
    "two clients of other agencies": (
        [("C1", OTHER), ("C1", "L0003")], [("E1", "C1", OWN)], [[True, True], [True], [True]],
    ),
    "a client of each agency under one id": (
        [("C1", OWN), ("C1", OTHER)], [("E1", "C1"), ("E2", "C1", OTHER)],
        [[False, True], [False, True], [False, True]],
    ),
    "a malformed agency is not another agency": (
        [("C1", "L1")], [("E1", "C1", "L2")], [[False], [False], [False]],
    ),
    "an orphan": ([], [("E1", "C1"), ("E2", "C1", OTHER)], [[], [False, True], [False, True]]),
    "an episode of each agency under one id": (
        [("C1", OWN)], [("E1", "C1", OTHER), ("E1", "C1")], [[False], [True, False], [False, False]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SCOPE)
def test_what_is_out_of_scope(case: str) -> None:
    clients, episodes, expected = SCOPE[case]
    interventions: list[Row] = [(f"M{number}", row[0]) for number, row in enumerate(episodes)]
    assert scopes(tied(clients, episodes, interventions)) == expected


def test_without_a_single_agency_nothing_is_out_of_scope() -> None:
    found = tied([("C1", OWN), ("C2", OTHER)], [("E1", "C1", OTHER)], [("M1", "E1")], None)
    assert scopes(found) == [[False, False], [False], [False]]


def test_an_id_once_for_each_agency_is_no_conflict_and_the_one_in_scope_is_the_parent() -> None:
    found = tied([("C1", OTHER), ("C1", OWN)], [("E1", "C1"), ("E1", "C1", OTHER)], [("M1", "E1")])
    assert found.client["shares_its_id"].to_list() == [False, False]
    assert found.episode["shares_its_id"].to_list() == [False, False]
    assert found.episode["parent_row"].to_list() == [1, None]
    assert found.intervention["parent_row"].to_list() == [0]


def test_a_record_out_of_scope_is_no_child() -> None:
    found = tied([("C1", OWN)], [("E1", "C1", OTHER)], [("M1", "E1")])
    assert found.client["has_child"].to_list() == [False]


@pytest.mark.parametrize(
    ("of_client", "of_episode", "expected"),
    [(OWN, None, OWN), (OTHER, OWN, OWN), (None, OWN, OWN), (None, None, None), (OWN, OTHER, OWN), ("L1", OWN, None)],
)
def test_the_agency_that_is_sent(of_client: str | None, of_episode: str | None, expected: str | None) -> None:
    found = tied([("C1", of_client)], [("E1", "C1", of_episode)], [])
    assert found.client["AGNCY.sent"].item() == expected
