"""Summarises the interventions of each episode for the rules of episodes."""

import polars as pl

from schemas.conditions.condition import Condition, RuleContext
from schemas.fields import MODAL, MODST
from schemas.record_columns import ROW
from transforms.link.nearest import OPEN, SPAN
from transforms.tables.left_join import left_join_by_key

SUBSTITUTION = ("opioid_maintenance", "opioid_reduction", "opioid_substitution")
_KEY = "episode_key"
# Days after which an episode without a running, or without a started, intervention is worth checking.
_DAYS_ALL_ENDED, _DAYS_WAITING = 28, 42
_INITIAL_REVIEW_DAYS = 91


def summarise_interventions(episodes: pl.DataFrame, interventions: pl.DataFrame, context: RuleContext) -> pl.DataFrame:
    """Adds what rules ask about the interventions in play of each episode.

    Args:
        episodes: the episodes, with `row`, `episode_key`, `is_in_play` and `DISD.value`.
        interventions: the interventions, with `episode_key`, `is_in_play`, MODAL, MODST and MODEND.
        context: the code lists and the day of the extract.

    Returns:
        The episodes with Boolean columns in three-valued logic; null where EPISODID is blank.
    """
    in_play = interventions.lazy().filter(pl.col("is_in_play") & pl.col(_KEY).is_not_null())
    read = in_play.select(_KEY, "MODAL", "MODAL.value", "MODST", "MODST.value", "MODEND", "MODEND.value").collect()
    brief = MODAL.means("not_reported_alone")
    end = pl.col("MODEND.value")
    open_or_end = pl.when(pl.col("MODEND").is_null()).then(OPEN).otherwise(end.to_physical().cast(pl.Int64))
    maintained = MODAL.means("opioid_maintenance").expression(context)
    extract = pl.lit(context.extracted_on)
    summary = (
        read.lazy()
        .group_by(_KEY)
        .agg(
            has_intervention=pl.lit(value=True),
            has_substitution=_any(MODAL.means(*SUBSTITUTION), context),
            has_reportable_intervention=_any(~brief, context),
            has_commenced=_any(~brief & MODST.is_populated, context),
            has_alcohol_prescribing=_any(MODAL.means("alcohol_prescribing"), context),
            has_psychosocial=_any(MODAL.means("psychosocial"), context),
            all_ended_long_ago=end.is_not_null().all() & ((extract - end.max()).dt.total_days() >= _DAYS_ALL_ENDED),
            none_started=pl.col("MODST").is_null().all(),
            maintenance_ends=pl.when(maintained).then(open_or_end).max(),
            latest_possible_maintenance=pl.when(maintained.fill_null(value=True))
            .then(open_or_end.fill_null(OPEN))
            .max(),
        )
        .collect()
    )
    joined = left_join_by_key(episodes, summary, _KEY)
    has_key = pl.col(_KEY).is_not_null()
    absent = ("has_intervention", "has_substitution", "has_reportable_intervention", "has_commenced",
              "has_alcohol_prescribing", "has_psychosocial", "all_ended_long_ago")  # fmt: skip
    without = pl.col("has_intervention").is_null()
    discharge = pl.col("DISD.value").to_physical().cast(pl.Int64)
    lasts = (pl.col("maintenance_ends") == OPEN) | (pl.col("maintenance_ends") >= discharge)
    may_last = pl.col("latest_possible_maintenance") >= discharge
    joined = joined.with_columns(
        *(pl.when(has_key & without).then(pl.lit(value=False)).otherwise(name).alias(name) for name in absent),
        none_started=pl.when(has_key & without).then(pl.lit(value=True)).otherwise("none_started"),
        maintenance_lasts=pl.when(has_key & (without | ~may_last.fill_null(value=False) & discharge.is_not_null()))
        .then(pl.lit(value=False))
        .when(lasts)
        .then(pl.lit(value=True)),
    ).drop("maintenance_ends", "latest_possible_maintenance")
    long = (
        pl.when("has_spell")
        .then("has_long_substitution")
        .when(has_key & pl.col("is_in_play"))
        .then(pl.lit(value=False))
    )
    return (
        left_join_by_key(joined, _count_substitution_days(joined, read, context), ROW)
        .with_columns(has_long_substitution=long)
        .drop("has_spell")
    )


