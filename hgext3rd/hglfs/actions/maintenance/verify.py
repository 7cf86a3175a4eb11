"""Prepare ``hg verify`` for large files: prefetch blobs, and read in parallel."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mercurial import error, util
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg import bars, config, lfsrepo, messages, remotes
from ...hg.lfsrepo import LfsRepo
from ...lfs import words
from ...lfs.blob import BlobRef
from ...lfs.errors import LfsError
from ...lfs.store.api import Watch
from .. import fetch, scan
from ..revision import Revision
from . import parallel, pointers

#: A revision of a file: path and node.
_Key = tuple[bytes, bytes]
#: The values of ``lfs.verify``.
FETCH, LOCAL = b'fetch', b'local'
#: The minimum size in bytes of a revision that is read in a thread.
_WORTHWHILE = 1 << 20


@dataclass
class _Search:
    """The missing blobs, and the files with big revisions (see ``_WORTHWHILE``).

    ``big`` maps the path of such a file to the total size of its big revisions in
    bytes.
    """

    missing: list[BlobRef] = field(default_factory=list)
    big: dict[bytes, int] = field(default_factory=dict)


def overrides(ui, nolfs: bool | None) -> dict[tuple[bytes, bytes], object]:
    """Return the settings that ``hg verify`` overrides for ``--no-lfs`` or ``--lfs``.

    ``nolfs`` is None if neither option is given; then nothing is overridden. Raises
    ConfigError for an invalid ``lfs.verify``.
    """
    _mode(ui)  # before anything is verified
    flags = ui.configint(b'verify', b'skipflags') or 0
    if nolfs is None:
        return {}
    if nolfs:
        return {(b'verify', b'skipflags'): flags | scan.LARGE}
    return {
        (b'verify', b'skipflags'): flags & ~scan.LARGE,
        (b'lfs', b'verify'): FETCH,
    }


def _mode(ui) -> bytes:
    """Return the value of ``lfs.verify``; raise ConfigError."""
    return config.choice(ui, b'verify', (FETCH, LOCAL))


def ahead(repo, flags: int | None, paths: Iterable[bytes]) -> int | None:
    """Prefetch and verify large revisions before Mercurial verifies the files.

    Mercurial reads one file after another; here, several are read at once. Damage is
    not reported here, because Mercurial finds it again. ``flags`` is the value of
    ``verify.skipflags``: Mercurial skips revisions with these flags if their content is
    missing. Returns the flags to use instead. If ``lfs.verify`` is ``local``, they
    include the flag of large revisions.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return flags
    islocal = _mode(repo.ui) == LOCAL
    if (flags or 0) & scan.LARGE and not islocal:
        _read(lfs, paths, 0)
        return flags
    found = _search(lfs, paths)
    if islocal:
        _tellmissing(lfs, found.missing)
        flags = (flags or 0) | scan.LARGE
    else:
        _fetch(lfs, found.missing)
    _read(lfs, found.big, sum(found.big.values()))
    return flags


def _search(lfs: LfsRepo, paths: Iterable[bytes]) -> _Search:
    found = _Search()

    def refs() -> Iterator[BlobRef]:
        topic, unit = _(b'lfs search'), _(b'files')
        seen = bars.counted(lfs.ui, topic, unit, paths, name=bytes)
        for path, _rlog, _node, pointer in _pointers(lfs.repo, seen):
            if pointer.size >= _WORTHWHILE:
                found.big[path] = found.big.get(path, 0) + pointer.size
            yield BlobRef(pointer.oid, pointer.size, path)

    found.missing = scan.missing(lfs, refs())
    return found


def _tellmissing(lfs: LfsRepo, refs: list[BlobRef]) -> None:
    if refs:
        one = _(b'lfs: %d blob (%s) is not here, and is not verified\n')
        many = _(b'lfs: %d blobs (%s) are not here, and are not verified\n')
        messages.status(lfs.ui, words.plural(len(refs), one, many) % _measure(refs))


def _fetch(lfs: LfsRepo, refs: list[BlobRef]) -> None:
    """Fetch missing blobs together, after a message with their number and size."""
    if refs and remotes.areconfigured(lfs):
        one = _(b'lfs: fetching %d blob (%s) that is not here\n')
        many = _(b'lfs: fetching %d blobs (%s) that are not here\n')
        messages.status(lfs.ui, words.plural(len(refs), one, many) % _measure(refs))
    try:
        fetch.group(lfs, refs)
    except (error.Abort, error.StorageError) as exc:
        lfs.ui.debug(b'lfs: %s\n' % words.shown(stringutil.forcebytestr(exc)))


def _measure(refs: list[BlobRef]) -> tuple[int, bytes]:
    return len(refs), util.bytecount(sum(ref.size for ref in refs))


def _read(lfs: LfsRepo, paths: Iterable[bytes], size: int) -> None:
    """Verify the big revisions of some files in several threads.

    Sound revisions are recorded, and not read again by Mercurial's verification.
    ``size`` is the total size of the revisions in bytes, or 0 if it is unknown.
    """
    lfs.ops.sound = set()
    lfs.ready()
    with bars.ByteBar(lfs.ui, _(b'lfs verifying'), size) as bar:
        items = _revisions(lfs, paths)
        for (key, _revision), sound in parallel.results(bar, items, _issound, _pathof):
            if sound:
                lfs.ops.sound.add(key)


def _pathof(item: tuple[_Key, Revision]) -> bytes:
    return item[0][0]


def _issound(item: tuple[_Key, Revision], watch: Watch) -> bool:
    """Return whether a revision is sound.

    Runs in a thread: MUST NOT use the ui.
    """
    with contextlib.suppress(*pointers.DAMAGE, LfsError):
        return item[1].issound(watch)
    return False


def _revisions(lfs: LfsRepo, paths: Iterable[bytes]) -> Iterator[tuple[_Key, Revision]]:
    """Yield the big revisions of some files, if the store has their blobs."""
    for path, rlog, node, pointer in _pointers(lfs.repo, paths):
        if pointer.size >= _WORTHWHILE and lfs.ownstore.has(pointer.oid):
            large = scan.large(rlog, node, pointer)
            yield (path, node), Revision(lfs, large)


def _pointers(repo, paths: Iterable[bytes]):
    """Yield (path, revlog, node, pointer) of all large revisions of some files."""
    for path in paths:
        # damage of a history or a pointer is reported by Mercurial's verification
        with contextlib.suppress(*pointers.DAMAGE):
            for found in pointers.offile(repo, path):
                if found.pointer is not None:
                    yield path, found.rlog, found.node, found.pointer
