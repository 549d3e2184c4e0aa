"""Compares the submissions of this checkout with those of an earlier commit: python -m bench.compare_submissions REV.

Submits every month of both examples, and with --cases every case of a conformance kit, with the code of the commit and
with the code here. Prints each file whose bytes differ; the exit code is 1 if there is one.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.checkouts import ROOT, checked_out

MONTHS = {"orchard": ("2023-04", "2023-05", "2023-06"), "meadow": ("2023-04",)}
AGENCIES = {"orchard": ("L0001", "L0002"), "meadow": ("L0001", "L0002")}
_START = "from flows.cli import main; main()"


def main() -> int:
    """Compares, and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", help="the commit to compare with")
    parser.add_argument("--cases", type=Path, help="the run.py of a conformance kit")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with checked_out(options.revision, folder / "checkout") as earlier:
            digests = [
                dict(_submit_everything(code, folder / f"homes-{number}", options.cases))
                for number, code in enumerate((earlier, ROOT))
            ]
    before, after = digests
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in different:
        sys.stdout.write(f"differs: {name}\n")
    sys.stdout.write(f"{len(before)} submissions of {options.revision}, {len(after)} here, {len(different)} differ\n")
    return 1 if different or not before else 0


def _submit_everything(code: Path, homes: Path, kit: Path | None) -> Iterator[tuple[str, str]]:
    """Submits with the code of a checkout; yields the path and SHA-256 of each submission file."""
    homes.mkdir()
    command = homes / "ndtms"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{_START}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = os.environ | {"PYTHONPATH": str(code)}
    for source, months in MONTHS.items():
        for month in months:
            for agency in AGENCIES[source]:
                arguments = ["submit", "--source", source, "--period", month, "--extracted-on", "2023-07-03"]
                arguments += ["--home", str(homes / source), "--agency", agency]
                subprocess.run([command, *arguments], check=True, env=environment, cwd=code, capture_output=True)
    if kit:
        # The kit compares with its expected files itself; here only the bytes count.
        subprocess.run(
            [sys.executable, kit, "--ndtms", command, "--keep", homes / "kit"],
            check=False, env=environment, cwd=code, capture_output=True,
        )  # fmt: skip
    for path in sorted(homes.rglob("submissions/**/*.csv")):
        yield str(path.relative_to(homes)), hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
