"""Summarises a run, so that a person can read the result in ten seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows.landing.landed import Landed
from flows.pipeline.assess import Assessment
from flows.pipeline.settings import describe_settings
from flows.reports.dropouts import Dropouts, find_dropouts
from flows.reports.row_counts import describe_row_counts
from flows.reports.withheld_values import describe_withheld_values
from schemas.dataset import ENTITIES, TABLE
from schemas.rule import Severity
from schemas.submission_file import FileFormat, load_file_format
from transforms.results.changes import Changes
from transforms.tables.printable import printable

OUTCOMES = ("sent", "rejected", "withheld", "out_of_scope", "dropped")
_MOST_RULES = 5
_MOST_LISTS = 8
WOULD_BE_SENT = "would be sent"
_MOST_UNMAPPED = 3
_MOST_NOTICES = 20
_MOST_MONTHS = 12
# Rows that a filter removes never become records, so the counts of records do not include them.
_ROWS = "Rows that the mapping left out or could not join:"
_MOST_UNUSUAL = 10
# Only a run reads the other agencies.
_LEFT_OUT = "a check does not look for people at other agencies of the home"


@dataclass(frozen=True)
class Summary:
    """Holds what dropped out, the counts, the rules that cost the most rows, and why the file cannot be sent."""

    title: str
    status: str
    dropouts: Dropouts | None
    changes: tuple[Changes, ...]
    counts: Mapping[str, Mapping[str, int]]
    row_counts: tuple[str, ...]
    costly_rules: tuple[tuple[str, int, str], ...]
    blocked_by: tuple[str, ...]
    accepted: tuple[str, ...]
    unmapped: tuple[tuple[str, str, int], ...]
    withheld_values: tuple[str, ...]
    lists_not_published: tuple[str, ...]
    unusual: tuple[str, ...]
    settings_changed: Mapping[str, object]
    file_format: FileFormat
    notices: tuple[str, ...]
    later_months: str
    file: str
    run_id: str
    report: str

    @property
    def rows_sent(self) -> int:
        """Returns the number of rows that the file has, or would have."""
        return self.counts["intervention"]["sent"]


def summarise(
    assessment: Assessment,
    landed: Landed | None = None,
    later_months: Sequence[str] = (),
    unusual: Sequence[str] = (),
    report: Path | None = None,
) -> Summary:
    """Returns the summary of an assessment.

    Args:
        assessment: the assessment.
        landed: the run in the audit; None for a check.
        later_months: the months of the agency (YYYY-MM) after this one that have already landed.
        unusual: what is unusual about a month that is only checked, as sentences; `landed` has its own.
        report: the HTML report of the run, if it was written.
    """
    request = assessment.request
    # A check lands nothing, so it shows what a submission would do.
    done = "blocked" if assessment.submission.is_blocked else "landed"
    return Summary(
        title=f"{assessment.submission.agency or 'no agency'} {request.period} from {request.mapping.name}",
        status=done if landed else f"checked: would be {done}",
        dropouts=find_dropouts(assessment),
        changes=assessment.submission.changes,
        counts=_count_outcomes(assessment.submission.outcome_counts),
        row_counts=_describe_rows(assessment),
        costly_rules=_find_costly_rules(assessment),
        blocked_by=describe_blocking_rules(assessment),
        accepted=describe_accepted_rules(assessment),
        unmapped=_find_frequent_unmapped(assessment.submission.unmapped),
        # A check is how a mapping is tried out, when the words for consent may not be mapped yet.
        withheld_values=() if landed else tuple(describe_withheld_values(assessment.submission.withheld_values)),
        lists_not_published=assessment.lists_not_published,
        unusual=landed.unusual if landed else tuple(unusual),
        settings_changed=assessment.settings_changed,
        file_format=assessment.file_format,
        notices=assessment.notices,
        later_months=_describe_later_months(str(request.period), later_months if done == "landed" else ()),
        file=str(landed.output_path) if landed and landed.output_path else "",
        run_id=landed.run_id if landed else "",
        report=str(report) if report else "",
    )


def as_text(summary: Summary) -> str:
    """Returns the summary as text for a terminal."""
    lines = [
        f"{summary.title}: {summary.status}",
        *_list_dropouts(summary, "  "),
        *_describe_changes(summary),
        *_list_warnings(summary),
        "",
        _format_counts(summary),
        "",
    ]
    if summary.row_counts:
        lines += [_ROWS, *(f"  {line}" for line in summary.row_counts), ""]
    if summary.costly_rules:
        lines.append("Rules that cost the most rows:")
        lines += [f"  {rows:>7}  {rule}  {fault}" for rule, rows, fault in summary.costly_rules]
        lines.append("")
    if summary.unmapped:
        lines.append("Most frequent values that match no code (for PC: unknown postcodes):")
        lines += [f"  {records:>7}  {header} {value!r}" for header, value, records in summary.unmapped]
        lines.append("")
    if summary.withheld_values:
        lines += ["Values of withheld records that were not understood (no rule looks at them):"]
        lines += [*(f"  {line}" for line in summary.withheld_values), ""]
    lines += _list_unusual(summary)
    # A wrong table may have hundreds of unknown columns.
    lines += [f"Note: {notice}." for notice in summary.notices[:_MOST_NOTICES]]
    if len(summary.notices) > _MOST_NOTICES:
        lines.append(f"Note: {len(summary.notices) - _MOST_NOTICES} more columns of this kind.")
    if summary.file:
        lines.append(f"File: {summary.file} ({summary.rows_sent} rows)")
    if summary.run_id:
        lines.append(f"Run:  {summary.run_id}")
    if summary.report:
        lines.append(f"Report: {summary.report}")
    return printable("\n".join(lines), keep="\n")


def as_markdown(summary: Summary) -> str:
    """Returns the summary for a page of the orchestrator, with counts and rule names but no values of records."""
    header = "| records | " + " | ".join(_name_outcome(outcome, summary.status) for outcome in OUTCOMES) + " |"
    rows = [
        f"| {TABLE[entity]} | " + " | ".join(str(summary.counts[entity][outcome]) for outcome in OUTCOMES) + " |"
        for entity in ENTITIES
    ]
    rules = [f"| {rule} | {rows_lost} | {fault} |" for rule, rows_lost, fault in summary.costly_rules]
    parts = [
        f"# {summary.title}: {summary.status}",
        *(["\n".join(_list_dropouts(summary, "- "))] if summary.dropouts else []),
        *_describe_changes(summary),
        *_list_warnings(summary),
        "\n".join([header, "|---" * 6 + "|", *rows]),
    ]
    if summary.row_counts:
        parts.append("\n".join([_ROWS, "", *(f"- {line}" for line in summary.row_counts)]))
    if summary.unusual:
        # The sentences name codes, which are values of records.
        parts.append(f"Worth a look: {len(summary.unusual)} (`ndtms quality` shows them)")
    if rules:
        parts.append("\n".join(["| rule | rows lost | what is wrong |", "|---|---|---|", *rules]))
    return printable("\n\n".join(parts), keep="\n")


def _list_dropouts(summary: Summary, mark: str) -> list[str]:
    """Returns what dropped out, one line per count after `mark`; nothing if there is no earlier submission."""
    dropouts = summary.dropouts
    if dropouts is None:
        return []
    # A list of Markdown needs a blank line before it.
    blank = [""] if mark.strip() and dropouts.counts else []
    return [dropouts.title, *blank, *(f"{mark}{dropout}" for dropout in dropouts.counts)]


def _describe_changes(summary: Summary) -> list[str]:
    """Returns a line per earlier run: the findings on the agency's own records since then."""
    if not summary.changes:
        return ["Findings: first run, nothing to compare with"]
    return [
        f"Findings since {changes.since}: {_format_new(changes.new)},"
        f" {sum(changes.persisting.values())} persisting, {sum(changes.resolved.values())} resolved"
        for changes in summary.changes
    ]


