"""Returns the rules and the code lists in force as tables."""

from dataclasses import asdict
from pathlib import Path

import polars as pl

from flows.pipeline.settings import read_settings
from flows.reference.in_force import list_code_lists, load_reference_in_force
from flows.reports.catalogue import SHRINK_SHARE
from flows.support.errors import InputRefused
from schemas.code_lists import CodeList
from schemas.rule import Rule, RuleInfo, Severity
from schemas.rules.catalogue import list_rules


def build_rules_table(home: Path) -> pl.DataFrame:
    """Returns every rule as the code defines it, and its severity under the settings of a home."""
    severities = read_settings(home).severities
    return pl.DataFrame([_build_rule_row(rule, severities.get(rule.name, rule.severity)) for rule in list_rules()])


def _build_rule_row(rule: RuleInfo, site_severity: Severity) -> dict[str, str]:
    stated = rule.statement.words() if isinstance(rule, Rule) else "looks at the file as a whole"
    return {
        "rule": rule.name,
        "entity": rule.entity,
        "field": rule.field,
        "severity": rule.severity,
        "site_severity": site_severity,
        "basis": rule.basis,
        "section": rule.section,
        "owner": rule.owner,
        "kind": rule.kind,
        **asdict(rule.sentences.fill_in(shrink_share=SHRINK_SHARE)),
        "statement": stated,
        "source": rule.source,
    }


def build_codes_table(home: Path, name: str | None) -> pl.DataFrame:
    """Returns the codes of one list, whose name may be in any case, or all lists with their status.

    Raises:
        InputRefused: the dataset has no such list.
    """
    reference = load_reference_in_force(home)
    if name is None:
        rows = [
            {
                "list": list_name,
                "status": reference.lists[list_name].status,
                "codes": len(reference.lists[list_name].codes),
                "loaded": reference.lists[list_name].loaded or "shipped",
                "source": _format_source(reference.lists[list_name]),
            }
            for list_name in sorted(list_code_lists())
        ]
        return pl.DataFrame(rows)
    # Lists have upper-case names, which a user may type in any case.
    name = next((known for known in list_code_lists() if known.casefold() == name.casefold()), name)
    if name not in list_code_lists():
        raise InputRefused(f"{name} is not a code list of the dataset; allowed: {', '.join(sorted(list_code_lists()))}")
    code_list = reference.lists[name]
    return pl.DataFrame(
        [
            {
                "list": name,
                "code": code.code,
                "label": code.label,
                "aliases": "|".join(code.aliases),
                "concept": code.concept,
                "status": code_list.status,
                "source": code_list.source,
                "valid_from": code.valid_from,
                "valid_to": code.valid_to,
            }
            for code in code_list.codes
        ],
        schema={
            **dict.fromkeys(("list", "code", "label", "aliases", "concept", "status", "source"), pl.String),
            "valid_from": pl.Date,
            "valid_to": pl.Date,
        },
    )


def _format_source(code_list: CodeList) -> str:
    return code_list.source or ("not stated" if code_list.codes else "none: the list has no codes")
