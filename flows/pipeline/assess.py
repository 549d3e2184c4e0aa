"""Assessment: applies the rules to an export and prepares everything to land or report; writes nothing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import version

import polars as pl

from flows.audit.previous import PreviousSubmissions, RunBefore, digest_of_moved
from flows.intake.extract import Export, extract
from flows.pipeline.settings import Settings, read_settings
from flows.reference.in_force import Reference, known_lists, reference_in_force
from flows.sources.request import SubmissionRequest
from flows.support.errors import InputRefused
from schemas.code_lists import CodeLists
from schemas.condition import RuleContext
from schemas.dataset import ENTITIES, Entity
from schemas.rule import Rule, RuleInfo, Severity
from schemas.rule_registry import FileFacts
from schemas.rules.catalogue import all_rules, file_rules, record_rules
from schemas.submission_file import file_format
from transforms.derive.identity import Geography
from transforms.derive.postcode_lookup import recodings_on
from transforms.link.linkage import Records, link_records, single_agency, well_formed_agencies
from transforms.link.previous import same_areas
from transforms.parse.fields import parse_fields
from transforms.results.audit_rows import (
    FOUND,
    completeness,
    finding_rows,
    outcome_rows,
    outcomes_to_store,
    unmapped,
)
from transforms.results.causes import with_causes
from transforms.results.changes import Changes, changes
from transforms.results.expired_codes import notes_on_expired_codes
from transforms.results.outcomes import outcome_counts, reconcile, reconcile_kept, with_outcomes
from transforms.results.submission_rows import SubmissionRows, sent_values, submission_rows
from transforms.rules.stages import RuleResults, Severities, judge

DISTRIBUTION = "ndtms-submission"
LAST_SUBMISSION, MOVED = "last submission", "episodes that others sent"

ManifestItem = tuple[str, str, str]


@dataclass(frozen=True)
class ReferenceInputs:
    """What a request is assessed against: reference data, settings, and the code lists of its month."""

    reference: Reference
    settings: Settings
    lists: CodeLists

    def geography(self, request: SubmissionRequest) -> Geography:
        """Returns the lookup of local authorities for the request's month."""
        return Geography(
            self.reference.directory,
            recodings_on(request.judged_on, self.reference.recoded),
            self.lists["UTLA"],
        )


@dataclass(frozen=True)
class Assessment:
    """All results of one run.

    `agency` is the requested one, or else the only one in the export.  `sent` holds the values sent per entity, and
    `rows` the submission's rows.  `outcomes` holds the outcomes that `sent` does not show, or all of them if the run is
    blocked.  `changes` is None for a first run.  The frames have the columns of the audit's tables.
    """

    request: SubmissionRequest
    agency: str | None
    is_blocked: bool
    read: Mapping[Entity, int]
    sent: Mapping[Entity, pl.DataFrame]
    rows: SubmissionRows
    outcomes: pl.DataFrame
    outcome_counts: pl.DataFrame
    findings: pl.DataFrame
    rules: pl.DataFrame
    completeness: pl.DataFrame
    unmapped: pl.DataFrame
    lists_not_published: tuple[str, ...]
    changes: Changes | None
    manifest: tuple[ManifestItem, ...]
    notices: tuple[str, ...]
    held_back: tuple[Severity, ...] = ("reject",)
    settings_changed: Mapping[str, object] = field(default_factory=dict)


def load_reference_inputs(request: SubmissionRequest) -> ReferenceInputs:
    """Loads the reference data and settings in force for a request.  Raises InputRefused if they are wrong."""
    reference = reference_in_force(request.home)
    lists = reference.lists.on(request.judged_on)
    return ReferenceInputs(reference, read_settings(request.home), lists)


def refuse_unpublished(inputs: ReferenceInputs) -> None:
    """Raises InputRefused if a code list in use is not the official one."""
    missing = inputs.lists.not_published(known_lists())
    if missing:
        raise InputRefused(
            f"{len(missing)} code lists are not the official ones yet: {', '.join(missing)};"
            " load them with `ndtms reference load`"
        )


def read_export(request: SubmissionRequest, inputs: ReferenceInputs) -> Export:
    """Reads the export of a request.  Raises InputRefused if it does not match the source's mapping."""
    return extract(
        request.mapping, request.folder, inputs.geography(request), request.corrections, inputs.settings.limits
    )


