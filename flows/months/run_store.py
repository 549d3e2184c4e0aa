"""The store of results: the only thing that the writer and the workers of a backfill share.

It is a folder that all of them can access, or a location behind a URL (such as s3).  A run is complete when its
row exists, because the row is written last.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.files.locations import Location, parse_location
from flows.landing.staging import ROW_FILE


@dataclass(frozen=True)
class RunStore:
    """A store, given by its path or URL."""

    url: str

    @property
    def is_shared_folder(self) -> bool:
        """Returns whether the store is a folder that can be accessed directly."""
        return "://" not in self.url

    def get_child(self, name: str) -> "RunStore":
        """Returns a part of the store."""
        return RunStore((parse_location(self.url) / name).url)

    def put(self, folder: Path, name: str) -> None:
        """Stores a folder under a name: moves it in a shared folder, otherwise writes its files, the run's row last."""
        if self.is_shared_folder:
            place = Path(self.url) / name
            # Another worker may have received the same month, and completed it or died with it.
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
            return
        # The row marks a run as complete, so a worker that dies before leaves an incomplete run.
        for path in sorted(folder.iterdir(), key=lambda path: (path.name == ROW_FILE, path.name)):
            (Location(self.url) / f"{name}/{path.name}").write(path.read_bytes())

    def put_file(self, path: Path, name: str) -> None:
        """Stores a single file under a name."""
        if not self.is_shared_folder:
            (Location(self.url) / name).write(path.read_bytes())
        elif path != Path(self.url) / name:
            (Path(self.url) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, Path(self.url) / name)

    def put_content(self, content: bytes, name: str) -> None:
        """Stores bytes as a file under a name."""
        if self.is_shared_folder:
            (Path(self.url) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(self.url) / name).write_bytes(content)
        else:
            (Location(self.url) / name).write(content)

    @contextmanager
    def open_local(self, name: str) -> Iterator[Path]:
        """Yields the local path of a file or folder of the store, downloaded if necessary."""
        if self.is_shared_folder:
            yield Path(self.url) / name
            return
        with tempfile.TemporaryDirectory() as room:
            yield self.fetch(name, Path(room))

    def fetch(self, name: str, room: Path) -> Path:
        """Downloads a file or folder of the store to a folder on this machine, and returns its path."""
        downloaded, location = room / Path(name).name, Location(self.url) / name
        if location.is_folder():
            downloaded.mkdir()
            for member in location.matching("*"):
                self.get_child(name).fetch(member.name, downloaded)
        elif location.exists():
            downloaded.write_bytes(location.read())
        return downloaded

    @contextmanager
    def new_folder(self, name: str) -> Iterator[Path]:
        """Yields the path of a new folder to fill and then `put`: in a shared folder, next to its final path."""
        if self.is_shared_folder:
            # Does not create the store: if it is gone, so is the backfill that needs this run.
            yield Path(self.url) / f"{name}.{uuid.uuid4().hex}"
            return
        with tempfile.TemporaryDirectory() as room:
            yield Path(room) / Path(name).name

    def remove(self, name: str) -> None:
        """Removes a folder of the store."""
        self.get_child(name).clear()

    def clear(self) -> None:
        """Removes the store and everything in it."""
        if self.is_shared_folder:
            shutil.rmtree(self.url, ignore_errors=True)
        else:
            Location(self.url).remove()
