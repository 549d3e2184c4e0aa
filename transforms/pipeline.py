"""Builds a submission from an export: parse, link, apply the rules, decide the outcomes, and prepare the rows.

`build_submission` is the whole pipeline. It reads no file, clock, network or database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from schemas.conditions.condition import RuleContext
from schemas.dataset import ENTITIES, Entity
from schemas.period import Period
from schemas.rule import Rule, RuleInfo, Severity
from schemas.rule_registry import FileFacts
from schemas.rules.catalogue import list_file_rules, list_record_rules
from transforms.inputs import Export, Inputs, Previous
from transforms.link.linkage import Records, link_records
from transforms.parse.fields import parse_fields
from transforms.results.audit_rows import (
    FOUND,
    build_finding_rows,
    build_outcome_rows,
    count_completeness,
    count_unmapped,
    select_outcomes_to_store,
)
from transforms.results.causes import add_causes
from transforms.results.changes import Changes, compare_findings
from transforms.results.consent import count_unrecognised_consent
from transforms.results.expired_codes import describe_expired_codes
from transforms.results.lost_rows import find_lost_rows
from transforms.results.outcomes import add_outcomes, count_outcomes, nest_outcomes, reconcile, reconcile_kept
from transforms.results.submission_rows import SubmissionRows, build_submission_rows, select_sent_values
from transforms.results.withheld_values import count_withheld_values
from transforms.rules.stages import RuleResults, Severities, run_rule_stages, run_sent_rules
from transforms.steps import ObserveStep, ignore_step

# The dates that show whether an export is that of the period.
_DAYS_OF_WORK: dict[Entity, tuple[str, ...]] = {
    "episode": ("TRIAGED", "DISD", "EXITD"),
    "intervention": ("MODST", "MODEND"),
}
Sent = Mapping[Entity, pl.DataFrame]


@dataclass(frozen=True)
class AppliedRules:
    """The results of the rules on the records of an export, and what the rules were applied with."""

    rules: tuple[Rule, ...]
    severities: Severities
    context: RuleContext
    previous: Previous
    judged: RuleResults


@dataclass(frozen=True)
class FileResults:
    """The results of the rules of the file: their findings, and whether one of them blocks the submission."""

    findings: pl.DataFrame
    is_blocked: bool


@dataclass(frozen=True)
class Submission:
    """Everything about one submission that lands or is reported.

    `agency` is the requested agency, otherwise the only one of the export. `sent` holds the values sent per entity, and
    `rows` the rows of the file. `outcomes` holds the outcomes that `sent` does not show, or all of them if the
    submission is blocked, and `lost_rows` what keeps interventions from being sent. `changes` compares with the
    previous run of the month and with the month before, where there are such runs. The frames have the columns of the
    audit's tables.
    """

    agency: str | None
    is_blocked: bool
    read: Mapping[Entity, int]
    sent: Sent
    rows: SubmissionRows
    outcomes: pl.DataFrame
    lost_rows: pl.DataFrame
    outcome_counts: pl.DataFrame
    findings: pl.DataFrame
    rules: pl.DataFrame
    completeness: pl.DataFrame
    unmapped: pl.DataFrame
    unrecognised_consent: pl.DataFrame
    withheld_values: pl.DataFrame
    changes: tuple[Changes, ...]
    moved_episodes: tuple[tuple[str, str], ...]


def build_submission(
    export: Export, inputs: Inputs, previous: Previous, observe: ObserveStep = ignore_step
) -> Submission:
    """Builds the submission of one agency from its export.

    Args:
        export: the records as cleaned text, without names and full postcodes.
        inputs: the reference data and settings.
        previous: the agency's earlier submissions.
        observe: wraps each step, and receives its counts.

    Raises:
        CountsDoNotMatch: the outcomes do not account for every record that was read.
        RuleCannotRun: a rule could not be evaluated.
    """
    with observe("transform") as counts:
        linked = link_export(export, inputs)
        counts["records"] = {entity: len(linked[entity]) for entity in ENTITIES}
    with observe("validate") as counts:
        applied = apply_rules(linked, inputs, previous)
        counts["rules"] = len(applied.rules)
    with observe("decide_outcomes") as counts:
        records = decide_outcomes(applied.judged.records, export)
        outcome_counts = count_outcomes(records)
        counts["outcomes"] = nest_outcomes(outcome_counts)
    with observe("validate_sent"):
        applied = apply_sent_rules(applied, records)
        file = check_file(export, inputs, previous, records)
    outcomes = build_outcome_rows(
        records,
        applied.judged.findings,
        applied.context,
        of_every_record=file.is_blocked,
        fingerprint_key=inputs.fingerprint_key,
    )
    findings = pl.concat([describe_findings(applied, records, outcomes, inputs), file.findings])
    rules = describe_rules(applied, inputs)
    submission = partial(
        Submission,
        agency=export.choose_agency(inputs.agency_asked),
        is_blocked=file.is_blocked,
        read=export.read,
        # A blocked submission sends nothing, so the sent tables cannot show the outcomes.
        outcomes=outcomes.drop("masked_ids") if file.is_blocked else select_outcomes_to_store(outcomes),
        lost_rows=find_lost_rows(records, applied.judged.findings, applied.severities.select_rejecting_rules()),
        outcome_counts=outcome_counts,
        findings=findings,
        rules=rules,
        completeness=count_completeness(records),
        unmapped=count_unmapped(records, export.unknown_postcodes),
        unrecognised_consent=count_unrecognised_consent(records),
        withheld_values=count_withheld_values(records),
        changes=compare_with_earlier_runs(findings, rules, previous),
        moved_episodes=tuple(previous.find_moved(export.records.episode["EPISODID"])),
    )
    # The values to send take the most memory, so the parsed values of an entity are freed once its own are selected.
    parsed = {entity: records[entity] for entity in ENTITIES}
    del linked, applied, records
    sent = {entity: select_sent_values(parsed.pop(entity), entity) for entity in ENTITIES}
    reconcile_kept(export.read, outcomes, sent)
    return submission(sent=sent, rows=order_rows(sent))


def parse_records(export: Export, inputs: Inputs) -> Records:
    """Returns the records with the parsed value of every field."""
    records = export.records
    for entity in ENTITIES:
        records = records.put(entity, parse_fields(records[entity], entity, inputs.lists, export.readings[entity]))
    return records


def link_export(export: Export, inputs: Inputs) -> Records:
    """Returns the parsed records, each linked to its parent and to the records that share its id."""
    return link_records(parse_records(export, inputs), export.choose_agency(inputs.agency_asked))


def apply_rules(linked: Records, inputs: Inputs, previous: Previous) -> AppliedRules:
    """Runs the rules of records on linked records."""
    context, rules = inputs.build_context(previous.last), list_record_rules()
    # A site may set the severity of a rule; otherwise it may depend on the code lists.
    in_force = {rule.name: inputs.severities.get(rule.name, rule.get_severity(context)) for rule in rules}
    severities = Severities(in_force, inputs.held_back)
    judged = run_rule_stages(linked, rules, severities, context, previous)
    return AppliedRules(rules, severities, context, previous, judged)


def decide_outcomes(records: Records, export: Export) -> Records:
    """Returns the records with their outcome and its cause.

    Raises:
        CountsDoNotMatch: some record that was read has no outcome.
    """
    decided = add_causes(add_outcomes(records))
    reconcile(dict(export.read), decided)
    return decided


def apply_sent_rules(applied: AppliedRules, records: Records) -> AppliedRules:
    """Runs the rules that look at the outcomes, and adds their results."""
    judged = applied.judged
    findings, counts = run_sent_rules(records, applied.rules, applied.context, applied.previous.last)
    judged = replace(judged, findings=pl.concat([judged.findings, findings]), counts=pl.concat([judged.counts, counts]))
    return replace(applied, judged=judged)


def check_file(export: Export, inputs: Inputs, previous: Previous, records: Records) -> FileResults:
    """Runs the rules of the file, each once."""
    early = inputs.extracted_on < inputs.period.last_day
    facts = FileFacts(
        agency_asked=inputs.agency_asked,
        agencies=export.agencies,
        removed_columns=export.removed_columns,
        rows_to_send=int((records.intervention["outcome"] == "sent").sum()),
        last_rows_sent=previous.last.rows_sent if previous.last else None,
        shrink_share=inputs.shrink_share,
        episodes_in_play=int(records.episode["is_in_play"].sum()),
        has_day_in_period=_has_day_in_period(records, inputs.period),
        extracted_early=f"{inputs.extracted_on}" if early else "",
    )
    found = [(rule, finding) for rule in list_file_rules() for finding in rule.find(facts)]
    rows = [
        {"entity": "file", "rule": rule.name, "value": finding.found, "episode_id": finding.episode_id}
        for rule, finding in found
    ]
    # The severity in force decides, because a site may turn a rule of the file into a warning.
    is_blocked = any(_get_severity(rule, inputs) == "file" and rule.name not in inputs.accepted for rule, _ in found)
    return FileResults(pl.DataFrame(rows, schema=FOUND), is_blocked)


def _has_day_in_period(records: Records, period: Period) -> bool:
    """Returns whether some triage, start, end, discharge or exit of a record in play is in the period."""
    return any(
        records[entity]
        .lazy()
        .filter("is_in_play")
        .select(pl.any_horizontal(pl.col(f"{header}.value").is_between(period.first_day, period.last_day)).any())
        .collect()
        .item()
        for entity, headers in _DAYS_OF_WORK.items()
        for header in headers
    )


def describe_findings(applied: AppliedRules, records: Records, outcomes: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Returns the findings of records as the audit stores them, with private values masked."""
    notes = describe_expired_codes(inputs.all_lists, inputs.judged_on, inputs.recoded)
    return build_finding_rows(replace(applied.judged, records=records), applied.rules, outcomes, notes)


