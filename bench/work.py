"""Runs one piece of work to measure: python -m bench.work check|submit EXPORT HOME."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.pipeline.assess import assess, load_reference_inputs, read_export
from flows.sources.request import SubmissionOptions, build_request


def check(export: Path, home: Path) -> None:
    """Does what `ndtms check` does."""
    request = build_request(SubmissionOptions(str(export), "2023-04", "L0001", "2026-05-03", home))
    inputs = load_reference_inputs(request)
    assess(request, inputs, read_export(request, inputs))


def submit(export: Path, home: Path) -> None:
    """Does what `ndtms submit` does, without starting Prefect."""
    request = build_request(SubmissionOptions(str(export), "2023-04", "L0001", "2026-05-03", home))
    inputs = load_reference_inputs(request)
    # The home is a temporary directory, so this never waits.
    with locked_home(request.home):
        land(assess(request, inputs, read_export(request, inputs)), datetime.now(UTC))


if __name__ == "__main__":
    what, export_folder, home_folder = sys.argv[1:]
    {"check": check, "submit": submit}[what](Path(export_folder), Path(home_folder))
