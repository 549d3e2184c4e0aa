"""A home with three months, and what can be asked about it and its backups."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from flows.landing.backup import BackedUp, back_up
from flows.landing.verify import verify_home
from tests.retention.canaries import land_months

NOW = datetime(2023, 6, 3, 6, 0, 1, tzinfo=UTC)
NAME = "2023-06-03T060001Z"
LATER = datetime(2023, 6, 4, 6, 0, 1, tzinfo=UTC)


def land_private_months(folder: Path) -> Path:
    """Lands three months in a home that no other account can read; returns the home."""
    home = land_months(folder, folder / "home")
    (home / "settings.toml").write_text("shrink_share = 0.4\n", encoding="utf-8")
    (home / "reminders").mkdir()
    (home / "reminders" / "L0001-2023-06").write_text("2023-07-15", encoding="utf-8")
    make_private(home)
    return home


def make_private(home: Path) -> None:
    """Gives a home the permissions that the program gives what it creates."""
    for path in (home, *home.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def copy_home(home: Path, to: Path) -> Path:
    """Copies a home with its times, as `cp -a` does."""
    return Path(shutil.copytree(home, to))


def make_backup(home: Path, place: Path, made_at: datetime = NOW) -> BackedUp:
    """Backs up a home that no run is writing to."""
    return back_up(home, place, made_at, 0)


def find_faults(home: Path) -> list[str]:
    """Returns the names of the checks that find a fault in a home."""
    return [check.name for check in verify_home(home) if check.is_fault]


def list_backups(place: Path) -> list[str]:
    """Returns what looks like a finished backup."""
    return sorted(path.name for path in place.iterdir() if not path.name.startswith("."))


def list_unfinished(place: Path) -> list[str]:
    """Returns what killed backups left."""
    return sorted(path.name for path in place.iterdir() if path.name.endswith(".part"))


def read_files(folder: Path) -> dict[str, bytes]:
    """Returns the content of every file below a folder."""
    files = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
