"""Breaks a command while it runs, as a machine or a mistake in the program would."""

import errno
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

import polars as pl
import pytest

from flows.support.child_processes import end_worker_with_parent
from tests.support.encryption import allow_encryption


def fill_the_disk(patch: pytest.MonkeyPatch) -> None:
    """Lets no file be completed any more."""

    def refuse(*_arguments: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr("os.replace", refuse)


def kill_while_landing(patch: pytest.MonkeyPatch) -> None:
    """Kills the process when a run is written, with all its tables in the home."""

    def kill(*_arguments: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    patch.setattr("flows.landing.commit._insert_table", kill)


def quote_records(patch: pytest.MonkeyPatch) -> None:
    """Raises an error that quotes every client with the names, as polars quotes what a cast fails on."""

    def fail(clients: pl.DataFrame) -> NoReturn:
        raise ValueError(clients.write_csv())

    patch.setattr("flows.intake.extract.reduce_names", fail)


def quote_records_in_workers(patch: pytest.MonkeyPatch) -> None:
    """Does the same in the processes of a backfill."""
    patch.setattr("flows.backfill.end_worker_with_parent", _begin_worker)
    patch.setattr("flows.months.processes.end_worker_with_parent", _begin_worker)


def _begin_worker() -> None:
    end_worker_with_parent()
    quote_records(pytest.MonkeyPatch())


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "full disk": fill_the_disk, "killed": kill_while_landing, "quoting error": quote_records,
    "quoting workers": quote_records_in_workers, "no extension": allow_encryption,
}  # fmt: skip


@contextmanager
def break_with(fault: str, variables: Mapping[str, str]) -> Iterator[None]:
    """Breaks what runs in the block, where variables are set; a blank name breaks nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for name, text in variables.items():
            patch.setenv(name, text)
        if fault:
            FAULTS[fault](patch)
        yield
