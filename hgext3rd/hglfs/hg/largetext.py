"""LargeText: an object that stands in for the text of a large file inside Mercurial.

Inside a ``scope`` the text of a large file is a LargeText instead of bytes. Mercurial's
own functions pass the object along, and wrapped functions write its content in chunks.
A LargeText does not behave like bytes, so that functions which do not support it fail
with an exception.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Protocol

from mercurial import error
from mercurial.i18n import _

from ..lfs.oid import CHUNK
from ..lfs.store import files
from ..lfs.store.files import readchunks
from . import bars  # the module, not names: it is loaded when first used

#: The minimum size in bytes of a text that becomes a LargeText: smaller ones fit into
#: one chunk of memory. Tests set it to 0, to stream small files.
LEAST = CHUNK + 1


class _Scope(threading.local):
    """The state of one thread: which contexts of this module are active.

    ``least`` is the minimum size in bytes of the texts that ``scope`` replaces by
    LargeTexts, ``summary`` that of the files that ``summarised`` replaces by pointers.
    Each is None where the context is not active. ``placeholders`` is whether
    ``forcheckout`` is active.
    """

    least: int | None = None
    summary: int | None = None
    placeholders: bool = False


_local = _Scope()


@contextlib.contextmanager
def _from(least: int | None, placeholders: bool = False) -> Iterator[None]:
    kept = _local.least, _local.placeholders
    _local.least, _local.placeholders = least, placeholders
    try:
        yield
    finally:
        _local.least, _local.placeholders = kept


def scope(least: int | None = None) -> contextlib.AbstractContextManager[None]:
    """Return a context in which the text of a large file is a LargeText, not bytes.

    It applies to this thread, and to texts of at least ``least`` bytes. The default is
    ``LEAST`` bytes.
    """
    return _from(LEAST if least is None else least)


def forcheckout() -> contextlib.AbstractContextManager[None]:
    """Return a ``scope`` for writing files, where a placeholder may replace a text.

    A placeholder is the pointer that is written in place of a large file's content; see
    ``actions.placeholders``.
    """
    return _from(LEAST, placeholders=True)


def suspended() -> contextlib.AbstractContextManager[None]:
    """Return a context inside a ``scope`` in which all texts are bytes again."""
    return _from(None)


@contextlib.contextmanager
def summarised(size: int = 0) -> Iterator[None]:
    """Replace the content of large files by their pointers, in this context.

    It applies to this thread, and to files of at least ``size`` bytes.
    """
    kept, _local.summary = _local.summary, size
    try:
        yield
    finally:
        _local.summary = kept


def summarising(size: int) -> bool:
    """Return whether ``summarised`` replaces ``size`` bytes of content by a pointer."""
    return _local.summary is not None and size >= _local.summary


def summarisingany() -> bool:
    """Return whether ``summarised`` is active in this thread, for any size."""
    return _local.summary is not None


def active() -> bool:
    """Return whether ``scope`` is active in this thread, and not suspended."""
    return _local.least is not None


def isforcheckout() -> bool:
    """Return whether ``forcheckout`` is active in this thread."""
    return _local.placeholders


def idle() -> bool:
    """Return whether neither ``scope`` nor ``summarised`` is active in this thread."""
    return _local.least is None and _local.summary is None


def fitting(text: LargeText) -> LargeText | bytes:
    """Return ``text``, or its bytes if it is smaller than the minimum of the scope."""
    return text if text.size >= (_local.least or 0) else text.read()


class Replaced(error.StorageError):
    """A damaged blob was replaced by a good one; the caller has to read it again."""


class Source(Protocol):
    """The source of a large text's content."""

    def isunchanged(self, status: os.stat_result) -> bool:
        """Return whether ``status`` is that of the source's file, before any change."""
        ...

    def open(self) -> BinaryIO:
        """Open the content for reading."""
        ...

    def checkunchanged(self, handle: BinaryIO) -> None:
        """Raise Abort if the content has changed since the source was created.

        ``handle`` is the open content.
        """
        ...

    def watch(self, topic: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the content's chunks; show a progress bar if the content is big."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the content; raise if it turns out to be damaged or changed."""
        ...


class FixedSource:
    """Base of the sources that are not working files: their content never changes."""

    def isunchanged(self, status: os.stat_result) -> bool:
        """Return False: no working file is this source."""
        return False

    def checkunchanged(self, handle: BinaryIO) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class LargeText:
    """A text that is not in memory.

    ``path`` is the file's path, ``size`` the length of the content in bytes, ``meta``
    the metadata that is stored before it in history, or None.
    """

    path: bytes
    size: int
    source: Source
    meta: dict[bytes, bytes] | None = None

    def __len__(self) -> int:
        return self.size

    def startswith(self, prefix: bytes) -> bool:
        """Return whether the content starts with ``prefix``, as ``bytes`` would."""
        with self.source.open() as handle:
            return handle.read(len(prefix)) == prefix

    def withmeta(self, meta: dict[bytes, bytes]) -> LargeText:
        """Return the same text with other metadata."""
        return replace(self, meta=meta)

    def chunks(self) -> Iterator[bytes]:
        """Yield the content; see ``Source.chunks`` for errors."""
        return self.source.chunks()

    def into(self, sink: BinaryIO) -> None:
        """Write the content to a new file, as a block clone where possible.

        Raises like ``chunks``; the file is then unusable.
        """
        try:
            self._into(sink)
        except Replaced:
            sink.seek(0)
            os.ftruncate(sink.fileno(), 0)
            self._into(sink)

    def _into(self, sink: BinaryIO) -> None:
        cloned = False
        if self.size >= files.WORTHCLONING:
            with self.source.open() as handle:
                cloned = files.clone(handle, sink)
        for chunk in self.chunks():
            if not cloned:
                sink.write(chunk)

    def checked(self) -> Iterator[bytes]:
        """Verify the whole content, then yield it.

        This is for sinks that cannot discard what was written to them, such as a pipe.
        """
        try:
            self._check()
        except Replaced:
            self._check()
        with self.source.open() as handle:
            yield from readchunks(handle)

    def _check(self) -> None:
        for _chunk in self.chunks():
            pass

    def isbinary(self) -> bool:
        """Return whether the content is binary: whether there is a NUL in it."""
        return any(b'\0' in chunk for chunk in self.chunks())

    def startsbinary(self) -> bool:
        """Return whether there is a NUL in the first chunk of the content."""
        with self.source.open() as handle:
            return b'\0' in handle.read(CHUNK)

    def read(self) -> bytes:
        """Return the whole content, in memory."""
        try:
            return b''.join(self.chunks())
        except Replaced:
            return b''.join(self.chunks())


@dataclass(frozen=True)
class WorkingFile:
    """A working file: its ``name`` in the repository, its path, and its identity.

    ``place`` is the path in the file system. ``identity`` is (size, mtime in ns,
    inode). ``ui`` shows the progress of reading the file; None to show none. A commit
    keeps a WorkingFile in memory for each file.
    """

    name: bytes
    place: bytes
    identity: tuple[int, int, int]
    ui: Any = field(default=None, compare=False, repr=False)

    def isunchanged(self, status: os.stat_result) -> bool:
        """Return whether ``status`` matches ``identity``: the same file, unchanged."""
        return _identity(status) == self.identity

    def open(self) -> BinaryIO:
        """Open the file for reading."""
        return open(self.place, 'rb')

    def chunks(self) -> Iterator[bytes]:
        """Yield the content; raise Abort before the last chunk if the file changed."""
        last = b''
        with self.open() as handle:
            for chunk in self.watch(_(b'lfs reading'), readchunks(handle)):
                if last:
                    yield last
                last = chunk
            self.checkunchanged(handle)
        if last:
            yield last

    def watch(self, topic: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the file's chunks; show a progress bar for a big file."""
        if self.ui is None:
            return chunks
        return bars.reading(self.ui, topic, self.name, self.identity[0], chunks)

    def checkunchanged(self, handle: BinaryIO) -> None:
        """Raise Abort if the file, open as ``handle``, no longer has ``identity``."""
        if not self.isunchanged(os.fstat(handle.fileno())):
            raise error.Abort(
                _(b'%s changed while it was read') % self.name,
                hint=_(b'try again when nothing writes to it'),
            )


def ofworkingfile(repo, path: bytes) -> LargeText | None:
    """Return the text of a working file as a LargeText, or None if it cannot be one.

    The file must be a regular one that no ``[encode]`` filter changes.
    """
    status = repo.wvfs.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        return None
    text = _offile(path, repo.wvfs.join(path), status, repo.ui)
    return None if filtered(repo._encodefilterpats, text) else text


def ofbackup(repo, path: bytes, name: bytes) -> LargeText:
    """Return a LargeText for the file ``name`` below ``.hg``, a backup of ``path``.

    ``path`` is a working file.
    """
    return _offile(path, repo.vfs.join(name), repo.vfs.stat(name), repo.ui)


def offile(place: bytes) -> LargeText:
    """Return a LargeText for the file at a path of the file system."""
    return _offile(place, place, os.stat(place))


def _offile(
    path: bytes, place: bytes, status: os.stat_result, ui: Any = None
) -> LargeText:
    source = WorkingFile(path, place, _identity(status), ui)
    return LargeText(path, status.st_size, source)


def filtered(patterns, text: LargeText) -> bool:
    """Return whether filters of ``[encode]`` or ``[decode]`` may change a text."""
    for matches, function, _command in patterns:
        if matches(text.path):
            return not _leaves_unchanged(function, text)
    return False


def _leaves_unchanged(function, text: LargeText) -> bool:
    """Return whether a filter certainly leaves a text unchanged.

    Only filters of the eol extension are examined. They do not change files that the
    configuration of eol marks as BIN, and texts with a NUL in the first chunk.
    """
    if function.__module__ != 'hgext.eol':
        return False
    return function.__name__ == 'isbinary' or text.startsbinary()


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


class LargeTextReader:
    """A file-like object that reads a large text from its start to its end."""

    def __init__(self, text: LargeText) -> None:
        self._chunks = text.chunks()
        self._chunk = memoryview(b'')

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; fewer only at the end."""
        parts = []
        while size > 0:
            if not self._chunk:
                self._chunk = memoryview(next(self._chunks, b''))
                if not self._chunk:
                    break
            part, self._chunk = self._chunk[:size], self._chunk[size:]
            parts.append(part)
            size -= len(part)
        return b''.join(parts)
