"""Assesses an export: loads what the pipeline needs, builds the submission and describes its inputs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property

import polars as pl

from flows.audit.previous import hash_moved_episodes, load_previous
from flows.intake.export_tables import ReadTable
from flows.intake.extract import extract
from flows.pipeline.notices import describe_empty_fields, describe_missing_consent
from flows.pipeline.settings import Settings, read_settings
from flows.quality.count import count_month
from flows.quality.settings import QualitySettings
from flows.reference.in_force import Reference, list_code_lists, load_reference_in_force
from flows.sources.request import SubmissionRequest
from flows.support.errors import InputRefused
from flows.support.events import log_step
from flows.support.fingerprint_key import read_fingerprint_key
from flows.support.software_version import read_software_version
from schemas.code_lists import CodeLists
from schemas.dataset import Entity
from schemas.rule import Rule, RuleInfo
from schemas.rules.catalogue import list_rules
from schemas.submission_file import FileFormat
from transforms.derive.identity import Geography
from transforms.derive.postcode_lookup import find_recodings
from transforms.inputs import Export, Inputs, Previous, RowCount
from transforms.pipeline import AppliedRules, Submission, apply_rules, build_submission, link_export

LAST_SUBMISSION, MOVED = "last submission", "episodes that others sent"
JUDGED_BY, _HELD_ON = "judged by", "what held on "

ManifestItem = tuple[str, str, str]


@dataclass(frozen=True)
class ReferenceInputs:
    """What a request is assessed against: reference data, settings, the code lists of its month, and the home's key."""

    reference: Reference
    settings: Settings
    lists: CodeLists
    fingerprint_key: bytes = b""

    def build_geography(self, request: SubmissionRequest) -> Geography:
        """Returns the lookup of local authorities for the request's month."""
        return Geography(
            self.reference.find_postcodes,
            find_recodings(request.judged_on, self.reference.recoded),
            self.lists["UTLA"],
        )

    def build_inputs(self, request: SubmissionRequest) -> Inputs:
        """Returns the inputs of the pipeline for a request."""
        return Inputs(
            agency_asked=request.agency,
            period=request.period,
            extracted_on=request.extracted_on,
            judged_on=request.judged_on,
            lists=self.lists,
            all_lists=self.reference.lists,
            recoded=self.reference.recoded,
            severities=self.settings.severities,
            held_back=frozenset(self.settings.held_back),
            shrink_share=self.settings.shrink_share,
            accepted=frozenset(request.accepted),
            judged_as_of=request.judged_as_of,
            fingerprint_key=self.fingerprint_key,
        )


@dataclass(frozen=True)
class Assessment:
    """A submission with what its run records: the request, the manifest, and the notices to show.

    `lists_not_published` are the code lists in use that are not the official ones; `settings_changed` are the settings
    that differ from their defaults; `row_counts` are the rows of the export's files; `file_format` is the format of the
    submission file; `counts` are what happened in the month, and `quality` the limits of what is unusual.
    """

    request: SubmissionRequest
    submission: Submission
    manifest: tuple[ManifestItem, ...]
    lists_not_published: tuple[str, ...]
    notices: tuple[str, ...]
    row_counts: Mapping[Entity, tuple[RowCount, ...]]
    file_format: FileFormat
    lists: CodeLists
    quality: QualitySettings
    settings_changed: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def counts(self) -> pl.DataFrame:
        """Counts what happened in the month when that is first asked for: a landing counts while it writes."""
        return count_month(self.submission.sent, self.request.period, self.lists, self.quality)


def load_reference_inputs(request: SubmissionRequest, *, with_site: bool = True) -> ReferenceInputs:
    """Loads the reference data and settings in force for a request.

    Args:
        request: the submission, with the home of the reference data.
        with_site: whether the settings of the site apply, in addition to those of the home.

    Raises:
        InputRefused: the reference data or the settings are wrong.
    """
    with log_step("read_reference", **request.about) as counts:
        reference = load_reference_in_force(request.home)
        # A code counts if it is valid on the last day of the month, or on the day of --as-of.
        lists = reference.lists.on(request.judged_on)
        counts["code_lists"] = len(reference.list_digests)
        settings = read_settings(request.home, with_site=with_site)
        return ReferenceInputs(reference, settings, lists, read_fingerprint_key(request.home))


def refuse_unpublished(inputs: ReferenceInputs) -> None:
    """Raises InputRefused if a code list in use is not the official one."""
    missing = inputs.lists.find_not_published(list_code_lists())
    if missing:
        raise InputRefused(
            f"{len(missing)} code lists are not the official ones yet: {', '.join(missing)};"
            " load them with `ndtms reference load`"
        )


