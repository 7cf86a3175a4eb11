"""``hg verify`` over large files."""

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

#: A file's revision: its path and its node.
_Key = tuple[bytes, bytes]
_mpatch = policy.importmod('mpatch')
#: What a damaged history raises when it is read.
_DAMAGE = (PointerError, error.StorageError, _mpatch.mpatchError, OSError)
#: From so many bytes on a revision is worth a thread.
_WORTHWHILE = 1 << 20
#: How many revisions are read or wait to be.
_WINDOW = 64


def skipflags(ui, nolfs: bool | None) -> int:
    """Returns what ``verify.skipflags`` is to be under ``--no-lfs``.

    None leaves the decision to the configuration, False overrides it.
    """
    flags = ui.configint(b'verify', b'skipflags') or 0
    if nolfs:
        return flags | scan.LARGE
    return flags & ~scan.LARGE if nolfs is False else flags


def ahead(repo, flags: int | None, paths: Iterable[bytes]) -> None:
    """Does what pays before a verification of some files reads them one by one.

    Nothing is said of what isn't sound: that is left to the verification.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is not None:
        if not (flags or 0) & scan.LARGE:
            paths = _fetch(lfs, paths)
        _read(lfs, paths)


def _fetch(lfs: LfsRepo, paths: Iterable[bytes]) -> list[bytes]:
    """Fetches together the blobs of some files; returns those that aren't small."""
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
    """Reads the large revisions of some files, several at once.

    Those that are sound, and not small, need not be read by the verification.
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
    """Returns the key of a revision that is sound. In a thread: no ui."""
    with contextlib.suppress(*_DAMAGE, LfsError):
        return key if revision.issound() else None
    return None


def _revisions(lfs: LfsRepo, paths: Iterable[bytes]) -> Iterator[tuple[_Key, Revision]]:
    """Yields the large revisions of some files whose blobs are at hand."""
    for path, rlog, node, pointer in _pointers(lfs.repo, paths):
        if pointer.size >= _WORTHWHILE and lfs.ownstore.has(pointer.oid):
            large = scan.large(rlog, node, pointer)
            yield (path, node), Revision(lfs, large)


def _pointers(repo, paths: Iterable[bytes]):
    """Yields (path, revlog, node, pointer) of all large revisions of some files."""
    for path in paths:
        # what is wrong with a history or a pointer is for the verification to say
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
