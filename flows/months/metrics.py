"""Renews the metrics of a home after a run, if the variable NDTMS_METRICS names a directory for them."""

import logging
import os
from pathlib import Path

from flows.reports.metrics import build_metrics
from flows.support.atomic_files import replace_atomically
from flows.support.errors import describe_failure, is_interrupt
from flows.support.events import log_step

VARIABLE = "NDTMS_METRICS"
# The node exporter reads the file under another account; it has counts, agencies and months.
_MODE = 0o644
_log = logging.getLogger("ndtms")


def renew_metrics(home: Path) -> None:
    """Writes the metrics of a home anew.  A run never fails because of it: what prevents it is a warning."""
    directory = os.environ.get(VARIABLE)
    if not directory:
        return
    try:
        with log_step("metrics"):
            write_metrics(home, Path(directory))
    except BaseException as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        _log.warning("the metrics could not be written (%s); the next run writes them", describe_failure(error))


def write_metrics(home: Path, directory: Path) -> Path:
    """Writes the metrics of a home to a file in a directory, and returns its path.

    Raises:
        OSError: the directory does not exist, or cannot be written.
        InputRefused: the audit cannot be read.
    """
    if not directory.is_dir():
        raise NotADirectoryError(20, "there is no such directory")
    text = build_metrics(home)

    def write(part: Path) -> None:
        part.write_text(text, encoding="utf-8")
        part.chmod(_MODE)

    path = directory / f"ndtms_{home.name}.prom"
    replace_atomically(path, write)
    return path
