"""Outcomes: the first that fits, for every record one, and counts out that equal counts in."""

from collections.abc import Iterator

import polars as pl
import pytest

from schemas.dataset import ENTITIES, Entity
from schemas.record_columns import IS_REPEAT
from transforms.link.linkage import Records, link_records
from transforms.results.causes import add_causes
from transforms.results.outcomes import (
    CountsDoNotMatch,
    Outcome,
    add_outcomes,
    count_outcomes,
    reconcile,
    reconcile_kept,
)

FLAGS = {"R": "is_rejected", "W": "is_withheld", "S": "is_out_of_scope", "D": IS_REPEAT}
Line = tuple[str, str, str]


def judged(clients: list[tuple[str, str]], episodes: list[Line], interventions: list[Line]) -> Records:
    """Records of (id, flags) or (id, parent id, flags); R is rejected, W withheld, S out of scope, D a repeat."""

    def frame(rows: list[Line], identifier: str, parent: str) -> pl.DataFrame:
        columns = {identifier: [row[0] or None for row in rows], parent: [row[1] or None for row in rows]}
        flags = {flag: [letter in row[2] for row in rows] for letter, flag in FLAGS.items()}
        schema = dict.fromkeys(columns, pl.String) | dict.fromkeys(flags, pl.Boolean)
        return pl.DataFrame(columns | flags, schema=schema)

    none = pl.lit(None, dtype=pl.String)
    agency = [none.alias("AGNCY"), none.alias("AGNCY.value")]
    given = Records(
        frame([(client, "", flags) for client, flags in clients], "CLIENTID", "REST").with_columns(agency),
        frame(episodes, "EPISODID", "CLIENTID").with_columns(agency),
        frame(interventions, "MODID", "EPISODID"),
    )
    # The scope is the given one, not that of an agency.
    tied = link_records(given, None)
    return Records(*(tied[entity].with_columns(given[entity]["is_out_of_scope"]) for entity in ENTITIES))


def reported(clients: list[tuple[str, str]], episodes: list[Line], interventions: list[Line]) -> list[str]:
    """The outcomes in short: of the clients, the episodes and the interventions."""
    records = add_outcomes(judged(clients, episodes, interventions))
    return [" ".join(records[entity]["outcome"].to_list()) for entity in ENTITIES]


