"""Prepare ``hg verify`` for large files: prefetch blobs, and read in parallel."""

from __future__ import annotations

import collections
import contextlib
import os
from collections.abc import Iterable, Iterator
from concurrent import futures

from mercurial import error, policy
from mercurial.utils import stringutil

from ...hg import lfsrepo
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
        if not (flags or 0) & scan.LARGE:
            paths = _fetch(lfs, paths)
        _read(lfs, paths)


def _fetch(lfs: LfsRepo, paths: Iterable[bytes]) -> list[bytes]:
    """Fetch the blobs of some files together; return the files with big blobs."""
    worthwhile: dict[bytes, None] = {}

    def refs() -> Iterator[BlobRef]:
        for path, _rlog, _node, pointer in _pointers(lfs.repo, paths):
            if pointer.size >= _WORTHWHILE:
                worthwhile[path] = None
            yield BlobRef(pointer.oid, pointer.size, path)

    try:
        fetch.group(lfs, refs())
    except (error.Abort, error.StorageError) as exc:
        lfs.ui.debug(b'lfs: %s\n' % words.shown(stringutil.forcebytestr(exc)))
    return list(worthwhile)


def _read(lfs: LfsRepo, paths: Iterable[bytes]) -> None:
    """Verify the big revisions of some files, several at once.

    Those that are sound are recorded, and not read again.
    """
    lfs.ops.sound = set()
    lfs.ready()
    with futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        pending: collections.deque[futures.Future] = collections.deque()
        try:
            for key, revision in _revisions(lfs, paths):
                pending.append(pool.submit(_issound, key, revision))
                if len(pending) > _WINDOW:
                    lfs.ops.sound.add(pending.popleft().result())
            lfs.ops.sound.update(future.result() for future in pending)
        finally:
            for future in pending:
                future.cancel()


def _issound(key: _Key, revision: Revision) -> _Key | None:
    """Return the key of a revision if it is sound. In a thread: MUST NOT use the ui."""
    with contextlib.suppress(*_DAMAGE, LfsError):
        return key if revision.issound() else None
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
