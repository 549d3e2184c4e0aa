"""Chooses the rules of the catalogue that are compared; their names are those of the catalogue.

They read only the episode itself. The codes and meanings come from the code lists in force.
"""

from collections.abc import Iterator
from datetime import date

from bench.comparison.rules import (
    CodeExcludes,
    CodeNeeds,
    ComparedRule,
    Filled,
    InOrder,
    InRange,
    IsDate,
    Needs,
    NotAfter,
    OneOf,
    WholeNumber,
)
from flows.reference.in_force import SHIPPED_LISTS, read_lists
from schemas.code_lists import CodeLists
from schemas.conditions.condition import RuleContext
from schemas.dataset import INTEGER_RANGE, SENT_OUT_OF_RANGE, get_field

PERIOD, EXTRACTED_ON, AGENCY = "2023-04", date(2026, 5, 3), "L0001"
_LAST_DAY = date(2023, 4, 30)

_REQUIRED = ("CMSID", "INTRCPTD", "RECPDT", "TRIAGED", "DRUG1")
_NOT_BLANK = ("HOUSING", "DOMVIC", "VETERAN", "INJSTAT")
_DATES = ("INTRCPTD", "RECPDT", "TRIAGED", "DISD", "EXITD", "REFHEPCTXDT")
_CODED = (
    "DISABLE1", "DISABLE2", "HOUSING", "RELIGION", "DOMVIC", "VETERAN", "PARENT", "PRNTSTAT", "EHCS", "INJSTAT",
    "DISRSN", "EXITRSN", "LIVSCRN",
)  # fmt: skip
_NUMBERS = ("ALCDDAYS", "ALCUNITS", "CHILDWTH", "AUDIT")
_IN_ORDER = (
    ("RECPDT.order", "RECPDT", "INTRCPTD"), ("TRIAGED.order", "TRIAGED", "RECPDT"), ("DISD.order", "DISD", "TRIAGED"),
    ("EXITD.order", "EXITD", "RECPDT"), ("EXITD.before_discharge", "EXITD", "DISD"),
    ("REFHEPCTXDT.order", "REFHEPCTXDT", "RECPDT"),
)  # fmt: skip
_NEEDS = (
    ("DISD.pair", "DISRSN", "DISD"), ("DISRSN.pair", "DISD", "DISRSN"), ("EXITD.pair", "EXITRSN", "EXITD"),
    ("EXITRSN.pair", "EXITD", "EXITRSN"), ("LIVSCRN.at_exit", "EXITD", "LIVSCRN"),
    ("MHTXEXIT.at_exit", "EXITD", "MHTXEXIT"), ("SENTENCED.at_exit", "EXITD", "SENTENCED"),
    ("NPSUSE.at_discharge", "DISD", "NPSUSE"), ("DISABLE2.gap", "DISABLE2", "DISABLE1"),
    ("DRUG3.gap", "DRUG3", "DRUG2"), ("EXITDEST.not_exited", "EXITDEST", "EXITD"),
)  # fmt: skip
# The concepts of a code list that the first field has where the second one must be filled in.
_CODE_NEEDS = (
    ("RECONNECT.at_release", "EXITRSN", "released", "RECONNECT"),
    ("THNALOX.at_release", "EXITRSN", "released", "THNALOX"),
    ("HOMELESSEXIT.at_release", "EXITRSN", "released", "HOMELESSEXIT"),
    ("RTOAGNCY.at_release", "EXITRSN", "released", "RTOAGNCY"),
    ("PRNTSTAT.missing", "PARENT", "yes", "PRNTSTAT"),
)


def build_context() -> RuleContext:
    """Returns what the rules need: the day of the extract, and the shipped code lists as valid in the month."""
    lists = CodeLists(read_lists(SHIPPED_LISTS.read_bytes(), SHIPPED_LISTS.name))
    return RuleContext(EXTRACTED_ON, lists.on(_LAST_DAY))


def choose_rules(context: RuleContext) -> tuple[ComparedRule, ...]:
    """Returns the rules that are compared."""
    return (*_list_rules_of_fields(context), *_list_rules_across_fields(context))


def _list_rules_of_fields(context: RuleContext) -> Iterator[ComparedRule]:
    yield from (Filled(f"{field}.required", field) for field in _REQUIRED)
    yield from (Filled(f"{field}.blank", field) for field in _NOT_BLANK)
    yield from (IsDate(f"{field}.date", field) for field in _DATES)
    yield from (NotAfter(f"{field}.future", field, context.extracted_on) for field in _DATES)
    for field in _CODED:
        codes = context.lists[get_field(field).code_list].codes
        yield OneOf(f"{field}.code", field, tuple(code.code for code in codes))
    yield from (WholeNumber(f"{field}.number", field) for field in _NUMBERS if field in SENT_OUT_OF_RANGE)
    for field in _NUMBERS:
        yield InRange(f"{field}.range", field, *INTEGER_RANGE[field], must_be_a_number=field not in SENT_OUT_OF_RANGE)


def _list_rules_across_fields(context: RuleContext) -> Iterator[ComparedRule]:
    yield from (InOrder(*order) for order in _IN_ORDER)
    yield from (Needs(*needs) for needs in _NEEDS)
    for name, field, concept, other in _CODE_NEEDS:
        yield CodeNeeds(name, field, _find_codes(context, field, concept), other)
    without = _find_codes(context, "DISABLE1", "none", "declined")
    yield CodeExcludes("DISABLE2.after_none", "DISABLE1", without, "DISABLE2")


def _find_codes(context: RuleContext, field: str, *concepts: str) -> tuple[str, ...]:
    return context.list_of(field).find_codes_meaning(concepts)
