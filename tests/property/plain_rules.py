"""Every rule of one export, and which of them hold a record back: plain statements of the catalogue."""

from collections.abc import Mapping

from tests.property.plain_alone import Alone, list_alone
from tests.property.plain_records import ENTITIES
from tests.property.plain_related import RELATED
from tests.property.plain_stages import PlainRule

# By entity and name.
Statements = Mapping[str, Mapping[str, PlainRule]]

TIES = (
    *(f"{identifier}.{kind}" for identifier in ("CLIENTID", "EPISODID", "MODID") for kind in ("repeated", "required")),
    *("CLIENTID.conflict", "EPISODID.conflict", "MODID.conflict", "EPISODID.orphan", "MODID.orphan", "MODID.absent"),
    *("CLIENTID.no_episode", "AGNCY.other", "CONSENT.given", "CONSENT.code", "CONSENT.differs"),
)
AFTERWARDS = ("EPISODID.incomplete",)
# Each of these is of severity reject.
REJECTING = (
    *(f"{identifier}.{kind}" for identifier in ("CLIENTID", "EPISODID", "MODID") for kind in ("required", "conflict")),
    *("EPISODID.orphan", "MODID.orphan", "MODID.absent", "CLIENTID.identifying", "CLIENT.identifying"),
    *(f"{header}.required" for header in ("FINITIAL", "SINITIAL", "DOB", "SEX", "AGNCY", "CMSID")),
    *(f"{header}.required" for header in ("INTRCPTD", "RECPDT", "TRIAGED", "DRUG1")),
    *(f"{header}.format" for header in ("FINITIAL", "SINITIAL", "AGNCY")),
    *(f"{header}.date" for header in ("DOB", "INTRCPTD", "RECPDT", "TRIAGED")),
    *("SEX.code", "DRUG1.code", "AGNCY.changed"),
)


def rejecting_rules(lists: Mapping[str, object]) -> list[str]:
    """The rules that reject with these lists: a code outside a list that is not published only warns."""
    published = {name for name, code_list in lists.items() if getattr(code_list, "is_published", False)}
    warns = {f"{header}.code" for header, name in (("SEX", "SEX"), ("DRUG1", "DRUG")) if name not in published}
    return sorted({*REJECTING} - warns)


def _alongside(rule: Alone) -> PlainRule:
    return lambda record, _export: rule(record)


STATED: Statements = {
    entity: {**{name: _alongside(rule) for name, rule in list_alone()[entity].items()}, **RELATED[entity]}
    for entity in ENTITIES
}
STATED_NAMES = frozenset(name for of_entity in STATED.values() for name in of_entity)
# What decides outcomes, for tests of other things.
HOLDING_BACK: Statements = {
    entity: {name: rule for name, rule in of_entity.items() if name in REJECTING}
    for entity, of_entity in STATED.items()
}
ONLY_TIES = frozenset({*TIES, *REJECTING})
EVERY_RULE = frozenset({*STATED_NAMES, *TIES, *AFTERWARDS})
