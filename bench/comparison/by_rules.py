"""The contestant 'this project, the same rules': parses the fields and evaluates the rules as `check` does."""

from itertools import chain
from pathlib import Path

import polars as pl

from bench.comparison.chosen_rules import build_context
from bench.comparison.rules import EPISODES, ComparedRule
from bench.comparison.verdicts import Verdicts
from schemas.record_columns import ROW
from schemas.rule import Rule, Verdict
from schemas.rules.catalogue import list_record_rules
from transforms.parse.fields import ParseOptions, parse_field
from transforms.rules.evaluate import evaluate_rules
from transforms.tables.threads import map_in_threads

# The rules and the code lists are loaded when this module is imported, as the libraries are.
_CONTEXT, _RULES = build_context(), list_record_rules()


def read(folder: Path, _home: Path, compared: tuple[ComparedRule, ...]) -> pl.DataFrame:
    """Returns the fields that the rules read, as text."""
    read_columns = chain.from_iterable(
        rule.statement.is_broken(_CONTEXT).meta.root_names() for rule in _select_rules(compared)
    )
    headers = list(dict.fromkeys(column.partition(".")[0] for column in read_columns))
    return pl.read_csv(folder / EPISODES, columns=headers, infer_schema=False)


def parse(texts: pl.DataFrame, _compared: tuple[ComparedRule, ...]) -> pl.DataFrame:
    """Returns the records with the parsed value of each field."""
    # `parse_fields` parses all fields of an episode; the other contestants parse only those that they check.
    parsed = map_in_threads(
        lambda header: parse_field(texts.select(header), header, _CONTEXT.lists, ParseOptions()), texts.columns
    )
    return pl.concat(parsed, how="horizontal").with_row_index(ROW)


def find_verdicts(records: pl.DataFrame, compared: tuple[ComparedRule, ...]) -> Verdicts:
    """Counts the rows that break each rule."""
    found = evaluate_rules(records, "episode", _select_rules(compared), _CONTEXT)
    broken = dict(found.counts.select("rule", Verdict.FAILED.value).iter_rows())
    return Verdicts(broken, len(records) * len(broken))


def _select_rules(compared: tuple[ComparedRule, ...]) -> list[Rule]:
    names = {rule.name for rule in compared}
    return [rule for rule in _RULES if rule.name in names]
