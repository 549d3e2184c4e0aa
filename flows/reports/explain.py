"""Explains a rule in words, and clause by clause for one record of one run."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.audit import database as audit
from flows.audit.previous import load_previous
from flows.pipeline.assess import AppliedRules, apply_rules, load_reference_inputs, read_export
from flows.reports.catalogue import in_words
from flows.sources.request import SubmissionRequest, submission_request
from flows.support.errors import InputRefused
from schemas.condition import Condition
from schemas.dataset import ENTITIES, MASK, fields
from schemas.record_columns import SOURCE_LINE
from schemas.rule import Rule, RuleInfo
from schemas.rules.catalogue import all_rules
from transforms.parse.stray_postcodes import hide_postcodes
from transforms.rules.stages import compared_with

_TRUTH = {True: "true", False: "false", None: "no answer"}


@dataclass(frozen=True)
class RecordKey:
    """Identifies one record of a run by its entity and the line of the source file that it starts on."""

    run_id: str
    entity: str
    line: int


def explain_rule(name: str, asked: RecordKey | None, home: Path) -> str:
    """Returns a rule in words and, if a record is given, the truth of each clause for that record.

    The export is read again, so that none of its values need to be stored; private values are masked.

    Raises:
        InputRefused: the rule, run or record does not exist, or the export changed since the run read it.
    """
    rule = _rule(name)
    if asked is None:
        return in_words(rule)
    if not isinstance(rule, Rule) or rule.entity != asked.entity:
        raise InputRefused(f"{rule.name} looks at {rule.entity} records; --entity is {asked.entity!r}")
    if rule.stage == "dropped":
        raise InputRefused(f"{rule.name} tells of what is not in the export; there is no record to explain it for")
    examined = _examined_again(asked, home)
    return "\n".join([in_words(rule), "", *_clause_lines(rule, examined, asked)])


def _rule(name: str) -> RuleInfo:
    found = next((rule for rule in all_rules() if rule.name.casefold() == name.casefold()), None)
    if found is None:
        alike = [
            rule.name for rule in all_rules() if rule.name.partition(".")[0].upper() == name.partition(".")[0].upper()
        ]
        raise InputRefused(f"{name}: no such rule; {', '.join(alike) if alike else '`ndtms rules` lists them'}")
    return found


def _examined_again(asked: RecordKey, home: Path) -> AppliedRules:
    if asked.entity not in ENTITIES:
        raise InputRefused(f"--entity is {asked.entity!r}; client, episode and intervention are allowed")
    with audit.open_read_only(home) as connection:
        run = connection.execute(
            "select source, input_folder, period, agency, extracted_on from runs where run_id = ?", [asked.run_id]
        ).fetchone()
        read = dict(
            connection.execute(
                "select name, digest from manifest where run_id = ? and item = 'input'", [asked.run_id]
            ).fetchall()
        )
    if run is None:
        raise InputRefused(f"--run is {asked.run_id!r}; there is no such run, `ndtms runs` lists them")
    source, folder, period, agency, extracted_on = run
    request = submission_request(
        source, period, agency=agency, extracted_on=str(extracted_on), home=home, input_folder=folder
    )
    return _same_export(request, read, asked)


def _same_export(request: SubmissionRequest, read: dict[str, str], asked: RecordKey) -> AppliedRules:
    inputs = load_reference_inputs(request)
    export = read_export(request, inputs)
    changed = sorted(name for name, digest in export.digests.items() if read.get(name) != digest)
    if changed:
        raise InputRefused(
            f"{', '.join(changed)} changed since the run {asked.run_id}: it cannot be explained any more"
        )
    return apply_rules(request, inputs, export, load_previous(request))


def _clause_lines(rule: Rule, examined: AppliedRules, asked: RecordKey) -> list[str]:
    record = _record(rule, examined, asked)
    if record is None:
        return [f"The {asked.entity} record on line {asked.line} was not in the last submission."]
    if rule.stage == "record" and not record["is_in_play"].item():
        return [
            f"The {asked.entity} record on line {asked.line} is not in play: no rule but those of ties looks at it."
        ]
    lines = [f"The {asked.entity} record on line {asked.line}:"]
    for what, condition in (("applies", rule.statement.applies), ("holds", rule.statement.holds)):
        lines.append(f"  {what}: {_truth(condition, record, examined)}")
        lines += [f"    {_truth(clause, record, examined):9}  {clause.words()}{_values(clause, record, examined)}"
                  for clause in condition.clauses()]  # fmt: skip
    return lines


def _record(rule: Rule, examined: AppliedRules, asked: RecordKey) -> pl.DataFrame | None:
    frame = next(examined.judged.ready[entity] for entity in ENTITIES if entity == asked.entity)
    found = frame.filter(pl.col(SOURCE_LINE) == asked.line)
    if found.is_empty():
        raise InputRefused(f"--line is {asked.line}; no {asked.entity} record starts there")
    if rule.stage != "history":
        return found
    if examined.past.last is None:
        return None
    entity = next(entity for entity in ENTITIES if entity == asked.entity)
    compared = compared_with(examined.past.last, examined.judged.records, entity, [rule], examined.context)
    found_in_both = compared.filter(pl.col("row") == found["row"].item())
    return None if found_in_both.is_empty() else found_in_both


def _truth(condition: Condition, record: pl.DataFrame, examined: AppliedRules) -> str:
    answer = record.select(condition.truth(examined.context)).to_series().first()
    return _TRUTH[None if answer is None else bool(answer)]


def _values(clause: Condition, record: pl.DataFrame, examined: AppliedRules) -> str:
    """Returns the values of a clause's fields, masked if private."""
    masked = {field.header for field in fields() if field.is_masked}
    read = dict.fromkeys(name.removesuffix(".value").removesuffix(".sent") for name in _columns(clause, examined))
    shown = []
    for name in read:
        header = name.rpartition(".")[2]
        if name in record.columns and header in {field.header for field in fields()}:
            value = record[name].first()
            hidden = value is not None and header in masked
            text = hide_postcodes(pl.Series("value", [str(value)])).item()
            shown.append(f"{name}={MASK if hidden else 'blank' if value is None else repr(text)}")
    return f"  [{', '.join(shown)}]" if shown else ""


def _columns(clause: Condition, examined: AppliedRules) -> list[str]:
    return clause.truth(examined.context).meta.root_names()
