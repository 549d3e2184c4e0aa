"""The contestant 'this project, `ndtms check`': all rules on three tables, and all else that `check` does."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.comparison.chosen_rules import AGENCY, EXTRACTED_ON, PERIOD
from bench.comparison.rules import ComparedRule
from bench.comparison.verdicts import Verdicts
from flows.pipeline.assess import ReferenceInputs, assess, load_reference_inputs, read_export
from flows.sources.request import SubmissionOptions, SubmissionRequest, build_request
from schemas.rule import Verdict
from transforms.inputs import Export


@dataclass(frozen=True)
class _Read:
    request: SubmissionRequest
    inputs: ReferenceInputs
    export: Export


def read(folder: Path, home: Path, _compared: tuple[ComparedRule, ...]) -> _Read:
    """Returns the export and the reference data, as `check` reads them."""
    request = build_request(SubmissionOptions(str(folder), PERIOD, AGENCY, str(EXTRACTED_ON), home))
    inputs = load_reference_inputs(request)
    return _Read(request, inputs, read_export(request, inputs))


def parse(read_rows: _Read, _compared: tuple[ComparedRule, ...]) -> _Read:
    """Does nothing, because `assess` parses the records."""
    return read_rows


def find_verdicts(read_rows: _Read, compared: tuple[ComparedRule, ...]) -> Verdicts:
    """Counts the rows that break each compared rule; `given` has the verdicts of all rules."""
    rules = assess(read_rows.request, read_rows.inputs, read_rows.export).submission.rules
    ours = rules.filter(pl.col("rule").is_in([rule.name for rule in compared]))
    broken = dict(ours.select("rule", Verdict.FAILED.value).iter_rows())
    return Verdicts(broken, int(rules.select(pl.sum_horizontal(pl.col(list(Verdict)).sum())).item()))
