"""Profiles a command by the steps that it logs itself (NDTMS_LOG), and a second process by how it uses the cores."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Taken:
    """The seconds that a piece of work took, and the seconds of CPU of its process and of those that it started."""

    seconds: float
    cpu: float


def profile_second_process(one: Taken, two: Taken) -> str:
    """Returns how much of the ratio of two processes to one is lost to more work, and how much to a core that waits."""
    return (
        f"two processes take {two.cpu / one.cpu:.2f} x the CPU of one and use {two.cpu / two.seconds:.2f} cores; one"
        f" uses {one.cpu / one.seconds:.2f}\nthe ratio is the first number times the third, by the second"
    )


def profile_steps(command: Sequence[str], cwd: Path, variables: Mapping[str, str] | None = None) -> str:
    """Runs a command once, and returns a line for each of its steps with seconds and share, in order.

    A step that runs next to another, such as the writing of the file, counts for both.  The last line is what no step
    covers: imports, the tables of the results, and the output.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        start = time.perf_counter()
        subprocess.run(
            command, cwd=cwd, env={**os.environ, **(variables or {}), "NDTMS_LOG": str(log)}, check=True,
            capture_output=True,
        )  # fmt: skip
        whole = time.perf_counter() - start
        steps = read_steps(log)
    # The file is written while the tables are committed, so its seconds are part of those.
    rest = whole - sum(seconds for step, seconds in steps.items() if step not in ("write_file", "run"))
    lines = [(step, seconds) for step, seconds in steps.items() if step != "run"] + [("no step", rest)]
    return "\n".join(f"{step:16} {seconds:7.2f} s {seconds / whole:5.0%}" for step, seconds in lines)


def read_steps(log: Path) -> dict[str, float]:
    """Returns the seconds of each step in the log of one command, in order."""
    steps: dict[str, float] = {}
    for event in map(json.loads, log.read_text(encoding="utf-8").splitlines()):
        if "seconds" in event:
            steps[event["event"]] = steps.get(event["event"], 0) + float(event["seconds"])
    return steps


def profile_growth(before: Sequence[Mapping[str, float]], after: Sequence[Mapping[str, float]]) -> str:
    """Returns a line for each step with its median seconds in earlier and in later runs, in the order of the steps."""
    names = dict.fromkeys(name for steps in (*before, *after) for name in steps)
    earlier, later = (
        {name: statistics.median(steps.get(name, 0) for steps in runs) for name in names} for runs in (before, after)
    )
    return "\n".join(f"{name:16} {earlier[name]:7.2f} s then {later[name]:7.2f} s" for name in names)
