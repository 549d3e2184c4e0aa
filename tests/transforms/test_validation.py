"""Running rules with pandera: what is found and counted, and that neither a switch nor a fault hides anything."""

import os
import subprocess
import sys
import textwrap
from datetime import date

import pandera.config
import pandera.polars as pa
import polars as pl
import pytest

from schemas.code_lists import CodeLists
from schemas.conditions.condition import Always, Condition, RuleContext
from schemas.conditions.values import Flag
from schemas.fields import CLIENTID
from schemas.record_columns import ROW
from schemas.rule import Rule, Sentences, Statement, applies_to
from transforms.rules.evaluate import DoesNotConform, RuleCannotRun, Validated, check_conforms, evaluate_rules

CONTEXT = RuleContext(date(2023, 5, 3), CodeLists({}))


class Failing(Condition):
    """A condition whose expression cannot be evaluated."""

    def expression(self, context: RuleContext) -> pl.Expr:
        return pl.col("CLIENT").str.to_integer(base=10, strict=True) > 0

    def words(self) -> str:
        return "never mind"


def rule(name: str, statement: Statement) -> Rule:
    return Rule(
        name=name,
        entity="client",
        field="CLIENTID",
        severity="reject",
        basis="stated",
        section="1 Client details",
        owner="entry",
        sentences=Sentences("It must hold.", "It does not hold.", "Make it hold."),
        statement=statement,
    )


HOLDS = rule("CLIENTID.holds", applies_to(Flag("applies", "it applies")).holds(Flag("holds", "it holds")))
REQUIRED = rule("CLIENTID.required", applies_to(Always()).holds(CLIENTID.is_populated))


def records(*pairs: tuple[bool | None, bool | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            ROW: range(10, 10 + len(pairs)),
            "CLIENTID": [f"C{number}" for number in range(len(pairs))],
            "CLIENT": ["PRIVATE-VALUE"] * len(pairs),
            "applies": [applies for applies, _ in pairs],
            "holds": [holds for _, holds in pairs],
        },
        schema={ROW: pl.UInt32, "CLIENTID": pl.String, "CLIENT": pl.String, "applies": pl.Boolean, "holds": pl.Boolean},
    )


# applies, holds: the verdict.  In three-valued logic a breach is known only where both sides are.
VERDICTS: list[tuple[tuple[bool | None, bool | None], str]] = [
    ((True, True), "passed"),
    ((True, False), "failed"),
    ((True, None), "errored"),
    ((False, True), "not_applicable"),
    ((False, False), "not_applicable"),
    ((False, None), "not_applicable"),
    ((None, True), "passed"),
    ((None, False), "errored"),
    ((None, None), "errored"),
]


@pytest.mark.parametrize(("pair", "verdict"), VERDICTS)
def test_the_verdict_of_one_record(pair: tuple[bool | None, bool | None], verdict: str) -> None:
    found = evaluate_rules(records(pair), "client", [HOLDS], CONTEXT)
    counts = dict.fromkeys(("passed", "failed", "not_applicable", "errored"), 0) | {verdict: 1}
    assert found.counts.rows(named=True) == [{"rule": "CLIENTID.holds", **counts}]
    assert found.findings.rows() == ([(10, "CLIENTID.holds")] if verdict == "failed" else [])


def test_the_four_counts_add_up_over_many_records() -> None:
    found = evaluate_rules(records(*(pair for pair, _ in VERDICTS)), "client", [HOLDS, REQUIRED], CONTEXT)
    for _, *counts in found.counts.iter_rows():
        assert sum(counts) == len(VERDICTS)
    assert found.findings.rows() == [(11, "CLIENTID.holds")]


def test_records_that_are_not_seen_are_not_counted() -> None:
    table = records((True, False), (True, False), (True, True))
    found = evaluate_rules(table, "client", [HOLDS], CONTEXT, {"record": pl.col(ROW) != 10})
    assert found.findings.rows() == [(11, "CLIENTID.holds")]
    assert found.counts.select("passed", "failed").rows() == [(1, 1)]


