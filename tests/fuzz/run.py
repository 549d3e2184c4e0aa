"""Tries random inputs on each fuzz target and prints what came of them: python -m tests.fuzz.run [TARGET ...].

NDTMS_FUZZ_SECONDS is how long each target is tried (600). An input that finds a fault is written, as small as it can
be made, to corpus/TARGET/, where the tests try it from then on. Each target has its own process, so that an abort or a
hang of a library ends only that one; its last input is kept as well.
"""

import faulthandler
import hashlib
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.attempt import CORPUS, Fault, FuzzInput, Target, attempt
from tests.fuzz.targets import TARGETS

_SECONDS_OF_ONE_INPUT = 120
_MOST_MEMORY = 12 * 2**30
_AT_ONCE = settings(
    max_examples=100,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


class Campaign:
    """What was tried on a target so far."""

    def __init__(self, target: Target, seconds: float, last: Path) -> None:
        self.target, self.last = target, last
        self.until = time.monotonic() + seconds
        self.counts: Counter[str] = Counter()
        self.known: dict[str, Path] = {}
        self._smallest: FuzzInput | None = None

    def run(self) -> None:
        """Tries inputs until the time is over; a fault that was found before is counted only."""
        while time.monotonic() < self.until:
            try:
                seed(random.getrandbits(64))(_AT_ONCE(given(self.target.inputs)(self._try)))()
            except Fault as fault:
                self._keep(fault)

    def _try(self, tried: FuzzInput) -> None:
        # A fault that was found is made smaller even if the time is over.
        if self._smallest is None and time.monotonic() > self.until:
            return
        self.last.write_bytes(tried.kind.encode() + b"\n" + tried.content)
        # A hang ends the process, with a traceback.
        faulthandler.dump_traceback_later(_SECONDS_OF_ONE_INPUT, exit=True)
        try:
            self.counts[attempt(self.target, tried)] += 1
        except Fault as fault:
            self.counts["faults"] += 1
            if fault.signature not in self.known:
                self._smallest = tried
                raise
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _keep(self, fault: Fault) -> None:
        assert self._smallest is not None
        self.known[fault.signature] = keep_input(self.target.name, self._smallest)
        self._smallest = None
        sys.stderr.write(f"{self.target.name}: {fault.signature}\n  {str(fault)[:300]}\n")


def keep_input(target: str, found: FuzzInput) -> Path:
    """Writes an input that found a fault to the corpus."""
    path = CORPUS / target / f"found-{hashlib.sha256(found.content).hexdigest()[:8]}.{found.kind}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(found.content)
    return path


def fuzz(name: str, seconds: float, last: Path) -> int:
    """Tries one target in this process, prints its line, and returns how many faults it has."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    campaign, begun = Campaign(TARGETS[name], seconds, last), time.monotonic()
    campaign.run()
    taken = time.monotonic() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    counts = campaign.counts
    faulty = f"{counts['faults']:,}" if counts["faults"] else "none"
    sys.stdout.write(
        f"{name}: {counts.total():,} inputs in {taken:.0f} seconds; {counts['accepted']:,} accepted,"
        f" {counts['refused']:,} refused, {faulty} with a fault; at most {memory:.1f} GB of memory\n"
    )
    for signature, path in campaign.known.items():
        sys.stdout.write(f"  {signature}: {path}\n")
    return len(campaign.known)


def main(names: list[str]) -> int:
    """Tries the targets one after the other, and returns 1 if one has a fault."""
    seconds, is_faulty = os.environ.get("NDTMS_FUZZ_SECONDS", "600"), False
    for name in names or list(TARGETS):
        with TemporaryDirectory(prefix="ndtms-fuzz-") as folder:
            last = Path(folder, "last")
            command = [sys.executable, "-m", "tests.fuzz.run", "--one", name, seconds, str(last)]
            environment = os.environ | {"TMPDIR": folder, "RUST_BACKTRACE": "0"}
            code = subprocess.run(command, env=environment, check=False).returncode
            if code not in (0, 1):
                kind, _, content = last.read_bytes().partition(b"\n")
                kept = keep_input(name, FuzzInput(kind.decode(), content))
                sys.stdout.write(f"{name}: the process ended with {code}; its last input: {kept}\n")
            is_faulty |= code != 0
            sys.stdout.flush()
    return int(is_faulty)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.exit(min(1, fuzz(sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]))))
    sys.exit(main(sys.argv[1:]))
