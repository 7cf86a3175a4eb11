"""Large revisions: their content out of the store, proven to be theirs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mercurial import error
from mercurial.i18n import _
from mercurial.utils import storageutil

from ..hg import largetext, lfsrepo
from ..hg.abort import translated
from ..hg.largetext import LargeText
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.large import Large
from ..lfs.pointer import Pointer
from ..lfs.store.files import readchunks
from ..lfs.store.hashing import Hasher, digest, feeding
from . import fetch, history, mend, scan

#: From so many bytes on it pays to remember that a revision was proven.
_WORTHWHILE = 1 << 20


@dataclass(frozen=True)
class Revision:
    """The content of a large revision: what its pointer and its node stand for."""

    lfs: LfsRepo
    large: Large

    def isstill(self, status: os.stat_result) -> bool:
        """Tells nothing of any file."""
        return False

    def checkstill(self, handle: BinaryIO) -> None:
        """Does nothing: a blob never changes."""

    def open(self) -> BinaryIO:
        """Opens the blob for reading."""
        return self.lfs.store.open(self.large.pointer.oid)

    def chunks(self) -> Iterator[bytes]:
        """Yields the content; raises StorageError where it isn't the revision's."""
        proof, last = _Proof(self.large, self._isproven()), b''
        with translated(), self.open() as handle:
            for chunk in proof.over(handle):
                # the last is held back: who wants no more than the size would
                # never come to hear of the damage
                if last:
                    yield last
                last = chunk
        if not self._accepts(proof):
            raise self._mended(proof)
        if last:
            yield last

    def _mended(self, proof: _Proof) -> error.StorageError:
        """Return the error for a failed proof, with a damaged blob replaced.

        Another blob does not help where the blob is sound and the pointer is not.
        """
        failure = self.failure()
        if proof.holdsblob():
            return failure
        with translated(self.large.path):
            mend.replace(self.lfs, self.large.ref)
        hint = _(b'the blob of %s was damaged and has been fetched again; try again')
        return largetext.Replaced(failure.message, hint=hint % self.large.path)

    def failure(self) -> error.StorageError:
        """Return the error for a content that is not the revision's."""
        rlog = history.of(self.lfs.repo.file(self.large.path))
        return error.StorageError(
            _(b'integrity check failed on %s:%d')
            % (words.shown(rlog.display_id), rlog.rev(self.large.node))
        )

    def issound(self) -> bool:
        """Reads the content, whatever was found before; tells whether it is right.

        Raises what reading raises. Safe in a thread, once the lfs is ``ready``.
        """
        proof = _Proof(self.large)
        with self.open() as handle:
            for _chunk in proof.over(handle):
                pass
        return self._accepts(proof)

    def _isproven(self) -> bool:
        large = self.large
        return large.pointer.size >= _WORTHWHILE and self.lfs.verdicts.has(
            large.node, large.pointer.oid
        )

    def _accepts(self, proof: _Proof) -> bool:
        """Tells whether a proof holds, and remembers one that does."""
        if proof.holds():
            proven(self.lfs, self.large.node, self.large.pointer)
            return True
        return False


def proven(lfs: LfsRepo, node: bytes, pointer: Pointer) -> None:
    """Remembers that a revision was found to be what its pointer stands for."""
    if pointer.size >= _WORTHWHILE:
        lfs.verdicts.add(node, pointer.oid)


class _Proof:
    """Hashes a content as it is read: as a blob, and as a revision unless spared."""

    def __init__(self, large: Large, spared: bool = False) -> None:
        self._large = large
        self._oid = Hasher('sha256')
        self._node: Hasher | None = None
        self._spared = spared

    def over(self, handle: BinaryIO) -> Iterator[bytes]:
        """Yields the content of an open blob."""
        if self._spared:
            return feeding(readchunks(handle), self._oid)
        self._node = Hasher('sha1', self._start(handle))
        return feeding(readchunks(handle), self._oid, self._node)

    def holds(self) -> bool:
        """Tells, at the end, whether the content is the revision's."""
        return self.holdsblob() and (
            self._node is None or self._node.digest() == self._large.node
        )

    def holdsblob(self) -> bool:
        """Return, at the end, whether the content is the pointer's blob."""
        oid = self._oid.digest().hex().encode('ascii')
        return oid == self._large.pointer.oid

    def _start(self, handle: BinaryIO) -> bytes:
        meta: dict[bytes, bytes] | None = self._large.pointer.hgmeta
        if not meta:
            meta = {} if handle.read(2) == b'\1\n' else None
            handle.seek(0)
        return nodestart(meta, *self._large.parents)


def stored(fctx) -> LargeText | None:
    """Returns the text of a file of a changeset, or None where it isn't large."""
    large = scan.offctx(fctx)
    lfs = lfsrepo.get(fctx.repo()) if large is not None else None
    if large is None or lfs is None or fctx.islink() or not large.opaque:
        return None
    return text(lfs, large)


def text(lfs: LfsRepo, large: Large, mending: bool = True) -> LargeText:
    """Return the text of a large revision, fetching its blob if need be.

    With ``mending``, a blob that was truncated is replaced.
    """
    with translated(large.path):
        fetch.own(lfs, large.ref)
        if mending:
            mend.ensure(lfs, large.ref)
    # the blob's own size: a pointer may lie
    size = lfs.store.size(large.pointer.oid) or 0
    return LargeText(large.path, size, Revision(lfs, large))


def check(lfs: LfsRepo, large: Large) -> None:
    """Reads a large revision; raises StorageError where it isn't sound."""
    found, source = text(lfs, large, mending=False), Revision(lfs, large)
    if (large.path, large.node) not in lfs.ops.sound:
        with translated():
            sound = source.issound()
        if not sound:
            raise source.failure()
    stated = large.pointer.size
    if found.size != stated:
        raise error.StorageError(
            _(b'lfs pointer states %d bytes instead of %d') % (stated, found.size)
        )


def differs(text: LargeText, pointer: Pointer) -> bool:
    """Tells whether a text is another than a pointer's: by size, then by hash."""
    if isinstance(text.source, Revision):
        return text.source.large.pointer.oid != pointer.oid
    if text.size != pointer.size:
        return True
    # a file that is being written to is no error here
    with text.source.open() as handle:
        return digest(readchunks(handle))[0] != pointer.oid


def nodestart(meta: dict[bytes, bytes] | None, p1: bytes, p2: bytes) -> bytes:
    """Returns what is hashed before a content to give its revision's node.

    That is the parents in order, and the metadata; None where there is none.
    """
    parents = min(p1, p2) + max(p1, p2)
    return parents if meta is None else parents + storageutil.packmeta(meta, b'')
