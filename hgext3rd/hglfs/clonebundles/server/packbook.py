"""Keeps on disk which packs of blobs a repository has, and what each of them has.

What each has is a copy of its index, so that no pack need be read for that.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from ...lfs.store import files
from ...lfs.wire.blobstream import Item
from ...lfs.wire.wirejson import WireError
from .. import blobpack
from . import packs
from .book import BLOBS, LONGEST, Book, checkknown
from .packs import Pack, Shelf


class PackBook:
    """Reads and changes a repository's shelf of packs. Safe between processes.

    It stands beside the catalog of its bundles, a Book.
    """

    def __init__(self, book: Book, modes: files.Modes) -> None:
        self._book = book
        self._modes = modes
        self._home = book.paths.home
        self._keep = book.paths.keep + b'-packs'

    @property
    def path(self) -> bytes:
        """The file, which is there where there is anything to know."""
        return os.path.join(self._home, b'packs.json')

    def read(self) -> Shelf:
        """Returns the shelf; an empty one where there is none, or a broken one."""
        try:
            return packs.decode(files.readbounded(self.path, LONGEST))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return Shelf()

    def change(self, how: Callable[[Shelf], Shelf]) -> Shelf:
        """Changes the shelf; returns the new one. Raises StoreFailed.

        Nothing may be pruned that is told of, before or after.
        """
        with self._book.alone():
            checkknown(self.path, packs.decode)
            before = self.read()
            after = how(before)
            if after != before:
                self._keepblobs(before, after)
                files.replacewith(self.path, packs.encode(after), self._modes, True)
            self._keepblobs(after)
            return after

    def items(self, pack: Pack) -> list[Item] | None:
        """Returns what a pack has, or None where nobody knows."""
        try:
            text = files.readbounded(self._index(pack.digest), LONGEST)
            return blobpack.decodeindex(text)
        except (OSError, WireError):
            return None

    def note(self, pack: Pack, items: list[Item]) -> None:
        """Writes down what a pack has; before it is told of."""
        text = blobpack.encodeindex(items)
        files.replacewith(self._index(pack.digest), text, self._modes, True)

    def forget(self, pack: Pack) -> None:
        """Forgets what a pack has that is gone."""
        with contextlib.suppress(OSError):
            files.discard(self._index(pack.digest))

    def _index(self, digest: str) -> bytes:
        return os.path.join(self._home, b'packs', digest.encode('ascii'))

    def _keepblobs(self, *shelves: Shelf) -> None:
        digests = {
            pack.digest for shelf in shelves for pack in shelf.packs if pack.at(BLOBS)
        }
        text = ''.join('%s\n' % digest for digest in sorted(digests)).encode('ascii')
        try:
            before = files.readbounded(self._keep, LONGEST)
        except FileNotFoundError:
            before = b''
        if text != before:
            files.replacewith(self._keep, text, self._modes, True)
