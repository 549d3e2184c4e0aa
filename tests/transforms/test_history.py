"""What was sent last means what it meant then, though its code has lapsed since."""

from datetime import date

import polars as pl
import pytest

from schemas.code_lists import Code, CodeList, CodeLists
from schemas.condition import Condition, RuleContext
from schemas.dataset import list_entity_fields
from schemas.fields import LIVSCRN
from transforms.link.linkage import Records
from transforms.link.previous import REOPENING_READS, LastSubmission, add_reopening, find_same_areas, join_previous

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
CONTEXT = RuleContext(MAY, LISTS.on(MAY), lists_then=LISTS.on(APRIL))


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
    return now.with_columns(*blank, *values, *codes, in_play), pl.DataFrame(
        then, schema=dict.fromkeys(headers, pl.String)
    )


def _type(kind: str) -> "type[pl.DataType]":
    return pl.Date if kind in ("date", "partial_date") else pl.Int64 if kind == "integer" else pl.String


def truth(condition: Condition, frame: pl.DataFrame) -> bool | None:
    answer: bool | None = frame.select(condition.expression(CONTEXT)).to_series()[0]
    return answer


@pytest.mark.parametrize(("code", "expected"), [("Y", True), ("J", None), (None, False)])
def test_a_code_that_lapsed_still_means_what_it_meant(code: str | None, expected: bool | None) -> None:
    now, then = of_episode({"LIVSCRN": code} if code else {})
    compare_runs = join_previous(now, then, "episode", CONTEXT, READS)
    assert truth(LIVSCRN.sent_last.means("yes"), compare_runs) is expected
    assert truth(LIVSCRN.sent_now.means("yes"), compare_runs) is False


def test_a_release_that_was_sent_stays_one() -> None:
    now, then = of_episode({"DISD": "2023-04-20", "EXITD": "2023-04-21", "EXITRSN": "R"})
    last = LastSubmission("earlier", APRIL, 1, "", pl.DataFrame(), then, _interventions("M1", None))
    records = Records(pl.DataFrame(), now, _interventions("M2", date(2023, 4, 24)))
    reopened = add_reopening(join_previous(now, then, "episode", CONTEXT, READS), records, last, CONTEXT)
    assert reopened.select("was_reopened", "was_reopened_as_allowed").row(0) == (True, False)


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
