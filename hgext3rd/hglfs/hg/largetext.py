"""The token: a large file's text that passes through Mercurial unread.

Inside of a ``scope`` the text of a large file is not bytes but a LargeText, which
Mercurial's own functions pass along, and the few sinks that know it stream. It is
no kind of bytes, so that code that doesn't know it fails aloud.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from mercurial import error
from mercurial.i18n import _

from ..lfs.oid import CHUNK
from ..lfs.store import files
from ..lfs.store.files import readchunks

#: From so many bytes on large texts come as tokens: those that fit into a chunk are
#: no trouble to have in memory. Tests set it to 0, to stream small files.
LEAST = CHUNK + 1


class _Scope(threading.local):
    """How this thread wants large texts: see ``scope`` and ``summarised``."""

    least: int | None = None
    summary: int | None = None


_local = _Scope()


@contextlib.contextmanager
def _from(least: int | None) -> Iterator[None]:
    kept, _local.least = _local.least, least
    try:
        yield
    finally:
        _local.least = kept


def scope(least: int | None = None) -> contextlib.AbstractContextManager[None]:
    """Return a context in which large texts of a size or more are tokens.

    It holds for this thread. The size is ``LEAST`` bytes where none is given.
    """
    return _from(LEAST if least is None else least)


def suspended() -> contextlib.AbstractContextManager[None]:
    """Makes large texts come whole again, for code that looks into them."""
    return _from(None)


@contextlib.contextmanager
def summarised(size: int = 0) -> Iterator[None]:
    """Makes large files from a size on be shown by their pointers in this thread."""
    kept, _local.summary = _local.summary, size
    try:
        yield
    finally:
        _local.summary = kept


def summarising(size: int) -> bool:
    """Tells whether a large file of a size is to be shown by its pointer."""
    return _local.summary is not None and size >= _local.summary


def summarisingany() -> bool:
    """Tells whether any large file is to be shown by its pointer."""
    return _local.summary is not None


def active() -> bool:
    """Tells whether large texts come as tokens."""
    return _local.least is not None


def idle() -> bool:
    """Tells whether texts come as Mercurial has them, large or not."""
    return _local.least is None and _local.summary is None


def fitting(text: LargeText) -> LargeText | bytes:
    """Returns a text as the scope has it: a token, or whole where it is small."""
    return text if text.size >= (_local.least or 0) else text.read()


class Replaced(error.StorageError):
    """A content was damaged and has been replaced: it can be read again."""


class Source(Protocol):
    """Where the content of a large text is."""

    def isstill(self, status: os.stat_result) -> bool:
        """Tells whether a file with this status is this very content."""
        ...

    def open(self) -> BinaryIO:
        """Opens the content for reading."""
        ...

    def checkstill(self, handle: BinaryIO) -> None:
        """Raises Abort where the content, open for reading, changed meanwhile."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yields the content; raises where it turns out not to be what it should."""
        ...


@dataclass(frozen=True)
class LargeText:
    """A text that is not in memory.

    ``path`` is its file's, ``size`` the length of its content in bytes, ``meta``
    the metadata that goes before it into history, or None where there is none.
    """

    path: bytes
    size: int
    source: Source
    meta: dict[bytes, bytes] | None = None

    def __len__(self) -> int:
        return self.size

    def startswith(self, prefix: bytes) -> bool:
        """Tells how the content begins, which decides on how it is stored."""
        with self.source.open() as handle:
            return handle.read(len(prefix)) == prefix

    def withmeta(self, meta: dict[bytes, bytes]) -> LargeText:
        """Returns the text with metadata before it."""
        return replace(self, meta=meta)

    def chunks(self) -> Iterator[bytes]:
        """Yields the content; raises where it turns out not to be what it should."""
        return self.source.chunks()

    def into(self, sink: BinaryIO) -> None:
        """Writes the content to a new file, by its blocks where they can be shared.

        Raises where it is not what it should be; the file then is of no use.
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
        """Yields the content when all of it was found to be what it should.

        For what can't be taken back, as with a pipe.
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
        """Tells whether the content counts as binary: by a NUL somewhere in it."""
        return any(b'\0' in chunk for chunk in self.chunks())

    def startsbinary(self) -> bool:
        """Tells whether there is a NUL in the content's first chunk."""
        with self.source.open() as handle:
            return b'\0' in handle.read(CHUNK)

    def read(self) -> bytes:
        """Returns the whole content, for those who can't do with less."""
        try:
            return b''.join(self.chunks())
        except Replaced:
            return b''.join(self.chunks())


@dataclass(frozen=True)
class WorkingFile:
    """A file in the working directory: its name there, its place, what it was like.

    A commit keeps one for each file that it takes, so there is little in it.
    """

    name: bytes
    place: bytes
    identity: tuple[int, int, int]

    def isstill(self, status: os.stat_result) -> bool:
        """Tells whether a file with this status is what was looked at."""
        return _identity(status) == self.identity

    def open(self) -> BinaryIO:
        """Opens the file for reading."""
        return open(self.place, 'rb')

    def chunks(self) -> Iterator[bytes]:
        """Yields the content; raises Abort where it changes meanwhile."""
        last = b''
        with self.open() as handle:
            for chunk in readchunks(handle):
                if last:
                    yield last
                last = chunk
            self.checkstill(handle)
        if last:
            yield last

    def checkstill(self, handle: BinaryIO) -> None:
        """Raises Abort where the file, open for reading, changed meanwhile."""
        if not self.isstill(os.fstat(handle.fileno())):
            raise error.Abort(
                _(b'%s changed while it was read') % self.name,
                hint=_(b'try again when nothing writes to it'),
            )


def ofworkingfile(repo, path: bytes) -> LargeText | None:
    """Returns the text of a regular file, or None for anything else.

    A file whose content is filtered on its way into history is anything else too.
    """
    status = repo.wvfs.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        return None
    text = _offile(path, repo.wvfs.join(path), status)
    return None if filtered(repo._encodefilterpats, text) else text


def ofbackup(repo, path: bytes, name: bytes) -> LargeText:
    """Returns the text of a working file's copy below ``.hg``."""
    return _offile(path, repo.vfs.join(name), repo.vfs.stat(name))


def offile(place: bytes) -> LargeText:
    """Returns the text of a file anywhere."""
    return _offile(place, place, os.stat(place))


def _offile(path: bytes, place: bytes, status: os.stat_result) -> LargeText:
    source = WorkingFile(path, place, _identity(status))
    return LargeText(path, status.st_size, source)


def filtered(patterns, text: LargeText) -> bool:
    """Tells whether ``[encode]`` or ``[decode]`` patterns may change a text."""
    for matches, function, _command in patterns:
        if matches(text.path):
            return not _spared(function, text)
    return False


def _spared(function, text: LargeText) -> bool:
    """Tells whether a filter is sure to leave a text alone.

    The eol extension's do so where there is a NUL, as they do in files marked BIN.
    """
    if function.__module__ != 'hgext.eol':
        return False
    return function.__name__ == 'isbinary' or text.startsbinary()


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


class LargeTextReader:
    """A large text as a file to read from, from its start to its end."""

    def __init__(self, text: LargeText) -> None:
        self._chunks = text.chunks()
        self._chunk = memoryview(b'')

    def read(self, size: int) -> bytes:
        """Returns as many bytes as there are, up to a size."""
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