def compare_with_earlier_runs(findings: pl.DataFrame, rules: pl.DataFrame, previous: Previous) -> tuple[Changes, ...]:
    """Compares the findings with those of the previous run of this month and of the month before, if there are any."""
    now = findings.join(rules.select("rule", "severity"), on="rule", how="left")
    earlier = [run for run in (previous.run, previous.month) if run]
    return tuple(compare_findings(now, run.findings, run.run_id) for run in earlier)


def order_rows(sent: Sent) -> SubmissionRows:
    """Returns the rows of the file in order, one for each intervention to send."""
    rows = build_submission_rows(sent)
    # The joins drop an intervention whose episode or client is not sent; the outcomes rule that out.
    if len(rows) != len(sent["intervention"]):
        raise RuntimeError(f"{len(sent['intervention'])} interventions are to be sent but {len(rows)} rows were made")
    return rows


def describe_rules(applied: AppliedRules, inputs: Inputs) -> pl.DataFrame:
    """Returns each rule as it was applied: its severity, sentences and allowed values, with its four counts."""
    of_rule, context = applied.severities.of_rule, applied.context
    of_records = [_build_rule_row(rule, of_rule[rule.name], rule.allowed(context), inputs) for rule in applied.rules]
    of_file = [_build_rule_row(rule, _get_severity(rule, inputs), "", inputs) for rule in list_file_rules()]
    # A rule that checks two entities has one row, with the counts of both.
    counts = applied.judged.counts.group_by("rule").agg(pl.all().sum())
    return pl.DataFrame(of_records + of_file).join(counts, on="rule", how="left", maintain_order="left")


def _get_severity(rule: RuleInfo, inputs: Inputs) -> Severity:
    return inputs.severities.get(rule.name, rule.severity)


def _build_rule_row(rule: RuleInfo, severity: Severity, allowed: str, inputs: Inputs) -> dict[str, object]:
    return {
        "rule": rule.name,
        "field": rule.field,
        "severity": severity,
        "owner": rule.owner,
        **rule.sentences.fill_in(shrink_share=f"{inputs.shrink_share * 100:g}%").texts,
        "allowed": allowed,
        "holds_back": rule.holds_back(severity, inputs.held_back),
        "against_last": rule.compares_with_previous,
    }
