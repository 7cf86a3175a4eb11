"""Check the large files of received changesets before they are added.

A server must not accept pointers without blobs or invalid pointers, because it could
not serve them to others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from mercurial import error
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..hg import lfsrepo
from ..hg.lfsrepo import LfsRepo
from ..lfs import pointer as pointers
from ..lfs import words
from ..lfs.errors import BlobMissing, LfsError, PointerError
from ..lfs.store.api import LocalStore
from ..lfs.store.hashing import verify
from . import scan

#: The maximum number of files in warnings; others are counted.
_NAMED = 10
#: The length to which a reason is cut, in columns: an invalid pointer may be long.
_WIDTH = 200
#: The length to which a name is cut in the refusal, in bytes.
_SHOWN = 150
#: Sources of changegroups, in Mercurial's terms: pushes over a connection; and all
#: pushes, including local ones and bundles. Pulls come without blobs, and strips only
#: have old changesets.
_WIRED = (b'serve',)
_BROUGHT = (b'serve', b'push', b'unbundle')


class Inspector:
    """Check the large revisions of a changegroup, file by file.

    ``store`` has to contain the blobs: it is the repository's own store, without the
    cache. If ``store`` is None, only the pointers are checked.
    """

    def __init__(self, ui, store: LocalStore | None) -> None:
        self._ui = ui
        self._store = store
        self._missing = _Tally()
        self._wrong = _Tally()

    def check(self, rlog, revs: Iterable[int]) -> None:
        """Check revisions of a file; warn about invalid pointers and missing blobs."""
        try:
            with rlog.reading():
                for rev in revs:
                    self._check(_text(rlog, rev))
        except LfsError as exc:
            self._note(scan.pathof(rlog), exc)

    def conclude(self) -> None:
        """Raise Abort if a pointer was invalid or a blob missing in any ``check``.

        The caller MUST call this after the last ``check``.
        """
        unnamed = self._missing.count + self._wrong.count - _NAMED
        if unnamed > 0:
            self._ui.warn(_(b'and %d more\n') % unnamed)
        if self._wrong.count:
            raise error.Abort(
                _(b'large files are corrupt: %s') % self._wrong.text(),
                hint=_(b"run 'hg verify' in the repository that they come from"),
            )
        if self._missing.count:
            raise error.Abort(
                _(b'lfs objects are missing: %s') % self._missing.text(),
                hint=_(
                    b"send them before, with 'hg debuglfsupload'; "
                    b'for a server whose objects are elsewhere, see '
                    b"lfs.requireblobs in 'hg help -e hglfs'"
                ),
            )

    def _check(self, rawtext: bytes) -> None:
        pointer = pointers.decode(rawtext)
        if self._store is None:
            return
        size = self._store.size(pointer.oid)
        if size is None:
            raise BlobMissing(b'lfs object %s is missing' % pointer.oid)
        verify((pointer.oid, size), None, pointer.size)

    def _note(self, path: bytes, exc: LfsError) -> None:
        tally = self._missing if isinstance(exc, BlobMissing) else self._wrong
        path = words.shown(path)
        tally.add(path)
        if self._missing.count + self._wrong.count <= _NAMED:
            why = stringutil.ellipsis(exc.message, _WIDTH)
            self._ui.warn(b'%s: %s\n' % (path, why))


class _Tally:
    """Count files, and keep the name of the first file for a message."""

    def __init__(self) -> None:
        self.count = 0
        self._first = b''

    def add(self, path: bytes) -> None:
        """Count a file with this path."""
        self.count += 1
        self._first = self._first or path

    def text(self) -> bytes:
        """Return a summary of the files that fits into a refusal of 255 bytes.

        Mercurial's wire protocol limits a refusal to this length. The summary names a
        file, because the user may have hidden the warnings by ``-q``.
        """
        first = self._first
        if len(first) > _SHOWN:
            first = b'...' + first[-_SHOWN:]
        if self.count == 1:
            return first
        return _(b'%s and %d more') % (first, self.count - 1)


def _text(rlog, rev: int) -> bytes:
    """Return the pointer of a large revision as text; raise PointerError on failure."""
    try:
        return scan.pointertext(rlog, rev)
    except error.StorageError as exc:
        raise PointerError(stringutil.forcebytestr(exc)) from exc


@contextlib.contextmanager
def inspected(repo, source: bytes | None) -> Iterator[None]:
    """Check the large files of the changegroup that is added in this context.

    ``source`` is the origin of the changegroup in Mercurial's terms, such as ``serve``.
    At the end, raises Abort if a check failed.
    """
    lfs = lfsrepo.get(repo)
    inspector = _inspector(lfs, source) if lfs is not None else None
    if lfs is None or inspector is None:
        yield
        return
    lfs.ops.incoming.inspect = inspector.check
    try:
        yield
    finally:
        lfs.ops.incoming.inspect = None
    inspector.conclude()


def _inspector(lfs: LfsRepo, source: bytes | None) -> Inspector | None:
    """Return an inspector for a changegroup, or None if it needs no check.

    The need depends on ``source``, the origin of the changegroup in Mercurial's terms,
    and on ``lfs.requireblobs``.
    """
    wanted = lfs.settings.requireblobs
    if wanted is None and source in _WIRED:
        elsewhere = lfs.ui.config(b'lfs', b'url')
        return Inspector(lfs.ui, None if elsewhere else lfs.ownstore)
    if wanted and source in _BROUGHT:
        return Inspector(lfs.ui, lfs.ownstore)
    return None
