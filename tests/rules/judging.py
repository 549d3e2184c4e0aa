"""Judging worlds: many in one export, through the code that judges a real one, without a file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import get_args
from unittest.mock import patch

import polars as pl

from flows.reference.in_force import RECODED, SHIPPED_LISTS, read_lists
from schemas.code_lists import Code, CodeList, CodeLists
from schemas.conditions.condition import RuleContext
from schemas.dataset import ENTITIES, ID_FIELD, Entity
from schemas.record_columns import IS_REPEAT, ROW, SOURCE_FILE, SOURCE_LINE
from schemas.rule import Rule, Stage, Verdict
from schemas.rules.catalogue import list_record_rules
from tests.rules.case import Case, Lists, Place
from tests.rules.world import NOTHING, World, columns_of
from tests.support.geography import search
from transforms.derive.identity import Geography, reduce_names, reduce_postcodes
from transforms.derive.postcode_lookup import find_recodings
from transforms.inputs import Previous
from transforms.link.linkage import Records, link_records
from transforms.link.previous import LastSubmission, find_same_areas, find_same_concepts
from transforms.parse.clean import clean_text, mark_exact_repeats
from transforms.parse.fields import ParseOptions, parse_fields
from transforms.results.outcomes import add_outcomes
from transforms.results.submission_rows import select_sent_values
from transforms.rules import stages as judgement
from transforms.rules.evaluate import Validated, evaluate_rules
from transforms.rules.stages import RuleResults, Severities, run_rule_stages, run_sent_rules

AGENCY = "L0001"
EXTRACTED_ON = date(2023, 5, 3)
LAST_DAY = date(2023, 4, 30)

# Two authorities: all of NR14 7 is in one, NR14 8 in both.
_DIRECTORY = pl.DataFrame(
    [
        ("NR14 7", "UJ", "E10000020"),
        ("NR14 7", "UL", "E10000020"),
        ("NR14 8", "AA", "E10000020"),
        ("NR14 8", "AB", "E10000029"),
        ("TS24 8", "AA", "E06000001"),
        # Codes of another day than the period's.
        ("S70 2", "AA", "E08000038"),
        ("S1 2", "AA", "E08000039"),
        ("CA1 1", "AA", "E10000006"),
    ],
    schema={"sector": pl.String, "unit": pl.String, "authority": pl.String},
    orient="row",
)
# The shipped lists have no PRISON, and no settings in EXITDEST; what they would be like is made up here.
_PRISONS = (Code("HMP1", "First prison"), Code("HMP2", "Second prison"))
_OTHER_AGENCY = "L0002"
_LATEST, _BEFORE = "2023-03", "2023-02"
_PERSON_AND_STAY = ("FINITIAL", "SINITIAL", "DOB", "SEX", "RECPDT", "TRIAGED")


@cache
def all_lists(kind: Lists) -> CodeLists:
    """The shipped lists: as they are, all published, partial save CONSENT (else nobody is in play), or all partial."""
    shipped = read_lists(SHIPPED_LISTS.read_bytes(), SHIPPED_LISTS.name)
    if kind == "shipped":
        return CodeLists(shipped)
    destinations = shipped["EXITDEST"]
    made_up = {
        "PRISON": CodeList("PRISON", codes=_PRISONS),
        "EXITDEST": replace(destinations, codes=(*destinations.codes, *_PRISONS)),
    }
    return CodeLists(
        {
            name: replace(code_list, status="published" if kind == "published" else "partial")
            if name != "CONSENT" or kind != "partial"
            else code_list
            for name, code_list in (shipped | made_up).items()
        }
    )


@cache
def recoded() -> pl.DataFrame:
    """Authorities whose code changed."""
    return pl.read_csv(RECODED, infer_schema=False).with_columns(pl.col("from").str.to_date("%Y-%m-%d"))


@cache
def context_of(kind: Lists) -> RuleContext:
    """What the rules of the month know in addition to the records."""
    lists = all_lists(kind)
    return RuleContext(
        EXTRACTED_ON,
        lists.on(LAST_DAY),
        find_same_areas(recoded(), lists),
        find_same_concepts(recoded()),
        lists_then=lists,
    )


def severities_of(rules: Sequence[Rule], context: RuleContext) -> Severities:
    """The severities with these lists and no setting changed."""
    return Severities({rule.name: rule.get_severity(context) for rule in rules})


def tied_records(worlds: Sequence[World], context: RuleContext, agency: str | None = AGENCY) -> Records:
    """One export of all these worlds: cleaned, reduced, understood and tied."""
    geography = Geography(search(_DIRECTORY), find_recodings(LAST_DAY, recoded()), context.lists["UTLA"])
    client, episode, intervention = (_table(worlds, entity) for entity in ENTITIES)
    reduced = Records(reduce_names(client), reduce_postcodes(episode, geography)[0], intervention)
    for entity in ENTITIES:
        reduced = reduced.put(entity, parse_fields(reduced[entity], entity, context.lists, ParseOptions()))
    return link_records(reduced, agency)


def _table(worlds: Sequence[World], entity: Entity) -> pl.DataFrame:
    columns = columns_of(entity)
    rows = [record for number, world in enumerate(worlds) for record in world.records(entity, number)]
    cleaned = clean_text(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)))
    if "AGNCY" in columns:
        cleaned = cleaned.with_columns(pl.col("AGNCY").str.to_uppercase())
    return mark_exact_repeats(cleaned, columns, ID_FIELD[entity], IS_REPEAT).with_columns(
        pl.lit(f"{entity}.csv").alias(SOURCE_FILE), pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(SOURCE_LINE)
    )


def judge_worlds(
    worlds: Sequence[World],
    kind: Lists = "shipped",
    last: LastSubmission | None = None,
    rules: Sequence[Rule] | None = None,
    elsewhere: Sequence[str] = (),
) -> RuleResults:
    """Judges one export of all these worlds; by every rule where none is named.

    `elsewhere` are the EPISODIDs that another agency sent last.
    """
    previous = Previous(last, dict.fromkeys(elsewhere, _OTHER_AGENCY))
    asked = list_record_rules() if rules is None else rules
    return judge_records(tied_records(worlds, context_of(kind)), asked, kind, previous)


def judge_records(tied: Records, rules: Sequence[Rule], kind: Lists, previous: Previous) -> RuleResults:
    """Judges tied records by these rules, those that look at the outcomes last."""
    context = context_of(kind)
    judged = run_rule_stages(tied, rules, severities_of(rules, context), context, previous)
    findings, counts = run_sent_rules(add_outcomes(judged.records), rules, context, previous.last)
    return replace(judged, findings=pl.concat([judged.findings, findings]), counts=pl.concat([judged.counts, counts]))


def last_submission(
    worlds: Sequence[World], kind: Lists = "shipped", before: Sequence[World] | None = None
) -> LastSubmission:
    """What would be sent of these worlds, as the audit hands it to a later month.

    `before` are the same worlds as the submission before the latest one sent them.  No severity but that of consent
    and scope holds a record back, as a setting may have it, so that what must be there can have been sent blank.
    """
    latest = _sent_of(worlds, kind, _LATEST)
    episodes, interventions = latest["episode"], latest["intervention"]
    frames = latest
    of_episodes = interventions.select("EPISODID", "MODID", "MODEND")
    older = interventions.select("MODID", "period").clear()
    if before is not None:
        earlier = _sent_of(before, kind, _BEFORE)
        frames = {
            entity: pl.concat([latest[entity], earlier[entity].join(latest[entity], on=ID_FIELD[entity], how="anti")])
            for entity in ENTITIES
        }
        gone = earlier["intervention"].join(episodes, on="EPISODID", how="anti")
        of_episodes = pl.concat([of_episodes, gone.select(of_episodes.columns)])
        older = earlier["intervention"].select(older.columns)
    persons = episodes.join(latest["client"].drop("period"), on="CLIENTID", how="left")
    return LastSubmission(
        "earlier",
        date(2023, 3, 31),
        len(interventions),
        "",
        frames["client"],
        frames["episode"],
        frames["intervention"],
        of_episodes,
        older,
        persons.select("CLIENTID", "EPISODID", *_PERSON_AND_STAY),
        interventions.select("CLIENTID", "EPISODID", "MODID"),
    )


def _sent_of(worlds: Sequence[World], kind: Lists, period: str) -> dict[Entity, pl.DataFrame]:
    """What would be sent of these worlds, with the ids of the parents."""
    context = context_of(kind)
    severities = replace(severities_of(list_record_rules(), context), held_back=frozenset())
    judged = run_rule_stages(tied_records(worlds, context), list_record_rules(), severities, context, Previous())
    records = add_outcomes(judged.records)
    client, episode, intervention = (select_sent_values(records[entity], entity) for entity in ENTITIES)
    with_client = _of_parent(episode, client, "CLIENTID")
    with_episode = _of_parent(intervention, with_client, "EPISODID", "CLIENTID")
    frames: dict[Entity, pl.DataFrame] = {"client": client, "episode": with_client, "intervention": with_episode}
    places = [ROW, "parent_row", SOURCE_FILE, SOURCE_LINE]
    return {
        entity: frame.drop(places, strict=False).with_columns(period=pl.lit(period)) for entity, frame in frames.items()
    }


def _of_parent(children: pl.DataFrame, parents: pl.DataFrame, *ids: str) -> pl.DataFrame:
    return children.join(parents.select(pl.col(ROW).alias("parent_row"), *ids), on="parent_row")


@dataclass(frozen=True, eq=False)
class Batch:
    """Cases that are judged in one export: their worlds are numbered in order."""

    cases: tuple[Case, ...]
    kind: Lists

    @property
    def worlds(self) -> list[World]:
        """What the export holds now."""
        return [case.world for case in self.cases]

    @cached_property
    def last(self) -> LastSubmission | None:
        """What the last submission sent; a case without it was not in that submission."""
        if all(case.was is None and case.before is None for case in self.cases):
            return None
        before = [case.before or NOTHING for case in self.cases] if any(case.before for case in self.cases) else None
        return last_submission([case.was or NOTHING for case in self.cases], self.kind, before)

    @property
    def previous(self) -> Previous:
        """The last submission, and the episodes that another agency sent last."""
        return Previous(self.last, dict.fromkeys(self.elsewhere, _OTHER_AGENCY))

    @property
    def elsewhere(self) -> list[str]:
        """The EPISODIDs that another agency sent last."""
        return [
            episode.replace("@", f"{number:04}") for number, case in enumerate(self.cases) for episode in case.elsewhere
        ]

    def rows(self, entity: Entity) -> Sequence[range]:
        """For each case the rows that its records of an entity are in the export."""
        return _rows(self, entity)

    def reported(self, judged: RuleResults) -> dict[tuple[int, str], frozenset[Place]]:
        """For each case's number and each rule, the places of the records it reported."""
        found: dict[tuple[int, str], set[Place]] = {}
        second = {rule.name: rule.also for rule in list_record_rules() if rule.also}
        for entity in ENTITIES:
            parse_location = {
                row: (number, place) for number, rows in enumerate(self.rows(entity)) for place, row in enumerate(rows)
            }
            for row, rule in judged.findings.filter(pl.col("entity") == entity).select("row", "rule").iter_rows():
                number, place = parse_location[row]
                shown = place_of(entity, place) if second.get(rule) == entity else place
                found.setdefault((number, rule), set()).add(shown)
        for number, rule, place in self._dropped(judged):
            found.setdefault((number, rule), set()).add(place)
        return {key: frozenset(places) for key, places in found.items()}

    def _dropped(self, judged: RuleResults) -> Iterator[tuple[int, str, int]]:
        """Findings without a record: their place is that among the records of the earlier world."""
        for entity in ENTITIES:
            ids = {
                record[ID_FIELD[entity]]: (number, place)
                for number, case in enumerate(self.cases)
                if case.was is not None
                for place, record in enumerate(case.was.records(entity, number))
            }
            dropped = judged.dropped.filter(pl.col("entity") == entity)
            for identifier, rule in dropped.select(ID_FIELD[entity], "rule").iter_rows():
                number, place = ids[identifier]
                yield number, rule, place


