"""Finds words that docs/style.md rules out: python -m tests.architecture.check_words."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STYLE = ROOT / "docs" / "style.md"
ENDINGS = (".py", ".md", ".sql", ".j2", ".toml", ".yaml", "Makefile")
# The changelog is history, and the style page has to name the words.
NOT_READ = {"CHANGELOG.md", "docs/style.md", "tests/architecture/check_words.py"}


def forbidden_words() -> list[str]:
    """The words that the style page lists after `make check`."""
    [line] = [
        line for line in STYLE.read_text(encoding="utf-8").splitlines() if line.startswith("`make check` fails on")
    ]
    return re.findall(r"\*([^*]+)\*", line)


def findings() -> list[str]:
    """Every use of a forbidden word, as file:line: text."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, forbidden_words()))})\b", re.IGNORECASE)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        f"{name}:{number}: {line.strip()}"
        for name in names.split("\0")
        if name.endswith(ENDINGS) and name not in NOT_READ and (ROOT / name).is_file()
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def main() -> int:
    """Prints what was found.  Returns 1 where there is any."""
    found = findings()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{len(found)} forbidden words\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
