"""Runs the rules on an export in stages, each on the records it may see.

The rules about links run first, on all records; then the rules about consent; then all other rules, on the records
that are still in play (definitions, section 4: order).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from schemas.condition import RuleContext
from schemas.dataset import ENTITIES, Entity
from schemas.record_columns import IS_REPEAT, ROW
from schemas.rule import Rule, Severity
from schemas.rules.catalogue import select_stage
from transforms.link.linkage import Records
from transforms.link.parents import add_parent_values
from transforms.link.previous import REOPENING_READS, LastSubmission, add_reopening, find_dropped, join_previous
from transforms.link.related import add_related_answers, answer_interventions
from transforms.parse.unique_values import is_duplicated
from transforms.rules.evaluate import COUNTS, FINDINGS, Validated, evaluate_rules
from transforms.tables.left_join import left_join_by_key
from transforms.tables.threads import map_in_threads

AGAINST_LAST = {
    "entity": pl.String, "row": pl.get_index_type(), "rule": pl.String, "old_value": pl.String, "new_value": pl.String,
}  # fmt: skip
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
    last: LastSubmission | None = None,
) -> RuleResults:
    """Runs the rules of records on a linked export.

    Args:
        linked: from `transforms.link.linkage.link_records`.
        rules: the rules of the month.
        severities: the severity of each rule, and its effect on a record.
        context: the code lists and the day of the extract.
        last: the agency's previous submission; None where there is none.
    """
    found = _Found()
    for entity in ENTITIES:
        # Only the rule about exact repeats sees them. Any other rule would report the same record twice.
        first = ~pl.col(IS_REPEAT)
        found.add(entity, evaluate_rules(linked[entity], entity, select_stage(rules, "repeats", entity), context))
        found.add(entity, evaluate_rules(linked[entity], entity, select_stage(rules, "ties", entity), context, first))
        found.add(
            entity, evaluate_rules(linked[entity], entity, select_stage(rules, "consent", entity), context, first)
        )
    marked = _mark_state(linked, severities, found)
    ready = _prepare_records(marked, rules, context)
    # These rules need no result of another entity, so the entities run in parallel.
    in_play = pl.col("is_in_play")
    of_records = map_in_threads(
        lambda entity: evaluate_rules(ready[entity], entity, select_stage(rules, "record", entity), context, in_play),
        ENTITIES,
    )
    for entity, validated in zip(ENTITIES, of_records, strict=True):
        found.add(entity, validated)
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
    last: LastSubmission, records: Records, entity: Entity, rules: Sequence[Rule], context: RuleContext
) -> pl.DataFrame:
    """Returns the records in play that were in the previous submission, with the columns the history rules read."""
    truths = [part.expression(context) for rule in rules for part in (rule.statement.applies, rule.statement.holds)]
    # Only the columns that the rules read are joined, because the previous submission has all of them.
    reads = {name for truth in truths for name in truth.meta.root_names()}
    reads |= {f"{when}.{rule.field}" for rule in rules for when in ("last", "now")}
    if entity != "episode":
        return join_previous(records[entity], last[entity], entity, context, reads)
    compared = join_previous(records[entity], last[entity], entity, context, reads.union(REOPENING_READS))
    return add_reopening(compared, records, last, context)


def _run_history_rules(
    last: LastSubmission | None, marked: Records, rules: Sequence[Rule], context: RuleContext, found: _Found
) -> pl.DataFrame:
    """Runs the rules that compare with the previous submission.

    Returns:
        entity, row, rule, old_value and new_value of each finding.
    """
    differences = [pl.DataFrame(schema=AGAINST_LAST)]
    for entity in ENTITIES if last else ():
        history_rules = select_stage(rules, "history", entity)
        if history_rules and last:
            compared = join_compared_records(last, marked, entity, history_rules, context)
            validated = evaluate_rules(compared, entity, history_rules, context)
            found.add(entity, validated)
            differences += [_list_old_and_new(compared, validated.findings, rule) for rule in history_rules]
    return pl.concat(differences)


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

    Children inherit the state of their parents. A child is withheld if any record of its episode is, because the id may
    be in conflict, and out of scope if all records of its parent are.
    """
    withholding, scoping = severities.select_rules("withhold"), severities.select_rules("scope")
    client, episode, intervention = (
        linked[entity].with_columns(
            is_withheld=found.is_breaking(entity, withholding), is_out_of_scope=found.is_breaking(entity, scoping)
        )
        for entity in ENTITIES
    )
    episode = _inherit(episode, client, "client_key")
    intervention = _inherit(intervention, episode, "episode_key")
    taken_out = pl.col(IS_REPEAT) | pl.col("is_withheld") | pl.col("is_out_of_scope")
    episode, intervention = (children.with_columns(is_in_play=~taken_out) for children in (episode, intervention))
    # The episodes of a client without an id are unknown, so the client stays in play and all its findings are reported.
    with_episode = episode["client_key"].filter(episode["is_in_play"]).drop_nulls().unique().implode()
    has_episode = pl.col("client_key").is_in(with_episode) | pl.col("client_key").is_null()
    return Records(client.with_columns(is_in_play=~taken_out & has_episode), episode, intervention)


