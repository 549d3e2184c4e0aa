"""Families of rules: one statement, and one rule for each field it applies to."""

from collections.abc import Iterable
from dataclasses import replace

from schemas.condition import (
    AfterExtract,
    CodeListIsChecked,
    Flag,
    HoldsBirthday,
    InCodeList,
    RuleContext,
    Understood,
    populated,
)
from schemas.condition import Always as EveryRecord
from schemas.dataset import ENTITIES, ID_FIELD, INTEGER_RANGE, Entity, Field, field, fields
from schemas.record_columns import IS_REPEAT
from schemas.rule import (
    CLIENT_DETAILS,
    EPISODE_DETAILS,
    INTERVENTION_DETAILS,
    Basis,
    Owner,
    Rule,
    Severity,
    Stage,
    Statement,
    applies_to,
)

SECTION: dict[Entity, str] = {
    "client": CLIENT_DETAILS,
    "episode": EPISODE_DETAILS,
    "intervention": INTERVENTION_DETAILS,
}
MOST_CODES_TOLD = 12

# The software generates or looks up these fields; nobody types them.
_MADE_BY_SOFTWARE = frozenset({"CLIENTID", "AGNCY", "EPISODID", "CMSID", "MODID"})
_DATE_FORMS = "a real calendar date, as YYYY-MM-DD, DD/MM/YYYY, YYYYMMDD or DD-Mon-YYYY"


def required_rules() -> list[Rule]:
    """A field that must be completed is (field updatability, sections 1 to 3)."""
    return [_required(each) for each in fields() if each.missing in ("reject", "error")]


def _required(each: Field) -> Rule:
    severity: Severity = "reject" if each.missing == "reject" else "error"
    owner: Owner = "entry"
    if each.header in _MADE_BY_SOFTWARE:
        owner = "conversion"
    if each.header == "UTLA":
        owner = "reference"
    return _rule(
        each,
        "required",
        severity=severity,
        owner=owner,
        truth=f"{each.header} is completed.",
        statement=applies_to(EveryRecord()).holds(populated(each.header)),
        stage="ties" if each.header in ("CLIENTID", "EPISODID", "MODID") else "record",
    )


def date_rules() -> list[Rule]:
    """A date is a real calendar date; the two of tests may be a year, or a month and year."""
    return [_date(each) for each in fields() if each.kind in ("date", "partial_date")]


def _date(each: Field) -> Rule:
    allowed = _DATE_FORMS
    if each.kind == "partial_date":
        allowed += ", or a year, or a month and year"
    return _rule(
        each,
        "date",
        severity="reject" if each.missing == "reject" else "error",
        truth=f"{each.header} is {allowed}.",
        statement=applies_to(populated(each.header)).holds(Understood(each.header, allowed)),
    )


def future_rules() -> list[Rule]:
    """No date but the birth date, which other rules look at, lies after the extract."""
    dates = [each for each in fields() if each.kind in ("date", "partial_date") and each.header != "DOB"]
    return [
        _rule(
            each,
            "future",
            severity="warning",
            basis="inferred",
            truth=f"{each.header} is not after the day the data was extracted.",
            statement=applies_to(populated(each.header)).holds(~AfterExtract(each.header)),
        )
        for each in dates
    ]


def code_rules() -> list[Rule]:
    """A coded field holds a code of its list; what a list that is not published can't say only warns."""
    return [_code(each) for each in fields() if each.kind == "code"]


def _code(each: Field) -> Rule:
    def allowed(context: RuleContext) -> str:
        codes = context.lists[each.code_list].codes
        if len(codes) > MOST_CODES_TOLD:
            return f"one of the {len(codes)} codes of the list {each.code_list}"
        return "; ".join(f"{code.code} ({code.label})" for code in codes)

    def severity_in_force(severity: Severity, context: RuleContext) -> Severity:
        return severity if context.lists[each.code_list].is_published else "warning"

    rule = _rule(
        each,
        "code",
        severity="reject" if each.missing == "reject" else "error",
        owner="conversion",
        truth=f"{each.header} is a code of the list {each.code_list}.",
        statement=applies_to(populated(each.header) & CodeListIsChecked(each.header)).holds(InCodeList(each.header)),
        stage="consent" if each.header == "CONSENT" else "record",
    )
    return replace(rule, allowed=allowed, severity_in_force=severity_in_force)


def range_rules() -> list[Rule]:
    """A number is whole and within its range; only the AUDIT score's is stated."""
    return [_range(field(header), first, last) for header, (first, last) in INTEGER_RANGE.items()]


def _range(each: Field, first: int, last: int) -> Rule:
    basis: Basis = "stated" if each.header == "AUDIT" else "inferred"
    allowed = f"a whole number from {first} to {last}"
    return _rule(
        each,
        "range",
        severity="error",
        basis=basis,
        truth=f"{each.header} is {allowed}.",
        statement=applies_to(populated(each.header)).holds(Understood(each.header, allowed)),
    )


def identifying_rules() -> list[Rule]:
    """No id is composed of the client's date of birth."""
    birth: dict[Entity, str] = {"client": "DOB", "episode": "client.DOB", "intervention": "client.DOB"}
    return [
        _rule(
            each,
            "identifying",
            severity="reject",
            owner="conversion",
            truth=f"{each.header} does not hold the client's date of birth.",
            statement=applies_to(populated(each.header)).holds(~HoldsBirthday(each.header, birth[each.entity])),
        )
        for each in map(field, ("CLIENTID", "CLIENT", "EPISODID", "MODID"))
    ]


def conflict_rules() -> list[Rule]:
    """One id, one record: records that share an id and differ are all in conflict."""
    shares = Flag("shares_its_id", "another record that differs carries the same id")
    return [
        _rule(
            each,
            "conflict",
            severity="reject",
            basis="inferred",
            owner="conversion",
            truth=f"No other {each.entity} record carries this {each.header} with other values.",
            statement=applies_to(populated(each.header)).holds(~shares),
            stage="ties",
        )
        for each in _ids()
    ]


def repeated_rules() -> list[Rule]:
    """A record is brought once; the first stands, each exact repeat is dropped."""
    repeats = Flag(IS_REPEAT, "an earlier record is the same in every known column")
    return [
        _rule(
            each,
            "repeated",
            severity="warning",
            basis="inferred",
            owner="conversion",
            truth=f"The {each.entity} record repeats no earlier one exactly.",
            statement=applies_to(EveryRecord()).holds(~repeats),
            stage="repeats",
        )
        for each in _ids()
    ]


def _ids() -> list[Field]:
    return [field(ID_FIELD[entity]) for entity in ENTITIES]


def family_rules() -> Iterable[Rule]:
    """The rules of all families, family by family."""
    yield from required_rules()
    yield from date_rules()
    yield from future_rules()
    yield from code_rules()
    yield from range_rules()
    yield from identifying_rules()
    yield from conflict_rules()
    yield from repeated_rules()


def _rule(
    each: Field,
    kind: str,
    *,
    severity: Severity,
    truth: str,
    statement: Statement,
    basis: Basis = "stated",
    owner: Owner = "entry",
    stage: Stage = "record",
) -> Rule:
    return Rule(
        name=f"{each.header}.{kind}",
        entity=each.entity,
        field=each.header,
        severity=severity,
        basis=basis,
        section=SECTION[each.entity],
        owner=owner,
        truth=truth,
        statement=statement,
        stage=stage,
    )
