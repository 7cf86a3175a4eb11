"""``hg verify`` over large files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from mercurial import error
from mercurial.utils import stringutil

from ..model.blob import BlobRef
from ..model.errors import PointerError
from . import fetch, scan


def skipflags(ui, nolfs: bool | None) -> int:
    """Returns what ``verify.skipflags`` is to be under ``--no-lfs``.

    None leaves the decision to the configuration, False overrides it.
    """
    flags = ui.configint(b'verify', b'skipflags') or 0
    if nolfs:
        return flags | scan.LARGE
    return flags & ~scan.LARGE if nolfs is False else flags


def prefetch(repo, flags: int | None, paths: Iterable[bytes]) -> None:
    """Fetches together the blobs that verifying some files is about to read.

    What can't be had is left to it to report, revision by revision.
    """
    box = fetch.boxof(repo)
    if box is None:
        return
    if not (flags or 0) & scan.LARGE:
        try:
            fetch.group(box, _ofhistory(repo, paths))
        except (error.Abort, error.StorageError) as exc:
            repo.ui.debug(b'lfs: %s\n' % stringutil.forcebytestr(exc))


def _ofhistory(repo, paths: Iterable[bytes]) -> Iterator[BlobRef]:
    """Yields the blobs of every revision of some files."""
    for path in paths:
        rlog = repo.file(path)._revlog
        for rev in rlog:
            # what is wrong with a pointer is not said here either
            with contextlib.suppress(PointerError, error.StorageError):
                pointer = scan.ofrevision(rlog, rlog.node(rev))
                if pointer is not None:
                    yield BlobRef(pointer.oid, pointer.size, path)
