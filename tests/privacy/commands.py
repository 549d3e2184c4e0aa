"""Runs many commands in one process of their own: python -m tests.privacy.commands PLAN.

PLAN is a JSON list of objects with the words of a command (`words`), the files its output is written to (`output`) and
`fault`, a function of tests.privacy.failing that breaks something while the command runs.  The process has a
directory of its own for everything that programs write without being asked (HOME, TMPDIR, PREFECT_HOME).
"""

import json
import os
import sys
import traceback
from pathlib import Path


def main(plan: Path) -> None:
    """Runs the commands and writes the exit code of each next to its output."""
    from flows.cli import run
    from tests.privacy import failing

    saved = os.dup(1), os.dup(2)
    for command in json.loads(plan.read_text(encoding="utf-8")):
        output = Path(command["output"])
        for descriptor, name in ((1, "out"), (2, "err")):
            file = os.open(f"{output}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, descriptor)
            os.close(file)
        sys.argv = ["ndtms", *command["words"]]
        code = None
        with failing.break_with(command["fault"], command["variables"]):
            try:
                run()
            except SystemExit as left:
                code = left.code or 0
            except BaseException:
                traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        Path(f"{output}.code").write_text(str(code), encoding="utf-8")
        for descriptor, before in enumerate(saved, start=1):
            os.dup2(before, descriptor)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
