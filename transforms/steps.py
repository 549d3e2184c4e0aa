"""The steps of the pipeline as its caller may observe them: their names and counts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

# Wraps a step of the given name; the step adds its counts to the dictionary.
ObserveStep = Callable[[str], AbstractContextManager[dict[str, object]]]


@contextmanager
def ignore_step(_name: str) -> Iterator[dict[str, object]]:
    """Observes nothing: the default."""
    yield {}
