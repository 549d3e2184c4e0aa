"""Commands interrupted at many moments, and run again: python -m tests.reliability.interrupted [MOMENTS [NAME ...]].

SIGINT, SIGTERM and SIGKILL, each at so many moments: a fifth at any time of the command, two while it lands, two
after the commit.  The command must end within five seconds and leave no process; the audit and the files
must agree; the next run must give what an undisturbed one gives.
"""

import json
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.reliability.moments import Counts, Moment, count_calls, send_at
from tests.reliability.scenarios import Scenario, disagreements, number_of_runs, scenarios, shown
from tests.support.processes import asked, run_forked

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
SECONDS_ALLOWED = 5.0


@dataclass
class Tally:
    """What came of the moments of one command and signal."""

    tried: int = 0
    after_commit: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def load() -> None:
    """Loads the program before anything is forked, so that each command starts at once."""
    import flows.backfill
    import flows.cli
    import flows.submission  # noqa: F401


def undisturbed(scenario: Scenario, home: Path) -> None:
    """Runs a command to its end."""
    ended = run_forked(scenario.run(home), home.parent)
    assert ended.code == scenario.code, ended.output


def moments(number: signal.Signals, count: int, seconds: float, commit: int, end: int, seed: int) -> Iterator[Moment]:
    """So many moments: at any time, while landing, and after the commit."""
    chance = random.Random(f"{seed} {number}")
    for place in range(count):
        if place % 5 == 0:
            yield Moment(number, seconds=chance.random() * seconds)
        elif place % 5 in (1, 3):
            yield Moment(number, call=1 + int(chance.random() * commit), delay=chance.choice((0, 0, 0.001, 0.004)))
        else:
            # From the call after the commit on; the end may come sooner than it did when calls were counted.
            yield Moment(number, call=commit + 1 + int(chance.random() * 0.9 * (end - commit)))


def interrupt(scenario: Scenario, moment: Moment, folder: Path, expected: dict[str, str], tally: Tally) -> None:
    """Interrupts a command once, and runs it again."""
    home = scenario.prepared(folder / "home")
    before = asked(folder, lambda: number_of_runs(home))
    ended = run_forked(scenario.run(home), folder, send_at(moment, scenario.begins))
    tally.tried += 1
    tally.after_commit += asked(folder, lambda: number_of_runs(home)) > before
    problems = []
    if ended.code not in (scenario.code, 128 + moment.number, -moment.number):
        problems.append(f"exit code {ended.code}")
    if ended.after_signal is not None and ended.code != scenario.code:
        tally.slowest = max(tally.slowest, ended.after_signal)
        if ended.after_signal > SECONDS_ALLOWED:
            problems.append(f"ended after {ended.after_signal:.1f} s")
    if ended.left:
        problems.append(f"left {ended.left}")
    if "Traceback" in ended.output:
        problems.append(f"printed {ended.output[-400:]}")
    if moment.number != signal.SIGKILL and (home / ".held-by").exists():
        problems.append("the home is still named as held")
    again = run_forked(scenario.run(home), folder)
    if again.code != scenario.code:
        problems.append(f"the next run ended with {again.code}: {again.output[-400:]}")
    else:
        found = asked(folder, lambda: shown(home))
        problems += [f"differs: {name}" for name in expected if found.get(name) != expected[name]]
        problems += asked(folder, lambda: disagreements(home))
        problems += [f"{name} is not empty" for name in (".landing", ".backfill") if list((home / name).glob("*"))]
    if problems:
        tally.wrong.append(f"{moment}: {'; '.join(problems)}")


def main(count: int, names: Sequence[str]) -> int:
    """Interrupts every command and prints what came of it.  Returns how many moments went wrong."""
    folder = Path(tempfile.mkdtemp(prefix="ndtms-interrupted-"))
    wrong = 0
    load()
    known = scenarios(_made(folder / "made"), undisturbed)
    for scenario in (known[name] for name in names or ("submit again", "replay", "backfill")):
        wrong += _interrupt_all(scenario, count, _made(folder / scenario.name.replace(" ", "-")))
    shutil.rmtree(folder)
    return wrong


def _interrupt_all(scenario: Scenario, count: int, folder: Path) -> int:
    home = scenario.prepared(folder / "expected")
    undisturbed(scenario, home)
    expected = asked(folder, lambda: shown(home))
    counted = folder / "counted.json"
    home = scenario.prepared(folder / "home")

    counts, run = Counts(), scenario.run(home)

    def run_and_report() -> None:
        # In the forked process, whose counts this one does not see.
        try:
            run()
        finally:
            counted.write_text(json.dumps(asdict(counts)), encoding="utf-8")

    ended = run_forked(run_and_report, folder, count_calls(scenario.begins, counts))
    assert ended.code == scenario.code, ended.output
    counts, wrong = Counts(**json.loads(counted.read_text(encoding="utf-8"))), 0
    assert 0 < counts.commit < counts.end, f"the landing was not seen: {counts}"
    for number in SIGNALS:
        tally = Tally()
        for moment in moments(number, count, 2.0, counts.commit, counts.end, seed=1):
            interrupt(scenario, moment, folder, expected, tally)
        _say(
            f"{scenario.name}, {number.name}: {tally.tried} moments, {tally.after_commit} after the commit,"
            f" {tally.tried - len(tally.wrong)} agreed, slowest end {tally.slowest:.2f} s"
        )
        for text in tally.wrong:
            _say(f"  {text}")
        wrong += len(tally.wrong)
    return wrong


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 60, sys.argv[2:]) else 0)
