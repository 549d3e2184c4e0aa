"""Compares the counts of a month with those of the months before it: the checks of sql/quality/checks/."""

from collections.abc import Mapping

import polars as pl

from flows.quality.count import COLUMNS, list_interval_limits
from flows.quality.settings import QualitySettings
from flows.quality.workspace import open_workspace, read_query
from schemas.dataset import list_fields

CHECKS = (
    "volume", "rows", "new_code", "lost_code", "moved_share", "one_code", "default", "swapped_dates", "interval",
    "bulk_closure", "low_audit", "no_opiate", "doubled_client", "elsewhere", "death",
)  # fmt: skip
UNUSUAL = {
    "place": pl.Int64, "check_name": pl.String, "field": pl.String, "subject": pl.String, "found": pl.Float64,
    "expected": pl.Float64, "score": pl.Float64, "months": pl.Int64, "text": pl.String,
}  # fmt: skip


def find_unusual(month: pl.DataFrame, history: Mapping[str, pl.DataFrame], settings: QualitySettings) -> pl.DataFrame:
    """Returns what is unusual about a month, most unusual first.

    Args:
        month: its counts, from `count_month`.
        history: the counts of the agency's months before it, by period (YYYY-MM).
        settings: the limits.

    Returns:
        The columns of `UNUSUAL`.
    """
    # No period sorts after this one.
    this = "this month"
    parts = [
        counts.select(*COLUMNS).with_columns(period=pl.lit(period), is_this=pl.lit(period == this))
        for period, counts in [*history.items(), (this, month)]
    ]
    periods = [*sorted(history), this]
    frames = {
        "counts": pl.concat(parts),
        "months": pl.DataFrame({"period": periods, "is_this": [period == this for period in periods]}),
        "fields": pl.DataFrame(
            [(field.header, field.titled) for field in list_fields()], ["field", "titled"], orient="row"
        ),
        "interval_limits": list_interval_limits(settings),
        "limits": pl.DataFrame([settings.model_dump()]),
    }
    with open_workspace(frames) as connection:
        connection.execute(read_query("compared"))
        found = [
            pl.DataFrame(connection.sql(read_query(f"checks/{name}"))).with_columns(check_name=pl.lit(name))
            for name in CHECKS
        ]
    # Rounded, so that the last digits of a floating-point number do not decide the order.
    unusual = pl.concat(_cast_columns(part) for part in found).with_columns(pl.col("score").round(3))
    ranked = unusual.sort("score", "check_name", "field", "subject", descending=[True, False, False, False])
    return ranked.with_columns(
        pl.col("text").str.head(1).str.to_uppercase() + pl.col("text").str.slice(1),
        place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        months=pl.lit(len(history), dtype=pl.Int64),
    ).select(*UNUSUAL)


def _cast_columns(part: pl.DataFrame) -> pl.DataFrame:
    kept = {name: kind for name, kind in UNUSUAL.items() if name not in ("place", "months")}
    return part.select(pl.col(name).cast(kind) for name, kind in kept.items())
