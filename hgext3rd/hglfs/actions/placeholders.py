"""Placeholders: small texts in the working directory, in place of large contents.

A placeholder is the pointer of a large file as Git LFS writes it, without the keys that
Mercurial adds. There is no list of placeholders: a working file is one if its bytes are
exactly the pointer of its revision in a parent of the working directory, or of the file
that it was copied from. While the working copy has the requirement ``hglfs-pointers``,
other files with the text of a placeholder cannot be committed, and a damaged
placeholder cannot be committed as a large file.
"""

from __future__ import annotations

import contextlib
import io
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from mercurial import error, scmutil
from mercurial.i18n import _
from mercurial.utils import storageutil

from ..hg import lfsrepo, tracking
from ..hg.largetext import FixedSource, LargeText
from ..hg.lfsrepo import PLACEHOLDERS
from ..lfs import pointer as pointers
from ..lfs import words
from ..lfs.blob import BlobRef
from ..lfs.errors import PointerError
from ..lfs.large import Large
from ..lfs.pointer import Pointer
from . import scan

#: The bytes that begin each placeholder.
_START = b'version %s\n' % pointers.VERSION
#: The sizes of placeholders in bytes, for blobs of 0 to 2**63 - 1 bytes.
_SIZES = range(len(_START) + 83, len(_START) + 102)
#: Up to this size, a text that begins like a placeholder counts as a damaged one.
_LONGEST = 1024


