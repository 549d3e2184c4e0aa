"""Runs the rules on an export in stages, each on the records it may see.

The rules about links run first, on all records; then the rules about consent; then all other rules, on the records
that are still in play (definitions, section 4: order).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from schemas.conditions.condition import RuleContext
from schemas.dataset import ENTITIES, Entity
from schemas.record_columns import IS_REPEAT, ROW
from schemas.rule import Rule, Severity
from schemas.rules.catalogue import select_stage
from transforms.inputs import Previous
from transforms.link.duplicates import PERSON_COLUMNS, find_possible_duplicates
from transforms.link.linkage import Records
from transforms.link.other_records import (
    CONSENT_QUESTIONS,
    EPISODE_QUESTIONS,
    INTERVENTION_QUESTIONS,
    answer_questions,
)
from transforms.link.own_interventions import summarise_interventions
from transforms.link.parents import add_parent_values
from transforms.link.previous import (
    REOPENING,
    REOPENING_READS,
    LastSubmission,
    add_reopening,
    find_dropped,
    find_replaced_episodes,
    join_previous,
    mark_latest,
    match_previous,
)
from transforms.rules.evaluate import COUNTS, FINDINGS, Seen, Validated, evaluate_rules
from transforms.tables.left_join import left_join_by_key
from transforms.tables.threads import map_in_threads

AGAINST_LAST = {
    "entity": pl.String, "row": pl.get_index_type(), "rule": pl.String, "old_value": pl.String, "new_value": pl.String,
}  # fmt: skip
_IN_PLAY = pl.col("is_in_play")
# Records times rules that are compared with the previous submission at a time: each takes about a hundred bytes.
_MOST_COMPARED = 8_000_000
DROPPED = dict.fromkeys(("entity", "rule", "CLIENTID", "EPISODID", "MODID"), pl.String)


@dataclass(frozen=True)
class Severities:
    """The severity in force of each rule, and which severities reject a record."""

    of_rule: Mapping[str, Severity]
    held_back: frozenset[Severity] = frozenset({"reject"})

    def select_rules(self, *severities: Severity) -> list[str]:
        """Returns the rules with one of these severities."""
        return [rule for rule, severity in self.of_rule.items() if severity in severities]

    def select_rejecting_rules(self) -> list[str]:
        """Returns the rules that reject a record."""
        return self.select_rules(*self.held_back)


@dataclass(frozen=True)
class RuleResults:
    """The linked records with their state, and the findings.

    `records` have `is_withheld`, `is_out_of_scope`, `is_in_play` and `is_rejected` (the record itself breaks a
    rejecting rule). `findings` has entity, row and rule; `counts` the four verdicts of each rule; `against_last` the
    old and new value of each finding from the comparison with the previous submission; `dropped` the rule, CLIENTID,
    EPISODID and MODID of records that were sent last time and are missing now; `ready` the frames that the rules of the
    stage 'record' read.
    """

    records: Records
    findings: pl.DataFrame
    counts: pl.DataFrame
    dropped: pl.DataFrame
    against_last: pl.DataFrame
    ready: Mapping[Entity, pl.DataFrame]


@dataclass
class _Found:
    """The findings and counts collected so far, per entity."""

    by_entity: dict[Entity, Validated] = field(
        default_factory=lambda: {
            entity: Validated(pl.DataFrame(schema=FINDINGS), pl.DataFrame(schema=COUNTS)) for entity in ENTITIES
        }
    )

    def add(self, entity: Entity, validated: Validated) -> None:
        self.by_entity[entity] += validated

    def is_breaking(self, entity: Entity, rules: Sequence[str]) -> pl.Expr:
        """Returns an expression: whether a record breaks one of these rules."""
        findings = self.by_entity[entity].findings
        rows = findings.filter(pl.col("rule").is_in(rules))["row"].unique()
        return pl.col(ROW).is_in(rows.implode()) if len(rows) else pl.lit(value=False)


def run_rule_stages(
    linked: Records,
    rules: Sequence[Rule],
    severities: Severities,
    context: RuleContext,
    previous: Previous,
) -> RuleResults:
    """Runs the rules of records on a linked export.

    Args:
        linked: from `transforms.link.linkage.link_records`.
        rules: the rules of the month.
        severities: the severity of each rule, and its effect on a record.
        context: the code lists and the day of the extract.
        previous: the agency's earlier submissions.
    """
    found = _Found()
    # Only the rule about exact repeats sees them. Any other rule would report the same record twice.
    first = ~pl.col(IS_REPEAT)
    in_scope = first & ~pl.col("is_out_of_scope")
    linked = _answer_consent_questions(linked, context, in_scope)
    # None of these stages needs the results of another one, so they run together.
    before: Seen = {"repeats": pl.lit(value=True), "scope": first, "ties": in_scope, "consent": in_scope}
    for entity in ENTITIES:
        rules_before = [rule for stage in before for rule in select_stage(rules, stage, entity)]
        found.add(entity, evaluate_rules(linked[entity], entity, rules_before, context, before))
    marked = _mark_state(linked, severities, found)
    ready = _prepare_records(marked, rules, context, previous)
    # These rules need no result of another entity, so the entities run in parallel.
    of_records = map_in_threads(
        lambda entity: evaluate_rules(
            ready[entity], entity, select_stage(rules, "record", entity), context, {"record": _IN_PLAY}
        ),
        ENTITIES,
    )
    for entity, validated in zip(ENTITIES, of_records, strict=True):
        found.add(entity, validated)
    last = previous.last
    against_last = _run_history_rules(last, marked, rules, context, found)
    # Rejection comes last, because a rule of any stage may reject. It takes no record out of play.
    rejecting = severities.select_rejecting_rules()
    for entity in ENTITIES:
        marked = marked.put(entity, marked[entity].with_columns(is_rejected=found.is_breaking(entity, rejecting)))
    gathered = [
        found.by_entity[entity].findings.select(entity=pl.lit(entity), row="row", rule="rule") for entity in ENTITIES
    ]
    dropped, dropped_counts = _find_dropped(last, marked, rules, context)
    counts = [validated.counts for validated in found.by_entity.values()]
    return RuleResults(
        records=marked,
        findings=pl.concat(gathered),
        counts=pl.concat([*counts, dropped_counts]),
        dropped=dropped,
        against_last=against_last,
        ready=ready,
    )


def join_compared_records(
    last: LastSubmission,
    records: Records,
    matched: pl.DataFrame,
    entity: Entity,
    rules: Sequence[Rule],
    context: RuleContext,
) -> pl.DataFrame:
    """Returns the records that `match_previous` matched, with the columns that the history rules read."""
    truths = [part.expression(context) for rule in rules for part in (rule.statement.applies, rule.statement.holds)]
    # Only the columns that the rules read are joined, because the previous submission has all of them.
    reads = {name for truth in truths for name in truth.meta.root_names()}
    reads |= {f"{when}.{rule.field}" for rule in rules for when in ("last", "now")}
    if not reads.intersection(REOPENING):
        return join_previous(records[entity], last[entity], matched, entity, context, reads)
    compared = join_previous(records[entity], last[entity], matched, entity, context, reads.union(REOPENING_READS))
    return add_reopening(compared, records, last)


def _run_history_rules(
    last: LastSubmission | None, marked: Records, rules: Sequence[Rule], context: RuleContext, found: _Found
) -> pl.DataFrame:
    """Runs the rules that compare with the previous submission.

    Returns:
        entity, row, rule, old_value and new_value of each finding.
    """
    differences = [pl.DataFrame(schema=AGAINST_LAST)]
    if last is None:
        return differences[0]
    for entity in ENTITIES:
        matched = match_previous(marked[entity], last[entity], entity)
        for some in _split_rules(select_stage(rules, "history", entity), len(matched)):
            compared = join_compared_records(last, marked, matched, entity, some, context)
            validated = evaluate_rules(compared, entity, some, context)
            found.add(entity, validated)
            broken = set(validated.findings["rule"])
            differences += [
                _list_old_and_new(compared, validated.findings, rule) for rule in some if rule.name in broken
            ]
    return pl.concat(differences)


def _split_rules(rules: Sequence[Rule], records: int) -> Iterator[Sequence[Rule]]:
    """Yields the rules in portions, so that the columns that they compare take a limited amount of memory."""
    portion = max(1, _MOST_COMPARED // max(1, records))
    for start in range(0, len(rules), portion):
        yield rules[start : start + portion]


def _list_old_and_new(compared: pl.DataFrame, findings: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    rows = findings.filter(pl.col("rule") == rule.name).select(ROW)
    return rows.join(compared.select(ROW, f"last.{rule.field}", f"now.{rule.field}"), on=ROW).select(
        pl.lit(rule.entity).alias("entity"),
        ROW,
        pl.lit(rule.name).alias("rule"),
        pl.col(f"last.{rule.field}").alias("old_value"),
        pl.col(f"now.{rule.field}").alias("new_value"),
    )


def _find_dropped(
    last: LastSubmission | None, marked: Records, rules: Sequence[Rule], context: RuleContext
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the findings about records of the previous submission that are missing from this export."""
    named = [pl.DataFrame(schema=DROPPED)]
    counts = [pl.DataFrame(schema=COUNTS)]
    if last is not None:
        gone = find_dropped(last, marked)
        for entity in ENTITIES:
            validated = evaluate_rules(gone[entity], entity, select_stage(rules, "dropped", entity), context)
            found = validated.findings.join(gone[entity], on=ROW)
            missing = [pl.lit(None, dtype=pl.String).alias(name) for name in DROPPED if name not in found.columns]
            named.append(found.with_columns(missing).with_columns(entity=pl.lit(entity)).select(*DROPPED))
            counts.append(validated.counts)
    return pl.concat(named), pl.concat(counts)