@dataclass(frozen=True)
class AppliedRules:
    """The results of the rules on an export, with their inputs: the step before the results are prepared to land."""

    agency: str | None
    agencies: tuple[str, ...]
    rules: tuple[Rule, ...]
    severities: Severities
    context: RuleContext
    past: PreviousSubmissions
    judged: RuleResults


def apply_rules(
    request: SubmissionRequest,
    inputs: ReferenceInputs,
    export: Export,
    past: Callable[[str | None], PreviousSubmissions],
) -> AppliedRules:
    """Runs the record rules on an export.

    Args:
        request: the submission to assess.
        inputs: the reference data and settings it is assessed against.
        export: the export that was read.
        past: loads the previous submissions of an agency.
    """
    reference = inputs.reference
    understood = _understood(export, inputs.lists)
    agency = request.agency or single_agency(understood.client)
    before = past(agency)
    context = RuleContext(
        request.extracted_on,
        inputs.lists,
        same_areas(reference.recoded, reference.lists),
        lists_then=reference.lists.on(request.judged_as_of or before.last.last_day) if before.last else None,
    )
    rules = record_rules()
    severities = _severities(rules, context, inputs.settings)
    return AppliedRules(
        agency=agency,
        agencies=tuple(well_formed_agencies(understood.client)),
        rules=rules,
        severities=severities,
        context=context,
        past=before,
        judged=judge(link_records(understood, agency), rules, severities, context, before.last),
    )


def assess(
    request: SubmissionRequest,
    inputs: ReferenceInputs,
    export: Export,
    past: Callable[[str | None], PreviousSubmissions],
) -> Assessment:
    """Assesses an export and prepares everything to land.

    The arguments are those of `apply_rules`.

    Raises:
        CountsDoNotMatch: the outcomes do not account for every record that was read.
    """
    examined = apply_rules(request, inputs, export, past)
    judged, context, before = examined.judged, examined.context, examined.past
    records = with_causes(with_outcomes(judged.records))
    reconcile(dict(export.read), records)
    sent = {entity: sent_values(records, entity) for entity in ENTITIES}
    facts = FileFacts(
        agency_asked=request.agency,
        agencies=examined.agencies,
        removed_columns=export.removed_columns,
        rows_to_send=len(sent["intervention"]),
        last_rows_sent=before.last.rows_sent if before.last else None,
        shrink_share=inputs.settings.shrink_share,
        shrink_accepted=request.shrink_accepted is not None,
        moved_episodes=before.moved(sent["episode"]["EPISODID"]),
    )
    is_blocked = _is_blocked(facts, inputs.settings)
    recorded = outcome_rows(records, judged.findings, context, of_every_record=is_blocked)
    reconcile_kept(export.read, recorded, sent)
    notes = notes_on_expired_codes(inputs.reference.lists, request.judged_on, inputs.reference.recoded)
    of_records = finding_rows(replace(judged, records=records), examined.rules, recorded, notes)
    findings = pl.concat([of_records, _file_findings(facts)])
    return Assessment(
        request=request,
        agency=examined.agency,
        is_blocked=is_blocked,
        read=export.read,
        sent=sent,
        rows=_rows(sent),
        outcomes=recorded if is_blocked else outcomes_to_store(recorded),
        outcome_counts=outcome_counts(records),
        findings=findings,
        rules=_rules_table(examined, inputs.settings),
        completeness=completeness(records),
        unmapped=unmapped(records, export.unknown_postcodes),
        lists_not_published=inputs.lists.not_published(known_lists()),
        changes=_changes(findings, before.before),
        manifest=(*build_manifest(request, inputs, export.digests), *_manifest_of_past(before, facts.moved_episodes)),
        notices=tuple(f"{column} is no column of the dataset; it is left out" for column in export.unknown_columns),
        held_back=inputs.settings.held_back,
        settings_changed=inputs.settings.changed,
    )


def _understood(export: Export, lists: CodeLists) -> Records:
    records = export.records
    for entity in ENTITIES:
        records = records.put(entity, parse_fields(records[entity], entity, lists, export.readings[entity]))
    return records


def _severities(rules: Sequence[Rule], context: RuleContext, settings: Settings) -> Severities:
    in_force = {rule.name: settings.severities.get(rule.name, rule.severity_in(context)) for rule in rules}
    return Severities(in_force, frozenset(settings.held_back))