def _any(condition: Condition, context: RuleContext) -> pl.Expr:
    return condition.expression(context).any(ignore_nulls=False)


def _count_substitution_days(episodes: pl.DataFrame, interventions: pl.DataFrame, context: RuleContext) -> pl.DataFrame:
    """Returns for each episode whether its opioid substitution covers 91 days or more (section 4: OST days).

    The days of all spells count once: from the start to the end, or to the discharge where the end is blank.

    Returns:
        `row`, `has_spell` (true) and `has_long_substitution` (null where the known part is shorter and something is
        unknown) of the episodes in play that have opioid substitution, or may have it.
    """
    is_substitution = MODAL.means(*SUBSTITUTION).expression(context)
    spells = (
        interventions.lazy()
        .select(_KEY, "MODEND", "MODST.value", "MODEND.value", is_substitution=is_substitution)
        .filter(pl.col("is_substitution").fill_null(value=True))
        .collect()
    )
    asked = episodes.lazy().filter(pl.col("is_in_play") & pl.col(_KEY).is_in(spells[_KEY].unique().implode()))
    # Records that share an id and a discharge have the same spells.
    distinct = (
        asked.select(_KEY, "DISD.value")
        .unique()
        .with_row_index("episode")
        .with_columns(pl.col("episode").cast(pl.Int64))
        .collect()
    )
    last = pl.when(pl.col("MODEND").is_null()).then("DISD.value").otherwise("MODEND.value")
    dated = distinct.join(spells, on=_KEY, nulls_equal=False).with_columns(last=last)
    usable = pl.col("is_substitution") & pl.col("MODST.value").is_not_null() & pl.col("last").is_not_null()
    start, end = pl.col("MODST.value").to_physical().cast(pl.Int64), pl.col("last").to_physical().cast(pl.Int64)
    # In the order of their starts, each spell adds the days after the latest end so far.
    covered = (
        dated.lazy()
        .filter(usable & (pl.col("last") >= pl.col("MODST.value")))
        .select("episode", start=start, end=end)
        .sort("episode", "start")
        # The episodes ascend, so the running maximum of episode and end together starts anew with each episode.
        .with_columns(latest=(pl.col("episode") * SPAN + pl.col("end")).cum_max() - pl.col("episode") * SPAN)
        .with_columns(covered_to=pl.when(pl.col("episode") == pl.col("episode").shift()).then(pl.col("latest").shift()))
        .with_columns(days=pl.col("end") - pl.max_horizontal("start", "covered_to"))
        .group_by("episode")
        .agg(days=pl.col("days").clip(lower_bound=0).sum())
    )
    unknown = dated.lazy().group_by("episode").agg(is_unknown=(~usable.fill_null(value=False)).any())
    days = pl.col("days").fill_null(0)
    by_episode = distinct.lazy().join(covered, on="episode", how="left").join(unknown, on="episode", how="left").select(
        _KEY, "DISD.value",
        has_long_substitution=pl.when(days >= _INITIAL_REVIEW_DAYS).then(pl.lit(value=True))
        .when(~pl.col("is_unknown")).then(pl.lit(value=False)),
    )  # fmt: skip
    # An episode without any opioid substitution has no days of it.
    return (
        asked.select(ROW, _KEY, "DISD.value")
        .join(by_episode, on=[_KEY, "DISD.value"], how="left", nulls_equal=True)
        .select(ROW, "has_long_substitution", has_spell=pl.lit(value=True))
        .collect()
    )
