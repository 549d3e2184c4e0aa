"""Causes: the record that took another one down, itself or a parent of it."""

import polars as pl
import pytest

from schemas.dataset import ENTITIES
from schemas.record_columns import IS_REPEAT
from transforms.link.linkage import Records, link_records
from transforms.results.causes import add_causes
from transforms.results.outcomes import add_outcomes

FLAGS = {"R": "is_rejected", "W": "is_withheld", "S": "is_out_of_scope", "D": IS_REPEAT}
Line = tuple[str, str, str]


def frame(rows: list[Line], identifier: str, parent: str) -> pl.DataFrame:
    columns = {identifier: [row[0] or None for row in rows], parent: [row[1] or None for row in rows]}
    flags = {flag: [letter in row[2] for row in rows] for letter, flag in FLAGS.items()}
    return pl.DataFrame(columns | flags, schema=dict.fromkeys(columns, pl.String) | dict.fromkeys(flags, pl.Boolean))


def link_in_scope(given: Records) -> Records:
    """Ties the records as one agency's, and gives each the scope it was given by hand."""
    no_agency = pl.lit(None, dtype=pl.String)
    tied = link_records(
        Records(
            given.client.with_columns(AGNCY=no_agency).with_columns(no_agency.alias("AGNCY.value")),
            given.episode.with_columns(AGNCY=no_agency).with_columns(no_agency.alias("AGNCY.value")),
            given.intervention,
        ),
        None,
    )
    return Records(
        *(
            tied[entity].with_columns(given[entity]["is_out_of_scope"])
            if "is_out_of_scope" in given[entity].columns
            else tied[entity]
            for entity in ENTITIES
        )
    )


def causes(clients: list[Line], episodes: list[Line], interventions: list[Line]) -> list[list[str | None]]:
    """For each record the cause as 'entity row', None for one that is sent."""
    given = Records(
        frame(clients, "CLIENTID", "AGNCY"),
        frame(episodes, "EPISODID", "CLIENTID"),
        frame(interventions, "MODID", "EPISODID"),
    )
    tied = link_in_scope(given)
    found = add_causes(add_outcomes(tied))
    return [
        [
            None if cause_entity is None and row is None else f"{cause_entity} {row}"
            for cause_entity, row in found[entity].select("cause_entity", "cause_row").iter_rows()
        ]
        for entity in ENTITIES
    ]


CASES: dict[str, tuple[list[Line], list[Line], list[Line], list[list[str | None]]]] = {
    "what is sent has none": (
        [("C1", "", "")], [("E1", "C1", "")], [("M1", "E1", "")], [[None], [None], [None]],
    ),
    "a client that rejects": (
        [("C0", "", "R"), ("C1", "", "R")], [("E1", "C1", "")], [("M1", "E1", "")],
        [["client 0", "client 1"], ["client 1"], ["client 1"]],
    ),
    "an episode that rejects": (
        [("C1", "", "")], [("E0", "C1", "R"), ("E1", "C1", "")], [("M0", "E0", ""), ("M1", "E1", "")],
        [[None], ["episode 0", None], ["episode 0", None]],
    ),
    "its own rule comes before its parent's": (
        [("C1", "", "R")], [("E1", "C1", "R")], [("M1", "E1", "R")],
        [["client 0"], ["episode 0"], ["intervention 0"]],
    ),
    "the episode comes before the client": (
        [("C1", "", "R")], [("E1", "C1", "R")], [("M1", "E1", "")], [["client 0"], ["episode 0"], ["episode 0"]],
    ),
    "withheld with its episode": (
        [("C1", "", "")], [("E1", "C1", "W")], [("M1", "E1", "W")], [["client 0"], ["episode 0"], ["episode 0"]],
    ),
    "out of scope with its client": (
        [("C1", "", "S")], [("E1", "C1", "S")], [("M1", "E1", "S")], [["client 0"], ["client 0"], ["client 0"]],
    ),
    "an orphan is its own": (
        [("C1", "", "")], [("E1", "C1", "")], [("M0", "E1", ""), ("M1", "E9", "")],
        [[None], [None], [None, "intervention 1"]],
    ),
    "a repeat is its own": (
        [("C1", "", "")], [("E1", "C1", "")], [("M1", "E1", ""), ("M1", "E1", "D")],
        [[None], [None], [None, "intervention 1"]],
    ),
    "a conflict points at the first of its id": (
        [("C1", "", "R"), ("C1", "", "R")], [("E1", "C1", "")], [("M1", "E1", "")],
        [["client 0", "client 1"], ["client 0"], ["client 0"]],
    ),
    "no intervention left is the episode's own": (
        [("C1", "", "")], [("E1", "C1", "")], [("M1", "E1", "R")], [["client 0"], ["episode 0"], ["intervention 0"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_took_a_record_down(case: str) -> None:
    clients, episodes, interventions, expected = CASES[case]
    assert causes(clients, episodes, interventions) == expected
