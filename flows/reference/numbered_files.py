"""Numbers the files of loaded reference data in HOME/reference: the highest number of a kind is in force."""

from pathlib import Path


def reference_folder(home: Path) -> Path:
    """Returns the folder of loaded reference data."""
    return home / "reference"


def find_newest(home: Path, kind: str, suffix: str) -> Path | None:
    """Returns the newest loaded file of a kind; None if none was loaded."""
    # The numbers in the names order the files; their times may change when a home is copied.
    files = sorted(reference_folder(home).glob(f"{kind}-[0-9]*{suffix}"))
    return files[-1] if files else None


def next_path(home: Path, kind: str, suffix: str) -> Path:
    """Returns the path for the next loaded file of a kind."""
    last = find_newest(home, kind, suffix)
    number = int(last.name.removeprefix(f"{kind}-").removesuffix(suffix)) + 1 if last else 1
    # `find_newest` sorts the names as text, so the numbers have a fixed width.
    return reference_folder(home) / f"{kind}-{number:06}{suffix}"
