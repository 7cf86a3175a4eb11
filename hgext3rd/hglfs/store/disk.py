"""The store on disk: ``objects/xx/yyyy…``, as Mercurial's own ``lfs`` has it."""

from __future__ import annotations

import collections
import contextlib
import io
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from ..model.errors import BlobMangled, BlobMissing, StoreFailed
from ..model.oid import isoid
from . import files
from .hashing import digest

#: Passes a content's chunks on, and sees them.
Watch = Callable[[Iterator[bytes]], Iterator[bytes]]
#: A file in the making that has not changed for so long was left by a killed
#: process; in seconds.
_ABANDONED = 3 * 24 * 3600


class DiskStore:
    """Keeps blobs below a folder; see BlobStore for the contract.

    A blob is written beside the folders of the blobs, where no reader of this
    layout looks, and renamed into place.
    """

    def __init__(self, root: bytes, modes: files.Modes | None = None) -> None:
        self.root = root
        self._modes = modes or files.Modes()
        self._unsynced: collections.deque[bytes] = collections.deque()
        self._swept = False

    def path(self, oid: bytes) -> bytes:
        """Returns where the blob is, or would be."""
        if not isoid(oid):
            raise ValueError('not an object id: %r' % oid)
        return os.path.join(self.root, oid[:2], oid[2:])

    def has(self, oid: bytes) -> bool:
        """Tells whether the store holds the blob."""
        return os.path.isfile(self.path(oid))

    def size(self, oid: bytes) -> int | None:
        """Returns the blob's size in bytes, or None."""
        try:
            return os.stat(self.path(oid)).st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def claim(self, oid: bytes) -> None:
        """Raises BlobMissing where the store lacks the blob."""
        if not self.has(oid):
            raise missing(oid)

    def open(self, oid: bytes) -> BinaryIO:
        """Opens the blob for reading."""
        try:
            return open(self.path(oid), 'rb')
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise missing(oid) from exc
        except OSError as exc:
            raise self._failed(b'read', oid, exc) from exc

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Takes in a content given in chunks; returns its oid and size."""
        with self._unseenfile() as (unseen, sink):
            found = self._write(chunks, sink, durable)
            expect(found, oid, size)
            return self._reveal(unseen, found, durable)

    def absorb(self, source: BinaryIO, watch: Watch) -> tuple[bytes, int]:
        """Takes in a file's content, by its blocks where the system can share them.

        ``watch`` is given the content's chunks and hands them on. A file that is
        written to meanwhile can't get half of that in: its blocks are read.
        """
        with self._unseenfile() as (unseen, sink):
            if files.clone(source, sink):
                found = digest(watch(files.readchunks(sink)))
            else:
                found = self._write(watch(files.readchunks(source)), sink, False)
            return self._reveal(unseen, found, False)

    def adopt(self, oid: bytes, source: bytes) -> None:
        """Takes in a file that is known to be the blob, by a link where it can."""
        path = self.path(oid)
        with self._told(b'store', oid):
            files.linkorcopy(source, path, self.root, self._modes)
        self._unsynced.append(path)

    def flush(self) -> None:
        """Brings to the disk what was taken in since the last time."""
        paths = []
        while self._unsynced:
            paths.append(self._unsynced.popleft())
        with self._told(b'store'):
            files.syncfiles(paths)

    def damaged(self, oid: bytes) -> bool:
        """Reads the blob and tells whether it is not what its name says."""
        with self.open(oid) as handle, self._told(b'read', oid):
            return digest(files.readchunks(handle))[0] != oid

    def remove(self, oid: bytes) -> None:
        """Forgets the blob."""
        files.discard(self.path(oid))

    def __iter__(self) -> Iterator[bytes]:
        """Yields the oids of the blobs in the store."""
        for prefix in _names(self.root):
            if len(prefix) != 2:
                continue
            for rest in _names(os.path.join(self.root, prefix)):
                if isoid(prefix + rest):
                    yield prefix + rest

    @contextlib.contextmanager
    def _unseenfile(self) -> Iterator[tuple[bytes, io.FileIO]]:
        """Lends a file that is to be renamed, and is gone where that fails."""
        self._sweep()
        with self._told(b'store'):
            path, sink = files.createunseen(self.root, self._modes)
        try:
            with sink:
                yield path, sink
        except BaseException:
            files.discard(path)
            raise

    def _reveal(
        self, unseen: bytes, found: tuple[bytes, int], durable: bool
    ) -> tuple[bytes, int]:
        path = self.path(found[0])
        with self._told(b'store', found[0]):
            files.makefolders(os.path.dirname(path), self._modes)
            os.replace(unseen, path)
            if durable:
                files.syncfolder(os.path.dirname(path))
                files.syncfolder(self.root)
            else:
                self._unsynced.append(path)
        return found

    def _write(
        self, chunks: Iterable[bytes], sink: io.FileIO, durable: bool
    ) -> tuple[bytes, int]:
        found = digest(self._written(chunks, sink))
        with self._told(b'store'):
            if durable:
                os.fsync(sink.fileno())
            sink.close()
        return found

    def _written(self, chunks: Iterable[bytes], sink: io.FileIO) -> Iterator[bytes]:
        for chunk in chunks:
            yield chunk  # hashed first: in a thread, while this one writes
            with self._told(b'store'):
                files.writeall(sink, chunk)

    @contextlib.contextmanager
    def _told(self, verb: bytes, oid: bytes | None = None) -> Iterator[None]:
        """Turns what the file system says into an error of the tree."""
        try:
            yield
        except OSError as exc:
            raise self._failed(verb, oid, exc) from exc

    def _failed(self, verb: bytes, oid: bytes | None, exc: OSError) -> StoreFailed:
        what = b'lfs object %s' % oid if oid else b'an lfs object'
        where = os.fsencode(exc.filename) if exc.filename else self.root
        why = os.fsencode(exc.strerror or str(exc))
        return StoreFailed(
            b'cannot %s %s: %s' % (verb, what, why),
            hint=b'check the free space and the permissions of %s' % where,
        )

    def _sweep(self) -> None:
        """Removes what killed processes left, once in a process's life."""
        if self._swept:
            return
        self._swept = True
        before = time.time() - _ABANDONED
        for name in _names(self.root):
            path = os.path.join(self.root, name)
            with contextlib.suppress(OSError):
                if name.startswith(files.UNSEEN) and os.stat(path).st_mtime < before:
                    os.unlink(path)


def missing(oid: bytes) -> BlobMissing:
    """Returns the error for a blob that nobody here has."""
    return BlobMissing(
        b'lfs object %s is not here' % oid,
        hint=b'check where "lfs.url" and the default path point to',
    )


def expect(found: tuple[bytes, int], oid: bytes | None, size: int | None) -> None:
    """Raises BlobMangled where a content is not what was expected of it."""
    if oid is not None and found[0] != oid:
        raise BlobMangled(b'corrupt remote lfs object: %s' % oid)
    if size is not None and found[1] != size:
        raise BlobMangled(
            b'lfs object %s has %d bytes instead of the %d that its pointer states'
            % (found[0], found[1], size)
        )


def _names(folder: bytes) -> list[bytes]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
