"""Families of rules about the value of one field: required, date, code, range, and ids."""

from schemas.conditions.codes import CodeListIsChecked, InCodeList
from schemas.conditions.condition import Always, Condition, RuleContext
from schemas.conditions.values import Flag
from schemas.dataset import ENTITIES, ID_FIELD, INTEGER_RANGE, SENT_OUT_OF_RANGE, Field, list_fields
from schemas.fields import (
    AGNCY,
    ALCDDAYS,
    AUDIT,
    CHILDWTH,
    CLIENT,
    CLIENTID,
    DISABLE1,
    DOB,
    DOMPER,
    DOMVIC,
    DUALDIAG,
    EPISODID,
    ETHNIC,
    HEPBSTAT,
    HEPCSTAT,
    HIVSTAT,
    HOUSING,
    INJSTAT,
    MHTINT,
    MODID,
    NATION,
    PARENT,
    PC,
    RELIGION,
    SEXUALO,
    SEXWORK,
    TSLPE,
    VETERAN,
)
from schemas.record_columns import IS_REPEAT
from schemas.record_field import RecordField
from schemas.rule import (
    ERROR,
    EXACT_REPEAT,
    IDENTIFYING,
    REJECT,
    WARNING,
    Owner,
    Severity,
    Stage,
    Statement,
    applies_to,
)
from schemas.rule_registry import rule_family

MOST_CODES_SHOWN = 12

# The software generates or looks up these fields; nobody types them.
_MADE_BY_SOFTWARE = frozenset({"CLIENTID", "AGNCY", "EPISODID", "CMSID", "MODID"})
_DATE_FORMATS = "a real calendar date, as YYYY-MM-DD, DD/MM/YYYY, YYYYMMDD or DD-Mon-YYYY"
_REPEATS = Flag(IS_REPEAT, "an earlier record is the same in every known column")
_FIELDS = tuple(RecordField(field.header) for field in list_fields())
_IDS = tuple(RecordField(ID_FIELD[entity]) for entity in ENTITIES)
_DATES = tuple(field for field in _FIELDS if field.definition.kind in ("date", "partial_date"))
_CODED = tuple(field for field in _FIELDS if field.definition.kind == "code")
_REQUIRED = tuple(field for field in _FIELDS if field.definition.missing in ("reject", "error"))


def _choose_missing_severity(field: Field) -> Severity:
    """Returns 'reject' for a field without which the record is rejected (field updatability, sections 1 to 3)."""
    return REJECT if field.missing == "reject" else ERROR


def _choose_owner(field: Field) -> Owner:
    if field.header in _MADE_BY_SOFTWARE:
        return "conversion"
    return "reference" if field.header == "UTLA" else "entry"


def _choose_missing_stage(field: Field) -> Stage:
    return "repeats" if field.header in ID_FIELD.values() else "record"


@rule_family(
    "required", _choose_missing_severity, fields=_REQUIRED, owner=_choose_owner, stage=_choose_missing_stage
)  # fmt: skip
def is_required(field: RecordField) -> Statement:
    """{field} must be filled in.

    Fault: {field} is missing.
    Fix: Complete it in the clinical system; if it is complete there, check the column in the source mapping.
    """
    applies: Condition = Always()
    if field in _IDS:
        applies = ~_REPEATS
    elif field == AGNCY:
        applies = ~Flag("episodes_supply_agency", "the client has episodes, and all of them supply an AGNCY")
    return applies_to(applies).holds(field.is_populated)


# What is recorded at the start of an episode, and may be unknown (Data entities).
_MAY_BE_BLANK = (
    ETHNIC, NATION, CLIENT, PC, SEXUALO, RELIGION, DISABLE1, HOUSING, DOMVIC, DOMPER, TSLPE, VETERAN, PARENT, CHILDWTH,
    ALCDDAYS, INJSTAT, HEPBSTAT, HEPCSTAT, HIVSTAT, DUALDIAG, MHTINT, SEXWORK,
)  # fmt: skip


@rule_family("blank", WARNING, fields=_MAY_BE_BLANK, section="Data entities")
def is_not_blank(field: RecordField) -> Statement:
    """{field} must not be blank.

    Fault: {field} is blank.
    Fix: Record the answer in the clinical system, or that the client declined to answer.
    """
    return applies_to(Always()).holds(field.is_populated)


def _describe_formats(field: Field) -> str:
    more = ", or a year, or a month and year" if field.kind == "partial_date" else ""
    return _DATE_FORMATS + more


def _list_allowed_formats(field: Field, _context: RuleContext) -> str:
    return _describe_formats(field)


@rule_family("date", _choose_missing_severity, fields=_DATES, allowed=_list_allowed_formats)
def is_a_date(field: RecordField) -> Statement:
    """{field} must be a real calendar date.

    Fault: {field} is not a date that can be read.
    Fix: Correct the date in the clinical system, or state the format of the column in the source mapping.
    """
    return applies_to(field.is_populated).holds(field.is_understood_as(_describe_formats(field.definition)))


def _choose_future_severity(field: Field) -> Severity:
    return ERROR if field.header in ("INTRCPTD", "RECPDT", "TRIAGED", "EXITD", "MODST") else WARNING


