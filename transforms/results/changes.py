"""Changes: findings against those of the run before."""

from dataclasses import dataclass

import polars as pl

# What makes two findings of different runs the same one.
IDENTITY = ("entity", "client_id", "episode_id", "intervention_id", "rule")


@dataclass(frozen=True)
class Changes:
    """How many findings are new, persist, or are resolved since a run, and which run that was."""

    since: str
    new: int
    persisting: int
    resolved: int


def changes(now: pl.DataFrame, before: pl.DataFrame, since: str) -> Changes:
    """Holds the findings of a run against those of the one before.

    Args:
        now: the findings of the run, with the columns of `IDENTITY`.
        before: those of the run before.
        since: the id of that run.
    """
    found, known = now.select(IDENTITY), before.select(IDENTITY)
    persisting = len(found.join(known, on=IDENTITY, how="semi", nulls_equal=True))
    resolved = len(known.join(found, on=IDENTITY, how="anti", nulls_equal=True))
    return Changes(since, len(found) - persisting, persisting, resolved)
