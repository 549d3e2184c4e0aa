"""Faults planted in one month of a generated year: each of them is found, and is the reason that it is found."""

from collections.abc import Callable, Mapping
from functools import cache

import polars as pl
import pytest

from flows.quality.compare import find_unusual
from flows.quality.settings import QualitySettings
from schemas.period import Period
from tests.quality.generated import Prison, Sent, count_history, count_sent, generate_prison, months

pytestmark = pytest.mark.slow
MONTHS = 8
DATES = ("RECPDT", "TRIAGED", "DISD", "EXITD", "MODST", "MODEND")


@cache
def prison(a_month: int) -> Prison:
    return generate_prison(7, a_month, MONTHS)


@cache
def history(a_month: int) -> Mapping[str, pl.DataFrame]:
    return count_history(prison(a_month), MONTHS - 1)


def judge(a_month: int, change: Callable[[Sent], Sent]) -> pl.DataFrame:
    """Returns what is unusual about the last month, with a fault planted in it."""
    last = months(MONTHS)[-1]
    return find_unusual(count_sent(change(prison(a_month).send(last)), last), history(a_month), QualitySettings())


def has(found: pl.DataFrame, check: str, field: str = "", subject: str | None = None) -> bool:
    """Returns whether a check found something about a field, and a subject."""
    of_field = found.filter((pl.col("check_name") == check) & (pl.col("field") == field))
    return not (of_field if subject is None else of_field.filter(pl.col("subject") == subject)).is_empty()


def change_dates(sent: Sent, change: Callable[[pl.Expr], pl.Expr]) -> Sent:
    return {
        entity: frame.with_columns(change(pl.col(name)).alias(name) for name in DATES if name in frame.columns)
        for entity, frame in sent.items()
    }


def swap(day: pl.Expr) -> pl.Expr:
    """Returns a date with its day and month swapped; null if it is then not a date."""
    return pl.when(day.str.slice(8) <= "12").then(day.str.slice(0, 5) + day.str.slice(8) + "-" + day.str.slice(5, 2))


def set_triaged(sent: Sent, header: str, value: pl.Expr, since: Period) -> Sent:
    """Returns what was sent with another value in the episodes triaged since a month."""
    is_new = pl.col("TRIAGED") >= str(since.first_day)
    return sent | {"episode": sent["episode"].with_columns(pl.when(is_new).then(value).otherwise(header).alias(header))}


def double(sent: Sent) -> Sent:
    """Returns what was sent twice, the second time with other ids, so that no rule drops it."""
    doubled: Sent = {}
    for entity, frame in sent.items():
        places = [name for name in ("row", "parent_row") if name in frame.columns]
        ids = [name for name in ("CLIENTID", "EPISODID", "MODID") if name in frame.columns]
        again = frame.with_columns(pl.col(places) + 1_000_000, pl.col(ids) + "x")
        doubled[entity] = pl.concat([frame, again])
    return doubled


@pytest.mark.parametrize("a_month", [5, 40, 300])
def test_nothing_is_unusual_without_a_fault(a_month: int) -> None:
    assert judge(a_month, lambda sent: sent).is_empty()


@pytest.mark.parametrize("a_month", [5, 40, 300])
def test_a_stale_folder_is_found(a_month: int) -> None:
    before = months(MONTHS)[-2]
    found = judge(a_month, lambda _: prison(a_month).send(before))
    assert has(found, "volume")
    nothing = "The month has 0 triages, starts, ends, discharges and exits, usually "
    assert any(text.startswith(nothing) for text in found["text"])
    assert has(found, "volume", "TRIAGED") is (a_month > 5), "five triages fewer happen by chance"


@pytest.mark.parametrize("a_month", [5, 40, 300])
def test_swapped_days_and_months_are_found(a_month: int) -> None:
    found = judge(a_month, lambda sent: change_dates(sent, swap))
    assert has(found, "swapped_dates", "TRIAGED")
    assert has(found, "swapped_dates", "MODST")


@pytest.mark.parametrize("a_month", [40, 300])
def test_days_and_months_swapped_where_that_is_a_date_are_found(a_month: int) -> None:
    found = judge(a_month, lambda sent: change_dates(sent, lambda day: pl.coalesce(swap(day), day)))
    assert has(found, "interval", "MODST", "triage to start")
    assert has(found, "interval", "EXITD", "discharge to exit")


@pytest.mark.parametrize("a_month", [40, 300])
def test_a_new_default_is_found(a_month: int) -> None:
    since = months(MONTHS)[-1]
    declined = judge(a_month, lambda sent: set_triaged(sent, "VETERAN", pl.lit("Z"), since))
    assert has(declined, "default", "VETERAN", "not stated")
    answer = judge(a_month, lambda sent: set_triaged(sent, "INJSTAT", pl.lit("N"), since))
    assert has(answer, "one_code", "INJSTAT", "N")
    first = judge(a_month, lambda sent: set_triaged(sent, "RECPDT", pl.col("TRIAGED").str.head(8) + "01", since))
    assert has(first, "default", "RECPDT", "first of the month")


