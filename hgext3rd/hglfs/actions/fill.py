"""Write contents into the working directory, in place of placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mercurial import scmutil
from mercurial.dirstateutils import timestamp
from mercurial.i18n import _

from ..hg import bars, compat, largetext, lfsrepo
from ..hg.abort import translated
from ..hg.largetext import FixedSource, LargeText
from ..hg.lfsrepo import PLACEHOLDERS, LfsRepo
from ..lfs.blob import BlobRef
from ..lfs.remote.streams import verified
from ..lfs.store.files import readchunks
from . import checkout, fetch, placeholders, revision
from .placeholders import Placeholder


@dataclass(frozen=True)
class Filled:
    """The result of writing contents in place of placeholders.

    ``written`` are the placeholders that were replaced, ``absent`` the blobs that no
    remote has. ``ended`` is whether no placeholder is left in the working directory.
    ``untracked`` are the untracked files that are placeholders; it is empty if
    ``ended`` is true.
    """

    written: Sequence[Placeholder] = ()
    absent: Sequence[BlobRef] = ()
    ended: bool = True
    untracked: Sequence[bytes] = ()


@dataclass(frozen=True)
class _Blob(FixedSource):
    """A blob as the source of a LargeText.

    Reading verifies the oid of the blob, but not the node of a file revision, as
    ``Revision`` does.
    """

    lfs: LfsRepo
    ref: BlobRef

    def open(self) -> BinaryIO:
        return self.lfs.store.open(self.ref.oid)

    def chunks(self) -> Iterator[bytes]:
        with translated(self.ref.path), self.open() as handle:
            content = self.watch(_(b'lfs reading'), readchunks(handle))
            yield from verified(content, self.ref)

    def watch(self, topic: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        size = self.ref.size
        return bars.reading(self.lfs.ui, topic, self.ref.path, size, chunks)


def fill(repo, pats: Sequence[bytes]) -> Filled:
    """Write the contents of placeholders that match patterns, by default of all.

    All contents are fetched together; a placeholder stays if no remote has its blob.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None or PLACEHOLDERS not in repo.requirements:
        return Filled()
    with repo.wlock():
        found = list(placeholders.find(repo, scmutil.match(repo[None], pats)))
        absent = fetch.available(lfs, [one.ref for one in found])
        gone = {ref.oid for ref in absent}
        written = [one for one in found if one.ref.oid not in gone]
        clean = [one.path for one in written if _isclean(repo, one)]
        try:
            for one in written:
                _write(repo, lfs, one)
        finally:
            _record(repo, clean)
        lost = [one.ref for one in found if one.ref.oid in gone]
        ended = placeholders.end(repo)
        left = () if ended else placeholders.untracked(repo)
        return Filled(written, lost, ended, left)


def beforemerge(fctx) -> None:
    """Replace a placeholder by its content, before its file is merged."""
    origin = placeholders.origin(fctx)
    if origin is not None:
        _writeorigin(fctx.repo(), fctx, origin)


def data(fctx, origin) -> LargeText | bytes:
    """Return the content of a placeholder, as Mercurial's ``data`` would.

    ``origin`` is the committed file that the placeholder stands for. If the commit
    under way stores the file as a small one, the content is also written to the working
    file, because only large files can have placeholders.
    """
    repo, path = fctx.repo(), fctx.path()
    lfs = lfsrepo.get(repo)
    rule = lfs.ops.commit.rule if lfs is not None else None
    if rule is not None and not rule(path, origin.size()):
        _writeorigin(repo, fctx, origin)
    text = revision.deferred(origin, path) if largetext.active() else None
    return origin.data() if text is None else largetext.fitting(text)


def _write(repo, lfs: LfsRepo, one: Placeholder) -> None:
    fctx = repo[None][one.path]
    if one.origin is not None:
        _writeorigin(repo, fctx, one.origin)
        return
    with translated(one.path):
        fetch.ensureown(lfs, one.ref)
    text = LargeText(one.path, one.ref.size, _Blob(lfs, one.ref))
    repo.wwrite(one.path, text, fctx.flags())


def _writeorigin(repo, fctx, origin) -> None:
    with largetext.scope():
        repo.wwrite(fctx.path(), origin.data(), fctx.flags())


def _isclean(repo, one: Placeholder) -> bool:
    """Return whether a filled placeholder equals the file in the working copy's parent.

    This is false after a merge, a copy, a rename, an add or a change of flags.
    """
    parents = repo[None].parents()
    return (
        one.origin is not None
        and len(parents) == 1
        and one.origin.path() == one.path
        and one.origin.flags() == repo[None][one.path].flags()
        and not repo.dirstate.get_entry(one.path).added
    )


def _record(repo, paths: Sequence[bytes]) -> None:
    """Mark working files as clean in the dirstate, with their current sizes.

    ``paths`` are files with contents, and files that are still placeholders after an
    error.
    """
    now = timestamp.get_fs_now(repo.vfs)
    with compat.changingfiles(repo):
        for path in paths:
            status = repo.wvfs.lstat(path)
            size = checkout.dirstatesize(status.st_size)
            data = status.st_mode, size, timestamp.mtime_of(status)
            repo.dirstate.set_clean(path, data)
            if timestamp.reliable_mtime_of(status, now) is None:
                repo.dirstate.set_possibly_dirty(path)  # keeps the size
