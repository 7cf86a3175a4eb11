"""Commit working files as large files, reading each of them once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mercurial import context
from mercurial.i18n import _

from ..hg import bars, largetext, lfsrepo, operations, tracking
from ..hg.abort import translated
from ..hg.largetext import LargeText
from ..hg.lfsrepo import LfsRepo
from ..lfs import pointer as pointers
from ..lfs import words
from ..lfs.pointer import Pointer
from ..lfs.store.hashing import Hasher, digest, feeding
from . import revision, scan
from .revision import Revision


@contextlib.contextmanager
def underway(lfs: LfsRepo, ctx) -> Iterator[None]:
    """Prepare the commit of ``ctx``: read the rules, and show a progress bar.

    Without this context, ``working`` returns None for all files.
    """
    rule = tracking.read(lfs.repo)
    before, lfs.ops.commit = lfs.ops.commit, operations.CommitState(rule)
    # an amended changeset reads all of its files here
    with largetext.scope(0):
        count = len(ctx.files()) if rule.rules else 0
    try:
        if count < 2:
            yield
            return
        with bars.ofitems(lfs.ui, _(b'lfs committing'), _(b'files'), count) as bar:
            lfs.ops.commit.bar = bar
            yield
    finally:
        lfs.ops.commit.rule, lfs.ops.commit.bar = before.rule, before.bar


def committed(lfs: LfsRepo, path: bytes) -> None:
    """Advance the progress bar of the commit under way by one file that was stored."""
    if lfs.ops.commit.bar is not None:
        lfs.ops.commit.bar.increment(item=words.shown(path))


def tobelarge(fctx) -> LargeText | None:
    """Return the text of a working file if a commit would make it large, else None."""
    lfs = lfsrepo.get(fctx.repo())
    if lfs is None or not fctx.lexists():
        return None
    text = largetext.ofworkingfile(fctx.repo(), fctx.path())
    islarge = lfs.ops.commit.rule or tracking.read(fctx.repo())
    if text is None or not islarge(text.path, text.size) or not scan.opaque(fctx):
        return None
    return text


def preview(fctx) -> Pointer | None:
    """Return the pointer to show for a working file, or None to show its content.

    It is the pointer that a commit would write.
    """
    text = tobelarge(fctx) if largetext.summarisingany() else None
    if text is None or not largetext.summarising(text.size):
        return None
    binary = _BinaryTest()
    oid, size = digest(binary.watch(text.chunks()))
    return pointers.forcontent(oid, size, binary.found, {})


def working(fctx) -> LargeText | None:
    """Return the text of a working file that the current commit makes large, or None.

    Also returns None if no commit is in progress; see ``underway``. The text is
    recorded, so that the file can be marked as clean; see ``checkout.recordclean``.
    """
    lfs = lfsrepo.get(fctx.repo())
    text = tobelarge(fctx) if lfs is not None and lfs.ops.commit.rule else None
    if lfs is not None and text is not None:
        lfs.ops.commit.files[text.path] = text
    return text


def isbinary(ctx, path: bytes) -> bool:
    """Return whether a working file that is being committed is certainly binary.

    Returns False for a file with encode filters, because a filter may change its
    content.
    """
    if not isinstance(ctx, context.workingcommitctx):
        return False
    try:
        text = largetext.ofworkingfile(ctx.repo(), path)
    except OSError:
        return False
    return text is not None and text.startsbinary()


def commit(lfs: LfsRepo, text: LargeText, p1: bytes, p2: bytes) -> tuple[bytes, bytes]:
    """Store a text, reading it once; return the node and the raw text of its revision.

    ``p1`` and ``p2`` are the parents' nodes. The raw text is the pointer, but the node
    is the hash that the revision would have if it was stored in full.
    """
    lfs.ui.debug(b'lfs: streaming %s\n' % text.path)
    node = Hasher('sha1', revision.nodestart(text.meta, p1, p2))
    with translated(text.path):
        # only a blob of this repository's store needs no copy
        if isinstance(text.source, Revision) and text.source.lfs is lfs:
            pointer = _restate(text, text.source.large.pointer, node)
        else:
            pointer = _take(lfs, text, node)
    revision.recordverified(lfs, node.digest(), pointer)
    return node.digest(), pointer.encode()


def _take(lfs: LfsRepo, text: LargeText, node: Hasher) -> Pointer:
    binary = _BinaryTest()

    def watch(chunks: Iterator[bytes]) -> Iterator[bytes]:
        shown = text.source.watch(_(b'lfs storing'), chunks)
        return feeding(binary.watch(shown), node)

    with text.source.open() as handle:
        oid, size = lfs.store.absorb(handle, watch)
        text.source.checkunchanged(handle)
    return pointers.forcontent(oid, size, binary.found, text.meta or {})


def _restate(text: LargeText, old: Pointer, node: Hasher) -> Pointer:
    """Return a new pointer to the content of ``old``, with the metadata of ``text``.

    The content is already in the store. It is read only to compute ``node``.
    """
    for _chunk in feeding(text.chunks(), node):
        pass
    return pointers.forcontent(old.oid, old.size, old.isbinary, text.meta or {})


class _BinaryTest:
    """Detect whether a stream is binary, which means that it contains a NUL byte."""

    found = False

    def watch(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.found = self.found or b'\0' in chunk
            yield chunk
