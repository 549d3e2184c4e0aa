"""Runs rules on records with pandera, and counts the verdicts of each rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandera.errors
import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from schemas.conditions.condition import RuleContext
from schemas.dataset import Entity
from schemas.record_columns import ROW
from schemas.record_schema import record_schema
from schemas.rule import Rule, Stage, Verdict

FINDINGS: pl.Schema = pl.Schema({"row": pl.get_index_type(), "rule": pl.String})
# Which records the rules of a stage see; those of a stage that is not listed see every record.
Seen = Mapping[Stage, pl.Expr]
_EVERY_RECORD: Seen = MappingProxyType({})
COUNTS = {"rule": pl.String} | {verdict.value: pl.UInt32 for verdict in Verdict}


class RuleCannotRun(RuntimeError):
    """A rule could not be evaluated. This is a fault of the program, not of the data."""


class DoesNotConform(RuntimeError):
    """Prepared rows do not meet their schema. This is a fault of the program."""


@dataclass(frozen=True)
class Validated:
    """The results of rules: `findings` (row, rule) and `counts` (rule and its four verdicts)."""

    findings: pl.DataFrame
    counts: pl.DataFrame

    def __add__(self, other: "Validated") -> "Validated":
        return Validated(
            pl.concat([self.findings, other.findings]), pl.concat([self.counts, other.counts])
        )  # fmt: skip


def evaluate_rules(
    records: pl.DataFrame,
    entity: Entity,
    rules: Sequence[Rule],
    context: RuleContext,
    seen: Seen = _EVERY_RECORD,
) -> Validated:
    """Validates the records of one entity against rules.

    Args:
        records: the records, with `row` and every column that the rules read.
        entity: the entity of the records.
        rules: the rules, all of this entity.
        context: the code lists and the day of the extract.
        seen: which records the rules of each stage see; the others are not counted.

    Returns:
        One finding for each record and each rule it breaks, and for each rule how many records passed, failed,
        were not applicable or had no answer.

    Raises:
        RuleCannotRun: the expression of a rule failed. The message names the rule and never quotes a value.
    """
    if not rules:
        return Validated(pl.DataFrame(schema=FINDINGS), pl.DataFrame(schema=COUNTS))
    answers = _evaluate_answers(records, rules, context, seen)
    counts = _count_verdicts(records, answers, rules, context, seen)
    # The schema checks only the broken rules, and reads their answers: each rule is evaluated once.
    broken = set(counts.filter(pl.col(Verdict.FAILED.value) > 0)["rule"])
    failing = [rule for rule in rules if rule.name in broken]
    if not failing:
        return Validated(pl.DataFrame(schema=FINDINGS), counts)
    schema = record_schema(entity, failing, context)
    checked = records.select(*schema.columns).hstack(answers.select(rule.name for rule in failing))
    findings = [
        records.select(pl.col(ROW).filter(answers[name]).cast(FINDINGS["row"]), rule=pl.lit(name))
        for name in _find_failed_checks(checked, schema)
    ]
    return Validated(pl.concat([pl.DataFrame(schema=FINDINGS), *findings]), counts)


def _select_seen(rule: Rule, seen: Seen) -> pl.Expr:
    return seen.get(rule.stage, pl.lit(value=True))


def _evaluate_answers(records: pl.DataFrame, rules: Sequence[Rule], context: RuleContext, seen: Seen) -> pl.DataFrame:
    """Returns a Boolean column per rule: true where a record breaks it, null where there is no answer."""
    is_broken = [rule.is_broken(context, _select_seen(rule, seen)).alias(rule.name) for rule in rules]
    try:
        # One lazy query computes the expressions that rules share only once. `row` gives literals their length.
        return records.lazy().select(ROW, *is_broken).collect().drop(ROW)
    except pl.exceptions.PolarsError:
        raise RuleCannotRun(_name_failing_rule(records, rules, context, seen)) from None


def _find_failed_checks(records: pl.DataFrame, schema: pa.DataFrameSchema) -> list[str]:
    """Returns the name of each rule that a record breaks."""
    # Set the depth here, because an environment variable can disable pandera or limit it to types.
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            schema.validate(records, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            failures = errors.schema_errors
        else:
            return []
    return [_read_failure(failure) for failure in failures]


def _read_failure(failure: pandera.errors.SchemaError) -> str:
    name = getattr(failure.check, "name", None) or str(failure.check)
    if not isinstance(failure.check_output, pl.DataFrame):
        raise RuleCannotRun(f"the rule {name} could not be evaluated ({failure.reason_code})")
    return name


def _count_verdicts(
    records: pl.DataFrame, answers: pl.DataFrame, rules: Sequence[Rule], context: RuleContext, seen: Seen
) -> pl.DataFrame:
    stages = {rule.stage: _select_seen(rule, seen) for rule in rules}
    # No stage has the name of a rule, which contains a full stop.
    numbers = [pl.col(ROW).filter(of_stage).len().alias(stage) for stage, of_stage in stages.items()]
    is_not_applicable = [rule.is_not_applicable(context, stages[rule.stage]).sum().alias(rule.name) for rule in rules]
    counted = records.lazy().select(*numbers, *is_not_applicable).collect().row(0, named=True)
    failed, no_answer = answers.sum().row(0, named=True), answers.null_count().row(0, named=True)
    counts = [
        {
            "rule": name,
            Verdict.PASSED.value: counted[rule.stage] - failed[name] - counted[name] - no_answer[name],
            Verdict.FAILED.value: failed[name],
            Verdict.NOT_APPLICABLE.value: counted[name],
            Verdict.NO_ANSWER.value: no_answer[name],
        }
        for name, rule in zip(answers.columns, rules, strict=True)
    ]
    return pl.DataFrame(counts, schema=COUNTS)


def _name_failing_rule(records: pl.DataFrame, rules: Sequence[Rule], context: RuleContext, seen: Seen) -> str:
    """Names the rule whose expression fails, without the error's own text, which may quote a record."""
    for rule in rules:
        try:
            of_stage = _select_seen(rule, seen)
            records.select(rule.is_broken(context, of_stage), applies=rule.is_not_applicable(context, of_stage))
        except pl.exceptions.PolarsError as error:
            return f"the rule {rule.name} could not be evaluated ({type(error).__name__})"
    return f"one of {len(rules)} rules could not be evaluated"


def check_conforms(frame: pl.DataFrame, schema: pa.DataFrameSchema) -> pl.DataFrame:
    """Returns a frame unchanged if it meets a schema.

    Raises:
        DoesNotConform: the frame does not meet the schema. The message names the columns and never quotes a value.
    """
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            at_fault = sorted({str(getattr(error.schema, "name", "")) for error in errors.schema_errors})
        else:
            return frame
    raise DoesNotConform(f"the {schema.name} do not conform in {', '.join(at_fault)}")