def test_no_rules_and_no_records_find_nothing() -> None:
    assert evaluate_rules(records((True, False)), "client", [], CONTEXT).findings.is_empty()
    found = evaluate_rules(records(), "client", [HOLDS], CONTEXT)
    assert found.findings.is_empty()
    assert found.counts.row(0) == ("CLIENTID.holds", 0, 0, 0, 0)


def test_a_rule_that_cannot_run_is_no_finding_and_reports_no_value() -> None:
    failing = rule("CLIENT.failing", applies_to(Always()).holds(Failing()))
    with pytest.raises(RuleCannotRun) as caught:
        evaluate_rules(records((True, True)), "client", [HOLDS, failing], CONTEXT)
    assert "CLIENT.failing" in str(caught.value)
    assert "PRIVATE-VALUE" not in str(caught.value)


def test_a_rule_of_a_column_that_is_not_there_cannot_run() -> None:
    missing = rule("CLIENT.missing", applies_to(Always()).holds(Flag("nowhere", "it is nowhere")))
    with pytest.raises(RuleCannotRun, match=r"CLIENT\.missing"):
        evaluate_rules(records((True, True)), "client", [missing], CONTEXT)


@pytest.mark.parametrize("depth", list(pandera.config.ValidationDepth))
@pytest.mark.parametrize("enabled", [True, False])
def test_no_setting_of_pandera_changes_what_is_found(enabled: bool, depth: pandera.config.ValidationDepth) -> None:
    with pandera.config.config_context(validation_enabled=enabled, validation_depth=depth):
        found = evaluate_rules(records((True, False)), "client", [HOLDS], CONTEXT)
        with pytest.raises(DoesNotConform):
            check_conforms(pl.DataFrame({"MODID": ["M1", "M1"]}), UNIQUE)
    assert found.findings.rows() == [(10, "CLIENTID.holds")]


@pytest.mark.slow
def test_no_environment_variable_switches_validation_off() -> None:
    script = """
        import polars as pl
        from tests.transforms.test_validation import CONTEXT, HOLDS, records
        from transforms.rules.evaluate import evaluate_rules
        print(evaluate_rules(records((True, False)), "client", [HOLDS], CONTEXT).findings.rows())
    """
    switched_off = {"PANDERA_VALIDATION_ENABLED": "False", "PANDERA_VALIDATION_DEPTH": "SCHEMA_ONLY"}
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=os.environ | switched_off,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[(10, 'CLIENTID.holds')]"


def test_what_was_found_is_put_together() -> None:
    first = evaluate_rules(records((True, False)), "client", [HOLDS], CONTEXT)
    second = evaluate_rules(records((True, True)), "client", [REQUIRED], CONTEXT)
    both: Validated = first + second
    assert both.findings.rows() == [(10, "CLIENTID.holds")]
    assert both.counts["rule"].to_list() == ["CLIENTID.holds", "CLIENTID.required"]


UNIQUE = pa.DataFrameSchema({"MODID": pa.Column(pl.String, unique=True)}, name="sent interventions")


def test_a_frame_that_conforms_comes_back_as_it_is() -> None:
    frame = pl.DataFrame({"MODID": ["M1", "M2"]})
    assert check_conforms(frame, UNIQUE) is frame


@pytest.mark.parametrize("values", [["PRIVATE-VALUE", "PRIVATE-VALUE"], ["PRIVATE-VALUE", None]])
def test_a_frame_that_does_not_conform_is_reported_by_column_alone(values: list[str | None]) -> None:
    with pytest.raises(DoesNotConform) as caught:
        check_conforms(pl.DataFrame({"MODID": values}), UNIQUE)
    assert str(caught.value) == "the sent interventions do not conform in MODID"
