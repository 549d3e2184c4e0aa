"""Mutation check: every rule is changed, and at least one case of its table must notice.

    python tests/mutation/run.py [RULE ...]

Prints the share caught and what was not; exit code 1 unless all were.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from schemas.rule import Rule
from schemas.rule_registry import FileRule
from schemas.rules.catalogue import list_file_rules, list_record_rules
from tests.mutation.mutants import Mutant, file_mutants, negations, neighbours
from tests.rules.all_tables import CASES
from tests.rules.file_tables import file_cases
from tests.rules.judging import Batch, batches, context_of, judge_records, tied_records, watched
from tests.rules.verdicts import count_verdicts, read_verdicts
from transforms.link.linkage import Records

# Without these no record would be withheld or out of scope.
_PLACING = ("repeats", "scope", "ties", "consent")


_agreed = cache(read_verdicts)


@dataclass(frozen=True)
class Trial:
    """The cases of one rule that need the same lists, ready to be judged by a rule in its place."""

    batch: Batch

    @cached_property
    def _tied(self) -> Records:
        return tied_records(self.batch.worlds, context_of(self.batch.kind))

    def is_failed_by(self, rule: Rule) -> bool:
        """Returns whether some case gets another result from this rule than its table has."""
        # What is sent depends on every rule that rejects.
        needs_all = rule.stage == "sent"
        others = [
            other
            for other in list_record_rules()
            if other.name != rule.name and (other.stage in _PLACING or (needs_all and other.severity == "reject"))
        ]
        with watched() as seen:
            judged = judge_records(self._tied, [*others, rule], self.batch.kind, self.batch.previous)
        reported = self.batch.reported(judged)
        return any(
            reported.get((number, rule.name), frozenset()) != case.reported
            for number, case in enumerate(self.batch.cases)
        ) or any(counts != _agreed()[case] for case, counts in count_verdicts(rule, self.batch, seen))


@dataclass
class Score:
    """How many mutants of a kind there were, and which nobody caught."""

    kind: str
    made: int = 0
    uncaught: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def add(self, rule: str, change: str, *, is_caught: bool) -> None:
        """Takes one mutant in."""
        self.made += 1
        if not is_caught:
            self.uncaught += (f"{rule}: {change}",)

    def __str__(self) -> str:
        caught = self.made - len(self.uncaught)
        if not self.made:
            return f"{self.kind}: no change known"
        return f"{self.kind}: {caught} of {self.made} mutants caught ({100 * caught / self.made:.1f}%)"


def run(names: Sequence[str]) -> int:
    """Tries every mutant of these rules, or of all where none is named."""
    wanted = set(names) or {rule.name for rule in (*list_record_rules(), *list_file_rules())}
    negated, changed = Score("negated conditions"), Score("conditions changed a little")
    for rule in list_record_rules():
        if rule.name in wanted:
            _try_rule(rule, negated, changed)
    for rule_of_file in list_file_rules():
        if rule_of_file.name in wanted:
            _try_file_rule(rule_of_file, negated)
    for score in (negated, changed):
        _say(str(score))
        for mutant in score.uncaught:
            _say(f"  not caught: {mutant}")
        for rule_name in score.without:
            _say(f"  no change known for {rule_name}")
    if not negated.made:
        _say("no rule of that name")
    return 0 if negated.made and not negated.uncaught + changed.uncaught else 1


def _try_rule(rule: Rule, negated: Score, changed: Score) -> None:
    trials = [Trial(batch) for batch in batches([case for case in CASES if case.rule == rule.name])]
    if any(trial.is_failed_by(rule) for trial in trials):
        raise SystemExit(f"{rule.name} fails its own table unchanged: repair that first (pytest tests/rules)")
    for score, made in ((negated, negations(rule)), (changed, neighbours(rule))):
        mutants = list(made)
        if not mutants:
            score.without += (rule.name,)
        for mutant in mutants:
            score.add(rule.name, mutant.change, is_caught=_is_caught(mutant, trials))


def _is_caught(mutant: Mutant, trials: Sequence[Trial]) -> bool:
    return any(trial.is_failed_by(mutant.rule) for trial in trials)


def _try_file_rule(rule: FileRule, negated: Score) -> None:
    cases = [case for case in file_cases() if case.rule == rule.name]
    if not all(case.is_met_by(rule) for case in cases):
        raise SystemExit(f"{rule.name} fails its own table unchanged: repair that first (pytest tests/rules)")
    for change, mutant in file_mutants(rule):
        negated.add(rule.name, change, is_caught=not all(case.is_met_by(mutant) for case in cases))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