def _severity_of_file_rule(rule: RuleInfo, settings: Settings) -> Severity:
    return settings.severities.get(rule.name, rule.severity)


def _is_blocked(facts: FileFacts, settings: Settings) -> bool:
    return any(rule.find(facts) for rule in file_rules() if _severity_of_file_rule(rule, settings) == "file")


def _file_findings(facts: FileFacts) -> pl.DataFrame:
    found = [
        {"entity": "file", "rule": rule.name, "value": finding.found, "episode_id": finding.episode_id}
        for rule in file_rules()
        for finding in rule.find(facts)
    ]
    return pl.DataFrame(found, schema=FOUND)


def _rows(sent: Mapping[Entity, pl.DataFrame]) -> SubmissionRows:
    rows = submission_rows(sent)
    if len(rows) != len(sent["intervention"]):
        raise RuntimeError(f"{len(sent['intervention'])} interventions are to be sent but {len(rows)} rows were made")
    return rows


def _rules_table(examined: AppliedRules, settings: Settings) -> pl.DataFrame:
    """Returns each rule as applied in this run, with its four counts."""
    of_rule, context = examined.severities.of_rule, examined.context
    of_records = [_rule_row(rule, of_rule[rule.name], rule.allowed(context), settings) for rule in examined.rules]
    of_file = [_rule_row(rule, _severity_of_file_rule(rule, settings), "", settings) for rule in file_rules()]
    counts = examined.judged.counts
    return pl.DataFrame(of_records + of_file).join(counts, on="rule", how="left", maintain_order="left")


def _rule_row(rule: RuleInfo, severity: Severity, allowed: str, settings: Settings) -> dict[str, object]:
    return {
        "rule": rule.name,
        "field": rule.field,
        "severity": severity,
        "owner": rule.owner,
        **asdict(rule.sentences.fill_in(shrink_share=settings.shrink_share_as_text)),
        "allowed": allowed,
        "holds_back": rule.holds_back(severity, frozenset(settings.held_back)),
        "against_last": rule.compares_with_previous,
    }


def build_manifest(
    request: SubmissionRequest, inputs: ReferenceInputs, digests: Mapping[str, str]
) -> tuple[ManifestItem, ...]:
    """Returns item, name and digest of every input of a run except the previous submissions.

    Args:
        request: the submission to assess.
        inputs: the reference data and settings it is assessed against.
        digests: the SHA-256 per file that was read, by file name.
    """
    items = [("input", name, digest) for name, digest in digests.items()]
    items.append(("rules", f"{len(all_rules())} rules", _digest_of_rules()))
    items += [("code list", name, digest) for name, digest in inputs.reference.list_digests.items()]
    items.append(("postcode directory", inputs.reference.directory_name, inputs.reference.directory_digest))
    # The location is left out: moving the export must not change the digest.
    mapping = request.mapping.model_dump_json(exclude={"location"})
    items.append(("source mapping", request.mapping.name, _digest(mapping)))
    items.append(("settings", "settings.toml", inputs.settings.digest))
    items.append(("judged by", f"what held on {request.judged_on}", _digest(str(request.judged_on))))
    items.append(("file format", "file-format.toml", _digest(repr(file_format()))))
    items.append(("software", software_version(), _digest(software_version())))
    return tuple(items)


@cache
def _digest_of_rules() -> str:
    return _digest(*(_words(rule) for rule in all_rules()))


@cache
def software_version() -> str:
    """Returns the version of this software."""
    return version(DISTRIBUTION)


def _manifest_of_past(past: PreviousSubmissions, moved: Sequence[tuple[str, str]]) -> list[ManifestItem]:
    items = [(LAST_SUBMISSION, past.last.run_id, past.last.sha256)] if past.last else []
    return [*items, (MOVED, f"{len(moved)} episodes", digest_of_moved(moved))]


def _changes(findings: pl.DataFrame, before: RunBefore | None) -> Changes | None:
    return changes(findings, before.findings, before.run_id) if before else None


def _words(rule: RuleInfo) -> str:
    statement = rule.statement.words() if isinstance(rule, Rule) else ""
    return "|".join((rule.name, rule.severity, rule.sentences.requirement, statement))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