def _mark_state(linked: Records, severities: Severities, found: _Found) -> Records:
    """Marks which records are withheld, out of scope and in play.

    Interventions inherit the state of their episodes. An intervention is withheld if any record of its episode is,
    because the id may be in conflict.
    """
    withholding, scoping = severities.select_rules("withhold"), severities.select_rules("scope")
    client, episode, intervention = (
        linked[entity].with_columns(
            is_withheld=found.is_breaking(entity, withholding),
            is_out_of_scope=pl.col("is_out_of_scope") | found.is_breaking(entity, scoping),
        )
        for entity in ENTITIES
    )
    intervention = _inherit_consent(intervention, episode)
    taken_out = pl.col(IS_REPEAT) | pl.col("is_withheld") | pl.col("is_out_of_scope")
    episode, intervention = (records.with_columns(is_in_play=~taken_out) for records in (episode, intervention))
    # The episodes of a client without an id are unknown, so the client stays in play and all its findings are reported.
    with_episode = episode["client_key"].filter(episode["is_in_play"]).drop_nulls().unique().implode()
    has_episode = pl.col("client_key").is_in(with_episode) | pl.col("client_key").is_null()
    return Records(client.with_columns(is_in_play=~taken_out & has_episode), episode, intervention)


def _inherit_consent(interventions: pl.DataFrame, episodes: pl.DataFrame) -> pl.DataFrame:
    withheld = episodes.lazy().filter(pl.col("is_withheld")).select("episode_key").collect()["episode_key"]
    is_withheld = pl.col("episode_key").is_in(withheld.drop_nulls().unique().implode()).fill_null(value=False)
    return interventions.with_columns(is_withheld=is_withheld & ~pl.col("is_out_of_scope"))


