"""Twenty agencies over two years, some 240,000 interventions: python -m tests.backfill.national [SEED].

Backfills with one and with two processes, and one that is killed at twenty random moments, against single
submissions in order: file for file and finding for finding; then once more with nothing to do.  It takes
a quarter of an hour, so it is a task of its own (`make test-backfill`) and no part of the tests.
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.backfill.backfilling import DAY, files, reported, submitted_in_order
from tests.backfill.generated import SOURCE, months, write_history

AGENCIES, MONTHS, CLIENTS, KILLS = 20, 24, 560, 20
_ROOT = Path(__file__).parents[2]


def command(exports: Path, home: Path, workers: int, number_of_months: int = MONTHS) -> list[str]:
    first, *_, last = months(number_of_months)
    ndtms = [sys.executable, "-m", "flows", "backfill", "--source", str(exports / SOURCE), "--home", str(home)]
    return [*ndtms, "--from", str(first), "--to", str(last), "--extracted-on", DAY, "--workers", str(workers)]


def backfill(exports: Path, home: Path, workers: int, number_of_months: int = MONTHS) -> float:
    """Seconds of a backfill that nothing disturbs."""
    start = time.perf_counter()
    asked = command(exports, home, workers, number_of_months)
    done = subprocess.run(asked, cwd=_ROOT, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"the backfill ended with {done.returncode}")
    return time.perf_counter() - start


def killed(exports: Path, home: Path, draw: random.Random, seconds: float) -> int:
    """Starts backfills and kills them at random moments; gives how many were killed before they were done."""
    kills = 0
    for _ in range(KILLS):
        running = subprocess.Popen(
            command(exports, home, 2), cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            running.wait(timeout=draw.uniform(1, 10 + seconds / 12))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            kills += 1
    return kills


def same(name: str, home: Path, expected: Path) -> None:
    """Holds a home against another; exits where they differ."""
    if files(home) != files(expected):
        sys.exit(f"{name}: the files differ")
    found, wanted = reported(home), reported(expected)
    for part, rows in wanted.items():
        if found[part] != rows:
            sys.exit(f"{name}: {part} differ")
    say(f"{name}: {len(files(home))} files, {len(found['findings'])} findings, {len(found['sent'])} rows, all the same")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        exports = write_history(place / "exports", AGENCIES, MONTHS, CLIENTS)
        expected = submitted_in_order(exports, place / "single", AGENCIES, MONTHS)
        say(f"single submissions: {AGENCIES * MONTHS}")
        seconds = {workers: backfill(exports, place / f"workers-{workers}", workers) for workers in (2, 1)}
        for workers, taken in seconds.items():
            same(f"{workers} processes, {taken:.0f} s", place / f"workers-{workers}", expected)
        again = backfill(exports, place / "workers-2", 2)
        say(f"nothing to do: {again:.1f} s, {100 * again / seconds[2]:.1f}% of the first time")
        kills = killed(exports, place / "killed", random.Random(seed), seconds[2])
        backfill(exports, place / "killed", 2)
        same(f"killed {kills} times (seed {seed})", place / "killed", expected)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
