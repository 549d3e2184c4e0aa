"""Builds the rows of findings and outcomes that people read, with private values masked."""

import hashlib
from collections.abc import Iterable, Mapping

import polars as pl

from schemas.conditions.condition import RuleContext
from schemas.conditions.days import HoldsBirthday
from schemas.dataset import ENTITIES, ID_FIELD, MASK, Entity, get_field, list_entity_fields
from schemas.record_columns import ENTITY, IS_REPEAT, ROW, SOURCE_FILE, SOURCE_LINE
from schemas.rule import Rule
from transforms.link.linkage import Records
from transforms.parse.stray_postcodes import STRAY_POSTCODE, contains_postcode, hide_postcodes
from transforms.results.outcomes import OUTCOME, Outcome
from transforms.rules.stages import RuleResults
from transforms.tables.left_join import left_join_by_key

_BIRTH = "birth.DOB.value"
# Of these records, only ids, source and line are stored (interface, section 6).
_HIDDEN = ("withheld", "out_of_scope")
IDS = ("client_id", "episode_id", "intervention_id")
_RECORDED = (
    ROW, *ID_FIELD.values(), "episode_key", "outcome", "cause_entity", "cause_row", SOURCE_FILE, SOURCE_LINE
)  # fmt: skip
_HASH_BYTES = 16
_Schema = Mapping[str, pl.DataType | type[pl.DataType]]
OUTCOMES: _Schema = {
    "entity": ENTITY, "row": pl.UInt32, **dict.fromkeys(IDS, pl.String), "outcome": OUTCOME,
    "cause_entity": ENTITY, "cause_row": pl.UInt32, "source_file": pl.String, "source_line": pl.UInt32,
}  # fmt: skip
_REPORTED: _Schema = {**OUTCOMES, "masked_ids": pl.String}
FOUND: _Schema = {
    "entity": pl.String, "row": pl.UInt32, **dict.fromkeys(IDS, pl.String), "masked_ids": pl.String, "rule": pl.String,
    "value": pl.String, "note": pl.String, "old_value": pl.String, "new_value": pl.String,
    "source_file": pl.String, "source_line": pl.UInt32,
}  # fmt: skip


def build_outcome_rows(
    records: Records,
    findings: pl.DataFrame,
    context: RuleContext,
    *,
    of_every_record: bool = False,
    fingerprint_key: bytes = b"",
) -> pl.DataFrame:
    """Returns one row per record to report: its ids, its outcome and the cause.

    Skips a record that was sent and has no finding, because its ids are stored with the sent values. Masks an id
    that holds a date of birth wherever the id occurs.

    Args:
        records: records with outcomes and causes.
        findings: entity, row and rule; the findings of `*.identifying` decide which ids are masked.
        context: the code lists and the day of the extract.
        of_every_record: whether to return every record, because the sent values will not be stored.
        fingerprint_key: the key of the hash of masked ids.

    Returns:
        The columns of `OUTCOMES`, and `masked_ids`: for a record with a masked id, the keyed hash of its three ids.
    """
    masked = _find_identifying_ids(records, findings, context)
    shown = {column: _mask_ids(column, ids) for column, ids in masked.items()}
    rows = [
        _add_ids(_select_reported(records, entity, findings, masked, of_every_record), records, entity).select(
            pl.lit(entity, dtype=ENTITY).alias("entity"),
            ROW,
            *(expression.alias(column) for column, expression in shown.items()),
            "outcome",
            "cause_entity",
            "cause_row",
            SOURCE_FILE,
            SOURCE_LINE,
            masked_ids=pl.when(pl.any_horizontal(_is_masked(column, ids) for column, ids in masked.items())).then(
                pl.concat_str(IDS, separator="|", ignore_nulls=True)
            ),
        )
        for entity in ENTITIES
    ]
    reported = pl.concat(_cast_columns(frame, _REPORTED) for frame in rows)
    return reported.with_columns(_hash_masked_ids(reported["masked_ids"], fingerprint_key))


def _select_reported(
    records: Records, entity: Entity, findings: pl.DataFrame, masked: Mapping[str, pl.Series], everything: bool
) -> pl.DataFrame:
    """Returns the records of an entity that were not sent, have a finding, or have a masked id."""
    frame = records[entity].select(name for name in _RECORDED if name in records[entity].columns)
    if everything:
        return frame
    found = findings.filter(pl.col("entity") == entity)["row"].unique()
    is_recorded = (pl.col("outcome") != Outcome.SENT.value) | pl.col(ROW).is_in(found.implode())
    return frame.filter(pl.any_horizontal(is_recorded, *_build_mask_conditions(records, entity, masked)))


