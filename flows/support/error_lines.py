"""Logs an expected error of a flow as one line; Prefect would log it twice, with a trace."""

import logging
import weakref

from flows.support.errors import InputRefused

# The loggers of Prefect that report the error of a flow.
_LOGGERS = ("prefect.flow_runs", "prefect.engine")


class _OneLine(logging.Filter):
    """Replaces the text and the trace of an expected error by its sentence, and leaves out its repetition."""

    def __init__(self) -> None:
        super().__init__()
        self.expected: set[type[BaseException]] = {InputRefused}
        # Weak, because an error keeps the frames of its trace in memory, and with them the records.
        self._logged: weakref.ref[BaseException] | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not isinstance(error, tuple(self.expected)):
            return True
        if self._logged and self._logged() is error:
            return False
        self._logged = weakref.ref(error)
        record.msg, record.args = "%s", (str(error),)
        record.exc_info = record.exc_text = None
        return True


_one_line = _OneLine()


def log_in_one_line(*errors: type[BaseException]) -> None:
    """Makes Prefect log these errors, and each `InputRefused`, as one line.

    Args:
        errors: the errors that a flow raises if a month is not landed; their texts are sentences for people.
    """
    _one_line.expected |= set(errors)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_one_line)
