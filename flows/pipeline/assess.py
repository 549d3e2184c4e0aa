"""Assessment: an export judged, with everything there is to land or report; nothing is written."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version

import polars as pl

from flows.audit.previous import Past, RunBefore, digest_of_moved
from flows.intake.extract import Export, extract
from flows.pipeline.settings import Settings, read_settings
from flows.reference.in_force import Reference, known_lists, reference_in_force
from flows.sources.request import SubmissionRequest
from flows.support.errors import InputRefused
from schemas.code_lists import CodeLists
from schemas.condition import RuleContext
from schemas.dataset import ENTITIES, Entity
from schemas.period import Period
from schemas.rule import Entry, Rule, Severity
from schemas.rules.catalogue import all_rules, record_rules
from schemas.rules.submission_file import FILE_RULES, FileFacts
from schemas.submission_file import file_format
from transforms.derive.identity import Geography
from transforms.derive.postcode_lookup import recodings_on
from transforms.link.linkage import Records, single_agency, tie, well_formed_agencies
from transforms.link.previous import same_areas
from transforms.parse.fields import understand
from transforms.results.audit_rows import (
    FOUND,
    completeness,
    not_kept_elsewhere,
    tell_findings,
    tell_outcomes,
    unmapped,
)
from transforms.results.causes import with_causes
from transforms.results.changes import Changes, changes
from transforms.results.expired_codes import notes_on_lapsed_codes
from transforms.results.outcomes import outcome_counts, reconcile, reconcile_kept, with_outcomes
from transforms.results.submission_rows import SubmissionRows, sent_values, submission_rows
from transforms.rules.stages import Judged, Severities, judge

DISTRIBUTION = "ndtms-submission"
LAST_SUBMISSION, MOVED = "last submission", "episodes that others sent"

ManifestItem = tuple[str, str, str]


@dataclass(frozen=True)
class Grounds:
    """What a request is judged by: reference data, settings, and the lists of its month."""

    reference: Reference
    settings: Settings
    lists: CodeLists

    def geography(self, request: SubmissionRequest) -> Geography:
        """What the authorities of the request's month are looked up in."""
        return Geography(
            self.reference.directory,
            recodings_on(request.judged_on, self.reference.recoded),
            self.lists["UTLA"],
        )


