"""Counts what dropped out since the last submission, and why, so that a page can start with it."""

from dataclasses import dataclass

import polars as pl

from flows.pipeline.assess import LAST_SUBMISSION, Assessment
from flows.support.text import format_count

GONE, NO_LONGER_SENT, INCOMPLETE = "not in this export", "no longer sent", "incomplete"
_GONE_RULES = ("EPISODID.dropped", "MODID.dropped")
_NO_LONGER_SENT_RULES = ("EPISODID.no_longer_sent", "MODID.no_longer_sent")
_INCOMPLETE_RULE = "EPISODID.incomplete"
_NO_RULE = "nothing of it can be sent"
_MOST_RULES = 5


@dataclass(frozen=True)
class Dropout:
    """Counts records of one entity that dropped out: `what` happened, their outcome now, and the rules that cause it.

    `outcome` is blank for records that are not in the export and for incomplete episodes; `why` is blank for both.
    """

    what: str
    entity: str
    records: int
    outcome: str = ""
    why: str = ""

    def __str__(self) -> str:
        """Returns the count as one line."""
        outcome = f" {self.outcome.replace('_', ' ')}" if self.outcome else ""
        why = f": {self.why}" if self.why else ""
        return f"{self.what}: {format_count(self.records, self.entity)}{outcome}{why}"


@dataclass(frozen=True)
class Dropouts:
    """Holds what dropped out since the submission of the run `since`."""

    since: str
    counts: tuple[Dropout, ...]

    @property
    def title(self) -> str:
        """Returns the line above the counts, or the only line if nothing dropped out."""
        if self.counts:
            return f"Dropped out since the last submission, {self.since}:"
        return f"Nothing dropped out since the last submission, {self.since}"


def find_dropouts(assessment: Assessment) -> Dropouts | None:
    """Returns what dropped out of a submission; None if the agency has no earlier submission."""
    since = next((name for item, name, _ in assessment.manifest if item == LAST_SUBMISSION), None)
    if since is None:
        return None
    findings = assessment.submission.findings
    gone, incomplete = _count_found(findings, *_GONE_RULES), _count_found(findings, _INCOMPLETE_RULE)
    return Dropouts(
        since,
        (
            *(Dropout(GONE, entity, records) for entity, records in gone),
            *_count_no_longer_sent(assessment),
            *(Dropout(INCOMPLETE, entity, records) for entity, records in incomplete),
        ),
    )


def _count_found(findings: pl.DataFrame, *rules: str) -> list[tuple[str, int]]:
    found = findings.filter(pl.col("rule").is_in(rules))
    return list(found.group_by("entity").len().sort("entity").iter_rows())


def _count_no_longer_sent(assessment: Assessment) -> list[Dropout]:
    records = _find_causes(assessment)
    by_outcome = records.group_by("entity", "outcome").agg(pl.col("row").n_unique().alias("records"))
    rules = (
        records.group_by("entity", "outcome", "cause")
        .agg(pl.col("row").n_unique().alias("records"))
        .sort("records", "cause", descending=[True, False])
    )
    dropouts = []
    for entity, outcome, count in by_outcome.sort("entity", "outcome").iter_rows():
        of_outcome = rules.filter((pl.col("entity") == entity) & (pl.col("outcome") == outcome))
        most = of_outcome.head(_MOST_RULES).select("cause", "records").iter_rows()
        why = ", ".join(f"{cause} ({number})" for cause, number in most)
        dropouts.append(Dropout(NO_LONGER_SENT, entity, count, outcome, why))
    return dropouts


def _find_causes(assessment: Assessment) -> pl.DataFrame:
    """Returns entity, row, outcome and cause of the records no longer sent, with a row for each rule that causes it."""
    submission, record = assessment.submission, pl.col("entity", "cause_entity").cast(pl.String)
    held_back = submission.rules.filter("holds_back").select("rule")
    causes = submission.findings.join(held_back, on="rule").select(cause_entity="entity", cause_row="row", cause="rule")
    return (
        submission.findings.filter(pl.col("rule").is_in(_NO_LONGER_SENT_RULES))
        .select("entity", "row")
        .join(submission.outcomes.with_columns(record), on=["entity", "row"])
        .join(causes, on=["cause_entity", "cause_row"], how="left")
        .select("entity", "row", pl.col("outcome").cast(pl.String), pl.col("cause").fill_null(_NO_RULE))
    )