def _format_new(counts: Mapping[Severity, int]) -> str:
    """Returns a total with its parts, as `4 new (1 reject, 3 warning)`."""
    parts = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
    return f"{sum(counts.values())} new ({parts})" if parts else "0 new"


def _describe_later_months(period: str, later: Sequence[str]) -> str:
    """Returns the months that were compared with an earlier submission of this one; '' if there are none."""
    if not later:
        return ""
    more = f" and {len(later) - _MOST_MONTHS} more" if len(later) > _MOST_MONTHS else ""
    span = f"--from {later[0]} --to {later[-1]}"
    return (
        f"Months after {period} that have already landed: {', '.join(later[:_MOST_MONTHS])}{more};"
        f" `ndtms backfill {span}` compares them with this submission"
    )


def _describe_unconfirmed(form: FileFormat) -> str:
    if form == load_file_format():
        return "The file format is provisional: compare data/dataset_r/file-format.toml with the official specification"
    return (
        "The file format is not confirmed: compare it with the official specification, then load it again with"
        " `confirmed = true` (`ndtms reference format`)"
    )


def _list_warnings(summary: Summary) -> list[str]:
    lines = [f"Blocked by {rule}" for rule in summary.blocked_by]
    lines += [f"Accepted: {rule}" for rule in summary.accepted]
    if summary.later_months:
        lines.append(summary.later_months)
    if not summary.file_format.confirmed:
        lines.append(_describe_unconfirmed(summary.file_format))
    if summary.lists_not_published:
        names = ", ".join(summary.lists_not_published[:_MOST_LISTS])
        more = len(summary.lists_not_published) - _MOST_LISTS
        lines.append(
            f"NOT READY TO BE SENT: {len(summary.lists_not_published)} code lists are not the official ones yet:"
            f" {names}{f' and {more} more' if more > 0 else ''} (`ndtms codes` shows them)"
        )
    lines += [f"Setting that is not the default: {setting}" for setting in describe_settings(summary.settings_changed)]
    return lines


