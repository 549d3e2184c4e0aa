"""Explains a rule in words, and clause by clause for one record of one run."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.audit import database as audit
from flows.audit.runs import find_run
from flows.pipeline.assess import apply_rules_to_export, load_reference_inputs, read_export
from flows.reports.catalogue import format_rule
from flows.sources.request import SubmissionOptions, SubmissionRequest, build_request
from flows.support.errors import InputRefused
from schemas.conditions.condition import Condition
from schemas.dataset import ENTITIES, MASK, list_fields
from schemas.record_columns import ROW, SOURCE_LINE
from schemas.rule import Rule, RuleInfo
from schemas.rules.catalogue import list_rules
from transforms.link.previous import mark_latest, match_previous
from transforms.parse.stray_postcodes import hide_postcodes
from transforms.pipeline import AppliedRules
from transforms.results.outcomes import add_outcomes
from transforms.rules.stages import join_compared_records

_TRUTH = {True: "true", False: "false", None: "no answer"}


@dataclass(frozen=True)
class RecordKey:
    """Identifies one record of a run by its entity and the line of the source file that it starts on."""

    run_id: str
    entity: str
    line: int


def explain_rule(name: str, key: RecordKey | None, home: Path) -> str:
    """Returns a rule in words and, if a record is given, the truth of each clause for that record.

    The export is read again, so its values need not be stored; private values are masked.

    Raises:
        InputRefused: the rule, run or record does not exist, or the export changed since the run read it.
    """
    rule = _find_rule(name)
    if key is None:
        return format_rule(rule)
    if not isinstance(rule, Rule) or key.entity not in (rule.entity, rule.also):
        raise InputRefused(
            f"--entity is {key.entity!r}, but {rule.name} checks {rule.entity} records; pass --entity {rule.entity}"
        )
    # A dropped record is not in the export, so it has no line to look up.
    if rule.stage == "dropped":
        raise InputRefused(
            f"{rule.name} is about records that are not in the export, so it cannot be explained for a record;"
            " leave out --run, --entity and --line"
        )
    applied = _apply_rules_again(key, home)
    return "\n".join([format_rule(rule), "", *_describe_clauses(rule, applied, key)])


def _find_rule(name: str) -> RuleInfo:
    match = next((rule for rule in list_rules() if rule.name.casefold() == name.casefold()), None)
    if match is None:
        alike = [
            rule.name for rule in list_rules() if rule.name.partition(".")[0].upper() == name.partition(".")[0].upper()
        ]
        raise InputRefused(f"{name}: no such rule; {_suggest(alike)}")
    return match


def _suggest(alike: list[str]) -> str:
    return f"the rules of this field are {', '.join(alike)}" if alike else "`ndtms rules` lists all rules"


def _apply_rules_again(key: RecordKey, home: Path) -> AppliedRules:
    if key.entity not in ENTITIES:
        raise InputRefused(f"--entity is {key.entity!r}; allowed: client, episode, intervention")
    with audit.open_read_only(home) as connection:
        run = find_run(connection, key.run_id)
        digests = dict(
            connection.execute(
                "select name, digest from manifest where run_id = ? and item = 'input'", [key.run_id]
            ).fetchall()
        )
    options = SubmissionOptions(
        run["source"],
        run["period"],
        run["agency"],
        extracted_on=str(run["extracted_on"]),
        home=home,
        input_folder=run["input_folder"],
    )
    return _apply_to_same_export(build_request(options), digests, key)


def _apply_to_same_export(request: SubmissionRequest, digests: dict[str, str], key: RecordKey) -> AppliedRules:
    inputs = load_reference_inputs(request)
    export = read_export(request, inputs)
    # With another export, the clauses would be true or false of a record that the run never read.
    changed = sorted(name for name, digest in export.digests.items() if digests.get(name) != digest)
    if changed:
        raise InputRefused(
            f"{', '.join(changed)} changed since the run {key.run_id} read it; the record can no longer be explained;"
            " `ndtms findings` shows what was found"
        )
    return apply_rules_to_export(request, inputs, export)


def _describe_clauses(rule: Rule, applied: AppliedRules, key: RecordKey) -> list[str]:
    record = _find_record(rule, applied, key)
    if record is None:
        return [f"The {key.entity} record on line {key.line} was not in the previous submission."]
    if rule.stage == "sent" and record.is_empty():
        return [f"The {key.entity} record on line {key.line} is out of scope or an exact repeat."]
    if rule.stage == "record" and not record["is_in_play"].item():
        return [f"The {key.entity} record on line {key.line} is not in play: only linkage rules check it."]
    lines = [f"The {key.entity} record on line {key.line}:"]
    for what, condition in (("applies", rule.statement.applies), ("holds", rule.statement.holds)):
        lines.append(f"  {what}: {_format_truth(condition, record, applied)}")
        for clause in condition.clauses():
            truth, values = _format_truth(clause, record, applied), _format_values(clause, record, applied)
            lines.append(f"    {truth:9}  {clause.words()}{values}")
    return lines


def _find_record(rule: Rule, applied: AppliedRules, key: RecordKey) -> pl.DataFrame | None:
    frame = next(applied.judged.ready[entity] for entity in ENTITIES if entity == key.entity)
    records = frame.filter(pl.col(SOURCE_LINE) == key.line)
    if records.is_empty():
        raise InputRefused(
            f"--line is {key.line}, but no {key.entity} record starts on that line; `ndtms findings` shows the lines"
        )
    entity = next(entity for entity in ENTITIES if entity == key.entity)
    if rule.stage == "sent":
        decided = mark_latest(add_outcomes(applied.judged.records), applied.previous.last)
        return decided[entity].filter(pl.col(ROW) == records[ROW].item())
    if rule.stage != "history":
        return records
    last, judged = applied.previous.last, applied.judged.records
    if last is None:
        return None
    matched = match_previous(judged[entity], last[entity], entity)
    compared = join_compared_records(last, judged, matched, entity, [rule], applied.context)
    found_in_both = compared.filter(pl.col(ROW) == records[ROW].item())
    return None if found_in_both.is_empty() else found_in_both


def _format_truth(condition: Condition, record: pl.DataFrame, applied: AppliedRules) -> str:
    answer = record.select(condition.expression(applied.context)).to_series().first()
    return _TRUTH[None if answer is None else bool(answer)]


def _format_values(clause: Condition, record: pl.DataFrame, applied: AppliedRules) -> str:
    """Returns the values of a clause's fields, masked if private."""
    masked = {field.header for field in list_fields() if field.is_masked}
    headers_read = dict.fromkeys(
        name.removesuffix(".value").removesuffix(".sent") for name in _find_columns(clause, applied)
    )
    shown = []
    for name in headers_read:
        header = name.rpartition(".")[2]
        if name in record.columns and header in {field.header for field in list_fields()}:
            value = record[name].first()
            hidden = value is not None and header in masked
            # A field that is not private may still contain a postcode that somebody typed into it.
            text = hide_postcodes(pl.Series("value", [str(value)])).item()
            shown.append(f"{name}={MASK if hidden else 'blank' if value is None else repr(text)}")
    return f"  [{', '.join(shown)}]" if shown else ""


def _find_columns(clause: Condition, applied: AppliedRules) -> list[str]:
    return clause.expression(applied.context).meta.root_names()