@dataclass(frozen=True)
class Standin(FixedSource):
    """The text of a placeholder, as the source of a LargeText."""

    content: bytes

    def open(self) -> BinaryIO:
        """Open the text for reading."""
        return io.BytesIO(self.content)

    def chunks(self) -> Iterator[bytes]:
        """Yield the text."""
        yield self.content

    def watch(self, topic: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Return the chunks: a small text needs no progress bar."""
        return chunks


@dataclass(frozen=True)
class Placeholder:
    """A placeholder in the working directory, and the blob of its content.

    ``origin`` is the committed file that the placeholder stands for. It is None if the
    placeholder was not created by Mercurial, for example by ``cp`` of another one.
    """

    path: bytes
    ref: BlobRef
    origin: Any


def encode(pointer: Pointer) -> bytes:
    """Return the text of the placeholder for a pointer."""
    return Pointer(pointer.oid, pointer.size).encode()


def standin(large: Large) -> LargeText:
    """Return the text to write in place of a large file's content."""
    content = encode(large.pointer)
    return LargeText(large.path, len(content), Standin(content))


def isstandin(text: LargeText) -> bool:
    """Return whether a LargeText is the text of a placeholder, not a content."""
    return isinstance(text.source, Standin)


def begin(repo) -> None:
    """Add the requirement ``hglfs-pointers``, before the first placeholder is written.

    Because of this requirement, Mercurial without hg-lfs cannot open the working copy.
    """
    if PLACEHOLDERS not in repo.requirements:
        repo.requirements.add(PLACEHOLDERS)
        _writerequirements(repo)


def end(repo) -> bool:
    """Remove the requirement ``hglfs-pointers`` if no placeholder is left.

    Returns whether none is left. Untracked copies of placeholders count, because they
    could be added later.
    """
    if PLACEHOLDERS not in repo.requirements:
        return True
    with repo.wlock():
        if next(find(repo), None) is not None or untracked(repo):
            return False
        repo.requirements.discard(PLACEHOLDERS)
        _writerequirements(repo)
    return True


def _writerequirements(repo) -> None:
    ofworkingcopy, _ofstore = scmutil.filterrequirements(repo.requirements)
    scmutil.writerequires(repo.vfs, ofworkingcopy)


def origin(fctx):
    """Return the committed file that a working file is a placeholder of, or None."""
    if PLACEHOLDERS not in fctx.repo().requirements:
        return None
    text = _read(fctx.repo(), fctx.path())
    return None if text is None else _origin(fctx, text)


def _origin(fctx, text: bytes):
    for path in filter(None, (fctx.path(), fctx.copysource())):
        for parent in fctx.changectx().parents():
            large = scan.offile(parent, path)
            if large is not None and large.opaque and encode(large.pointer) == text:
                return parent[path]
    return None


def _read(repo, path: bytes) -> bytes | None:
    """Return the text of a working file if it may be a placeholder, else None."""
    try:
        status = repo.wvfs.lstat(path)
        if status.st_size not in _SIZES or not stat.S_ISREG(status.st_mode):
            return None
        text = repo.wvfs.read(path)
    except OSError:  # core handles missing files
        return None
    return text if text.startswith(_START) else None


def find(repo, match=None) -> Iterator[Placeholder]:
    """Yield the placeholders among the tracked files, sorted by path.

    With ``match``, only files that it matches are read.
    """
    wctx = repo[None]
    for path in sorted(_candidates(repo)):
        text = _read(repo, path) if match is None or match(path) else None
        if text is None:
            continue
        fctx = wctx[path]
        source = _origin(fctx, text)
        if source is not None or _isstray(fctx, text):
            with contextlib.suppress(PointerError):
                pointer = pointers.decode(text)
                ref = BlobRef(pointer.oid, pointer.size, path)
                yield Placeholder(path, ref, source)


def untracked(repo) -> list[bytes]:
    """Return the untracked files that are placeholders."""
    unknown = repo.status(unknown=True).unknown
    return [path for path in unknown if isexact(_read(repo, path))]


def isexact(text: bytes | None) -> bool:
    """Return whether a text is exactly, byte by byte, that of a placeholder."""
    if text is None or len(text) not in _SIZES:
        return False
    try:
        return encode(pointers.decode(text)) == text
    except PointerError:
        return False


def _candidates(repo) -> Iterator[bytes]:
    """Yield the tracked files that, by size in the dirstate, may be placeholders."""
    for path, entry in repo.dirstate.items():
        # a size below zero is unknown
        if entry.tracked and (entry.size < 0 or entry.size in _SIZES):
            yield path


def _isstray(fctx, text: bytes) -> bool:
    """Return whether a file without an origin is a copied or a damaged placeholder.

    ``text`` is its content, and begins like a placeholder. The file is not a
    placeholder if a parent has the same text as a small file.
    """
    parents = [p for p in fctx.changectx().parents() if fctx.path() in p]
    if any(scan.offile(parent, fctx.path()) for parent in parents):
        return True
    if isexact(text):
        return not any(parent[fctx.path()].data() == text for parent in parents)
    try:
        return tracking.read(fctx.repo())(fctx.path(), len(text))
    except error.Abort:
        return False  # the commit reports what is wrong with the rules


def refuse(
    rlog, text: bytes | LargeText, parents: tuple[bytes, bytes], large: bool
) -> None:
    """Raise StateError if a new revision would contain a placeholder as its content.

    ``large`` is whether the revision is going to be large. If it is, or if a parent is
    large, ``text`` must not begin like a placeholder. Otherwise ``text`` must not be
    exactly a placeholder. To commit an unchanged placeholder, the caller passes the
    content that the placeholder stands for.
    """
    lfs = lfsrepo.from_opener(rlog.opener)
    if lfs is None or PLACEHOLDERS not in lfs.repo.requirements:
        return
    content = _content(text) if len(text) <= _LONGEST else b''
    if not content.startswith(_START):
        return
    if large or isexact(content) or any(scan.islarge(rlog, node) for node in parents):
        path = words.shown(scan.pathof(rlog))
        hint = _(b"use 'hg lfs-checkout %s' to get the content") % path
        if not isexact(content):
            hint = _(b"it was changed: use 'hg revert %s' first") % path
        raise error.StateError(
            _(b'%s is a placeholder, not the content of a large file') % path, hint=hint
        )


def _content(text: bytes | LargeText) -> bytes:
    """Return the content of a small text, without the metadata before it."""
    if isinstance(text, LargeText):
        return b''.join(text.chunks())
    return text[storageutil.parsemeta(text)[1] or 0 :]
