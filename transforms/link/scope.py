"""Decides which records belong to the agency of the submission (definitions, section 4: scope)."""

import polars as pl

from schemas.record_columns import IS_REPEAT

_NO = pl.lit(value=False)


def mark_scope(
    client: pl.DataFrame, episode: pl.DataFrame, intervention: pl.DataFrame, agency: str | None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Marks the records that are out of scope, and those for which that has to be reported.

    Args:
        client: `client_key`, `AGNCY`, `AGNCY.value` and `is_exact_repeat`.
        episode: `client_key`, `episode_key`, `AGNCY`, `AGNCY.value` and `is_exact_repeat`.
        intervention: `episode_key`.
        agency: the agency of the submission; None where there is no single one.

    Returns:
        The three frames with `is_out_of_scope`. Clients and episodes also have `agency_is_checked` and
        `is_of_the_agency` (for AGNCY.other). Clients also have `episodes_supply_agency` (there are episodes, and
        all of them supply an AGNCY) and `AGNCY.sent`.
    """
    own, other = pl.col("AGNCY.value") == pl.lit(agency, dtype=pl.String), _is_other(agency)
    of_client = _summarise_episodes(episode, own, other)
    client = client.join(of_client, on="client_key", how="left", maintain_order="left").with_columns(
        pl.col("some_own", "all_other", "all_supply").fill_null(value=False)
    )
    is_single = (
        ~pl.col(IS_REPEAT) & ((~pl.col(IS_REPEAT)).sum().over("client_key") == 1) & pl.col("client_key").is_not_null()
    )
    # The same person: the client is recorded under another agency, and an episode under this one.
    counts_as_in_scope = is_single & other & pl.col("some_own")
    client = client.with_columns(counts_as_in_scope=counts_as_in_scope).with_columns(
        is_out_of_scope=(other & ~pl.col("counts_as_in_scope")) | (pl.col("AGNCY").is_null() & pl.col("all_other")),
        agency_is_checked=pl.col("AGNCY.value").is_not_null() & ~pl.col("counts_as_in_scope"),
        is_of_the_agency=own,
        # A blank CLIENTID links to nothing, so there is no answer.
        episodes_supply_agency=pl.when(pl.col("client_key").is_not_null()).then("all_supply"),
    )
    supplied = pl.when((pl.col("AGNCY").is_null() | pl.col("counts_as_in_scope")) & pl.col("some_own")).then(
        pl.lit(agency, dtype=pl.String)
    )
    client = client.with_columns(pl.coalesce(supplied, "AGNCY.value").alias("AGNCY.sent"))
    episode = _mark_episodes(client, episode, own, other)
    intervention = _mark_interventions(episode, intervention)
    return client.drop("some_own", "all_other", "all_supply", "counts_as_in_scope"), episode, intervention


def _is_other(agency: str | None) -> pl.Expr:
    return (pl.col("AGNCY.value") != pl.lit(agency, dtype=pl.String)).fill_null(value=False)


_OF_EPISODES = {"some_own": pl.Boolean, "all_other": pl.Boolean, "all_supply": pl.Boolean}


def _summarise_episodes(episode: pl.DataFrame, own: pl.Expr, other: pl.Expr) -> pl.DataFrame:
    """Returns for each client whether some, or all, of its episodes supply this or another agency."""
    if episode["AGNCY"].null_count() == len(episode):
        return pl.DataFrame(schema={"client_key": episode.schema["client_key"], **_OF_EPISODES})
    known = episode.lazy().filter(pl.col("client_key").is_not_null())
    supplies = pl.col("AGNCY").is_not_null()
    return (
        known.group_by("client_key").agg(some_own=own.any(), all_other=other.all(), all_supply=supplies.all()).collect()
    )


def _mark_episodes(client: pl.DataFrame, episode: pl.DataFrame, own: pl.Expr, other: pl.Expr) -> pl.DataFrame:
    of_client = (
        client.lazy()
        .filter(pl.col("client_key").is_not_null() & ~pl.col(IS_REPEAT))
        .group_by("client_key")
        .agg(
            no_client_in_scope=pl.col("is_out_of_scope").all(),
            client_of_other_agency=pl.col("counts_as_in_scope").any(),
        )
        .filter(pl.col("no_client_in_scope") | pl.col("client_of_other_agency"))
        .collect()
    )
    joined = episode.join(of_client, on="client_key", how="left", maintain_order="left").with_columns(
        pl.col("no_client_in_scope", "client_of_other_agency").fill_null(value=False)
    )
    belongs_to_other_client = pl.col("AGNCY").is_null() & pl.col("client_of_other_agency")
    return joined.with_columns(
        is_out_of_scope=other | pl.col("no_client_in_scope") | belongs_to_other_client,
        agency_is_checked=pl.col("AGNCY.value").is_not_null() | belongs_to_other_client,
        is_of_the_agency=pl.when(belongs_to_other_client).then(_NO).otherwise(own),
    ).drop("no_client_in_scope", "client_of_other_agency")


def _mark_interventions(episode: pl.DataFrame, intervention: pl.DataFrame) -> pl.DataFrame:
    """Marks the interventions of which no episode record is in scope, although there is one."""
    if not episode["is_out_of_scope"].any():
        return intervention.with_columns(is_out_of_scope=_NO)
    known = episode.lazy().filter(pl.col("episode_key").is_not_null() & ~pl.col(IS_REPEAT))
    outside = known.group_by("episode_key").agg(pl.col("is_out_of_scope").all()).filter("is_out_of_scope").collect()
    is_outside = pl.col("episode_key").is_in(outside["episode_key"].implode()).fill_null(value=False)
    return intervention.with_columns(is_out_of_scope=is_outside)
