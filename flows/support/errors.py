"""What can go wrong, and which exit code it comes to."""

import re
from collections.abc import Iterator


class InputRefused(Exception):
    """The command, the source or the reference data is wrong: exit code 2, nothing is left behind.

    The text is one sentence for the person at the terminal: where, what was found, what is allowed.
    It never holds a value of a record.
    """


class SourceUnreadable(InputRefused):
    """A file of the source is there but could not be read this time: a share may answer later."""


class RunFailed(Exception):
    """The run failed for a reason of the machine or the program: exit code 1.

    The text names the kind of error and the place in the program, never a value of a record.
    """


class FileNotMoved(RunFailed):
    """The run has landed in the audit, but its file still waits to be moved into place.

    The next command that writes to the home moves it; nothing needs to be recorded as failed.
    """


_DISK_FULL = re.compile(
    r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b|Could not write all bytes"
)
_NO_MEMORY = re.compile(r"out of memory|could not allocate|memory allocation|failed to allocate", re.IGNORECASE)


def without_values(error: BaseException) -> RunFailed:
    """The failure of a run, without the error's own text, which may quote a record."""
    if is_disk_full(error):
        return RunFailed("the disk is full; make room for the home and run the command again, nothing is half done")
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return RunFailed("there is not enough memory; run the command on a machine with more, nothing is half done")
    place = "the program"
    step = error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in ("flows", "transforms", "schemas"):
            place = f"{module}, line {step.tb_lineno}"
        step = step.tb_next
    return RunFailed(f"{type(error).__name__} in {place}; its text is held back since it may quote a record")


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or one that it came from, says that there is no space left to write to.

    polars and DuckDB have no error of their own for that; both quote the operating system.
    """
    return any(_DISK_FULL.search(str(each)) for each in _chain(error))


def is_interrupt(error: BaseException) -> bool:
    """Whether an error stands for Ctrl-C or a request to end: DuckDB raises RuntimeError for an interrupted query."""
    if isinstance(error, Exception):
        return isinstance(error, RuntimeError) and str(error) == "Query interrupted"
    # A panic of polars is no Exception either, but it is a failure like any other.
    return type(error).__name__ != "PanicException"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
