"""Compares the findings of a run with those of an earlier run."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from schemas.rule import Severity

# Two findings of different runs are the same if these columns are equal.  `masked_ids` distinguishes masked ids.
IDENTITY = ("entity", "client_id", "episode_id", "intervention_id", "masked_ids", "rule")
COMPARED = (*IDENTITY, "severity")
# In the order of their effect.  Findings of the scope are not about the agency's own records.
_SEVERITIES: tuple[Severity, ...] = ("file", "reject", "withhold", "error", "warning")


@dataclass(frozen=True)
class Changes:
    """The findings on the agency's own records since an earlier run: the id of that run, and counts by severity."""

    since: str
    new: Mapping[Severity, int]
    persisting: Mapping[Severity, int]
    resolved: Mapping[Severity, int]


def compare_findings(now: pl.DataFrame, before: pl.DataFrame, since: str) -> Changes:
    """Compares the findings of a run with those of an earlier run.

    Findings with the same identity, such as those of records without an id, are compared by their number: of three
    where two were before, one is new.

    Args:
        now: the findings of the run, with the columns of `COMPARED`.
        before: the findings of the earlier run.
        since: the id of the earlier run.
    """
    # A finding of a client has no episode id, and two blanks must count as equal.
    counted = _count(now, "now").join(
        _count(before, "before"), on=IDENTITY, how="full", nulls_equal=True, coalesce=True
    )
    now_, before_ = pl.col("now").fill_null(0), pl.col("before").fill_null(0)
    compared = (
        counted.with_columns(severity=pl.coalesce("severity", "severity_right"))
        .group_by("severity")
        .agg(
            persisting=pl.min_horizontal(now_, before_).sum(),
            new=pl.max_horizontal(now_ - before_, 0).sum(),
            resolved=pl.max_horizontal(before_ - now_, 0).sum(),
        )
    )
    counts = {row["severity"]: row for row in compared.iter_rows(named=True)}

    def select(state: str) -> dict[Severity, int]:
        return {severity: counts[severity][state] for severity in _SEVERITIES if severity in counts}

    return Changes(since, select("new"), select("persisting"), select("resolved"))


def _count(findings: pl.DataFrame, name: str) -> pl.DataFrame:
    counted = findings.group_by(IDENTITY).agg(pl.len().cast(pl.Int64).alias(name), pl.col("severity").first())
    return counted.with_columns(pl.col("entity").cast(pl.String), pl.col("severity").cast(pl.String))
