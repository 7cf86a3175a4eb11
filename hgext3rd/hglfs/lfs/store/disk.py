"""A store in a directory: ``objects/xx/yyyy…``, the layout of Mercurial's ``lfs``."""

from __future__ import annotations

import collections
import contextlib
import functools
import io
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from ..errors import BlobMangled, BlobMissing, StoreFailed
from ..log import Log
from ..oid import isoid
from . import files, partial, retention, segments, small
from .api import COPYING, VERIFYING, LocalStore, Show, Watch, shownothing
from .hashing import digest, verify
from .segments import Segments

#: The age in seconds at which an unfinished file is removed.
_ABANDONED = 3 * 24 * 3600
#: How many bytes are written between two requests to start writeback to the disk.
_SYNCAHEAD = 32 << 20
#: A blob whose file changed within this time, in seconds, does not need a new time.
_FRESH = 24 * 3600
_UNFINISHED = (files.UNSEEN, partial.PARTIAL, segments.PARTS)


class DiskStore:
    """Keep blobs in a directory; see LocalStore for the contract.

    A blob is written to a temporary file, next to the directories of the blobs, and
    renamed into place. ``marking`` is the path of a file whose modification time is
    when the store began to seal its blobs (see ``files.seal``). Without ``marking``, or
    while that file does not exist, no blob is doubtful (see ``stat``). ``show``
    observes the verifying and copying of blobs.
    """

    def __init__(
        self,
        root: bytes,
        modes: files.Modes | None = None,
        marking: bytes | None = None,
        show: Show = shownothing,
    ) -> None:
        self.root = root
        self._below = os.path.join(root, b'')
        self.modes = modes or files.Modes()
        self._unsynced: collections.deque[bytes] = collections.deque()
        self._swept = False
        self._marking = marking
        self._began: float | None = None
        self._show = show

    def path(self, oid: bytes) -> bytes:
        """Return the path of the blob, whether it exists or not."""
        return self._below + _place(oid)

    def has(self, oid: bytes) -> bool:
        """Return whether the store has the blob."""
        return os.path.isfile(self.path(oid))

    def size(self, oid: bytes) -> int | None:
        """Return the blob's size in bytes, or None."""
        try:
            return os.stat(self.path(oid)).st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def touch(self, oid: bytes) -> bool:
        """Reset the blob's age; return whether the store has it."""
        path = self.path(oid)
        try:
            if time.time() - os.stat(path).st_mtime < _FRESH:
                return True
            with retention.hold_blobs(self.root):
                self._refresh(oid, path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # another user's file
            return True
        return True

    def link_local(self, oid: bytes) -> None:
        """Raise BlobMissing if the blob is not here: there is no cache to link from."""
        if not self.has(oid):
            raise missing(oid)

    def open(self, oid: bytes) -> BinaryIO:
        """Open the blob for reading; raise BlobMissing, StoreFailed."""
        try:
            return open(self.path(oid), 'rb')
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise missing(oid) from exc
        except OSError as exc:
            raise self.failed(b'read', oid, exc) from exc

    def ingest(
        self,
        chunks: Iterable[bytes],
        oid: bytes | None = None,
        size: int | None = None,
        durable: bool = False,
    ) -> tuple[bytes, int]:
        """Store a blob from its chunks; return its oid and size in bytes."""
        with self._unseenfile() as (unseen, sink):
            found = self._write(chunks, sink, durable)
            verify(found, oid, size)
            return self._reveal(unseen, found, durable)

    def receive(
        self, oid: bytes, size: int, source: partial.Source, durable: bool = False
    ) -> None:
        """Store a blob, resuming an earlier attempt if there is one."""
        self._sweep()
        if small.receive(self, oid, size, source, durable):
            return
        with contextlib.ExitStack() as stack:
            with self._translate_errors(b'store', oid):
                sink = stack.enter_context(partial.opened(self.root, oid, self.modes))
            if sink is None:  # another process or thread receives it
                self.ingest(source(0)[1], oid, size, durable)
                return
            self._complete(sink, oid, size, source, durable)

    def _complete(
        self,
        sink: io.FileIO,
        oid: bytes,
        size: int,
        source: partial.Source,
        durable: bool,
    ) -> None:
        path = partial.pathof(self.root, oid)
        began = os.fstat(sink.fileno()).st_size
        watch = self._show(VERIFYING, oid, began)
        try:
            with self._translate_errors(b'store', oid):
                found = partial.fill(sink, source, size, watch)
            if found[1] < size:
                raise partial.ended(oid, found[1], size)
            verify(found, oid, size)
            with self._translate_errors(b'store', oid):
                if durable:
                    os.fsync(sink.fileno())
            self._reveal(path, found, durable)
        except BlobMangled as exc:
            files.discard(path)
            exc.transient = began > 0
            raise
        except StoreFailed:
            # do not keep a full disk full
            files.discard(path)
            raise

    @contextlib.contextmanager
    def segments(self, oid: bytes, size: int) -> Iterator[Segments | None]:
        """Store a blob from segments, which arrive in any order."""
        self._sweep()
        opened = segments.opened(self.root, oid, size, self.modes)
        with self._translate_errors(b'store', oid), opened as parts:
            if parts is None:
                yield None
                return
            resumed = parts.there > 0
            try:
                yield parts
            except OSError:
                # do not keep a full disk full
                segments.discard(self.root, oid)
                raise
            try:
                verify((parts.digest(), size), oid, size)
            except BlobMangled as exc:
                segments.discard(self.root, oid)
                exc.transient = resumed
                raise
            self._reveal(segments.placeof(self.root, oid), (oid, size), False)
            segments.discard(self.root, oid)

    def partial(self, oid: bytes) -> int:
        """Return the offset in bytes at which ``receive`` would resume, or 0."""
        return partial.size(self.root, oid)

    def absorb(self, source: BinaryIO, watch: Watch) -> tuple[bytes, int]:
        """Store a file's content, as a copy-on-write clone where possible.

        ``watch`` is called with an iterator of the content's chunks, and returns an
        iterator of the same chunks, for example to show progress. The content is hashed
        from the clone, so that concurrent writes to the file cannot make it
        inconsistent. Returns oid and size in bytes.
        """
        with self._unseenfile() as (unseen, sink):
            if files.clone(source, sink):
                found = digest(watch(files.readchunks(sink)))
            else:
                found = self._write(watch(files.readchunks(source)), sink, False)
            return self._reveal(unseen, found, False)

    def adopt(self, oid: bytes, source: bytes) -> None:
        """Store a file that is known to be the blob, as a hard link where possible."""
        path = self.path(oid)
        with self._translate_errors(b'store', oid):
            watch = self._show(COPYING, oid, os.stat(source).st_size)
            files.linkorcopy(source, path, self.root, self.modes, watch)
            # a link keeps the file's age; the blob may have been expired before
            # ``touch``
            if not self.touch(oid):
                files.linkorcopy(source, path, self.root, self.modes, watch)
                self.touch(oid)
        self._unsynced.append(path)

    def replace(self, oid: bytes, source: bytes) -> None:
        """Replace the blob's file by a hard link to a file with the same content."""
        path = self.path(oid)
        with self._translate_errors(b'store', oid):
            files.syncfiles([source])  # the replaced file may have been synced
            with retention.hold_blobs(self.root):
                files.replacebylink(source, path, self.root, self.modes)
                self.touch(oid)  # the other file may be old

    def share(
        self, source: BinaryIO, oid: bytes, size: int, watch: Watch = iter
    ) -> None:
        """Store the file of another store, as a hard link where possible."""
        verify(digest(watch(files.readchunks(source))), oid, size)
        if self.has(oid) and self.damaged(oid):
            self.remove(oid)
        self.adopt(oid, os.fsencode(source.name))

    def flush(self, seen: files.Seen = files.nothingseen) -> None:
        """Sync to the disk what was stored since the last ``flush``."""
        paths = [self._unsynced.popleft() for _each in range(len(self._unsynced))]
        with self._translate_errors(b'store'):
            files.syncfiles(paths, seen)

    def with_log(self, log: Log) -> DiskStore:
        """Return the store itself, because it does not log."""
        return self

    def stat(self, oid: bytes) -> tuple[int, bool] | None:
        """Return the blob's size in bytes and whether it is doubtful, or None.

        A blob from before the store began to seal its blobs is not doubtful.
        """
        try:
            found = os.stat(self.path(oid))
        except (FileNotFoundError, NotADirectoryError):
            return None
        if files.issealed(found):
            return found.st_size, False
        began = self._markssince()
        return found.st_size, began is not None and found.st_mtime >= began

    def damaged(self, oid: bytes) -> bool:
        """Verify the blob's checksum; return whether it differs from the oid."""
        with self.open(oid) as handle, self._translate_errors(b'read', oid):
            before = os.fstat(handle.fileno())
            watch = self._show(VERIFYING, oid, before.st_size)
            if digest(watch(files.readchunks(handle)))[0] != oid:
                return True
            self.sealverified(handle, before)
            return False

    def room(self) -> int:
        """Return the free space in bytes; raise StoreFailed."""
        with self._translate_errors(b'store'):
            folder = self.root
            while not os.path.isdir(folder):
                folder = os.path.dirname(folder)
            return shutil.disk_usage(folder).free

    def remove(self, oid: bytes) -> None:
        """Remove the blob, if the store has it."""
        files.discard(self.path(oid))

    def prepare_removal(self) -> None:
        """Create the lock file for removals; see ``retention.prepare_removal``."""
        retention.prepare_removal(self.root, self.modes)

    def expire(self, oid: bytes, before: float) -> bool:
        """Remove the blob if it is older than a time; return whether it was removed.

        ``before`` is in seconds since the epoch. The caller MUST have called
        ``prepare_removal``. Raises StoreFailed.
        """
        path = self.path(oid)
        with (
            self._translate_errors(b'remove', oid),
            retention.removing(self.root, self.modes),
        ):
            try:
                expired = os.stat(path).st_mtime < before
            except FileNotFoundError:
                return False
            if expired:
                files.discard(path)
            return expired

    def quarantine(self, oid: bytes, status: os.stat_result, target: bytes) -> bool:
        """Move the blob's file to ``target``, unless another file has replaced it.

        ``status`` identifies the file to move. Returns whether it was moved. The caller
        MUST have called ``prepare_removal``. Raises StoreFailed.
        """
        path = self.path(oid)
        with (
            self._translate_errors(b'move', oid),
            retention.removing(self.root, self.modes),
        ):
            try:
                if not os.path.samestat(os.stat(path), status):
                    return False
            except FileNotFoundError:
                return False
            files.discard(target)
            files.linkorcopy(path, target, os.path.dirname(target), self.modes)
            files.discard(path)
            return True

    def after(self, oid: bytes) -> Iterator[bytes]:
        """Yield, sorted, the oids in the store that are greater than ``oid``."""
        for prefix in sorted(_names(self.root)):
            if len(prefix) != 2 or prefix < oid[:2]:
                continue
            for rest in sorted(_names(os.path.join(self.root, prefix))):
                if prefix + rest > oid and isoid(prefix + rest):
                    yield prefix + rest

    def __iter__(self) -> Iterator[bytes]:
        """Yield the oids of the blobs in the store, sorted."""
        return self.after(b'')

    def entries(self) -> Iterator[tuple[bytes, os.stat_result]]:
        """Yield the oid and the file status of each blob, sorted by oid."""
        for oid in self:
            try:
                status = os.stat(self.path(oid))
            except OSError:  # removed since it was listed
                continue
            yield oid, status

    def unfinished(self) -> Iterator[tuple[bytes, os.stat_result]]:
        """Yield the path and the status of each file of an incomplete blob."""
        for name in _names(self.root):
            path = os.path.join(self.root, name)
            if name.startswith(_UNFINISHED):
                try:
                    status = os.stat(path)
                except OSError:  # renamed or removed since it was listed
                    continue
                yield path, status

    def sealverified(self, handle: BinaryIO, read: os.stat_result) -> None:
        """Seal the file of a verified blob, unless it has changed since it was read.

        ``read`` is the status of the file from before it was read.
        """
        if files.issealed(read):
            return
        with contextlib.suppress(OSError):  # may fail on another user's file
            if os.fstat(handle.fileno()).st_mtime_ns == read.st_mtime_ns:
                files.seal(handle.fileno())

    def _refresh(self, oid: bytes, path: bytes) -> None:
        """Set the time of a blob's file to now; seal it unless it is doubtful."""
        found = self.stat(oid)
        if found is not None and found[1]:
            os.utime(path)
        else:
            files.seal(path)

    def _markssince(self) -> float | None:
        """Return since when the store seals its blobs, in epoch seconds, or None."""
        if self._began is None and self._marking is not None:
            with contextlib.suppress(OSError):
                self._began = os.stat(self._marking).st_mtime
        return self._began

    def _mark(self, path: bytes) -> None:
        """Seal a blob's file before it is renamed into place; see ``files.seal``.

        The first call creates the ``marking`` file.
        """
        with contextlib.suppress(PermissionError):  # a file of another user
            files.seal(path)
        if self._marking is not None and self._markssince() is None:
            files.makefolders(os.path.dirname(self._marking), self.modes)
            files.append(self._marking, b'', self.modes)

    @contextlib.contextmanager
    def _unseenfile(self) -> Iterator[tuple[bytes, io.FileIO]]:
        """Create a temporary file for a blob; remove it if the context raises."""
        self._sweep()
        with self._translate_errors(b'store'):
            path, sink = files.createunseen(self.root, self.modes)
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
        with self._translate_errors(b'store', found[0]):
            self._mark(unseen)
            with retention.hold_blobs(self.root):
                files.infolder(path, self.modes, lambda: os.replace(unseen, path))
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
        with self._translate_errors(b'store'):
            if durable:
                os.fsync(sink.fileno())
            sink.close()
        return found

    def _written(self, chunks: Iterable[bytes], sink: io.FileIO) -> Iterator[bytes]:
        begun = written = 0
        for chunk in chunks:
            yield chunk  # hashed first, in a thread, while this thread writes
            with self._translate_errors(b'store'):
                files.writeall(sink, chunk)
            written += len(chunk)
            if written - begun >= _SYNCAHEAD:
                files.beginsync(sink, begun, written - begun)
                begun = written

    @contextlib.contextmanager
    def _translate_errors(
        self, verb: bytes, oid: bytes | None = None
    ) -> Iterator[None]:
        """Translate OSError to StoreFailed."""
        try:
            yield
        except OSError as exc:
            raise self.failed(verb, oid, exc) from exc

    def failed(self, verb: bytes, oid: bytes | None, exc: OSError) -> StoreFailed:
        """Return the StoreFailed for an OSError."""
        what = b'lfs object %s' % oid if oid else b'an lfs object'
        where = os.fsencode(exc.filename) if exc.filename else self.root
        why = files.reason(exc)
        return StoreFailed(
            b'cannot %s %s: %s' % (verb, what, why),
            hint=b'check the free space and the permissions of %s' % where,
        )

    def _sweep(self) -> None:
        """Remove abandoned unfinished files, once per process."""
        if self._swept:
            return
        self._swept = True
        before = time.time() - _ABANDONED
        for path, status in self.unfinished():
            if status.st_mtime < before:
                with contextlib.suppress(OSError):
                    os.unlink(path)


@functools.lru_cache(maxsize=1024)
def _place(oid: bytes) -> bytes:
    """Return the path of a blob below the store's directory; cached for speed."""
    if not isoid(oid):
        raise ValueError('not an object id: %r' % oid)
    return os.path.join(oid[:2], oid[2:])


def missing(oid: bytes) -> BlobMissing:
    """Return the error for a blob that no local store has."""
    return BlobMissing(
        b'lfs object %s is not here' % oid,
        hint=b'check where "lfs.url" and the default path point to',
    )


def _names(folder: bytes) -> list[bytes]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


if TYPE_CHECKING:
    _satisfies: type[LocalStore] = DiskStore
