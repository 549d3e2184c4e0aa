"""How far long work is: whoever looks says so here, and is told."""

from collections.abc import Callable
from contextvars import ContextVar

Progress = Callable[[int, int, str], None]


def silently(_done: int, _of: int, _what: str) -> None:
    """Nobody looks."""


# How much is done, of how much, and what comes next.  In a module of its own: what a flow holds is sent to
# the processes that work for it, and this stays where somebody looks.
WATCHED: ContextVar[Progress] = ContextVar("who is told of progress", default=silently)


def watched_by(told: Progress) -> None:
    """Has this function told of progress from now on."""
    WATCHED.set(told)


def watcher() -> Progress:
    """Whom to tell."""
    return WATCHED.get()
