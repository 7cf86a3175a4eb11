"""Check the sizes of files before ``hg add``, to suppress a warning of Mercurial."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

from mercurial import error

from ..hg import lfsrepo, tracking


@contextlib.contextmanager
def withoutwarning(repo, paths: Iterable[bytes]) -> Iterator[None]:
    """Suppress Mercurial's warning about big files if all of them will be large files.

    Mercurial warns about files above ``ui.large-file-limit``, because it reads them
    into memory. That does not apply to large files.
    """
    limit = repo.ui.configbytes(b'ui', b'large-file-limit')
    lfs = lfsrepo.get(repo)
    if lfs is None or not limit or not tracking.configured(repo):
        yield
        return
    if all(_islarge(repo, path, size) for path, size in _above(repo, paths, limit)):
        limit = 0
    with repo.ui.configoverride({(b'ui', b'large-file-limit'): limit}, b'lfs'):
        yield


def _above(repo, paths: Iterable[bytes], limit: int) -> Iterator[tuple[bytes, int]]:
    for path in paths:
        with contextlib.suppress(OSError):
            size = os.lstat(repo.wvfs.join(path)).st_size
            if size > limit:
                yield path, size


def _islarge(repo, path: bytes, size: int) -> bool:
    try:
        return tracking.read(repo)(path, size)
    except error.Abort:
        return False  # the commit reports what is wrong with the rules
