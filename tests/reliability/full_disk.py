"""Commands on a disk that is nearly full, and run again: python -m tests.reliability.full_disk [STEP_KB [MOST_KB]].

The home is on a small file system of its own (which only root can mount).  For each amount of free space the
command either lands or reports that the disk is full; the audit and the files agree; and the next run, with enough
space, gives what an undisturbed one gives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.reliability.interrupted import load, undisturbed
from tests.reliability.scenarios import Scenario, disagreements, scenarios, shown
from tests.support.processes import asked, run_forked

SIZE_MB = 96
NAMES = ("submit", "submit again", "backfill")


@contextmanager
def small_file_system(folder: Path) -> Iterator[Path]:
    """A file system in memory, for as long as the block runs."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path, free: int) -> Path:
    """Fills a disk until so many bytes are free.  Returns the file that fills it."""
    filler = disk / "filler"
    filler.touch()
    state = os.statvfs(disk)
    with filler.open("wb") as handle:
        os.posix_fallocate(handle.fileno(), 0, max(state.f_bavail * state.f_frsize - free, 1))
    return filler


def try_with(scenario: Scenario, disk: Path, folder: Path, free: int, expected: dict[str, str]) -> list[str]:
    """Runs a command with so many bytes of free space, and again with enough.  Returns what went wrong."""
    home = scenario.prepared(disk / "home")
    filler = fill(disk, free)
    ended = run_forked(scenario.run(home), folder)
    problems = []
    if "Traceback" in ended.output or ended.code not in (scenario.code, 1, 2):
        problems.append(f"exit code {ended.code}: {ended.output[-300:]}")
    elif ended.code != scenario.code and "disk is full" not in ended.output and "No space left" not in ended.output:
        problems.append(f"does not report that the disk is full: {ended.output[-300:]}")
    if (home / "audit.duckdb").exists():
        problems += [f"disagrees while full: {path}" for path in asked(folder, lambda: disagreements(home))]
    filler.unlink()
    again = run_forked(scenario.run(home), folder)
    if again.code != scenario.code:
        problems.append(f"the next run ended with {again.code}: {again.output[-300:]}")
    else:
        found = asked(folder, lambda: shown(home))
        problems += [f"differs: {name}" for name in expected if found.get(name) != expected[name]]
        problems += asked(folder, lambda: disagreements(home))
    shutil.rmtree(home)
    return problems


def sweep(scenario: Scenario, folder: Path, step: int, most: int) -> list[str]:
    """Every amount of free space from none to `most`, in bytes.  Returns what went wrong, a line each."""
    expected_home = scenario.prepared(folder / "expected")
    undisturbed(scenario, expected_home)
    expected, sizes, wrong = asked(folder, lambda: shown(expected_home)), range(0, most + 1, step), []
    with small_file_system(folder / "disk") as disk:
        for free in sizes:
            wrong += [f"  {free // 1000} KB free: {text}" for text in try_with(scenario, disk, folder, free, expected)]
    failed = len({line.split(":")[0] for line in wrong})
    sys.stdout.write(f"{scenario.name}: {len(sizes)} sizes tried, {len(sizes) - failed} agreed\n")
    return wrong


def main(step_kb: int, most_kb: int) -> int:
    """Sweeps every command and prints what came of it.  Returns how many lines went wrong."""
    load()
    folder = Path(tempfile.mkdtemp(prefix="ndtms-full-disk-"))
    (folder / "made").mkdir()
    known, wrong = scenarios(folder / "made", undisturbed), []
    for name in NAMES:
        place = folder / name.replace(" ", "-")
        place.mkdir()
        found = sweep(known[name], place, step_kb * 1000, most_kb * 1000)
        sys.stdout.write("".join(f"{line}\n" for line in found))
        sys.stdout.flush()
        wrong += found
    shutil.rmtree(folder)
    return len(wrong)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(1 if main(*given, *(100, 8000)[len(given) :]) else 0)
