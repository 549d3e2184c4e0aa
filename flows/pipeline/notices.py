"""Describes what is probably wrong with the mapping of an export, judged by the submission that came of it."""

import polars as pl

from flows.pipeline.words_to_show import select_words_to_show
from flows.support.text import format_count, join_texts
from transforms.pipeline import Submission

# A few records may all lack an answer by chance.
_FEWEST_RECORDS = 5


def describe_missing_consent(submission: Submission) -> list[str]:
    """Returns a notice if every episode is withheld because no value of CONSENT was recognised as a yes."""
    outcomes = dict(
        submission.outcome_counts.filter(pl.col("entity") == "episode").select("outcome", "records").iter_rows()
    )
    words = submission.unrecognised_consent
    if outcomes.get("sent") or outcomes.get("rejected") or not outcomes.get("withheld") or words.is_empty():
        return []
    problem = "no value of CONSENT means yes, so every episode is withheld"
    shown = select_words_to_show(words)
    if shown.is_empty():
        return [
            f"{problem}; {format_count(len(words), 'value')} without a matching code, not shown because it may be"
            " private: check which column CONSENT is read from, and its codes"
        ]
    values = join_texts(f"{value} ({count})" for value, count in shown.iter_rows())
    return [
        f"{problem}; values that match no code: {values}; name the one that means yes under [episodes.codes.CONSENT] in"
        " the mapping"
    ]


def describe_empty_fields(submission: Submission) -> list[str]:
    """Returns a notice if fields are empty in every record although a rule requires them in each.

    The findings go to whoever enters the records, but the cause is probably a column that the mapping does not name.
    """
    empty = submission.completeness.filter(pl.col("populated") == 0, pl.col("records") >= _FEWEST_RECORDS)
    broken = (
        submission.findings.filter(pl.col("entity") != "file")
        .join(submission.rules.select("rule", "field"), on="rule")
        .group_by("field", "rule")
        .len("findings")
        .group_by("field")
        .agg(pl.col("findings").max())
    )
    required = empty.join(broken, on="field", maintain_order="left").filter(pl.col("findings") >= pl.col("records"))
    if required.is_empty():
        return []
    verb, them, columns = ("is", "it", "its column") if len(required) == 1 else ("are", "them", "their columns")
    return [
        f"{join_texts(required['field'], most=80)} {verb} empty in every record, although a rule requires an answer in"
        f" each; if your system records {them}, name {columns} in the mapping (`ndtms source check` shows what is"
        " missing)"
    ]
