"""Compares the findings of a run with those of the previous run."""

from dataclasses import dataclass

import polars as pl

# Two findings of different runs are the same if these columns are equal.
IDENTITY = ("entity", "client_id", "episode_id", "intervention_id", "rule")


@dataclass(frozen=True)
class Changes:
    """How many findings are new, persisting or resolved since a run, and the id of that run."""

    since: str
    new: int
    persisting: int
    resolved: int


def compare_findings(now: pl.DataFrame, before: pl.DataFrame, since: str) -> Changes:
    """Compares the findings of a run with those of the previous run.

    Args:
        now: the findings of the run, with the columns of `IDENTITY`.
        before: the findings of the previous run.
        since: the id of the previous run.
    """
    found, known = now.select(IDENTITY), before.select(IDENTITY)
    # A finding of a client has no episode id, and two blanks must count as equal.
    persisting = len(found.join(known, on=IDENTITY, how="semi", nulls_equal=True))
    resolved = len(known.join(found, on=IDENTITY, how="anti", nulls_equal=True))
    return Changes(since, len(found) - persisting, persisting, resolved)