def _answer_consent_questions(linked: Records, context: RuleContext, in_scope: pl.Expr) -> Records:
    """Adds what the rules about consent ask about other episodes, which they see although they may be withheld."""
    episode = answer_questions(linked.episode, "episode", "client_key", CONSENT_QUESTIONS, context, in_scope)
    return linked.put("episode", episode)


def _prepare_records(
    marked: Records, rules: Sequence[Rule], context: RuleContext, previous: Previous
) -> dict[Entity, pl.DataFrame]:
    """Returns all records with the values of their parents and, for those in play, the answers about other records."""
    with_parents = add_parent_values(marked)
    prepare: Mapping[Entity, Callable[[], pl.DataFrame]] = {
        "client": lambda: _prepare_clients(with_parents["client"]),
        "episode": lambda: _prepare_episodes(with_parents, marked, context, previous),
        "intervention": lambda: answer_questions(
            with_parents["intervention"], "intervention", "episode_key", INTERVENTION_QUESTIONS, context, _IN_PLAY
        ),
    }
    return dict(zip(ENTITIES, map_in_threads(lambda entity: prepare[entity](), ENTITIES), strict=True))


def _prepare_clients(clients: pl.DataFrame) -> pl.DataFrame:
    in_play = clients.lazy().filter(_IN_PLAY).select(ROW, "CLIENT", "CLIENTID", *PERSON_COLUMNS).collect()
    return left_join_by_key(clients, find_possible_duplicates(in_play), ROW)


