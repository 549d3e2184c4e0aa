"""What was sent last means what it meant then, though its code has lapsed since."""

from datetime import date

import polars as pl
import pytest

from schemas.code_lists import Code, CodeList, CodeLists
from schemas.conditions.condition import Condition, RuleContext
from schemas.dataset import list_entity_fields
from schemas.fields import LIVSCRN
from transforms.link.linkage import Records
from transforms.link.previous import (
    REOPENING_READS,
    LastSubmission,
    add_reopening,
    find_same_areas,
    join_previous,
    match_previous,
)

APRIL, MAY = date(2023, 4, 30), date(2023, 5, 31)
LISTS = CodeLists(
    {
        "LIVSCRN": CodeList(
            "LIVSCRN",
            "published",
            codes=(Code("Y", "Yes", "yes", valid_to=APRIL), Code("J", "Yes", "yes", valid_from=date(2023, 5, 1))),
        ),
        "EXITRSN": CodeList("EXITRSN", "published", codes=(Code("R", "Released", "released", valid_to=APRIL),)),
    }
)
READS = {
    *REOPENING_READS, "last.LIVSCRN", "now.LIVSCRN", "last.LIVSCRN.value", "now.LIVSCRN.value"
}  # fmt: skip
CONTEXT = RuleContext(MAY, LISTS.on(MAY), lists_then=LISTS)


def of_episode(sent: dict[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """An episode that was sent so and whose fields but the id are blank now: in play, and as it was sent."""
    headers = [field.header for field in list_entity_fields("episode")]
    then = {header: [sent.get(header)] for header in headers} | {"EPISODID": ["E1"]}
    now = pl.DataFrame({"row": [0], "EPISODID": ["E1"]}, schema_overrides={"row": pl.UInt32})
    blank = [pl.lit(None, dtype=pl.String).alias(name) for name in headers if name != "EPISODID"]
    values = [
        pl.lit(None, dtype=_type(field.kind)).alias(f"{field.header}.value") for field in list_entity_fields("episode")
    ]
    codes = [pl.lit(None, dtype=pl.String).alias(f"{header}.sent") for header in headers]
    in_play = pl.lit(value=True).alias("is_in_play")
    # An episode is sent with the id of its client.
    with_client = now.with_columns(*blank, *values, *codes, in_play, CLIENTID=pl.lit("C1"))
    sent_then = pl.DataFrame(then, schema=dict.fromkeys(headers, pl.String))
    return with_client, sent_then.with_columns(CLIENTID=pl.lit("C1"), period=pl.lit("2023-04"))


def _type(kind: str) -> "type[pl.DataType]":
    return pl.Date if kind in ("date", "partial_date") else pl.Int64 if kind == "integer" else pl.String


def truth(condition: Condition, frame: pl.DataFrame) -> bool | None:
    answer: bool | None = frame.select(condition.expression(CONTEXT)).to_series()[0]
    return answer


def test_records_in_play_are_matched_with_what_was_sent_of_their_id() -> None:
    ids, in_play = ["E2", "E9", None, "E1", "E2", "E3"], [True, True, True, False, True, True]
    now = pl.DataFrame({"EPISODID": ids, "is_in_play": in_play}).with_row_index("row")
    then = pl.DataFrame({"EPISODID": ["E1", "E2", "E3", None]})
    assert match_previous(now, then, "episode").rows() == [(0, 1), (4, 1), (5, 2)]


@pytest.mark.parametrize(("code", "expected"), [("Y", True), ("J", None), (None, False)])
def test_a_code_that_lapsed_still_means_what_it_meant(code: str | None, expected: bool | None) -> None:
    now, then = of_episode({"LIVSCRN": code} if code else {})
    compare_runs = compare(now, then)
    assert truth(LIVSCRN.sent_last.means("yes"), compare_runs) is expected
    assert truth(LIVSCRN.sent_now.means("yes"), compare_runs) is False


@pytest.mark.parametrize(
    ("start", "ended", "expected"),
    [
        (date(2023, 4, 20), True, (True, True, True)),
        (date(2023, 5, 10), True, (True, True, True)),
        (date(2023, 5, 11), True, (True, False, True)),
        (date(2023, 4, 19), True, (False, False, True)),
        (None, True, (None, None, True)),
        (date(2023, 4, 24), False, (True, True, False)),
    ],
)
def test_what_is_asked_of_an_episode_that_was_reopened(
    start: date | None, ended: bool, expected: tuple[bool | None, ...]
) -> None:
    now, then = of_episode({"DISD": "2023-04-20"})
    last = _submission(then, _interventions("M1", None).with_columns(MODEND=pl.lit("2023-04-10")))
    still = _interventions("M1", None).with_columns(
        pl.lit(date(2023, 4, 10) if ended else None, dtype=pl.Date).alias("MODEND.value")
    )
    records = Records(pl.DataFrame(), now, pl.concat([_interventions("M2", start), still]))
    reopened = add_reopening(compare(now, then), records, last)
    assert reopened.select("was_reopened", "was_closed_again").row(0) == (True, False)
    assert reopened.select("restarted", "restarted_soon", "still_ended").row(0) == expected


def compare(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """The episodes of `now` with what was sent of them."""
    return join_previous(now, then, match_previous(now, then, "episode"), "episode", CONTEXT, READS)


def _submission(episode: pl.DataFrame, of_episodes: pl.DataFrame) -> LastSubmission:
    nothing = pl.DataFrame()
    sent = of_episodes.select("EPISODID", "MODID", "MODEND")
    interventions = of_episodes.select("MODID", period=pl.lit("2023-04"))
    older = interventions.clear()
    return LastSubmission("earlier", APRIL, 1, "", nothing, episode, interventions, sent, older, nothing, nothing)


def _interventions(modid: str, start: date | None) -> pl.DataFrame:
    row = {"MODID": modid, "EPISODID": "E1", "MODEND": None, "MODST.value": start, "MODEND.value": None}
    dates = {"MODST.value": pl.Date, "MODEND.value": pl.Date, "MODEND": pl.String}
    return pl.DataFrame([row], schema_overrides=dates).with_columns(is_in_play=pl.lit(value=True))


def test_two_codes_of_one_concept_are_one_area() -> None:
    codes = (Code("u3", "Norfolk", "E10000020", valid_to=APRIL), Code("u4", "Norfolk", "E10000020"), Code("u5", "Kent"))
    recoded = pl.DataFrame(schema={"old": pl.String, "new": pl.String})
    pairs = find_same_areas(recoded, CodeLists({"UTLA": CodeList("UTLA", codes=codes)}))
    assert {("u3", "u4"), ("u4", "u3")} <= pairs
    assert not any("u5" in pair for pair in pairs)
