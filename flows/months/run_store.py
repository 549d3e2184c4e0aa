"""The store of results: what the writer and the workers of a backfill share, and nothing else.

A folder that all of them see, or a place behind a URL (s3 and the like).  Runs are put there whole:
their row, which the writer looks for, comes last.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.files.locations import Place, place_of
from flows.landing.staging import ROW_FILE


@dataclass(frozen=True)
class Store:
    """A store by its path or URL."""

    url: str

    @property
    def is_shared_folder(self) -> bool:
        """Whether it is a folder that is seen as it is."""
        return "://" not in self.url

    def child(self, name: str) -> "Store":
        """A part of it."""
        return Store((place_of(self.url) / name).url)

    def put(self, folder: Path, name: str) -> None:
        """Puts the files of a folder under a name, the row of a run last; of a shared folder by moving it."""
        if self.is_shared_folder:
            place = Path(self.url) / name
            # Another worker may have been given the same month and be done with it, or have died with it.
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
            return
        for path in sorted(folder.iterdir(), key=lambda each: (each.name == ROW_FILE, each.name)):
            (Place(self.url) / f"{name}/{path.name}").write(path.read_bytes())

    def put_file(self, path: Path, name: str) -> None:
        """Puts a single file under a name."""
        if not self.is_shared_folder:
            (Place(self.url) / name).write(path.read_bytes())
        elif path != Path(self.url) / name:
            (Path(self.url) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, Path(self.url) / name)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """A file or folder of the store as one of this machine."""
        if self.is_shared_folder:
            yield Path(self.url) / name
            return
        with tempfile.TemporaryDirectory() as room:
            yield self.fetched(name, Path(room))

    def fetched(self, name: str, room: Path) -> Path:
        """A file or folder of the store, brought to a folder of this machine."""
        found = room / Path(name).name
        place = Place(self.url) / name
        if place.is_folder():
            found.mkdir()
            for each in place.matching("*"):
                self.child(name).fetched(each.name, found)
        elif place.exists():
            found.write_bytes(place.read())
        return found

    @contextmanager
    def room(self, name: str) -> Iterator[Path]:
        """A folder to make something in that is put into the store afterwards: beside its place where that is seen."""
        if self.is_shared_folder:
            # The store itself must be there: where it is gone, so are those this was to be done for.
            yield Path(self.url) / f"{name}.{uuid.uuid4().hex}"
            return
        with tempfile.TemporaryDirectory() as room:
            yield Path(room) / name

    def clear(self) -> None:
        """Removes the store and everything in it."""
        if self.is_shared_folder:
            shutil.rmtree(self.url, ignore_errors=True)
        else:
            Place(self.url).remove()