def read_export(request: SubmissionRequest, inputs: ReferenceInputs, read: ReadTable | None = None) -> Export:
    """Reads the export of a request.

    Args:
        request: the request that names the export.
        inputs: the reference data and settings in force.
        read: returns a table that was read before; by default the tables are read from the export's folder.

    Raises:
        InputRefused: the export does not match the source's mapping.
    """
    with log_step("read_export", **request.about) as counts:
        export = extract(
            request.mapping,
            request.folder,
            inputs.build_geography(request),
            request.corrections,
            inputs.settings.limits,
            request.query_parameters,
            read,
        )
        counts |= {"records": dict(export.read), "files": len(export.digests)}
    return export


def assess(
    request: SubmissionRequest, inputs: ReferenceInputs, export: Export, previous: Previous | None = None
) -> Assessment:
    """Builds the submission of a request, without writing anything.

    Args:
        request: the submission to assess.
        inputs: the reference data and settings it is assessed against.
        export: the export that was read.
        previous: the agency's earlier submissions; by default, those in the audit.

    Raises:
        CountsDoNotMatch: the outcomes do not account for every record that was read.
        InputRefused: the audit cannot be read.
    """
    # A worker of a backfill passes the earlier submissions, because it cannot open the audit.
    if previous is None:
        with log_step("read_previous"):
            previous = load_previous(request, export.choose_agency(request.agency), export.ids)
    submission = build_submission(export, inputs.build_inputs(request), previous, log_step)
    return Assessment(
        request=request,
        submission=submission,
        manifest=(
            *build_manifest(request, inputs, export.digests),
            *_describe_previous(previous, submission.moved_episodes),
        ),
        lists_not_published=inputs.lists.find_not_published(list_code_lists()),
        notices=(
            *describe_missing_consent(submission),
            *describe_empty_fields(submission),
            *(f"{column} is not a column of the dataset; it is ignored" for column in export.unknown_columns),
        ),
        row_counts=export.row_counts,
        file_format=inputs.reference.file_format,
        lists=inputs.lists,
        quality=inputs.settings.quality,
        settings_changed=inputs.settings.changed,
    )


def apply_rules_to_export(request: SubmissionRequest, inputs: ReferenceInputs, export: Export) -> AppliedRules:
    """Runs the rules on the records of an export as `assess` does, and returns their results alone."""
    previous = load_previous(request, export.choose_agency(request.agency), export.ids)
    pipeline_inputs = inputs.build_inputs(request)
    return apply_rules(link_export(export, pipeline_inputs), pipeline_inputs, previous)


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
    items.append(("rules", f"{len(list_rules())} rules", _hash_rules()))
    # All lists are inputs, because a rule may ask for a concept of any of them.
    items += [("code list", name, digest) for name, digest in inputs.reference.list_digests.items()]
    items.append(("postcode directory", inputs.reference.directory_name, inputs.reference.directory_digest))
    # The location is left out: moving the export must not change the digest.
    mapping = request.mapping.model_dump_json(exclude={"location"})
    sql = [file.text for file in request.mapping.sql_files]
    items.append(("source mapping", request.mapping.name, _hash_texts(mapping, *sql)))
    # This digest leaves out the limits, which do not change results.
    items.append(("settings", "settings.toml", inputs.settings.digest))
    items.append((JUDGED_BY, f"{_HELD_ON}{request.judged_on}", _hash_texts(str(request.judged_on))))
    form = inputs.reference.file_format
    items.append(("file format", "file-format.toml", _hash_texts(repr(form), *form.columns)))
    items.append(("software", read_software_version(), _hash_texts(read_software_version())))
    return tuple(items)


def parse_judged_day(name: str) -> date:
    """Returns the day of the manifest's item `JUDGED_BY`: what was in force then decided what is valid."""
    return date.fromisoformat(name.removeprefix(_HELD_ON))


# A backfill describes the same rules for every month, so the digest is kept.
@cache
def _hash_rules() -> str:
    return _hash_texts(*(_format_rule(rule) for rule in list_rules()))


def _describe_previous(previous: Previous, moved: Sequence[tuple[str, str]]) -> list[ManifestItem]:
    last = previous.last
    items = [(LAST_SUBMISSION, last.run_id, last.history)] if last else []
    return [*items, (MOVED, f"{len(moved)} episodes", hash_moved_episodes(moved))]


def _format_rule(rule: RuleInfo) -> str:
    statement = rule.statement.words() if isinstance(rule, Rule) else ""
    return "|".join((rule.name, rule.severity, rule.sentences.requirement, statement))


def _hash_texts(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
