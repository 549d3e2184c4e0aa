"""Keeps values of records out of the errors of a flow, because Prefect shows them and alarms send them."""

from contextlib import ContextDecorator
from types import TracebackType

from flows.support.errors import InputRefused, RunFailed, hide_values, is_interrupt


class hidden_values(ContextDecorator):  # noqa: N801 since it is used like a function
    """Replaces an error of the block or decorated function that may quote a record.

    Errors of the program, and the other errors given, pass: their texts are sentences without such values.
    """

    def __init__(self, *allowed: type[Exception]) -> None:
        self._allowed: tuple[type[Exception], ...] = (InputRefused, RunFailed, *allowed)

    def __enter__(self) -> None:
        """Does nothing."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Raises the replacement."""
        if error is None or isinstance(error, self._allowed) or is_interrupt(error):
            return
        # Not chained, because the text of the original error may quote a record.
        raise hide_values(error) from None
