"""Prepare ``hg verify`` for large files: prefetch blobs, and read in parallel."""

from __future__ import annotations

import collections
import contextlib
import os
from collections.abc import Iterable, Iterator
from concurrent import futures

from mercurial import error, policy
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg import bars, lfsrepo
from ...hg.lfsrepo import LfsRepo
from ...lfs import words
from ...lfs.blob import BlobRef
from ...lfs.errors import LfsError, PointerError
from ...lfs.pointer import Pointer
from .. import fetch, history, scan
from ..revision import Revision

#: A revision of a file: path and node.
_Key = tuple[bytes, bytes]
_mpatch = policy.importmod('mpatch')
#: The exceptions that reading a damaged history raises.
_DAMAGE = (PointerError, error.StorageError, _mpatch.mpatchError, OSError)
#: The minimum size in bytes of a revision that is read in a thread.
_WORTHWHILE = 1 << 20
#: The maximum number of revisions that are queued or read.
_WINDOW = 64


def skipflags(ui, nolfs: bool | None) -> int:
    """Return the value for ``verify.skipflags`` with ``--no-lfs`` or ``--lfs``.

    With None, the option is not given, and the configuration decides.
    """
    flags = ui.configint(b'verify', b'skipflags') or 0
    if nolfs:
        return flags | scan.LARGE
    return flags & ~scan.LARGE if nolfs is False else flags


def ahead(repo, flags: int | None, paths: Iterable[bytes]) -> None:
    """Prefetch and verify large revisions before Mercurial verifies files one by one.

    Damage is not reported here, because Mercurial's verification finds it again.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is not None:
        size = 0
        if not (flags or 0) & scan.LARGE:
            paths, size = _fetch(lfs, paths)
        _read(lfs, paths, size)


def _fetch(lfs: LfsRepo, paths: Iterable[bytes]) -> tuple[list[bytes], int]:
    """Fetch the blobs of some files together.

    Returns the files with big blobs, and the size of these in bytes.
    """
    worthwhile: dict[bytes, int] = collections.defaultdict(int)

    def refs() -> Iterator[BlobRef]:
        topic, unit = _(b'lfs search'), _(b'files')
        seen = bars.counted(lfs.ui, topic, unit, paths, name=bytes)
        for path, _rlog, _node, pointer in _pointers(lfs.repo, seen):
            if pointer.size >= _WORTHWHILE:
                worthwhile[path] += pointer.size
            yield BlobRef(pointer.oid, pointer.size, path)

    try:
        fetch.group(lfs, refs())
    except (error.Abort, error.StorageError) as exc:
        lfs.ui.debug(b'lfs: %s\n' % words.shown(stringutil.forcebytestr(exc)))
    return list(worthwhile), sum(worthwhile.values())


def _read(lfs: LfsRepo, paths: Iterable[bytes], size: int) -> None:
    """Verify the big revisions of some files, several at once.

    Those that are sound are recorded, and not read again. ``size`` is that of all of
    them in bytes, or 0.
    """
    lfs.ops.sound = set()
    lfs.ready()
    counter = bars.Counter()
    with (
        bars.ByteBar(lfs.ui, _(b'lfs verifying'), size) as bar,
        futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):
        pending: collections.deque[tuple[_Key, futures.Future]] = collections.deque()

        def settle() -> None:
            (path, _node), future = pending.popleft()
            found = bars.awaited(future, bar, counter, words.shown(path))
            lfs.ops.sound.add(found)

        try:
            for key, revision in _revisions(lfs, paths):
                work = pool.submit(_issound, key, revision, counter)
                pending.append((key, work))
                if len(pending) > _WINDOW:
                    settle()
            while pending:
                settle()
        finally:
            for _key, future in pending:
                future.cancel()


def _issound(key: _Key, revision: Revision, counter: bars.Counter) -> _Key | None:
    """Return the key of a revision if it is sound. In a thread: MUST NOT use the ui."""
    with contextlib.suppress(*_DAMAGE, LfsError):
        return key if revision.issound(counter.watch) else None
    return None


def _revisions(lfs: LfsRepo, paths: Iterable[bytes]) -> Iterator[tuple[_Key, Revision]]:
    """Yield the big revisions of some files whose blobs are in the store."""
    for path, rlog, node, pointer in _pointers(lfs.repo, paths):
        if pointer.size >= _WORTHWHILE and lfs.ownstore.has(pointer.oid):
            large = scan.large(rlog, node, pointer)
            yield (path, node), Revision(lfs, large)


def _pointers(repo, paths: Iterable[bytes]):
    """Yield (path, revlog, node, pointer) of all large revisions of some files."""
    for path in paths:
        # damage of a history or a pointer is reported by Mercurial's verification
        with contextlib.suppress(*_DAMAGE):
            rlog = history.of(repo.file(path))
            for rev in rlog:
                pointer = _pointerat(rlog, rev)
                if pointer is not None:
                    yield path, rlog, rlog.node(rev), pointer


def _pointerat(rlog, rev: int) -> Pointer | None:
    with contextlib.suppress(*_DAMAGE):
        return scan.ofrevision(rlog, rlog.node(rev))
    return None