def _inherit(children: pl.DataFrame, parents: pl.DataFrame, key: str) -> pl.DataFrame:
    states = parents.select(key, IS_REPEAT, "is_withheld", "is_out_of_scope").filter(
        pl.col(key).is_not_null() & ~pl.col(IS_REPEAT)
    )
    # Few records are taken out, so only the groups that share a key with one of them are aggregated.
    taken_out = states.filter(pl.col("is_withheld") | pl.col("is_out_of_scope"))[key].unique()
    inherited = (
        states.filter(pl.col(key).is_in(taken_out.implode()))
        .group_by(key)
        .agg(parent_withheld=pl.col("is_withheld").any(), parent_out_of_scope=pl.col("is_out_of_scope").all())
    )
    no = pl.lit(value=False)
    return (
        left_join_by_key(children, inherited, key)
        .with_columns(
            is_withheld=pl.col("is_withheld") | pl.coalesce("parent_withheld", no),
            is_out_of_scope=pl.col("is_out_of_scope") | pl.coalesce("parent_out_of_scope", no),
        )
        .drop("parent_withheld", "parent_out_of_scope")
    )


def _prepare_records(marked: Records, rules: Sequence[Rule], context: RuleContext) -> dict[Entity, pl.DataFrame]:
    """Returns all records with the values of their parents and, for those in play, the answers about other records."""
    client, episode, intervention = (add_parent_values(marked)[entity] for entity in ENTITIES)
    of_records = {entity: select_stage(rules, "record", entity) for entity in ENTITIES}
    with_others = add_related_answers(episode, "episode", of_records["episode"], context)
    return {
        "client": left_join_by_key(
            client,
            _find_possible_duplicates(
                client.lazy().filter("is_in_play").select(ROW, "CLIENT", "CLIENTID", *_PERSON).collect()
            ),
            ROW,
        ),
        "episode": answer_interventions(with_others, intervention, of_records["episode"], context),
        "intervention": add_related_answers(intervention, "intervention", of_records["intervention"], context),
    }


_PERSON = ("FINITIAL.value", "SINITIAL.value", "DOB.value", "SEX.value", "SEX.sent")
_LINKED_BY = _PERSON[:4]


def _find_possible_duplicates(clients: pl.DataFrame) -> pl.DataFrame:
    """Finds clients that share a reference but differ, and clients that differ only in CLIENTID.

    Two records of a group differ in a field exactly if the group holds more than one value of it. An unknown value on
    either side leaves the answer open.

    Returns:
        `row`, `shares_its_reference`, `has_possible_duplicate`.
    """
    # Counting distinct values per group avoids a join of all pairs. Unique references need no check.
    of_reference = clients.filter(is_duplicated(clients["CLIENT"])).select(
        ROW,
        shares_its_reference=pl.any_horizontal(
            _differs_from_another(pl.col(column), "CLIENT") for column in _PERSON if column != "SEX.value"
        ),
    )
    alike = clients.filter(pl.struct(_LINKED_BY).is_duplicated())
    clientid = pl.col("CLIENTID")
    several = clientid.drop_nulls().n_unique().over(_LINKED_BY) > 1
    no, yes = pl.lit(value=False), pl.lit(value=True)
    # A blank CLIENTID may or may not equal another, so the answer is null.
    of_person = alike.select(
        ROW,
        has_possible_duplicate=pl.when(clientid.is_not_null() & several).then(yes)
        .when(clientid.is_not_null().all().over(_LINKED_BY)).then(no),
    )  # fmt: skip
    # A record outside the checked groups has no counterpart, so the answer is false.
    return clients.select(
        ROW,
        shares_its_reference=_default_to_no(of_reference, "shares_its_reference"),
        has_possible_duplicate=_default_to_no(of_person, "has_possible_duplicate"),
    )


def _default_to_no(answered: pl.DataFrame, column: str) -> pl.Expr:
    is_checked = pl.col(ROW).is_in(answered[ROW].implode())
    answer = pl.col(ROW).replace_strict(answered[ROW], answered[column], default=None, return_dtype=pl.Boolean)
    return pl.when(is_checked).then(answer).otherwise(pl.lit(value=False))


def _differs_from_another(person: pl.Expr, group: str) -> pl.Expr:
    # SQL logic: two known values that differ decide the answer; otherwise a blank in the group leaves it open.
    several = person.drop_nulls().n_unique().over(group) > 1
    unknown = (person.is_null().any().over(group)) & (pl.len().over(group) > 1)
    return pl.when(several & person.is_not_null()).then(pl.lit(value=True)).when(~unknown).then(pl.lit(value=False))