def _list_unusual(summary: Summary) -> list[str]:
    """Returns the section of what is unusual about the month; empty if nothing is."""
    if not summary.unusual:
        return []
    more = len(summary.unusual) - _MOST_UNUSUAL
    return [
        f"Worth a look ({'nothing here blocks or changes the file' if summary.run_id else _LEFT_OUT}):",
        *(f"  {sentence}" for sentence in summary.unusual[:_MOST_UNUSUAL]),
        *([f"  and {more} more (`ndtms quality` shows them)"] if more > 0 else []),
        "",
    ]


def _name_outcome(outcome: str, status: str) -> str:
    """Returns the heading of an outcome; a run that is blocked sends nothing."""
    return WOULD_BE_SENT if outcome == "sent" and status == "blocked" else outcome.replace("_", " ")


def _format_counts(summary: Summary) -> str:
    header = f"{'':14}" + "".join(f"{_name_outcome(outcome, summary.status):>14}" for outcome in OUTCOMES)
    rows = [
        f"{TABLE[entity]:14}" + "".join(f"{summary.counts[entity][outcome]:>14}" for outcome in OUTCOMES)
        for entity in ENTITIES
    ]
    return "\n".join([header, *rows])


def _describe_rows(assessment: Assessment) -> tuple[str, ...]:
    counts = assessment.row_counts
    return tuple(line for entity in ENTITIES for line in describe_row_counts(TABLE[entity], counts.get(entity, ())))


def _count_outcomes(outcome_counts: pl.DataFrame) -> dict[str, dict[str, int]]:
    # Starts at zero, so that an outcome without records is still shown.
    counts = {entity: dict.fromkeys(OUTCOMES, 0) for entity in ENTITIES}
    for entity, outcome, records in outcome_counts.iter_rows():
        counts[entity][outcome] = records
    return {str(entity): outcomes for entity, outcomes in counts.items()}


def _find_costly_rules(assessment: Assessment) -> tuple[tuple[str, int, str], ...]:
    """Returns the rules that kept the most rows from being sent, through the record itself or its parent."""
    # Counts interventions, because each row of the file is one; a rejected client costs all of its rows.
    rows_lost = (
        assessment.submission.outcomes.filter((pl.col("entity") == "intervention") & (pl.col("outcome") == "rejected"))
        .group_by(entity="cause_entity", row="cause_row")
        .len("rows")
        .with_columns(pl.col("entity").cast(pl.String))
    )
    held_back = assessment.submission.rules.filter("holds_back").select("rule", "fault")
    # A row that breaks two rules counts for both, because either would keep it back.
    costs = (
        assessment.submission.findings.join(rows_lost, on=["entity", "row"])
        .join(held_back, on="rule")
        .group_by("rule", "fault")
        .agg(pl.col("rows").sum())
        .sort("rows", "rule", descending=[True, False])
        .head(_MOST_RULES)
    )
    return tuple((rule, rows, fault) for rule, fault, rows in costs.iter_rows())


def _find_frequent_unmapped(unmapped: pl.DataFrame) -> tuple[tuple[str, str, int], ...]:
    # Sorts by name too, so that equal counts have the same order in every run.
    most = unmapped.sort("records", "field", "value", descending=[True, False, False]).head(_MOST_UNMAPPED)
    return tuple(most.select("field", "value", "records").iter_rows())


def describe_blocking_rules(assessment: Assessment) -> tuple[str, ...]:
    """Returns the rules that block a run, each as a sentence with what it found; empty if nothing blocks."""
    accepted = assessment.request.accepted
    return tuple(
        f"{rule}: {fault} Found: {value}. {fix}"
        for rule, fault, fix, value in _find_file_rules(assessment)
        if rule not in accepted
    )


def describe_accepted_rules(assessment: Assessment) -> tuple[str, ...]:
    """Returns the rules that would block the run, each with what it found and the reason why that is accepted."""
    accepted = assessment.request.accepted
    return tuple(
        f"{rule}: {fault} Found: {value}. Reason: {accepted[rule]}"
        for rule, fault, _, value in _find_file_rules(assessment)
        if rule in accepted
    )


def _find_file_rules(assessment: Assessment) -> list[tuple[str, str, str, str]]:
    """Returns rule, fault, fix and what was found, for the rules of severity `file` that have findings."""
    submission = assessment.submission
    blocking = submission.rules.filter(pl.col("severity") == "file").select("rule", "fault", "fix")
    found = submission.findings.join(blocking, on="rule").group_by("rule", "fault", "fix").agg(pl.col("value").first())
    return found.sort("rule").rows()