CASES: dict[str, tuple[list[tuple[str, str]], list[Line], list[Line], list[str]]] = {
    "all is well": ([("C1", "")], [("E1", "C1", "")], [("M1", "E1", "")], ["sent", "sent", "sent"]),
    "a client's reject takes all": (
        [("C1", "R")], [("E1", "C1", "")], [("M1", "E1", "")], ["rejected", "rejected", "rejected"],
    ),
    "an episode's reject takes its interventions and leaves no row of the client": (
        [("C1", "")], [("E1", "C1", "R")], [("M1", "E1", "")], ["rejected", "rejected", "rejected"],
    ),
    "an intervention's reject, and another is left": (
        [("C1", "")], [("E1", "C1", "")], [("M1", "E1", "R"), ("M2", "E1", "")], ["sent", "sent", "rejected sent"],
    ),
    "no intervention is left": ([("C1", "")], [("E1", "C1", "")], [("M1", "E1", "R")], ["rejected"] * 3),
    "an episode without interventions": ([("C1", "")], [("E1", "C1", "")], [], ["rejected", "rejected", ""]),
    "a client without episodes": ([("C1", "")], [], [], ["rejected", "", ""]),
    "withheld for consent": ([("C1", "")], [("E1", "C1", "W")], [("M1", "E1", "W")], ["withheld"] * 3),
    "withheld wins over a reject of its own": (
        [("C1", "")], [("E1", "C1", "WR")], [("M1", "E1", "WR")], ["withheld"] * 3,
    ),
    "a client with one episode withheld and one sent": (
        [("C1", "")], [("E1", "C1", "W"), ("E2", "C1", "")], [("M1", "E1", "W"), ("M2", "E2", "")],
        ["sent", "withheld sent", "withheld sent"],
    ),
    "a rejected client with a withheld episode": (
        [("C1", "R")], [("E1", "C1", "W")], [("M1", "E1", "W")], ["rejected", "withheld", "withheld"],
    ),
    "out of scope": ([("C1", "S")], [("E1", "C1", "S")], [("M1", "E1", "S")], ["out_of_scope"] * 3),
    "out of scope wins over the reject of a client and an episode": (
        [("C1", "SR")], [("E1", "C1", "SR")], [("M1", "E1", "S")], ["out_of_scope"] * 3,
    ),
    "out of scope wins over withheld": (
        [("C1", "S")], [("E1", "C1", "SW")], [("M1", "E1", "SW")], ["out_of_scope"] * 3,
    ),
    "out of scope wins over an intervention's own reject": (
        [("C1", "S")], [("E1", "C1", "S")], [("M1", "E1", "SR")], ["out_of_scope"] * 3,
    ),
    "withheld wins over an intervention's own reject": (
        [("C1", "")], [("E1", "C1", "W")], [("M1", "E1", "WR")], ["withheld"] * 3,
    ),
    "a withheld episode's reject takes nothing": (
        [("C1", "")], [("E1", "C1", "WR"), ("E2", "C1", "")], [("M1", "E1", "W"), ("M2", "E2", "")],
        ["sent", "withheld sent", "withheld sent"],
    ),
    "a client with one episode out of scope and one sent": (
        [("C1", "")], [("E1", "C1", "S"), ("E2", "C1", "")], [("M1", "E1", "S"), ("M2", "E2", "")],
        ["sent", "out_of_scope sent", "out_of_scope sent"],
    ),
    "a client with one episode rejected and one withheld": (
        [("C1", "")], [("E1", "C1", "R"), ("E2", "C1", "W")], [("M1", "E1", ""), ("M2", "E2", "W")],
        ["withheld", "rejected withheld", "rejected withheld"],
    ),
    "an orphaned intervention": (
        [("C1", "")], [("E1", "C1", "")], [("M1", "E1", ""), ("M2", "E9", "")], ["sent", "sent", "sent rejected"],
    ),
    "exact repeats drop out whatever else": (
        [("C1", ""), ("C1", "DR")], [("E1", "C1", ""), ("E1", "C1", "DW")], [("M1", "E1", ""), ("M1", "E1", "DR")],
        ["sent dropped", "sent dropped", "sent dropped"],
    ),
    "blank ids tie to nothing": (
        [("", "")], [("", "", "")], [("M1", "", "")], ["rejected", "rejected", "rejected"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_first_outcome_that_fits(case: str) -> None:
    clients, episodes, interventions, expected = CASES[case]
    assert reported(clients, episodes, interventions) == expected


FLAG_SETS = ("", "R", "W", "S", "RW", "RS", "WS", "RWS")


def every_family() -> Iterator[Records]:
    """Families of every fate; what is withheld or out of scope is so with all that hangs on it."""
    for of_client in ("", "R", "S", "RS"):
        for of_episode in FLAG_SETS:
            fate = "S" * ("S" in of_client or "S" in of_episode)
            of_children = fate + "W" * ("W" in of_episode)
            yield judged(
                [("C1", of_client)],
                [("E1", "C1", of_episode + fate), ("E2", "C9", of_episode)],
                [(f"M{number}", "E1", flags + of_children) for number, flags in enumerate((*FLAG_SETS, "D"))],
            )


def test_every_record_has_one_outcome_and_counts_add_up() -> None:
    for records in every_family():
        found = add_outcomes(records)
        read: dict[Entity, int] = {entity: len(records[entity]) for entity in ENTITIES}
        reconcile(read, found)
        counts = count_outcomes(found)
        for entity in ENTITIES:
            assert found[entity]["outcome"].null_count() == 0
            assert counts.filter(pl.col("entity") == entity)["records"].sum() == read[entity]


def test_nothing_is_sent_whose_parent_is_not() -> None:
    for records in every_family():
        found = add_causes(add_outcomes(records))
        sent = {entity: found[entity].filter(pl.col("outcome") == Outcome.SENT.value) for entity in ENTITIES}
        assert set(sent["episode"]["CLIENTID"]) <= set(sent["client"]["CLIENTID"])
        assert set(sent["intervention"]["EPISODID"]) <= set(sent["episode"]["EPISODID"])


@pytest.mark.parametrize("entity", ENTITIES)
@pytest.mark.parametrize("difference", [-1, 1])
def test_counts_that_do_not_match_are_refused(entity: Entity, difference: int) -> None:
    records = add_outcomes(judged([("C1", "")], [("E1", "C1", "")], [("M1", "E1", "")]))
    read: dict[Entity, int] = dict.fromkeys(ENTITIES, 1)
    with pytest.raises(CountsDoNotMatch, match=f"{1 + difference} {entity} records were read but 1 have an outcome"):
        reconcile(read | {entity: 1 + difference}, records)


def test_a_record_without_an_outcome_is_refused() -> None:
    records = add_outcomes(judged([("C1", "")], [("E1", "C1", "")], [("M1", "E1", "")]))
    lost = records.put("episode", records.episode.with_columns(outcome=pl.lit(None, dtype=pl.String)))
    with pytest.raises(CountsDoNotMatch, match="1 episode records were read but 0"):
        reconcile(dict.fromkeys(ENTITIES, 1), lost)


@pytest.mark.parametrize("number_sent", [0, 2])
def test_what_the_audit_keeps_is_compared_with_what_was_read(number_sent: int) -> None:
    read = dict.fromkeys(ENTITIES, 2)
    rejected = pl.DataFrame({"entity": list(ENTITIES), "outcome": [Outcome.REJECTED.value] * 3})
    sent = dict.fromkeys(ENTITIES, pl.DataFrame({"row": [0]}))
    reconcile_kept(read, rejected, sent)
    message = f"2 episode records were read but {number_sent + 1} would be kept"
    with pytest.raises(CountsDoNotMatch, match=message):
        reconcile_kept(read, rejected, sent | {"episode": pl.DataFrame({"row": [0] * number_sent})})