def _prepare_episodes(records: Records, marked: Records, context: RuleContext, previous: Previous) -> pl.DataFrame:
    episodes = answer_questions(records["episode"], "episode", "client_key", EPISODE_QUESTIONS, context, _IN_PLAY)
    episodes = summarise_interventions(episodes, records["intervention"], context)
    moved = pl.Series(list(previous.agency_of), dtype=pl.String)
    two_authorities, one_area = _compare_authorities(context)
    return episodes.with_columns(
        find_replaced_episodes(previous.last, marked).alias("replaces_an_episode"),
        was_sent_by_another_agency=pl.col("EPISODID").is_in(moved.implode()).fill_null(value=False),
        has_two_authorities=two_authorities,
        authorities_are_one_area=one_area,
    )


def _compare_authorities(context: RuleContext) -> tuple[pl.Expr, pl.Expr]:
    """Returns whether the source and the directory both have an authority, and whether both are one area.

    The directory may be of another day than the code lists, so the areas are compared and not their codes.
    """
    concepts = {code.code: code.concept for code in context.lists["UTLA"].codes if code.concept}
    of_source = pl.col("UTLA.value").replace_strict(concepts, default=None, return_dtype=pl.String)
    of_postcode = pl.col("UTLA.of_postcode")
    both = pl.col("UTLA.is_from_source") & of_source.is_not_null() & of_postcode.is_not_null()
    pairs = [f"{one} {other}" for one, other in sorted(context.same_concepts)]
    same = (of_source == of_postcode) | pl.concat_str([of_source, of_postcode], separator=" ").is_in(pairs)
    return both.fill_null(value=False), same


def run_sent_rules(
    records: Records, rules: Sequence[Rule], context: RuleContext, last: LastSubmission | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs the rules that look at the outcomes, and change none of them.

    Args:
        records: the records with their outcome.
        rules: the rules of the month.
        context: the code lists and the day of the extract.
        last: the agency's earlier submissions; None where there is none.

    Returns:
        The findings (entity, row, rule) and the counts.
    """
    marked = mark_latest(records, last)
    results = {
        entity: evaluate_rules(marked[entity], entity, select_stage(rules, "sent", entity), context)
        for entity in ENTITIES
    }
    findings = [
        result.findings.select(entity=pl.lit(entity), row=ROW, rule="rule") for entity, result in results.items()
    ]
    return pl.concat(findings), pl.concat(result.counts for result in results.values())
