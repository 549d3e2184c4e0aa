"""Lands a submission and kills itself with SIGKILL at a given moment: python killed_landing.py EXPORT HOME MOMENT.

A moment is the number of a call, Python's or C's, made while landing; 0 lands undisturbed and prints
how many calls there were.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.pipeline.assess import assess, load_reference_inputs, read_export
from flows.sources.request import SubmissionOptions, build_request


def main(export: str, home: str, moment: int) -> None:
    request = build_request(SubmissionOptions(export, "2023-04", "L0001", "2023-05-03", home))
    inputs = load_reference_inputs(request)
    assessment = assess(request, inputs, read_export(request, inputs))
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        if event in ("call", "c_call", "c_return"):
            calls += 1
            if calls == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    with locked_home(request.home):
        land(assessment, datetime.now(UTC))
    sys.setprofile(None)
    sys.stdout.write(f"{calls}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