@pytest.mark.parametrize("a_month", [5, 40, 300])
def test_a_doubled_export_is_found(a_month: int) -> None:
    found = judge(a_month, double)
    assert has(found, "doubled_client", "CLIENTID")
    assert has(found, "rows")


@pytest.mark.parametrize("a_month", [40, 300])
def test_a_lost_and_a_new_code_are_found(a_month: int) -> None:
    renamed = pl.when(pl.col("RELIGION") == "L").then(pl.lit("Q")).otherwise("RELIGION")
    found = judge(a_month, lambda sent: set_triaged(sent, "RELIGION", renamed, months(MONTHS)[-1]))
    assert has(found, "lost_code", "RELIGION", "L")
    assert has(found, "new_code", "RELIGION", "Q")


@pytest.mark.parametrize("a_month", [40, 300])
def test_a_field_that_is_no_longer_sent_is_found(a_month: int) -> None:
    found = judge(a_month, lambda sent: set_triaged(sent, "DUALDIAG", pl.lit(None), months(MONTHS)[-1]))
    assert has(found, "one_code", "DUALDIAG", "")
    assert has(found, "lost_code", "DUALDIAG", "N")


@pytest.mark.parametrize("a_month", [40, 300])
def test_a_share_that_moved_is_found(a_month: int) -> None:
    place = pl.int_range(pl.len()) % 10
    moved = pl.when(place < 8).then(pl.lit("Y")).otherwise(pl.lit("N"))
    found = judge(a_month, lambda sent: set_triaged(sent, "MHTINT", moved, months(MONTHS)[-1]))
    assert has(found, "moved_share", "MHTINT")


def test_discharges_on_one_day_are_found() -> None:
    last = months(MONTHS)[-1]
    closed = pl.when(pl.col("DISD") >= str(last.first_day)).then(pl.lit(str(last.last_day))).otherwise("DISD")
    found = judge(40, lambda sent: sent | {"episode": sent["episode"].with_columns(closed.alias("DISD"))})
    assert has(found, "bulk_closure", "DISD", str(last.last_day))


def test_discharges_before_the_last_end_are_found() -> None:
    last = months(MONTHS)[-1]
    earlier = pl.when(pl.col("DISD") >= str(last.first_day)).then(pl.lit(str(last.first_day))).otherwise("DISD")
    found = judge(40, lambda sent: sent | {"episode": sent["episode"].with_columns(earlier.alias("DISD"))})
    assert has(found, "interval", "DISD", "last end to discharge")


def test_a_longer_median_interval_is_found() -> None:
    earlier = pl.col("RECPDT").str.to_date().dt.offset_by("-22d").dt.to_string("%Y-%m-%d")
    found = judge(40, lambda sent: set_triaged(sent, "RECPDT", earlier, months(MONTHS)[-1]))
    assert any(text.startswith("The median from reception to triage is 2") for text in found["text"])


def test_audit_scores_of_the_first_three_questions_are_found() -> None:
    def limit(sent: Sent) -> Sent:
        scores = pl.min_horizontal(pl.col("AUDIT").cast(pl.Int64), 12).cast(pl.String)
        return sent | {"episode": sent["episode"].with_columns(AUDIT=scores)}

    last = months(MONTHS)[-1]
    limited = {str(period): count_sent(limit(prison(40).send(period)), period) for period in months(MONTHS - 1)}
    found = find_unusual(count_sent(limit(prison(40).send(last)), last), limited, QualitySettings())
    assert has(found, "low_audit", "AUDIT")


def test_opioid_treatment_without_an_opiate_is_found() -> None:
    found = judge(40, lambda sent: set_triaged(sent, "DRUG1", pl.lit("2000"), Period(2022, 1)))
    assert has(found, "no_opiate", "MODAL")


def test_a_home_with_the_postcode_of_no_fixed_abode_is_found() -> None:
    found = judge(40, lambda sent: set_triaged(sent, "PC", pl.lit("ZZ99 3"), months(MONTHS)[-1]))
    assert has(found, "default", "PC", "no fixed abode")


def test_births_on_the_first_of_january_are_found() -> None:
    found = judge(40, lambda sent: sent | {"client": sent["client"].with_columns(DOB=pl.lit("1980-01-01"))})
    assert has(found, "default", "DOB", "1 January")
    assert not any("1980" in text for text in found["text"])


def test_a_death_is_always_worth_a_look() -> None:
    last = months(MONTHS)[-1]
    died = pl.when(pl.col("EXITD") >= str(last.first_day)).then(pl.lit("D")).otherwise("EXITRSN")
    found = judge(5, lambda sent: sent | {"episode": sent["episode"].with_columns(died.alias("EXITRSN"))})
    assert has(found, "death", "DISRSN")


def test_the_most_unusual_comes_first_and_the_order_is_the_same_each_time() -> None:
    found = judge(40, double)
    assert found["score"].is_sorted(descending=True)
    assert found["place"].to_list() == list(range(1, len(found) + 1))
    assert found.equals(judge(40, double))