def place_of(entity: Entity, place: int) -> str:
    """How a case names a record of the second entity of its rule."""
    return f"{entity} {place}"


@cache
def _rows(batch: Batch, entity: Entity) -> Sequence[range]:
    lengths = [len(case.world.records(entity, 0)) for case in batch.cases]
    ends = [0, *accumulate(lengths)]
    return [range(first, last) for first, last in pairwise(ends)]


def batches(cases: Sequence[Case]) -> list[Batch]:
    """The cases by the lists they need."""
    kinds: tuple[Lists, ...] = get_args(Lists)
    chosen = {kind: tuple(case for case in cases if case.lists == kind) for kind in kinds}
    return [Batch(those, kind) for kind, those in chosen.items() if those]


@dataclass(frozen=True)
class Seen:
    """The records that one rule looked at, with the columns it reads."""

    rule: Rule
    entity: Entity
    records: pl.DataFrame
    context: RuleContext

    @cached_property
    def _verdicts(self) -> Mapping[int, Verdict]:
        statement = self.rule.statement
        shown = self.records.select(
            ROW, applies=statement.applies.expression(self.context), breached=statement.is_broken(self.context)
        )
        return {row: _verdict(applies, breached) for row, applies, breached in shown.iter_rows()}

    def verdict_of(self, row: int) -> Verdict | None:
        """What the rule found for one record; None where it did not look at it."""
        return self._verdicts.get(row)


