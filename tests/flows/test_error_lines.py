"""An expected error of a flow is one line in Prefect's log; any other keeps its trace."""

import logging
import sys

import pytest

from flows.monthly import AgenciesMissing
from flows.support.errors import InputRefused, RunFailed


def log(error: Exception) -> list[str]:
    """Returns what Prefect's log has of an error, which Prefect logs where it is raised and where the process ends."""
    lines = []
    try:
        raise error
    except type(error):
        for name in ("prefect.flow_runs", "prefect.engine"):
            logger = logging.getLogger(name)
            record = logger.makeRecord(name, logging.ERROR, "", 0, "Run %s failed", ("x",), sys.exc_info())
            if logger.filter(record):
                lines.append(logging.Formatter().format(record))
    return lines


@pytest.mark.parametrize("kind", [InputRefused, AgenciesMissing])
def test_an_expected_error_is_one_line(kind: type[Exception]) -> None:
    assert log(kind("there is no export; 5 % of it")) == ["there is no export; 5 % of it"]
    assert log(kind("there is no export; 5 % of it")) == ["there is no export; 5 % of it"], "another run"


def test_any_other_error_keeps_its_trace() -> None:
    lines = log(RunFailed("a fault"))
    assert [line.split("\n")[0] for line in lines] == ["Run x failed"] * 2
    assert all("Traceback" in line for line in lines)
