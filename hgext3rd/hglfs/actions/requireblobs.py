"""Looks at the large files that others bring, before they are let in.

Nothing that anybody has to serve later may hang on the honesty of who pushes:
what can't be given back, or is no large file at all, stays outside.
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

#: How many files are named; the others are counted.
_NAMED = 10
#: How much is said of one, in columns: a pointer that is none may be anything.
_WIDTH = 200
#: How much of a name the refusal itself has, in bytes.
_SHOWN = 150
#: Where changegroups come from: what is pushed over a wire, and what somebody on
#: this machine brings. A pull brings no blobs, and a strip nothing new.
_WIRED = (b'serve',)
_BROUGHT = (b'serve', b'push', b'unbundle')


class Inspector:
    """Checks the large revisions of one changegroup, a file after the other.

    Nothing but numbers is kept, however many files come. A ``store`` has to have
    their blobs: it, and no cache behind it. Without one only pointers are checked.
    """

    def __init__(self, ui, store: LocalStore | None) -> None:
        self._ui = ui
        self._store = store
        self._missing = _Tally()
        self._wrong = _Tally()

    def look(self, rlog, revs: Iterable[int]) -> None:
        """Checks revisions of one file, and names it where one isn't right."""
        try:
            with rlog.reading():
                for rev in revs:
                    self._check(_text(rlog, rev))
        except LfsError as exc:
            self._note(scan.pathof(rlog), exc)

    def conclude(self) -> None:
        """Raises Abort where anything was not right; to be called at the end."""
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
    """Counts files, and remembers the first."""

    def __init__(self) -> None:
        self.count = 0
        self._first = b''

    def add(self, path: bytes) -> None:
        """Counts a file."""
        self.count += 1
        self._first = self._first or path

    def text(self) -> bytes:
        """Returns the files in few words: a refusal has room for 255 bytes.

        That is so over a wire; what is said with it may not be shown (``-q``).
        """
        first = self._first
        if len(first) > _SHOWN:
            first = b'...' + first[-_SHOWN:]
        if self.count == 1:
            return first
        return _(b'%s and %d more') % (first, self.count - 1)


def _text(rlog, rev: int) -> bytes:
    """Returns the text of a revision that says it is a pointer."""
    try:
        return scan.pointertext(rlog, rev)
    except error.StorageError as exc:
        raise PointerError(stringutil.forcebytestr(exc)) from exc


@contextlib.contextmanager
def inspected(repo, source: bytes | None) -> Iterator[None]:
    """Checks the large files of a changegroup that is being added meanwhile.

    ``source`` is Mercurial's word for where it comes from.
    """
    lfs = lfsrepo.get(repo)
    inspector = _inspector(lfs, source) if lfs is not None else None
    if lfs is None or inspector is None:
        yield
        return
    lfs.ops.incoming.inspect = inspector.look
    try:
        yield
    finally:
        lfs.ops.incoming.inspect = None
    inspector.conclude()


def _inspector(lfs: LfsRepo, source: bytes | None) -> Inspector | None:
    """Returns what checks a changegroup, or None where it is taken as it is."""
    wanted = lfs.settings.requireblobs
    if wanted is None and source in _WIRED:
        elsewhere = lfs.ui.config(b'lfs', b'url')
        return Inspector(lfs.ui, None if elsewhere else lfs.ownstore)
    if wanted and source in _BROUGHT:
        return Inspector(lfs.ui, lfs.ownstore)
    return None
