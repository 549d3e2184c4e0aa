"""Finds words and names that docs/style.md rules out: python -m tests.architecture.check_words."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# New files too, before they are added.
_LIST_FILES = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
ROOT = Path(__file__).parents[2]
STYLE = ROOT / "docs" / "style.md"
ENDINGS = (".py", ".md", ".sql", ".j2", ".toml", ".yaml", "Makefile", ".ci/run")
# The style page and this module have to name the words.
NOT_READ = {"docs/style.md", "tests/architecture/check_words.py", "tests/architecture/test_check_words.py"}
# 'x is no field' for 'x is not a field'; 'there is no field' and 'is no longer' are ordinary English.
_IS_NO = re.compile(r"(?<!there )\b(?:is|are|was|were) no (?!longer\b)[a-z]")


# Damaged files on purpose.
CORPUS = "tests/fuzz/corpus/"


def forbidden_words(start: str) -> list[str]:
    """Returns the words that the style page lists in the paragraph that starts with a text."""
    paragraphs = STYLE.read_text(encoding="utf-8").split("\n\n")
    [paragraph] = [paragraph for paragraph in paragraphs if paragraph.startswith(start)]
    return [" ".join(word.split()) for word in re.findall(r"\*([^*]+)\*", paragraph)]


def words_in(text: str, words: list[str]) -> Iterator[int]:
    """Yields the number of each line that contains one of the words."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.search(line):
            yield number


def names_in(source: str) -> Iterator[int]:
    """Yields the line of each variable or parameter called `each`, and of each text with 'is no' for 'is not a'."""
    for node in ast.walk(ast.parse(source)):
        is_each = (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "each") or (
            isinstance(node, ast.arg) and node.arg == "each"
        )
        is_no = isinstance(node, ast.Constant) and isinstance(node.value, str) and _IS_NO.search(node.value)
        if isinstance(node, ast.Name | ast.arg | ast.Constant) and (is_each or is_no):
            yield node.lineno


def findings() -> list[str]:
    """Returns every use of a forbidden word or name, as file:line: text."""
    words = forbidden_words("`make check` fails on:")
    names = subprocess.run(_LIST_FILES, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = []
    for name in names.split("\0"):
        is_text = name.endswith(ENDINGS) and not name.startswith(CORPUS)
        if not is_text or name in NOT_READ or not (ROOT / name).is_file():
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        numbers = set(words_in(text, words))
        if name.endswith(".py"):
            numbers.update(names_in(text))
        lines = text.splitlines()
        found += [f"{name}:{number}: {lines[number - 1].strip()}" for number in sorted(numbers)]
    return found


def main() -> int:
    """Prints the findings.  Returns 1 if there are any."""
    found = findings()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{len(found)} forbidden words and names\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
