"""Backfills and kills itself with SIGKILL at a given moment: python killed_backfill.py EXPORTS HOME MONTHS MOMENT.

A moment is the number of a call, Python's or C's, made by the process that plans and lands; 0 goes on
undisturbed and prints how many calls there were.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from flows.months.plan import plan_backfill
from flows.months.run import run_backfill
from tests.backfill.backfilling import asked, one_by_one


def main(exports: str, home: str, number_of_months: int, moment: int) -> None:
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        if event in ("call", "c_call", "c_return"):
            calls += 1
            if calls == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    with plan_backfill(asked(Path(exports), Path(home), number_of_months)) as plan:
        run_backfill(plan, one_by_one)
    sys.setprofile(None)
    sys.stdout.write(f"{calls}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
