"""What each rule counts in each case of its table: the records that pass, fail, are not applicable or have no answer.

    python -m tests.rules.verdicts

writes `verdicts.csv`; read the difference before you commit it.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from schemas.dataset import ENTITIES
from schemas.rule import Rule, Verdict
from tests.rules.all_tables import CASES
from tests.rules.judging import Batch, Seen, batches, judge_worlds, seen_name, watched

Counts = tuple[int, ...]
FILE: Final = Path(__file__).with_name("verdicts.csv")
_VERDICTS: Final[Sequence[Verdict]] = (
    Verdict.PASSED, Verdict.FAILED, Verdict.NOT_APPLICABLE, Verdict.NO_ANSWER
)  # fmt: skip


def read_verdicts() -> dict[str, Counts]:
    """Reads the agreed counts of each case."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row[0]: tuple(map(int, row[1:])) for row in list(csv.reader(lines))[1:]}


def count_verdicts(rule: Rule, batch: Batch, seen: Mapping[str, Seen]) -> Iterator[tuple[str, Counts]]:
    """Yields for each of the rule's cases its name and how many of its records have each verdict."""
    # What was dropped is no record of the export: it has no row to ask the verdict of.
    if rule.stage == "dropped":
        return
    entities = [entity for entity in ENTITIES if entity in (rule.entity, rule.also)]
    for number, case in enumerate(batch.cases):
        if case.rule != rule.name:
            continue
        found = Counter(
            seen[seen_name(rule, entity)].verdict_of(row)
            for entity in entities
            if seen_name(rule, entity) in seen
            for row in batch.rows(entity)[number]
        )
        yield case.name, tuple(found[verdict] for verdict in _VERDICTS)


def count_all_verdicts() -> dict[str, Counts]:
    """Returns the counts of every case, as the rules are now."""
    counts: dict[str, Counts] = {}
    for batch in batches(CASES):
        with watched() as seen:
            judge_worlds(batch.worlds, batch.kind, batch.last, elsewhere=batch.elsewhere)
        for of_rule in {found.rule.name: found.rule for found in seen.values()}.values():
            counts |= dict(count_verdicts(of_rule, batch, seen))
    return dict(sorted(counts.items()))


def write_verdicts() -> None:
    """Writes the counts of every case."""
    with FILE.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["case", *(verdict.value for verdict in _VERDICTS)])
        writer.writerows([case, *counts] for case, counts in count_all_verdicts().items())


if __name__ == "__main__":
    write_verdicts()