def _build_mask_conditions(records: Records, entity: Entity, masked: Mapping[str, pl.Series]) -> list[pl.Expr]:
    """Returns one expression per id of a record and its parents: whether that id is masked."""
    conditions = [
        pl.col(ID_FIELD[owner]).is_in(masked[column].implode())
        for column, owner in zip(IDS, ENTITIES, strict=True)
        if len(masked[column]) and ID_FIELD[owner] in records[entity].columns
    ]
    # An intervention has no CLIENTID of its own, so its client is found through the episode.
    if entity == "intervention" and len(masked["client_id"]):
        of_client = records.episode["episode_key"].filter(
            records.episode["CLIENTID"].is_in(masked["client_id"].implode())
        )
        conditions.append(pl.col("episode_key").is_in(of_client.unique().implode()))
    return conditions


def _is_masked(column: str, ids: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(ids.implode()) if len(ids) else pl.lit(value=False)


def _hash_masked_ids(ids: pl.Series, key: bytes) -> pl.Series:
    """Returns the keyed hash of each text; null stays null."""
    distinct = ids.drop_nulls().unique()
    hashes = [hash_masked_id(text, key) for text in distinct]
    return ids.replace_strict(distinct, hashes, default=None, return_dtype=pl.String)


def hash_masked_id(ids: str, key: bytes) -> str:
    """Returns the keyed hash of a record's ids, which are joined by `|`."""
    return hashlib.blake2b(ids.encode(), key=key, digest_size=_HASH_BYTES).hexdigest()


def _mask_ids(column: str, ids: pl.Series) -> pl.Expr:
    # Most exports have no id to mask, and then the column is used as it is.
    if ids.is_empty():
        return pl.col(column)
    return pl.when(pl.col(column).is_in(ids.implode())).then(pl.lit(MASK)).otherwise(pl.col(column))


def select_outcomes_to_store(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Returns the outcomes of records that were not sent, or were sent with a masked id.

    The ids of all other records are stored with the sent values. Returns the columns of `OUTCOMES`.
    """
    has_mask = pl.any_horizontal(pl.col(IDS) == MASK).fill_null(value=False)
    return outcomes.select(*OUTCOMES).filter((pl.col("outcome") != Outcome.SENT.value) | has_mask)


def build_finding_rows(
    judged: RuleResults, rules: Iterable[Rule], outcomes: pl.DataFrame, notes: pl.DataFrame
) -> pl.DataFrame:
    """Returns one row per finding of a record, with its ids, its place in the source and the source value.

    Args:
        judged: the records and their findings.
        rules: the rules that were run.
        outcomes: from `build_outcome_rows`.
        notes: notes on values: rule, value, note; each pair of rule and value once.

    Returns:
        The columns of `FOUND`. Identifying values are masked; a record that is withheld or out of scope shows
        no value.
    """
    of_name = {rule.name: rule for rule in rules}
    # One gather per rule reads a column once for all its findings.
    with_values = [
        part.with_columns(value=_get_blamed_values(judged.records, of_name[name], str(entity), part["row"]))
        for (entity, name), part in judged.findings.group_by("entity", "rule")
        if isinstance(name, str)
    ]
    found = pl.concat(
        [
            pl.DataFrame(schema={"entity": pl.String, "row": pl.UInt32, "rule": pl.String, "value": pl.String}),
            *with_values,
        ]
    )
    of_records = outcomes.select(
        "entity", "row", *IDS, "masked_ids", "source_file", "source_line", is_hidden=pl.col("outcome").is_in(_HIDDEN)
    )
    about_outcomes = [rule.name for rule in of_name.values() if _shows_outcome(rule)]
    # The old and the new value come from the sent tables, which hold the values in full.
    masked = [rule.name for rule in of_name.values() if rule.field and get_field(rule.field).is_masked]
    with_ids = (
        found.with_columns(pl.col("entity").cast(ENTITY))
        .join(of_records, on=["entity", "row"], how="left")
        .join(judged.against_last.with_columns(pl.col("entity").cast(ENTITY)), on=["entity", "row", "rule"], how="left")
        .join(notes, on=["rule", "value"], how="left")
        .with_columns(
            # An outcome is not a value of the record.
            value=pl.when(~pl.col("is_hidden") | pl.col("rule").is_in(about_outcomes)).then("value"),
            old_value=_mask_value("old_value", masked),
            new_value=_mask_value("new_value", masked),
        )
    )
    # Free text is sent unchanged, so a postcode in it has to be hidden here.
    texts = [blamed.name for blamed in of_name.values() if blamed.field and get_field(blamed.field).kind != "code"]
    with_ids = with_ids.with_columns(
        pl.when(pl.col("rule").is_in(texts) & contains_postcode(pl.col(column)))
        .then(pl.lit(STRAY_POSTCODE))
        .otherwise(column)
        .alias(column)
        for column in ("old_value", "new_value")
    )
    return pl.concat([_cast_columns(with_ids, FOUND), _build_dropped_rows(judged.dropped)]).sort(
        "entity", "row", "rule", *IDS
    )


def _mask_value(column: str, masked: list[str]) -> pl.Expr:
    hidden = pl.col("rule").is_in(masked) & pl.col(column).is_not_null()
    return pl.when(hidden).then(pl.lit(MASK)).otherwise(pl.col(column))


def _build_dropped_rows(dropped: pl.DataFrame) -> pl.DataFrame:
    """Returns the findings for records that are missing from this export: they have ids, but no row or line."""
    named = dropped.rename({"CLIENTID": "client_id", "EPISODID": "episode_id", "MODID": "intervention_id"})
    named = named.with_columns(
        pl.when(contains_postcode(pl.col(column))).then(pl.lit(MASK)).otherwise(column).alias(column)
        for column in IDS
        if column in named.columns
    )
    missing = [pl.lit(None).alias(name) for name in FOUND if name not in named.columns]
    return _cast_columns(named.with_columns(missing), FOUND)


def count_completeness(records: Records) -> pl.DataFrame:
    """Counts for each field the records in play, and how many are populated and understood."""
    return pl.concat([_count_filled(records[entity], entity) for entity in ENTITIES])


def _count_filled(records: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    seen, headers = pl.col("is_in_play"), _list_headers(entity)
    value_columns = {
        header: f"{header}.value" if f"{header}.value" in records.columns else header for header in headers
    }
    populated = records.select((seen & pl.col(header).is_not_null()).sum().alias(header) for header in headers).row(0)
    understood = records.select(
        (seen & pl.col(column).is_not_null()).sum().alias(header) for header, column in value_columns.items()
    ).row(0)
    number = int(records["is_in_play"].sum())
    return pl.DataFrame(
        {"field": headers, "records": [number] * len(headers), "populated": populated, "understood": understood},
        schema={"field": pl.String, "records": pl.Int64, "populated": pl.Int64, "understood": pl.Int64},
    )


def count_unmapped(records: Records, unknown_postcodes: pl.DataFrame) -> pl.DataFrame:
    """Counts the source values that match no code, and the postcode sectors that are in no directory.

    Returns:
        field, value, records; for records in play only.
    """
    parts = [unknown_postcodes.select(field=pl.lit("PC"), value="value", records=pl.col("records").cast(pl.UInt32))]
    for entity in ENTITIES:
        coded = [header for header in _list_headers(entity) if get_field(header).kind == "code"]
        some = records[entity].select(_is_unmapped(header).any().alias(header) for header in coded).row(0, named=True)
        for header in (header for header in coded if some[header]):
            values = records[entity].select(pl.col(header).filter(_is_unmapped(header)).alias("value"))
            counted = values.group_by("value").len("records")
            parts.append(counted.select(field=pl.lit(header), value="value", records=pl.col("records").cast(pl.UInt32)))
    return pl.concat(parts).sort("field", "value")


def _is_unmapped(header: str) -> pl.Expr:
    return pl.col("is_in_play") & pl.col(header).is_not_null() & pl.col(f"{header}.value").is_null()


def _cast_columns(frame: pl.DataFrame, schema: _Schema) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _list_headers(entity: Entity) -> list[str]:
    return [field.header for field in list_entity_fields(entity)]


def _get_blamed_values(records: Records, rule: Rule, found_in: str, rows: pl.Series) -> pl.Series:
    """Returns the source values of the field that a rule blames; null where the record has no such field.

    For a rule about outcomes, returns the outcome.
    """
    entity = next(entity for entity in ENTITIES if entity == found_in)
    blamed = get_field(rule.field)
    frame = records[entity]
    if _shows_outcome(rule):
        return frame["outcome"].gather(rows).cast(pl.String)
    if blamed.entity != entity and rule.field not in frame.columns:
        return pl.Series([None] * len(rows), dtype=pl.String)
    values = frame[rule.field].gather(rows)
    if blamed.is_masked:
        return pl.select(pl.when(values.is_not_null()).then(pl.lit(MASK))).to_series()
    # In coded fields, `parse_fields` has already hidden postcodes in texts that match no code.
    return values if blamed.kind == "code" else hide_postcodes(values)


def _shows_outcome(rule: Rule) -> bool:
    return rule.stage == "sent" and rule.name.endswith(".no_longer_sent")


def _add_ids(frame: pl.DataFrame, records: Records, entity: Entity) -> pl.DataFrame:
    """Adds the three ids to the records of an entity; the ids of lower entities are null."""
    nothing = pl.lit(None, dtype=pl.String)
    if entity == "client":
        return frame.with_columns(client_id="CLIENTID", episode_id=nothing, intervention_id=nothing)
    if entity == "episode":
        return frame.with_columns(client_id="CLIENTID", episode_id="EPISODID", intervention_id=nothing)
    is_parent = pl.col("episode_key").is_in(frame["episode_key"].unique().implode())
    episodes = (
        records.episode.select("episode_key", "CLIENTID", IS_REPEAT, "is_out_of_scope")
        .filter(is_parent & ~pl.col(IS_REPEAT))
        # The id may occur once for each of two agencies; that of this agency counts.
        .sort("is_out_of_scope", maintain_order=True)
    )
    clients = episodes.group_by("episode_key").agg(client_id=pl.col("CLIENTID").first())
    return left_join_by_key(frame, clients, "episode_key").with_columns(episode_id="EPISODID", intervention_id="MODID")


def _find_identifying_ids(records: Records, findings: pl.DataFrame, context: RuleContext) -> dict[str, pl.Series]:
    """Returns the ids that hold a date of birth or a postcode.

    Rules find the dates of birth in the records they see. This function checks the other records itself.
    """
    episodes, interventions = _select_unchecked(records.episode), _select_unchecked(records.intervention)
    keys = interventions["episode_key"].drop_nulls().unique()
    of_episode = _select_keys(records.episode.select("episode_key", "client_key"), "episode_key", keys)
    clients = pl.concat([episodes["client_key"], of_episode["client_key"]]).drop_nulls().unique()
    births = _select_keys(records.client.select("client_key", pl.col("DOB.value").alias(_BIRTH)), "client_key", clients)
    unlooked: dict[Entity, pl.DataFrame] = {
        "client": records.client.filter(~pl.col("is_in_play")).with_columns(pl.col("DOB.value").alias(_BIRTH)),
        "episode": episodes.join(births, on="client_key"),
        "intervention": interventions.join(of_episode, on="episode_key").join(births, on="client_key"),
    }
    found: dict[str, pl.Series] = {}
    for column, entity in zip(IDS, ENTITIES, strict=True):
        identifier = ID_FIELD[entity]
        by_rule = findings.filter((pl.col("entity") == entity) & (pl.col("rule") == f"{identifier}.identifying"))
        own = unlooked[entity].filter(HoldsBirthday(identifier, "birth.DOB").expression(context))[identifier]
        stray = records[entity].select(pl.col(identifier).filter(contains_postcode(pl.col(identifier)))).to_series()
        found[column] = pl.concat([own, stray, records[entity][identifier].gather(by_rule["row"])]).unique()
    return found


def _select_keys(ties: pl.DataFrame, key: str, keys: pl.Series) -> pl.DataFrame:
    """Returns the distinct pairs whose key is one of `keys`."""
    return ties.filter(pl.col(key).is_in(keys.implode())).drop_nulls().unique()


def _select_unchecked(records: pl.DataFrame) -> pl.DataFrame:
    """Returns the ids and keys of records that no rule saw, or whose parent provided no date of birth."""
    keys = [name for name in (*ID_FIELD.values(), "client_key", "episode_key") if name in records.columns]
    unlooked = ~pl.col("is_in_play") | pl.col("parent_row").is_null()
    return records.lazy().filter(unlooked).select(keys).collect()
