"""What is committed and moved: sets of files of random bytes, and room for them.

Revision A has all files. In B every tenth, at least one, has other bytes in its
middle: a MiB of them, or a tenth of the file where that is less.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from . import Failed

KB, MB, GB = 1 << 10, 1 << 20, 1 << 30
SMALL = 100  # the divisor of --small
CHANGED = 10  # of so many files, one is changed in B
#: With fewer files in it a folder may as well be deleted.
_MANY = 1000
#: Bytes of the disk that are never used up.
_ROOM = 20 * GB
_numbers = itertools.count()

Digests = dict[str, str]


@dataclass(frozen=True)
class Data:
    """A set of files: sizes in bytes, and the tools that handle it by default.

    ``most`` is how many rounds are enough for it.
    """

    name: str
    title: str
    sizes: tuple[int, ...]
    who: tuple[str, ...] = ()
    most: int = 100

    @property
    def files(self) -> dict[str, int]:
        """Sizes by path; no folder has more than a hundred files."""
        return {
            'd%03d/f%05d.bin' % (number // 100, number): size
            for number, size in enumerate(self.sizes)
        }

    @property
    def changed(self) -> list[str]:
        return list(self.files)[::CHANGED]

    @property
    def size(self) -> int:
        return sum(self.sizes)

    @property
    def changedsize(self) -> int:
        return sum(self.sizes[::CHANGED])


def _one(size: int, small: bool) -> tuple[int, ...]:
    return (size // SMALL if small else size,)


def _mixed(count: int) -> tuple[int, ...]:
    """Return sizes from 0.1 to 4 MiB, evenly spread on a logarithmic scale."""
    return tuple(int(MB * 0.1 * 40 ** (n / (count - 1))) for n in range(count))


def datasets(small: bool) -> list[Data]:
    """Return all of them; small ones have a hundredth of the bytes."""
    one, four = ('1 x 10 MiB', '1 x 41 MiB') if small else ('1 x 1 GiB', '1 x 4 GiB')
    many, mixed = (20000 // SMALL, 2000 // SMALL) if small else (20000, 2000)
    return [
        Data('1g', one, _one(GB, small)),
        Data('4g', four, _one(4 * GB, small), ('ours',), most=1),
        Data('many', f'{many:,} x 16 KiB', (16 * KB,) * many),
        Data('mixed', f'{mixed:,} x 0.1 to 4 MiB', _mixed(mixed)),
    ]


@dataclass(frozen=True)
class Sources:
    """The files of both revisions, below a folder: all of A, and those B changes."""

    data: Data
    folder: Path
    a: Digests
    b: Digests

    def path(self, name: str) -> Path:
        return self.folder / name


def make(data: Data, folder: Path) -> Sources:
    """Write both revisions; return their folder and checksums."""
    for name, size in data.files.items():
        path = folder / 'a' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open('wb') as file:
            _fill(file, size)
    for name in data.changed:
        _change(folder / 'a' / name, folder / 'b' / name)
    a = digests(folder / 'a')
    return Sources(data, folder, a, {**a, **digests(folder / 'b')})


def _fill(file: BinaryIO, size: int) -> None:
    while size > 0:
        size -= file.write(os.urandom(min(size, MB)))


def _change(old: Path, new: Path) -> None:
    size = old.stat().st_size
    copy(old, new)
    with new.open('r+b') as file:
        file.seek(size // 2)
        _fill(file, min(MB, size // 10))


def copy(old: Path, new: Path) -> None:
    """Copy the bytes of a file: never a link that a tool could write through."""
    new.parent.mkdir(parents=True, exist_ok=True)
    with old.open('rb') as read, new.open('wb') as write:
        while chunk := read.read(MB):
            write.write(chunk)


def copyall(source: Path, target: Path) -> None:
    for path in walk(source):
        copy(path, target / path.relative_to(source))


def walk(folder: Path, wanted: Callable = lambda name: True):
    """Yield the files below a folder, but not in unwanted folders at its top."""
    for where, folders, names in os.walk(folder):
        if Path(where) == folder:
            folders[:] = filter(wanted, folders)
        for name in names:
            yield Path(where, name)


def digests(folder: Path) -> Digests:
    """Return SHA-256 by path, without what begins with a dot at the top."""
    return {
        path.relative_to(folder).as_posix(): digest(path)
        for path in walk(folder, lambda name: not name.startswith('.'))
        if path.parent != folder
    }


def digest(path: Path) -> str:
    with path.open('rb') as file:
        return digeststream(file)


def digeststream(file: BinaryIO) -> str:
    hasher = hashlib.sha256()
    while chunk := file.read(MB):
        hasher.update(chunk)
    return hasher.hexdigest()


def warm(folder: Path) -> None:
    """Read all files of a folder, so that the page cache has them."""
    buffer = bytearray(MB)
    for path in walk(folder):
        with path.open('rb', buffering=0) as file:
            while file.readinto(buffer):
                pass


def discard(folder: Path) -> None:
    """Remove a folder, if it exists, or move it aside until the end of the run.

    When a file is made, ext4 passes over every inode that was freed in the last
    minutes, one by one: thousands of files deleted between two measurements make the
    second several times slower, whichever tool it is of.
    """
    many = sum(1 for _ in itertools.islice(walk(folder), _MANY)) == _MANY
    if many and shutil.disk_usage(folder).free > _ROOM:
        folder.rename(folder.with_name('left-%d' % next(_numbers)))
    else:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def scratchfolder(parent: Path, needed: int) -> Iterator[Path]:
    """Make a folder, and remove it afterwards; needed is in bytes of the disk."""
    parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise Failed(
            'of the %d MB needed below %s, %d are free; --scratch names another '
            'folder, and --help what takes less' % (needed // MB, parent, free // MB)
        )
    scratch = tempfile.mkdtemp(prefix='run-', dir=parent)
    try:
        yield Path(scratch).resolve()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
