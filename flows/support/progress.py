"""Reports the progress of long work to the function that is registered for it."""

from collections.abc import Callable
from contextvars import ContextVar

Progress = Callable[[int, int, str], None]


def no_progress(_done: int, _of: int, _what: str) -> None:
    """Ignores progress: the default if no function is registered."""


# A progress function receives how much is done, the total, and what comes next. The variable has its own module because
# everything in a flow's module is sent to worker processes, and this variable must stay in the process that the user
# watches.
PROGRESS: ContextVar[Progress] = ContextVar("progress callback", default=no_progress)


def set_progress(callback: Progress) -> None:
    """Registers the function that receives progress from now on."""
    PROGRESS.set(callback)


def get_progress() -> Progress:
    """Returns the function that receives progress."""
    return PROGRESS.get()
