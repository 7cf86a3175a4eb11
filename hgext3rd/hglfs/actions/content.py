"""Convert between pointers and contents, where Mercurial needs contents in memory."""

from __future__ import annotations

from mercurial import util
from mercurial.i18n import _
from mercurial.utils import storageutil, stringutil

from ..hg import bars
from ..hg.abort import translated
from ..hg.largetext import LargeText
from ..hg.lfsrepo import LfsRepo
from ..lfs import pointer as pointers
from ..lfs import words
from ..lfs.blob import BlobRef
from . import fetch, mend


def read(lfs: LfsRepo, path: bytes, rawtext: bytes) -> bytes:
    """Return the whole text of a large revision; fetch its blob if it is missing.

    ``rawtext`` is the revision's pointer, encoded.
    """
    with translated(path):
        pointer = pointers.decode(rawtext)
        _warn(lfs, path, pointer.size)
        ref = BlobRef(pointer.oid, pointer.size, path)
        fetch.ensureown(lfs, ref)
        text = mend.read(lfs, ref)
    meta = pointer.hgmeta
    if meta or text.startswith(b'\1\n'):
        text = storageutil.packmeta(meta, text)
    return text


def _warn(lfs: LfsRepo, path: bytes, size: int) -> None:
    """Warn once per file that its content is read into memory."""
    if size > lfs.settings.maxtext and path not in lfs.ops.warned:
        lfs.ops.warned.add(path)
        lfs.ui.warn(
            _(b'%s: all of its %s have to be in memory for this\n')
            % (words.shown(path), util.bytecount(size))
        )


def write(lfs: LfsRepo, text: bytes) -> bytes:
    """Store a text and return its pointer, encoded."""
    meta, offset = storageutil.parsemeta(text)
    content = text[offset:] if offset else text
    with translated():
        chunks, size = mend.chunks(content), len(content)
        shown = bars.reading(lfs.ui, _(b'lfs storing'), b'', size, chunks)
        oid, size = lfs.store.ingest(shown)
        pointer = pointers.forcontent(
            oid, size, bool(stringutil.binary(content)), meta or {}
        )
        return pointer.encode()


def size(text: bytes | LargeText) -> int:
    """Return the size in bytes of a revision's content: its text without metadata."""
    if isinstance(text, LargeText):
        return text.size
    return len(text) - (storageutil.parsemeta(text)[1] or 0)


def whole(text: LargeText) -> bytes:
    """Read a large text into memory; return it as the text of a revision."""
    content = text.read()
    return content if text.meta is None else storageutil.packmeta(text.meta, content)