@dataclass(frozen=True)
class Assessment:
    """Everything one run found.

    `agency` is the one asked for, else the single one of the export; `sent` holds what is sent of
    each entity, `rows` the submission's rows; `outcomes` those that `sent` does not tell, or all where
    the run is blocked; `changes` is None for a first run; the frames are as the audit keeps them.
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


def grounds_of(request: SubmissionRequest) -> Grounds:
    """The reference data and settings in force for a request.  Raises InputRefused where they are wrong."""
    reference = reference_in_force(request.home)
    lists = reference.lists.on(request.judged_on)
    return Grounds(reference, read_settings(request.home), lists)


def refuse_unpublished(grounds: Grounds) -> None:
    """Raises InputRefused where a code list in use is not the official one."""
    missing = grounds.lists.not_published(known_lists())
    if missing:
        raise InputRefused(
            f"{len(missing)} code lists are not the official ones yet: {', '.join(missing)};"
            " load them with `ndtms reference load`"
        )


def read_export(request: SubmissionRequest, grounds: Grounds) -> Export:
    """Reads the export of a request.  Raises InputRefused where it is not what the source says."""
    return extract(
        request.mapping, request.folder, grounds.geography(request), request.corrections, grounds.settings.limits
    )


@dataclass(frozen=True)
class Examined:
    """An export judged, with what it was judged by: the step before everything is made ready to land."""

    agency: str | None
    agencies: tuple[str, ...]
    rules: tuple[Rule, ...]
    severities: Severities
    context: RuleContext
    past: Past
    judged: Judged


def examine(
    request: SubmissionRequest, grounds: Grounds, export: Export, past: Callable[[str | None], Past]
) -> Examined:
    """Runs the rules of records over an export.

    Args:
        request: what was asked for.
        grounds: what it is judged by.
        export: what was read.
        past: what was landed before, for an agency.
    """
    reference = grounds.reference
    understood = _understood(export, grounds.lists)
    agency = request.agency or single_agency(understood.client)
    before = past(agency)
    context = RuleContext(
        request.extracted_on,
        grounds.lists,
        same_areas(reference.recoded, reference.lists),
        lists_then=reference.lists.on(request.judged_as_of or before.last.last_day) if before.last else None,
    )
    rules = tuple(rule for rule in record_rules() if rule.holds_in(str(Period.of(request.judged_on))))
    severities = _severities(rules, context, grounds.settings)
    return Examined(
        agency=agency,
        agencies=tuple(well_formed_agencies(understood.client)),
        rules=rules,
        severities=severities,
        context=context,
        past=before,
        judged=judge(tie(understood, agency), rules, severities, context, before.last),
    )


def assess(
    request: SubmissionRequest, grounds: Grounds, export: Export, past: Callable[[str | None], Past]
) -> Assessment:
    """Judges an export and makes everything ready to land.

    Args and what goes in as `examine`.

    Raises:
        CountsDoNotMatch: not every record read has its outcome.
    """
    examined = examine(request, grounds, export, past)
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
        shrink_share=grounds.settings.shrink_share,
        shrink_accepted=request.shrink_accepted is not None,
        moved_episodes=before.moved(sent["episode"]["EPISODID"]),
    )
    is_blocked = _is_blocked(facts, grounds.settings)
    told = tell_outcomes(records, judged.findings, context, of_every_record=is_blocked)
    reconcile_kept(export.read, told, sent)
    notes = notes_on_lapsed_codes(grounds.reference.lists, request.judged_on, grounds.reference.recoded)
    of_records = tell_findings(replace(judged, records=records), examined.rules, told, notes)
    findings = pl.concat([of_records, _file_findings(facts)])
    return Assessment(
        request=request,
        agency=examined.agency,
        is_blocked=is_blocked,
        read=export.read,
        sent=sent,
        rows=_rows(sent),
        outcomes=told if is_blocked else not_kept_elsewhere(told),
        outcome_counts=outcome_counts(records),
        findings=findings,
        rules=_rules_table(examined, grounds.settings),
        completeness=completeness(records),
        unmapped=unmapped(records, export.unknown_postcodes),
        lists_not_published=grounds.lists.not_published(known_lists()),
        changes=_changes(findings, before.before),
        manifest=(*manifest_of(request, grounds, export.digests), *_manifest_of_past(before, facts.moved_episodes)),
        notices=tuple(f"{column} is no column of the dataset; it is left out" for column in export.unknown_columns),
        held_back=grounds.settings.held_back,
        settings_changed=grounds.settings.changed,
    )


def _understood(export: Export, lists: CodeLists) -> Records:
    records = export.records
    for entity in ENTITIES:
        records = records.put(entity, understand(records[entity], entity, lists, export.readings[entity]))
    return records


def _severities(rules: Sequence[Rule], context: RuleContext, settings: Settings) -> Severities:
    in_force = {rule.name: settings.severities.get(rule.name, rule.severity_in(context)) for rule in rules}
    return Severities(in_force, frozenset(settings.held_back))


def _severity_of_file_rule(rule: Entry, settings: Settings) -> Severity:
    return settings.severities.get(rule.name, rule.severity)


def _is_blocked(facts: FileFacts, settings: Settings) -> bool:
    return any(rule.found(facts) for rule in FILE_RULES if _severity_of_file_rule(rule, settings) == "file")


def _file_findings(facts: FileFacts) -> pl.DataFrame:
    found = [
        {"entity": "file", "rule": rule.name, "value": finding.found, "episode_id": finding.episode_id}
        for rule in FILE_RULES
        for finding in rule.found(facts)
    ]
    return pl.DataFrame(found, schema=FOUND)


def _rows(sent: Mapping[Entity, pl.DataFrame]) -> SubmissionRows:
    rows = submission_rows(sent)
    if len(rows) != len(sent["intervention"]):
        raise RuntimeError(f"{len(sent['intervention'])} interventions are to be sent but {len(rows)} rows were made")
    return rows


def _rules_table(examined: Examined, settings: Settings) -> pl.DataFrame:
    """What each rule was in this run, and its four counts."""
    of_rule, context = examined.severities.of_rule, examined.context
    of_records = [_rule_row(rule, of_rule[rule.name], rule.allowed(context)) for rule in examined.rules]
    of_file = [_rule_row(rule, _severity_of_file_rule(rule, settings), "") for rule in FILE_RULES]
    counts = examined.judged.counts
    return pl.DataFrame(of_records + of_file).join(counts, on="rule", how="left", maintain_order="left")


def _rule_row(rule: Entry, severity: Severity, allowed: str) -> dict[str, object]:
    return {
        "rule": rule.name,
        "field": rule.field,
        "severity": severity,
        "owner": rule.owner,
        "truth": rule.truth,
        "allowed": allowed,
        "against_last": isinstance(rule, Rule) and rule.stage in ("history", "dropped"),
    }


def manifest_of(request: SubmissionRequest, grounds: Grounds, inputs: Mapping[str, str]) -> tuple[ManifestItem, ...]:
    """Item, name and digest of everything that went into a run, but for what was landed before.

    Args:
        request: what was asked for.
        grounds: what it is judged by.
        inputs: the SHA-256 of each file read, by its name.
    """
    items = [("input", name, digest) for name, digest in inputs.items()]
    items.append(("rules", f"{len(all_rules())} rules", _digest_of_rules()))
    items += [("code list", name, digest) for name, digest in grounds.reference.list_digests.items()]
    items.append(("postcode directory", grounds.reference.directory_name, grounds.reference.directory_digest))
    mapping = request.mapping.model_dump_json(exclude={"location"})
    items.append(("source mapping", request.mapping.name, _digest(mapping)))
    items.append(("settings", "settings.toml", grounds.settings.digest))
    items.append(("judged by", f"what held on {request.judged_on}", _digest(str(request.judged_on))))
    items.append(("file format", "file-format.toml", _digest(repr(file_format()))))
    items.append(("software", software_version(), _digest(software_version())))
    return tuple(items)


@cache
def _digest_of_rules() -> str:
    return _digest(*(_words(rule) for rule in all_rules()))


@cache
def software_version() -> str:
    """The version of this software."""
    return version(DISTRIBUTION)


def _manifest_of_past(past: Past, moved: Sequence[tuple[str, str]]) -> list[ManifestItem]:
    items = [(LAST_SUBMISSION, past.last.run_id, past.last.sha256)] if past.last else []
    return [*items, (MOVED, f"{len(moved)} episodes", digest_of_moved(moved))]


def _changes(findings: pl.DataFrame, before: RunBefore | None) -> Changes | None:
    return changes(findings, before.findings, before.run_id) if before else None


def _words(rule: Entry) -> str:
    statement = rule.statement.words() if isinstance(rule, Rule) else ""
    return "|".join((rule.name, rule.severity, rule.truth, statement))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
