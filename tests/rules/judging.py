"""Judging worlds: many in one export, through the code that judges a real one, without a file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from itertools import accumulate, pairwise
from typing import get_args
from unittest.mock import patch

import polars as pl

from flows.reference.in_force import RECODED, SHIPPED_LISTS, read_lists
from schemas.code_lists import Code, CodeList, CodeLists
from schemas.condition import RuleContext
from schemas.dataset import ENTITIES, ID_FIELD, Entity
from schemas.record_columns import IS_REPEAT, ROW, SOURCE_FILE, SOURCE_LINE
from schemas.rule import Rule, Verdict
from schemas.rules.catalogue import list_record_rules
from tests.rules.case import Case, Lists
from tests.rules.world import NOTHING, World, columns_of
from transforms.derive.identity import Geography, reduce_names, reduce_postcodes
from transforms.derive.postcode_lookup import find_recodings
from transforms.link.linkage import Records, link_records
from transforms.link.previous import LastSubmission, find_same_areas
from transforms.parse.clean import clean_text, mark_exact_repeats
from transforms.parse.fields import ParseOptions, parse_fields
from transforms.results.outcomes import add_outcomes
from transforms.results.submission_rows import select_sent_values
from transforms.rules import stages as judgement
from transforms.rules.evaluate import Validated, evaluate_rules
from transforms.rules.stages import RuleResults, Severities, run_rule_stages

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
    ],
    schema={"sector": pl.String, "unit": pl.String, "authority": pl.String},
    orient="row",
)
# The shipped lists have no PRISON; what it would be like is made up here.
_PRISONS = (Code("HMP1", "First prison"), Code("HMP2", "Second prison"))


@cache
def all_lists(kind: Lists) -> CodeLists:
    """The shipped lists: as they are, all published, partial save CONSENT (else nobody is in play), or all partial."""
    shipped = read_lists(SHIPPED_LISTS.read_bytes(), SHIPPED_LISTS.name)
    if kind == "shipped":
        return CodeLists(shipped)
    prisons = {"PRISON": CodeList("PRISON", codes=_PRISONS)}
    return CodeLists(
        {
            name: replace(code_list, status="published" if kind == "published" else "partial")
            if name != "CONSENT" or kind != "partial"
            else code_list
            for name, code_list in (shipped | prisons).items()
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
    return RuleContext(EXTRACTED_ON, lists.on(LAST_DAY), find_same_areas(recoded(), lists))


def severities_of(rules: Sequence[Rule], context: RuleContext) -> Severities:
    """The severities with these lists and no setting changed."""
    return Severities({rule.name: rule.get_severity(context) for rule in rules})


def tied_records(worlds: Sequence[World], context: RuleContext, agency: str | None = AGENCY) -> Records:
    """One export of all these worlds: cleaned, reduced, understood and tied."""
    geography = Geography(_DIRECTORY, find_recodings(LAST_DAY, recoded()), context.lists["UTLA"])
    client, episode, intervention = (_table(worlds, entity) for entity in ENTITIES)
    reduced = Records(reduce_names(client), reduce_postcodes(episode, geography)[0], intervention)
    for entity in ENTITIES:
        reduced = reduced.put(entity, parse_fields(reduced[entity], entity, context.lists, ParseOptions()))
    return link_records(reduced, agency)


def _table(worlds: Sequence[World], entity: Entity) -> pl.DataFrame:
    columns = columns_of(entity)
    rows = [record for number, world in enumerate(worlds) for record in world.records(entity, number)]
    cleaned = clean_text(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)))
    return mark_exact_repeats(cleaned, columns, ID_FIELD[entity], IS_REPEAT).with_columns(
        pl.lit(f"{entity}.csv").alias(SOURCE_FILE), pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(SOURCE_LINE)
    )


def judge_worlds(
    worlds: Sequence[World],
    kind: Lists = "shipped",
    last: LastSubmission | None = None,
    rules: Sequence[Rule] | None = None,
) -> RuleResults:
    """Judges one export of all these worlds; by every rule where none is named."""
    asked, context = list_record_rules() if rules is None else rules, context_of(kind)
    return run_rule_stages(tied_records(worlds, context), asked, severities_of(asked, context), context, last)


def last_submission(worlds: Sequence[World], kind: Lists = "shipped") -> LastSubmission:
    """What would be sent of these worlds, as the audit hands it to a later month.

    No severity but that of consent and scope holds a record back, as a setting may have it, so that what
    must be there can have been sent blank.
    """
    context = context_of(kind)
    severities = replace(severities_of(list_record_rules(), context), held_back=frozenset())
    judged = run_rule_stages(tied_records(worlds, context), list_record_rules(), severities, context)
    records = add_outcomes(judged.records)
    client, episode, intervention = (select_sent_values(records, entity) for entity in ENTITIES)
    with_client = _of_parent(episode, client, "CLIENTID")
    with_episode = _of_parent(intervention, with_client, "EPISODID", "CLIENTID")
    places = [ROW, "parent_row"]
    return LastSubmission(
        "earlier",
        date(2023, 3, 31),
        len(intervention),
        "",
        client.drop(ROW),
        with_client.drop(places),
        with_episode.drop(places),
    )


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
        if all(case.was is None for case in self.cases):
            return None
        return last_submission([case.was or NOTHING for case in self.cases], self.kind)

    def rows(self, entity: Entity) -> Sequence[range]:
        """For each case the rows that its records of an entity are in the export."""
        return _rows(self, entity)

    def reported(self, judged: RuleResults) -> dict[tuple[int, str], frozenset[int]]:
        """For each case's number and each rule, the places of the records it reported."""
        found: dict[tuple[int, str], set[int]] = {}
        for entity in ENTITIES:
            parse_location = {
                row: (number, place) for number, rows in enumerate(self.rows(entity)) for place, row in enumerate(rows)
            }
            for row, rule in judged.findings.filter(pl.col("entity") == entity).select("row", "rule").iter_rows():
                number, place = parse_location[row]
                found.setdefault((number, rule), set()).add(place)
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


@contextmanager
def watched() -> Iterator[dict[str, Seen]]:
    """Keeps, while worlds are judged, what each rule looked at, by the rule's name."""
    kept: dict[str, Seen] = {}

    def keeping(
        records: pl.DataFrame, entity: Entity, rules: Sequence[Rule], context: RuleContext, *where: pl.Expr
    ) -> Validated:
        for rule in rules:
            kept[rule.name] = Seen(rule, entity, records.filter(*where), context)
        return evaluate_rules(records, entity, rules, context, *where)

    with patch.object(judgement, "evaluate_rules", keeping):
        yield kept
