"""Write large files to the working directory; mark committed large files as clean."""

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
from . import placeholders

#: The bits of a size in an entry of the dirstate.
_SIZEMASK = 0x7FFFFFFF
_local = threading.local()


def write(repo, text: LargeText, path: bytes, flags: bytes) -> int:
    """Write a text to a working file; return the size for the dirstate.

    The file is replaced only when the new content is complete and verified.
    """
    if placeholders.isstandin(text):
        placeholders.begin(repo)
    with (
        _translate_errors(repo.wvfs.join(path)),
        repo.wvfs(path, b'wb', atomictemp=True) as sink,
    ):
        text.into(sink)
    # the mode of a new file, whatever was replaced: it may have been a link
    repo.wvfs.chmod(path, 0o666 & ~util.umask)
    repo.wvfs.setflags(path, False, b'x' in flags)
    return dirstatesize(text.size)


@contextlib.contextmanager
def _translate_errors(place: bytes) -> Iterator[None]:
    """Name the working file in errors of this context, instead of its temporary file.

    If such an error occurs, the temporary file is removed.
    """
    try:
        yield
    except OSError as exc:
        beside = os.path.join(os.path.dirname(place), b'.' + os.path.basename(place))
        name = os.fsencode(exc.filename or b'')
        if name.startswith(beside):
            with contextlib.suppress(OSError):  # it is left when the rename fails
                os.unlink(name)
            exc.filename, exc.filename2 = place, None
        raise


def plain(repo, text: LargeText, path: bytes, flags: bytes) -> bool:
    """Return whether a text is written to the working file as it is.

    This is true for a placeholder. It is false for a symbolic link, and for a file that
    a decode filter may change.
    """
    if placeholders.isstandin(text):
        return True
    text = dataclasses.replace(text, path=path)
    return b'l' not in flags and not largetext.filtered(repo._decodefilterpats, text)


def dirstatesize(size: int) -> int:
    """Return a file's size, truncated to the bits that the dirstate has for it."""
    return size & _SIZEMASK


@contextlib.contextmanager
def recordclean(wctx) -> Iterator[None]:
    """Mark the large files of a commit as clean in the dirstate without reading them.

    In this context, ``fileinfo`` returns mode, size and mtime of the committed large
    files for the dirstate. Then ``hg status`` does not need to read the files again.
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
    """Return (mode, size, mtime) of a large file that was just committed.

    Returns None for other files, and outside of ``recordclean``.
    """
    return getattr(_local, 'files', {}).get(path)


def _committed(wctx):
    """Yield (path, (mode, size, mtime)) of large files unchanged since the commit.

    A file that may have been changed since it was read is left out.
    """
    repo = wctx.repo()
    lfs = lfsrepo.get(repo)
    taken = lfs.ops.commit.files if lfs else {}
    now = timestamp.get_fs_now(repo.vfs) if taken else None
    for path, text in taken.items():
        with contextlib.suppress(OSError):  # removed since
            status = repo.wvfs.lstat(path)
            mtime = timestamp.reliable_mtime_of(status, now)
            if mtime is not None and text.source.isunchanged(status):
                yield path, (status.st_mode, dirstatesize(status.st_size), mtime)
