"""Kept and generated inputs of every fuzz target; `make test-fuzz` tries random ones for as long as one likes."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.attempt import FuzzInput, Target, attempt, load_kept
from tests.fuzz.targets import TARGETS

KEPT = [(target, file) for target in TARGETS.values() for file in target.list_kept()]


@pytest.mark.parametrize(("target", "file"), KEPT, ids=[f"{target.name} {file.stem}" for target, file in KEPT])
def test_a_kept_input_is_read_or_refused_in_one_sentence(target: Target, file: Path) -> None:
    attempt(target, load_kept(file))


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_a_generated_input_is_read_or_refused_in_one_sentence(target: Target) -> None:
    found = set()

    def try_input(tried: FuzzInput) -> None:
        found.add(attempt(target, tried))

    same_each_time = settings(
        max_examples=target.examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    same_each_time(given(target.inputs)(try_input))()
    assert found == {"accepted", "refused"}
