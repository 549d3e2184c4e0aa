"""The options objects and the flows have the same names, in the same order: they are passed on by position and name."""

import inspect
from dataclasses import fields

from flows.backfill import backfill
from flows.months.options import BackfillOptions
from flows.sources.request import SubmissionOptions
from flows.submission import submission


def test_a_submission_has_the_parameters_of_its_flow() -> None:
    assert [option.name for option in fields(SubmissionOptions)] == list(inspect.signature(submission.fn).parameters)


def test_a_backfill_has_the_parameters_of_its_flow() -> None:
    assert [option.name for option in fields(BackfillOptions)] == list(inspect.signature(backfill.fn).parameters)
