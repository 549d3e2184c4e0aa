"""Defines the errors that end a command, and their exit codes."""

import re
from collections.abc import Iterator

from transforms.tables.printable import printable


class InputRefused(Exception):
    """Reports a mistake in the command, the source or the reference data: exit code 2, nothing is written.

    The text is one sentence for the person at the terminal: where the mistake is, what was found, what is allowed.
    It never contains a value of a record.  Control characters in it, such as those of a file's name, are escaped,
    because logs and notifications show it too.
    """

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


class SourceUnreadable(InputRefused):
    """Reports a file of the source that exists but cannot be read now: a network share may answer later."""


class RunFailed(Exception):
    """Reports a failure of the machine or the program: exit code 1.

    The text names the kind of error and the line of the program, never a value of a record.
    """


class FileNotMoved(RunFailed):
    """Reports a run that landed in the audit while its file is not yet moved to its final path.

    The next command that writes to the home moves the file; no failure needs to be recorded.
    """


_DISK_FULL = re.compile(
    r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b|Could not write all bytes"
)
_NO_MEMORY = re.compile(r"out of memory|could not allocate|memory allocation|failed to allocate", re.IGNORECASE)


def hide_values(error: BaseException) -> RunFailed:
    """Returns the failure of a run without the original error's text, which may quote a record."""
    if is_disk_full(error):
        return RunFailed(
            "the disk is full; free space for the home and run the command again, nothing is left incomplete"
        )
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return RunFailed(
            "there is not enough memory; run the command on a machine with more, nothing is left incomplete"
        )
    location = "the program"
    step = error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in ("flows", "transforms", "schemas"):
            location = f"{module}, line {step.tb_lineno}"
        step = step.tb_next
    return RunFailed(f"{type(error).__name__} in {location}; the details are hidden, because they may quote a record")


def describe_failure(error: BaseException) -> str:
    """Returns why something that is not the run itself failed, without any value from a record."""
    if is_disk_full(error):
        return "the disk is full"
    if isinstance(error, InputRefused):
        return str(error)
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def is_disk_full(error: BaseException) -> bool:
    """Returns whether an error, or one that caused it, means that no disk space is left.

    polars and DuckDB have no error type for a full disk; both quote the operating system.
    """
    return any(_DISK_FULL.search(str(cause)) for cause in _walk_causes(error))


def is_interrupt(error: BaseException) -> bool:
    """Returns whether an error means Ctrl-C or a request to end.

    DuckDB raises RuntimeError for an interrupted query.
    """
    if isinstance(error, Exception):
        return isinstance(error, RuntimeError) and str(error) == "Query interrupted"
    # A polars panic is not an Exception either, but it is an ordinary failure.
    return type(error).__name__ != "PanicException"


def _walk_causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
