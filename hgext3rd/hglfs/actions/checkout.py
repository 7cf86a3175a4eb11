"""Large texts into working files, and what the dirstate learns of them."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
from collections.abc import Iterator

from mercurial import util
from mercurial.dirstateutils import timestamp

from ..hg import largetext, lfsrepo
from ..hg.largetext import LargeText

#: A dirstate's entry has so many bits for a size.
_SIZEMASK = 0x7FFFFFFF
_local = threading.local()


def write(repo, text: LargeText, path: bytes, flags: bytes) -> int:
    """Writes a text to a working file; returns the size for the dirstate.

    The file is the old one until the new one is whole and found to be right.
    """
    with _naming(repo.wvfs.join(path)), repo.wvfs(path, b'wb', atomictemp=True) as sink:
        text.into(sink)
    # not what was there before, which may have been a link
    repo.wvfs.chmod(path, 0o666 & ~util.umask)
    repo.wvfs.setflags(path, False, b'x' in flags)
    return dirstatesize(text.size)


@contextlib.contextmanager
def _naming(place: bytes) -> Iterator[None]:
    """Have errors name a file, not the temporary one beside it; remove that."""
    try:
        yield
    except OSError as exc:
        beside = os.path.join(os.path.dirname(place), b'.' + os.path.basename(place))
        name = os.fsencode(exc.filename or b'')
        if name.startswith(beside):
            with contextlib.suppress(OSError):  # core leaves it where it can't rename
                os.unlink(name)
            exc.filename, exc.filename2 = place, None
        raise


def plain(repo, text: LargeText, path: bytes, flags: bytes) -> bool:
    """Tells whether a text goes into a working file as it is."""
    text = dataclasses.replace(text, path=path)
    return b'l' not in flags and not largetext.filtered(repo._decodefilterpats, text)


def dirstatesize(size: int) -> int:
    """Returns a file's size as the dirstate can hold it."""
    return size & _SIZEMASK


@contextlib.contextmanager
def known(wctx) -> Iterator[None]:
    """Has the dirstate learn the large files of a commit as it marks them clean.

    A status after the commit then needs not read them again.
    """
    _local.files = dict(_committed(wctx))
    try:
        yield
    finally:
        _local.files = {}
        lfs = lfsrepo.get(wctx.repo())
        if lfs is not None:
            lfs.ops.commit.files = {}


def fileinfo(path: bytes):
    """Returns (mode, size, mtime) of a file that has just been committed, or None."""
    return getattr(_local, 'files', {}).get(path)


def _committed(wctx):
    """Yields the (path, fileinfo) of what is sure not to have changed since."""
    repo = wctx.repo()
    lfs = lfsrepo.get(repo)
    taken = lfs.ops.commit.files if lfs else {}
    now = timestamp.get_fs_now(repo.vfs) if taken else None
    for path, text in taken.items():
        with contextlib.suppress(OSError):  # gone already
            status = repo.wvfs.lstat(path)
            mtime = timestamp.reliable_mtime_of(status, now)
            if mtime is not None and text.source.isstill(status):
                yield path, (status.st_mode, dirstatesize(status.st_size), mtime)
