"""The page with two cases of each rule, one that breaches it and one that is close: docs/rule-cases.md.

    python -m tests.rules.printed_cases

writes the page; `make docs` and `make snapshots` run it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flows.support.text import format_count
from schemas.dataset import ENTITIES, TABLE
from schemas.rule_registry import FileFacts
from schemas.rules.catalogue import list_file_rules, list_record_rules
from tests.rules.all_tables import CASES, NEVER
from tests.rules.case import Case, Situation
from tests.rules.file_tables import FileCase, facts, file_cases
from tests.rules.world import World

PAGE: Final = Path(__file__).parents[2] / "docs" / "rule-cases.md"
_SHOWN: Final[dict[Situation, str]] = {"breached": "Breaches the rule", "near_miss": "Does not breach it"}
_HEAD: Final = """# Test cases of the rules

Generated from the tests by `make docs`; do not edit. [The rule catalogue](rule-catalogue.md) describes the rules.

For each rule: the first case that breaches it, and the first that is as close to a breach as possible and does not. A
case of a record is a client with an episode and an intervention that break no rule, with the values shown here. A case
of the whole file is a submission that breaks no rule, with what is shown here. Nobody in it exists. `tests/rules/` has
all cases.
"""


def build_page() -> str:
    """Returns the page as Markdown."""
    first: dict[tuple[str, str], Case] = {}
    for case in CASES:
        first.setdefault((case.rule, case.situation), case)
    lines = [_HEAD.rstrip()]
    for name in sorted(rule.name for rule in list_record_rules()):
        lines += ["", f"## {name}", "", "| case | values |", "| --- | --- |"]
        for situation, words in _SHOWN.items():
            found = first.get((name, situation))
            lines.append(f"| {words} | {'; '.join(_describe(found)) if found else NEVER[name, situation]} |")
    return "\n".join([*lines, *_build_file_part()]) + "\n"


def _build_file_part() -> Iterator[str]:
    """Yields the lines of the rules of the whole file."""
    first: dict[tuple[str, str], FileCase] = {}
    for case in file_cases():
        first.setdefault((case.rule, case.situation), case)
    for name in sorted(rule.name for rule in list_file_rules()):
        yield from ("", f"## {name}", "", "| case | submission |", "| --- | --- |")
        for situation, words in _SHOWN.items():
            yield f"| {words} | {'; '.join(_describe_facts(first[name, situation].facts)) or 'no change'} |"


def _describe_facts(shown: FileFacts) -> Iterator[str]:
    """Yields what of a submission differs from one that breaks no rule."""
    usual = facts()
    if shown.agencies != usual.agencies:
        yield f"agencies: {', '.join(f'`{agency}`' for agency in shown.agencies) or 'none'}"
    if shown.removed_columns:
        yield f"columns that are no longer part of the dataset: {', '.join(shown.removed_columns)}"
    if (shown.rows_to_send, shown.last_rows_sent) != (usual.rows_to_send, usual.last_rows_sent):
        yield f"{format_count(shown.rows_to_send, 'row')} to send"
    if shown.last_rows_sent is not None:
        yield f"{format_count(shown.last_rows_sent, 'row')} in the last submission"
    if shown.episodes_in_play != usual.episodes_in_play:
        yield format_count(shown.episodes_in_play, "episode")
    if not shown.has_day_in_period:
        yield "no date in the period"
    if shown.extracted_early:
        yield f"extracted on {shown.extracted_early}, before the last day of the period"


def _describe(case: Case) -> Iterator[str]:
    yield from _describe_world(case.world) or ["no change"]
    if case.was is not None:
        yield f"last sent with: {'; '.join(_describe_world(case.was)) or 'no change'}"
    if case.before is not None:
        yield f"sent before that with: {'; '.join(_describe_world(case.before)) or 'no change'}"
    if case.elsewhere:
        yield f"last sent by another agency: episode {', '.join(case.elsewhere).replace('@', '1')}"
    if case.lists != "shipped":
        yield f"code lists: {case.lists.replace('_', ' ')}"


def _describe_world(world: World) -> list[str]:
    further = {"client": world.clients, "episode": world.episodes, "intervention": world.interventions}
    return [
        *(_describe_value(name, text) for name, text in world.edit.items()),
        *(
            f"another {entity}"
            + (" with " if edit else "")
            + ", ".join(_describe_value(*value) for value in edit.items())
            for entity, edits in further.items()
            for edit in edits
        ),
        *(f"no {TABLE[entity]}" for entity in ENTITIES if entity in world.without),
    ]


def _describe_value(name: str, text: str) -> str:
    shown = text.replace("@", "1").replace("|", "\\|")
    return f"{name} is blank" if not text.strip() else f"{name} = `{shown}`"


if __name__ == "__main__":
    PAGE.write_text(build_page(), encoding="utf-8")
