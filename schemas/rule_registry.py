"""Registers rules: the decorators that turn a function into a rule, a family of rules, or a rule of the file.

The docstring of the function has the three sentences that people read:

    The {EXITD} must not be before the {RECPDT}.

    Fault: The {EXITD} is before the {RECPDT}.
    Fix: Correct the wrong one of the two dates in the clinical system.

`{EXITD}` becomes 'exit date (EXITD)'; in a family, `{field}` is the field of the rule.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from schemas.conditions.condition import RuleContext
from schemas.dataset import Entity, Field, list_fields
from schemas.record_field import RecordField
from schemas.rule import SECTION, Basis, Owner, Rule, RuleInfo, Sentences, Severity, Stage, Statement

RuleFunction = Callable[[], Statement]
FamilyFunction = Callable[[RecordField], Statement]
_PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class FileFinding:
    """What a rule of the file found, and the episode it is about, if any."""

    found: str
    episode_id: str | None = None


@dataclass(frozen=True)
class FileFacts:
    """What the rules of the file look at.

    `agency_asked` is None if no agency was requested; `last_rows_sent` is None if there is no previous submission.
    `has_day_in_period` is whether some date of a record in play is in the period; `extracted_early` describes an
    extract that was taken before the last day of the period.
    """

    agency_asked: str | None
    agencies: Sequence[str]
    removed_columns: Sequence[str]
    rows_to_send: int
    last_rows_sent: int | None = None
    shrink_share: float = 0.5
    episodes_in_play: int = 0
    has_day_in_period: bool = True
    extracted_early: str = ""


FileFunction = Callable[[FileFacts], Sequence[FileFinding]]


@dataclass(frozen=True, kw_only=True)
class FileRule(RuleInfo):
    """A rule of the whole file, and the function that returns what it finds."""

    find: FileFunction


class Registry:
    """The rules of the dataset, by name."""

    def __init__(self) -> None:
        self.of_records: dict[str, Rule] = {}
        self.of_file: dict[str, FileRule] = {}

    def add(self, rule: Rule | FileRule) -> None:
        """Adds a rule.

        Raises:
            ValueError: there is a rule with this name.
        """
        # Settings and findings refer to a rule by its name alone.
        if rule.name in self.of_records or rule.name in self.of_file:
            raise ValueError(f"two rules have the name {rule.name}; rename one of them")
        if isinstance(rule, FileRule):
            self.of_file[rule.name] = rule
        else:
            self.of_records[rule.name] = rule


REGISTRY = Registry()


def rule(
    name: str,
    severity: Severity,
    *,
    entity: Entity | None = None,
    also: Entity | None = None,
    blames: RecordField | None = None,
    inferred: bool = False,
    owner: Owner = "entry",
    section: str = "",
    stage: Stage = "record",
    registry: Registry = REGISTRY,
) -> Callable[[RuleFunction], RuleFunction]:
    """Registers the decorated function as a rule.

    Args:
        name: the field that the rule is about, a full stop, and what the rule is about.
        severity: what happens to a record that breaks it.
        entity: the entity whose records it checks; by default, that of the field.
        also: a second entity whose records it checks, where both can supply the field.
        blames: the field that a finding shows; by default, the field that the rule is about.
        inferred: whether the rule is inferred from the definitions, not stated in them.
        owner: who can fix a finding.
        section: the section of the definitions; by default, that of the entity.
        stage: when the rule runs, and which records it sees.
        registry: where to register it.

    Raises:
        ValueError: the docstring lacks a sentence, or there is a rule with this name.
    """

    def register(function: RuleFunction) -> RuleFunction:
        subject = RecordField(name.partition(".")[0])
        of_entity = entity or subject.definition.entity
        registry.add(
            Rule(
                name=name,
                entity=of_entity,
                field=str(blames or subject),
                severity=severity,
                basis=_name_basis(inferred),
                section=section or SECTION[of_entity],
                owner=owner,
                sentences=read_sentences(function, subject.definition),
                # Called once, at import, so that a mistake in a rule shows before any record is read.
                statement=function(),
                stage=stage,
                also=also,
                source=_locate_source(function),
            )
        )
        return function

    return register


def rule_family(
    kind: str,
    severity: Severity | Callable[[Field], Severity],
    *,
    fields: Iterable[RecordField],
    inferred: bool | Callable[[Field], bool] = False,
    owner: Owner | Callable[[Field], Owner] = "entry",
    section: str = "",
    stage: Stage | Callable[[Field], Stage] = "record",
    special: str = "",
    allowed: Callable[[Field, RuleContext], str] | None = None,
    severity_in_force: Callable[[Field, Severity, RuleContext], Severity] | None = None,
    registry: Registry = REGISTRY,
) -> Callable[[FamilyFunction], FamilyFunction]:
    """Registers the decorated function as one rule for each field, named `FIELD.kind`.

    An argument that differs from field to field is a function of the field.

    Args:
        kind: the second part of the rules' names.
        severity: what happens to a record that breaks the rule.
        fields: the fields of the family.
        inferred: whether the rule is inferred from the definitions, not stated in them.
        owner: who can fix a finding.
        section: the section of the definitions; by default, that of the entity.
        stage: when the rule runs, and which records it sees.
        special: the kind that other parts of the program recognise (`EXACT_REPEAT`, `IDENTIFYING`).
        allowed: the values that the field may hold under the code lists in force.
        severity_in_force: the severity under the code lists in force.
        registry: where to register the rules.

    Raises:
        ValueError: the docstring lacks a sentence, or there is a rule with one of the names.
    """

    def register(function: FamilyFunction) -> FamilyFunction:
        parts, source = _read_parts(function), _locate_source(function)
        for member in fields:
            definition = member.definition
            member_rule = Rule(
                name=f"{member}.{kind}",
                entity=definition.entity,
                field=str(member),
                severity=severity(definition) if callable(severity) else severity,
                basis=_name_basis(inferred(definition) if callable(inferred) else inferred),
                section=section or SECTION[definition.entity],
                owner=owner(definition) if callable(owner) else owner,
                sentences=_fill_in_parts(parts, definition),
                statement=function(member),
                stage=stage(definition) if callable(stage) else stage,
                kind=special,
                source=source,
            )
            # Bound here, because each rule of the family is about another field.
            if allowed:
                member_rule = replace(member_rule, allowed=partial(allowed, definition))
            if severity_in_force:
                member_rule = replace(member_rule, severity_in_force=partial(severity_in_force, definition))
            registry.add(member_rule)
        return function

    return register


def file_rule(
    name: str,
    severity: Severity,
    *,
    blames: RecordField | None = None,
    inferred: bool = False,
    section: str = "Introduction",
    registry: Registry = REGISTRY,
) -> Callable[[FileFunction], FileFunction]:
    """Registers the decorated function as a rule of the whole file.

    The function returns what it finds in the facts about the submission. The arguments are those of `rule`.
    """

    def register(function: FileFunction) -> FileFunction:
        registry.add(
            FileRule(
                name=name,
                entity="file",
                field=str(blames) if blames else "",
                severity=severity,
                basis=_name_basis(inferred),
                section=section,
                owner="conversion",
                sentences=read_sentences(function, None),
                stage="file",
                source=_locate_source(function),
                find=function,
            )
        )
        return function

    return register


def read_sentences(function: Callable[..., object], about: Field | None) -> Sentences:
    """Returns the sentences in the docstring of a rule's function, with the titles of fields filled in.

    Args:
        function: the function of the rule.
        about: the field that `{field}` refers to; None for a rule of the file.

    Raises:
        ValueError: the docstring is missing, or has no requirement, fault or fix.
    """
    return _fill_in_parts(_read_parts(function), about)


def _read_parts(function: Callable[..., object]) -> dict[str, str]:
    """Returns the parts of the docstring of a rule's function: requirement, fault, fix and perhaps choice."""
    parts: dict[str, list[str]] = {}
    part = "requirement"
    for line in (inspect.getdoc(function) or "").splitlines():
        # A label starts a new part; any other line continues the current one.
        label, colon, rest = line.partition(": ")
        starts = bool(colon) and label in ("Fault", "Fix", "Choice")
        if starts:
            part = label.casefold()
        parts.setdefault(part, []).append((rest if starts else line).strip())
    texts = {name: " ".join(filter(None, lines)) for name, lines in parts.items()}
    missing = [name for name in ("requirement", "fault", "fix") if not texts.get(name)]
    if missing:
        raise ValueError(f"the docstring of the rule function {function.__name__} has no {' and no '.join(missing)}")
    return texts


def _fill_in_parts(parts: Mapping[str, str], about: Field | None) -> Sentences:
    return Sentences(**{name: _fill_in(text, about) for name, text in parts.items()})


class _Titles(dict[str, str]):
    """The titles by header; a name that is not a field stays as it is, for the settings that fill it in later."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


@cache
def _list_titles() -> dict[str, str]:
    return {field.header: field.titled for field in list_fields()}


def _fill_in(text: str, about: Field | None) -> str:
    titles = _Titles(_list_titles())
    if about:
        titles |= {"field": about.titled, "header": about.header, "entity": about.entity, "list": about.code_list}
    # A title is in lower case, also at the start of a sentence.
    filled = text.format_map(titles)
    return filled[:1].upper() + filled[1:]


def _name_basis(inferred: bool) -> Basis:
    return "inferred" if inferred else "stated"


def _locate_source(function: Callable[..., object]) -> str:
    # A decorator may wrap the function; the line is that of the function itself.
    code = inspect.unwrap(function).__code__
    path = Path(code.co_filename)
    shown = path.relative_to(_PROJECT) if path.is_relative_to(_PROJECT) else path.name
    return f"{shown}:{code.co_firstlineno}"