# Rules about the client's age and receptions check the date of birth.
@rule_family("future", _choose_future_severity, fields=(field for field in _DATES if field != DOB), inferred=True)
def is_not_in_the_future(field: RecordField) -> Statement:
    """{field} must not be after the day of the extract.

    Fault: {field} is after the day on which the data was extracted.
    Fix: Correct the date in the clinical system.
    """
    return applies_to(field.is_populated).holds(~field.is_after_extract)


def _list_allowed_codes(field: Field, context: RuleContext) -> str:
    codes = context.lists[field.code_list].codes
    if len(codes) > MOST_CODES_SHOWN:
        return f"one of the {len(codes)} codes of the list {field.code_list}"
    return "; ".join(f"{code.code} ({code.label})" for code in codes)


def _choose_code_severity(field: Field, severity: Severity, context: RuleContext) -> Severity:
    """Returns a warning where the list is not the published one."""
    return severity if context.lists[field.code_list].is_published else WARNING


def _choose_code_stage(field: Field) -> Stage:
    return "consent" if field.header == "CONSENT" else "record"


@rule_family(
    "code", _choose_missing_severity, fields=_CODED, owner="conversion", stage=_choose_code_stage,
    allowed=_list_allowed_codes, severity_in_force=_choose_code_severity,
)  # fmt: skip
def is_a_code_of_its_list(field: RecordField) -> Statement:
    """{field} must be a code of the code list {list}.

    Fault: {field} is not in the code list {list}.
    Fix: Correct the value in the clinical system, or map it to a code in the source mapping.
    """
    # A list that is not known in full cannot prove a value wrong.
    return applies_to(field.is_populated & CodeListIsChecked(field.reference)).holds(InCodeList(field.reference))


def _describe_range(field: Field) -> str:
    first, last = INTEGER_RANGE[field.header]
    return f"a whole number from {first} to {last}"


def _list_allowed_range(field: Field, _context: RuleContext) -> str:
    return _describe_range(field)


_SENT_OUT_OF_RANGE = tuple(RecordField(header) for header in INTEGER_RANGE if header in SENT_OUT_OF_RANGE)


# The definitions state a range only for the AUDIT score.
@rule_family("range", ERROR, fields=(AUDIT,), allowed=_list_allowed_range)
def is_in_range(field: RecordField) -> Statement:
    """{field} must be a whole number in its range.

    Fault: {field} is not a whole number in its range.
    Fix: Correct the number in the clinical system.
    """
    return applies_to(field.is_populated).holds(field.is_understood_as(_describe_range(field.definition)))


@rule_family("range", WARNING, fields=_SENT_OUT_OF_RANGE, inferred=True, allowed=_list_allowed_range)
def number_is_in_range(field: RecordField) -> Statement:
    """{field} must be in its range.

    Fault: {field} is a whole number out of its range.
    Fix: Correct the number in the clinical system.
    """
    return applies_to(field.is_whole_number).holds(field.is_understood_as(_describe_range(field.definition)))


@rule_family("number", ERROR, fields=_SENT_OUT_OF_RANGE, inferred=True, owner="conversion")
def is_a_whole_number(field: RecordField) -> Statement:
    """{field} must be a whole number.

    Fault: {field} is not a whole number.
    Fix: Correct the number in the clinical system, or map the text to a number in the source mapping.
    """
    return applies_to(field.is_populated).holds(field.is_whole_number)


def _choose_identifying_severity(field: Field) -> Severity:
    return REJECT if field.entity == "client" else ERROR


@rule_family(
    "identifying", _choose_identifying_severity, fields=(CLIENTID, CLIENT, EPISODID, MODID), owner="conversion",
    special=IDENTIFYING,
)  # fmt: skip
def does_not_hold_birthday(field: RecordField) -> Statement:
    """{field} must not contain the client's date of birth.

    Fault: {field} contains the client's date of birth.
    Fix: Use an ID that is not made from personal details: change it in the clinical system or the source mapping.
    """
    # Episodes and interventions have no date of birth of their own.
    born = DOB if field.definition.entity == "client" else DOB.of_client
    return applies_to(field.is_populated).holds(~field.holds_birthday(born))


@rule_family("conflict", REJECT, fields=_IDS, inferred=True, owner="conversion", stage="ties")
def id_is_not_in_conflict(field: RecordField) -> Statement:
    """{field} must belong to one {entity} record only.

    Fault: Another {entity} record has the same {field}, but other values.
    Fix: Delete the wrong record, or give each record its own ID, in the clinical system.
    """
    # An exact repeat has the same values, so it is not a conflict.
    shares = Flag("shares_its_id", "another record that differs carries the same id")
    return applies_to(field.is_populated).holds(~shares)


@rule_family(
    "repeated", WARNING, fields=_IDS, inferred=True, owner="conversion", stage="repeats", special=EXACT_REPEAT
)  # fmt: skip
def record_is_not_repeated(field: RecordField) -> Statement:
    """The {entity} record must be in the export only once.

    Fault: The {entity} record repeats an earlier one exactly; only the first is used.
    Fix: Check why the export contains the record twice.
    """
    return applies_to(Always()).holds(~_REPEATS)
