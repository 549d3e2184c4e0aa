"""Describes rules in words: a page with one section per field, or one rule for the terminal."""

from dataclasses import asdict

import polars as pl

from schemas.dataset import list_fields
from schemas.rule import Rule, RuleInfo
from schemas.rules.catalogue import list_rules

_SEVERITY = {
    "reject": "the record is not sent",
    "withhold": "the record is not sent: no consent",
    "scope": "the record is not part of this submission",
    "error": "the record is sent; a value that was not parsed is sent as blank",
    "warning": "the record is sent; check it",
    "file": "nothing is landed",
}
_OWNER = {
    "entry": "the person who enters the data",
    "conversion": "the person who maintains the source mapping",
    "reference": "the person who loads the reference data",
}


# The catalogue does not depend on a home, so it shows the default of `shrink_share`.
SHRINK_SHARE = "50% (the setting shrink_share)"


def build_catalogue_page() -> str:
    """Returns the catalogue as Markdown, one section per field in file order; it is generated, not edited."""
    # The order of the submission file; rules of the whole file have no field and come last.
    order = [field.header for field in list_fields()] + [""]
    rules = sorted(list_rules(), key=lambda rule: order.index(rule.field))
    lines = [
        "# The rule catalogue",
        "",
        "Generated from the code by `make docs`; do not edit.",
        f"{len(rules)} rules. A record breaks a rule if the rule applies to it and what must hold is false.",
        "If a value was not parsed, a condition may have no answer, and then nothing is reported.",
    ]
    section = None
    for rule in rules:
        if rule.field != section:
            section = rule.field
            lines += ["", f"## {section or 'The file'}"]
        lines += ["", f"### {rule.name}", "", *_describe_rule(rule)]
        if isinstance(rule, Rule):
            # The tests write this page, because the cases are theirs.
            place = rule.name.lower().replace(".", "")
            lines.append(f"- **Test cases:** [one that breaches it and one that does not](rule-cases.md#{place})")
    return "\n".join(lines) + "\n"


def build_catalogue_csv() -> str:
    """Returns the catalogue as CSV with the metadata of every rule; it is generated, not edited."""
    rows = [
        {
            "rule": rule.name,
            "entity": rule.entity,
            "field": rule.field,
            "severity": rule.severity,
            "basis": rule.basis,
            "section": rule.section,
            "owner": rule.owner,
            "stage": rule.stage,
            "kind": rule.kind,
            **asdict(rule.sentences.fill_in(shrink_share=SHRINK_SHARE)),
        }
        for rule in list_rules()
    ]
    return pl.DataFrame(rows).write_csv()


def build_fields_module() -> str:
    """Returns the module with one object per field, for the rules; it is generated, not edited."""
    lines = [
        '"""One object per field, for the rules. Generated from fields.csv by `make docs`; do not edit."""',
        "",
        "from schemas.record_field import RecordField",
        "",
        *(f'{field.header} = RecordField("{field.header}")' for field in list_fields()),
    ]
    return "\n".join(lines) + "\n"


def format_rule(rule: RuleInfo) -> str:
    """Returns one rule as text for a terminal."""
    return "\n".join([rule.name, "", *(line.replace("**", "") for line in _describe_rule(rule))])


def _describe_rule(rule: RuleInfo) -> list[str]:
    sentences = rule.sentences.fill_in(shrink_share=SHRINK_SHARE)
    lines = [
        sentences.requirement,
        "",
        f"- **Message of a finding:** {sentences.fault}",
        f"- **To fix it:** {sentences.fix}",
        f"- **Severity:** {rule.severity} ({_SEVERITY[rule.severity]})",
        f"- **Looks at:** {rule.entity} records" if rule.entity != "file" else "- **Looks at:** the whole file",
    ]
    if isinstance(rule, Rule):
        lines.append(f"- **Applies where:** {rule.statement.applies.words()}")
        lines.append(f"- **Must hold:** {rule.statement.holds.words()}")
    lines.append(f"- **Definitions:** {rule.section} ({rule.basis})")
    lines.append(f"- **Fixed by:** {_OWNER[rule.owner]}")
    lines.append(f"- **Code:** `{rule.source}`")
    return lines
