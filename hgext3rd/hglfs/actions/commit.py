"""Large texts that stay out of memory: into history, out of it, compared with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from mercurial import error, filelog
from mercurial.i18n import _
from mercurial.utils import storageutil

from ..bridge import largetext, repolfs, rules
from ..bridge.abort import translated
from ..bridge.largetext import LargeText
from ..bridge.repolfs import RepoLfs
from ..model import pointer as pointers
from ..model.blob import BlobRef
from ..model.pointer import Pointer
from ..store.files import readchunks
from ..store.hashing import Hasher, digest, feeding
from . import fetch, scan


@dataclass(frozen=True)
class Revision:
    """The content of a large revision: what its pointer and its node stand for."""

    box: RepoLfs
    rlog: Any
    node: bytes
    parents: tuple[bytes, bytes]
    pointer: Pointer

    def isstill(self, status: os.stat_result) -> bool:
        """Tells nothing of any file."""
        return False

    def checkstill(self, handle: BinaryIO) -> None:
        """Does nothing: a blob never changes."""

    def open(self) -> BinaryIO:
        """Opens the blob for reading."""
        return self.box.store.open(self.pointer.oid)

    def chunks(self) -> Iterator[bytes]:
        """Yields the content; raises StorageError where it isn't the revision's."""
        oid, last = Hasher('sha256'), b''
        with translated(), self.open() as handle:
            node = Hasher('sha1', self._start(handle))
            for chunk in feeding(readchunks(handle), oid, node):
                # the last is held back: who wants no more than the size would
                # never come to hear of the damage
                if last:
                    yield last
                last = chunk
        found = oid.digest().hex().encode('ascii'), node.digest()
        if found != (self.pointer.oid, self.node):
            raise error.StorageError(
                _(b'integrity check failed on %s:%d')
                % (self.rlog.display_id, self.rlog.rev(self.node))
            )
        if last:
            yield last

    def _start(self, handle: BinaryIO) -> bytes:
        meta: dict[bytes, bytes] | None = self.pointer.hgmeta
        if not meta:
            meta = {} if handle.read(2) == b'\1\n' else None
            handle.seek(0)
        return nodestart(meta, *self.parents)


def stored(fctx) -> LargeText | None:
    """Returns the text of a file of a changeset, or None where it isn't large."""
    box = fetch.boxof(fctx.repo())
    rlog = getattr(fctx.filelog(), '_revlog', None) if box else None
    pointer = scan.ofrevision(rlog, fctx.filenode()) if rlog is not None else None
    if box is None or pointer is None or fctx.islink() or not opaque(fctx):
        return None
    return ofrevision(box, rlog, fctx.filenode(), pointer)


def opaque(fctx) -> bool:
    """Tells whether nobody looks into a file on its way.

    Mercurial itself does into ``.hgsub`` and the like, and the keyword extension
    changes texts as it reads them from a history of its own kind.
    """
    path = fctx.path()
    plain = type(fctx.filelog()).read is filelog.filelog.read
    return plain and not (path.startswith(b'.hg') and b'/' not in path)


def ofrevision(box: RepoLfs, rlog, node: bytes, pointer: Pointer) -> LargeText:
    """Returns the text of a large revision, fetching its blob if need be."""
    path = scan.pathof(rlog)
    with translated(path):
        fetch.claim(box, BlobRef(pointer.oid, pointer.size, path))
    source = Revision(box, rlog, node, rlog.parents(node), pointer)
    # the blob's own size: a pointer may lie
    return LargeText(path, box.store.size(pointer.oid) or 0, source)


def tobelarge(fctx) -> LargeText | None:
    """Returns the text of a working file that a commit now would make large."""
    box = repolfs.of(fctx.repo())
    if box is None or not fctx.lexists():
        return None
    text = largetext.ofworkingfile(fctx.repo(), fctx.path())
    islarge = box.tracking or rules.read(fctx.repo())
    if text is None or not islarge(text.path, text.size) or not opaque(fctx):
        return None
    return text


def preview(fctx) -> Pointer | None:
    """Returns the pointer that is to be shown for a working file, or None.

    It is the one that a commit now would give it.
    """
    asked = largetext.summarising(sys.maxsize)
    text = tobelarge(fctx) if asked else None
    if text is None or not largetext.summarising(text.size):
        return None
    binary = _BinaryTest()
    oid, size = digest(binary.watch(text.chunks()))
    return pointers.forcontent(oid, size, binary.found, {})


def working(fctx) -> LargeText | None:
    """Returns the text of a working file that is to be a large one, or None."""
    box = repolfs.of(fctx.repo())
    text = tobelarge(fctx) if box is not None and box.tracking else None
    if box is not None and text is not None:
        box.taken[text.path] = text
    return text


def commit(box: RepoLfs, text: LargeText, p1: bytes, p2: bytes) -> tuple[bytes, bytes]:
    """Takes a text into the store in one pass over it.

    Returns the node that it makes with its metadata and the parents, and the raw
    text of its revision.
    """
    box.ui.debug(b'lfs: streaming %s\n' % text.path)
    node = Hasher('sha1', nodestart(text.meta, p1, p2))
    with translated(text.path):
        # another repository's store is not ours
        if isinstance(text.source, Revision) and text.source.box is box:
            pointer = _restate(text, text.source.pointer, node)
        else:
            pointer = _take(box, text, node)
    return node.digest(), pointer.encode()


def _take(box: RepoLfs, text: LargeText, node: Hasher) -> Pointer:
    binary = _BinaryTest()

    def watch(chunks: Iterator[bytes]) -> Iterator[bytes]:
        return feeding(binary.watch(chunks), node)

    with text.source.open() as handle:
        oid, size = box.store.absorb(handle, watch)
        text.source.checkstill(handle)
    return pointers.forcontent(oid, size, binary.found, text.meta or {})


def _restate(text: LargeText, old: Pointer, node: Hasher) -> Pointer:
    """Returns the pointer for a content that the store has already."""
    for _chunk in feeding(text.chunks(), node):
        pass
    return pointers.forcontent(old.oid, old.size, old.isbinary, text.meta or {})


def check(box: RepoLfs, rlog, node: bytes, pointer: Pointer) -> None:
    """Reads a large revision; raises StorageError where it isn't sound."""
    text = ofrevision(box, rlog, node, pointer)
    if (text.path, node) not in box.sound:
        for _chunk in text.chunks():
            pass
    if text.size != pointer.size:
        raise error.StorageError(
            _(b'lfs pointer states %d bytes instead of %d') % (pointer.size, text.size)
        )


def differs(text: LargeText, pointer: Pointer) -> bool:
    """Tells whether a text is another than a pointer's: by size, then by hash."""
    if isinstance(text.source, Revision):
        return text.source.pointer.oid != pointer.oid
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


class _BinaryTest:
    """Watches a stream for the byte that makes it binary."""

    found = False

    def watch(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.found = self.found or b'\0' in chunk
            yield chunk
