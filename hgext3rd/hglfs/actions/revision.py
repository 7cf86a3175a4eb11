"""Read large revisions from the store, with verification."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mercurial import error
from mercurial.i18n import _
from mercurial.utils import storageutil

from ..hg import bars, largetext, lfsrepo
from ..hg.abort import translated
from ..hg.largetext import FixedSource, LargeText
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.large import Large
from ..lfs.pointer import Pointer
from ..lfs.store.api import Watch
from ..lfs.store.files import readchunks
from ..lfs.store.hashing import Hasher, digest, feeding
from . import fetch, history, mend, scan

#: The minimum size in bytes of revisions whose verification is recorded.
_WORTHWHILE = 1 << 20


@dataclass(frozen=True)
class Revision(FixedSource):
    """The source of a LargeText that reads the blob of a large revision.

    Reading verifies the oid of the blob and the node of the revision.
    """

    lfs: LfsRepo
    large: Large

    def open(self) -> BinaryIO:
        """Open the blob for reading."""
        return self.lfs.store.open(self.large.pointer.oid)

    def chunks(self) -> Iterator[bytes]:
        """Yield the content; raise StorageError if it is not the revision's."""
        checksums, last = _Checksums(self.large, self._isproven()), b''
        with translated(), self.open() as handle:
            for chunk in self.watch(_(b'lfs reading'), checksums.hashed(handle)):
                # verify before the last chunk: a reader that counts bytes stops after
                # it
                if last:
                    yield last
                last = chunk
        if not self._accepts(checksums):
            raise self._mended(checksums)
        if last:
            yield last

    def watch(self, topic: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the content's chunks; show a progress bar if the content is big."""
        size = self.large.pointer.size
        return bars.reading(self.lfs.ui, topic, self.large.path, size, chunks)

    def _mended(self, checksums: _Checksums) -> error.StorageError:
        """Return the error for a failed verification, after replacing a damaged blob.

        If the blob is undamaged, the pointer is wrong, and replacing would not help.
        """
        failure = self.failure()
        if checksums.matchesblob():
            return failure
        with translated(self.large.path):
            mend.replace(self.lfs, self.large.ref)
        hint = _(b'the blob of %s was damaged and has been fetched again; try again')
        return largetext.Replaced(failure.message, hint=hint % self.large.path)

    def failure(self) -> error.StorageError:
        """Return the error for content with another oid or node than the revision's."""
        rlog = history.of(self.lfs.repo.file(self.large.path))
        return error.StorageError(
            _(b'integrity check failed on %s:%d')
            % (words.shown(rlog.display_id), rlog.rev(self.large.node))
        )

    def issound(self, watch: Watch = iter) -> bool:
        """Verify the content, even if it was verified before; return the result.

        ``watch`` receives the content's chunks. Raises the errors of reading.
        Thread-safe after ``lfs.ready()``, provided that ``watch`` is thread-safe.
        """
        checksums = _Checksums(self.large)
        with self.open() as handle:
            for _chunk in watch(checksums.hashed(handle)):
                pass
        return self._accepts(checksums)

    def _isproven(self) -> bool:
        large = self.large
        return large.pointer.size >= _WORTHWHILE and self.lfs.verdicts.has(
            large.node, large.pointer.oid
        )

    def _accepts(self, checksums: _Checksums) -> bool:
        """Return whether checksums match the revision; if they do, record this.

        A recorded revision is not verified as thoroughly again; see ``_Checksums``.
        """
        if checksums.matches():
            recordverified(self.lfs, self.large.node, self.large.pointer)
            return True
        return False


@dataclass(frozen=True)
class Deferred(Revision):
    """Like Revision, but the blob is fetched only when it is read."""

    def open(self) -> BinaryIO:
        """Open the blob for reading; fetch it if it is missing."""
        with translated(self.large.path):
            fetch.ensureown(self.lfs, self.large.ref)
        return super().open()


def recordverified(lfs: LfsRepo, node: bytes, pointer: Pointer) -> None:
    """Record that the content of a pointer's blob has the node of a revision.

    Then reading the revision again verifies only the oid of the blob.
    """
    if pointer.size >= _WORTHWHILE:
        lfs.verdicts.add(node, pointer.oid)


class _Checksums:
    """Compute the checksums of a content while it is read: the oid and the node.

    With ``spared``, only the oid is computed, because the node was verified before.
    """

    def __init__(self, large: Large, spared: bool = False) -> None:
        self._large = large
        self._oid = Hasher('sha256')
        self._node: Hasher | None = None
        self._spared = spared

    def hashed(self, handle: BinaryIO) -> Iterator[bytes]:
        """Yield the chunks of an open blob, and add them to the checksums."""
        if self._spared:
            return feeding(readchunks(handle), self._oid)
        self._node = Hasher('sha1', self._start(handle))
        return feeding(readchunks(handle), self._oid, self._node)

    def matches(self) -> bool:
        """Return whether the content that was read has the expected oid and node."""
        return self.matchesblob() and (
            self._node is None or self._node.digest() == self._large.node
        )

    def matchesblob(self) -> bool:
        """Return whether the content that was read has the oid in the pointer."""
        oid = self._oid.digest().hex().encode('ascii')
        return oid == self._large.pointer.oid

    def _start(self, handle: BinaryIO) -> bytes:
        meta: dict[bytes, bytes] | None = self._large.pointer.hgmeta
        if not meta:
            meta = {} if handle.read(2) == b'\1\n' else None
            handle.seek(0)
        return nodestart(meta, *self._large.parents)


def stored(fctx) -> LargeText | None:
    """Return a LargeText for a file of a changeset, or None if it is not large.

    Also returns None for a large file that cannot be streamed; see ``scan.opaque``.
    """
    large = scan.offctx(fctx)
    lfs = lfsrepo.get(fctx.repo()) if large is not None else None
    if large is None or lfs is None or fctx.islink() or not large.opaque:
        return None
    return text(lfs, large)


def text(lfs: LfsRepo, large: Large, mending: bool = True) -> LargeText:
    """Return a LargeText for a large revision; fetch its blob if it is missing.

    With ``mending``, a truncated blob is fetched again.
    """
    with translated(large.path):
        fetch.ensureown(lfs, large.ref)
        if mending:
            mend.ensure(lfs, large.ref)
    # the blob's own size, because the pointer may be wrong
    size = lfs.store.size(large.pointer.oid) or 0
    return LargeText(large.path, size, Revision(lfs, large))


def deferred(fctx, path: bytes) -> LargeText | None:
    """Return a LargeText for a file of a changeset, under the name ``path``.

    The blob is fetched when the text is read. Returns None in the same cases as
    ``stored``.
    """
    large = scan.offctx(fctx)
    lfs = lfsrepo.get(fctx.repo()) if large is not None else None
    if large is None or lfs is None or fctx.islink() or not large.opaque:
        return None
    return LargeText(path, large.pointer.size, Deferred(lfs, large))


def check(lfs: LfsRepo, large: Large) -> None:
    """Verify a large revision; raise StorageError if it is damaged."""
    found, source = text(lfs, large, mending=False), Revision(lfs, large)
    if (large.path, large.node) not in lfs.ops.sound:
        with translated():
            sound = source.issound(functools.partial(source.watch, _(b'lfs verifying')))
        if not sound:
            raise source.failure()
    stated = large.pointer.size
    if found.size != stated:
        raise error.StorageError(
            _(b'lfs pointer states %d bytes instead of %d') % (stated, found.size)
        )


@contextlib.contextmanager
def comparing(lfs: LfsRepo, count: int) -> Iterator[None]:
    """Show a progress bar while the content of ``count`` working files is compared."""
    with bars.ofitems(lfs.ui, _(b'lfs comparing'), _(b'files'), count) as bar:
        lfs.ops.comparing = bar
        try:
            yield
        finally:
            lfs.ops.comparing = None


def workingdiffers(lfs: LfsRepo, text: LargeText, pointer: Pointer) -> bool:
    """Return whether a working file differs from a pointer's content."""
    if lfs.ops.comparing is not None:
        lfs.ops.comparing.increment(item=words.shown(text.path))
    return differs(text, pointer)


def differs(text: LargeText, pointer: Pointer) -> bool:
    """Return whether a text differs from a pointer's content, by size and checksum."""
    if isinstance(text.source, Revision):
        return text.source.large.pointer.oid != pointer.oid
    if text.size != pointer.size:
        return True
    # not ``chunks``, which raises for a file that changes while it is read
    with text.source.open() as handle:
        chunks = text.source.watch(_(b'lfs hashing'), readchunks(handle))
        return digest(chunks)[0] != pointer.oid


def nodestart(meta: dict[bytes, bytes] | None, p1: bytes, p2: bytes) -> bytes:
    """Return the bytes that precede the content in the hash of a revision's node.

    These are the sorted parents, and the metadata unless ``meta`` is None.
    """
    parents = min(p1, p2) + max(p1, p2)
    return parents if meta is None else parents + storageutil.packmeta(meta, b'')