def _verdict(applies: bool | None, breached: bool | None) -> Verdict:
    """The four counts of a rule, record by record."""
    if applies is False:
        return Verdict.NOT_APPLICABLE
    if breached is None:
        return Verdict.NO_ANSWER
    return Verdict.FAILED if breached else Verdict.PASSED


def seen_name(rule: Rule, entity: Entity) -> str:
    """The name of a rule among what was watched: with the entity where that is its second one."""
    return f"{rule.name} {entity}" if entity == rule.also else rule.name


@contextmanager
def watched() -> Iterator[dict[str, Seen]]:
    """Keeps, while worlds are judged, what each rule looked at, by `seen_name`."""
    kept: dict[str, Seen] = {}

    def keeping(
        records: pl.DataFrame,
        entity: Entity,
        rules: Sequence[Rule],
        context: RuleContext,
        seen: Mapping[Stage, pl.Expr] = MappingProxyType({}),
    ) -> Validated:
        for rule in rules:
            looked_at = records.filter(seen.get(rule.stage, pl.lit(value=True)))
            kept[seen_name(rule, entity)] = Seen(rule, entity, looked_at, context)
        return evaluate_rules(records, entity, rules, context, seen)

    with patch.object(judgement, "evaluate_rules", keeping):
        yield kept
