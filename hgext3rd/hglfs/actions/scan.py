"""Find pointers in revisions of files, in changesets, and in histories."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from mercurial import error, filelog, localrepo, phases, revlog, worker
from mercurial.i18n import _
from mercurial.node import short
from mercurial.revlogutils import constants

from ..hg import bars, lfsrepo
from ..hg.lfsrepo import LfsRepo
from ..lfs import pointer as pointers
from ..lfs import words
from ..lfs.blob import BlobRef
from ..lfs.errors import PointerError
from ..lfs.large import Large
from ..lfs.pointer import Pointer
from . import history

LARGE = revlog.REVIDX_EXTSTORED
#: The maximum number of large revisions in ``lfs.ops.fetching.found``.
_NOTED = 1 << 15
#: How many files are searched between two movements of the progress bar.
_REPORTED = 256
#: The time to read a file's history in seconds, for Mercurial's workers.
_COST = 0.0002
#: A flag processor that changes nothing: its functions to read, write and check.
_ASIS = (
    lambda rlog, rawtext: (rawtext, False),
    lambda rlog, text: (text, False),
    lambda rlog, rawtext: False,
)


def pathof(rlog) -> bytes:
    """Return the path of the file whose history is ``rlog``."""
    return rlog.target[1]


def checkfile(rlog) -> None:
    """Raise Abort for a large revision in a changelog or a manifest.

    Such a revision is never written, but could be pushed by an attacker.
    """
    if rlog.target[0] in (constants.KIND_CHANGELOG, constants.KIND_MANIFESTLOG):
        raise error.Abort(
            _(b'lfs: a large revision in %s, which is no file') % rlog.display_id
        )


def revlogof(fctx):
    """Return the revlog of a file's history; see ``history.of`` for other results."""
    return history.of(fctx.filelog())


def islarge(rlog, node: bytes | None) -> bool:
    """Return whether the file revision with this node is large.

    Returns False for None, which is the node of a file in the working directory.
    """
    # the node of a file in the working directory is None
    if node is None or node == rlog.nullid:
        return False
    return bool(rlog.flags(rlog.rev(node)) & LARGE)


def islargerev(rlog, rev: int) -> bool:
    """Return whether the file revision with this number is large."""
    return rev >= 0 and bool(rlog.flags(rev) & LARGE)


@contextlib.contextmanager
def aspointers(*rlogs) -> Iterator[None]:
    """Read and write large revisions of ``rlogs`` as pointer texts, in this context.

    Revisions can then be copied as they are stored, without their blobs.
    """
    kept = [rlog._flagprocessors.get(LARGE) for rlog in rlogs]
    for rlog in rlogs:
        rlog._flagprocessors[LARGE] = _ASIS
    try:
        yield
    finally:
        for rlog, processor in zip(rlogs, kept):
            rlog._flagprocessors.pop(LARGE)
            if processor is not None:
                rlog._flagprocessors[LARGE] = processor


def ofrevision(rlog, node: bytes) -> Pointer | None:
    """Return the pointer of a file revision.

    Returns None if the revision is not large, or is censored.
    """
    if node is None or not rlog.flags(rlog.rev(node)) & LARGE:
        return None
    rawtext = pointertext(rlog, rlog.rev(node))
    # the stored text of a censored revision is empty
    return pointers.decode(rawtext) if rawtext else None


def pointertext(rlog, rev: int) -> bytes:
    """Return the stored text of a large revision; raise PointerError for a long one.

    The size is checked first: a received revision may be too big to read.
    """
    if rlog.rawsize(rev) > pointers.LONGEST:
        raise PointerError(b'too long for an lfs pointer')
    return rlog.rawdata(rlog.node(rev))


def large(rlog, node: bytes, pointer: Pointer, opaque: bool = True) -> Large:
    """Return a Large for a pointer that was read from a file's history.

    ``opaque`` is whether the content can be streamed; see the function ``opaque``.
    """
    return Large(pathof(rlog), node, rlog.parents(node), pointer, opaque)


def offctx(fctx) -> Large | None:
    """Return a file of a changeset as a Large, or None if it is not large."""
    # contexts of hg-git have no file history; those of a merge's absent file and of any
    # file on the disk have no repository either
    lfs = lfsrepo.get_if_required(fctx.repo()) if hasattr(fctx, 'filelog') else None
    if lfs is None:
        return None
    node = _nodeof(fctx)
    if node is None:
        return None
    noted = lfs.ops.fetching.found.get((fctx.path(), node))
    if noted is not None:
        return noted
    rlog = revlogof(fctx)
    pointer = ofrevision(rlog, node) if rlog is not None else None
    if pointer is None:
        return None
    return large(rlog, node, pointer, opaque(fctx))


def _nodeof(fctx) -> bytes | None:
    """Return the node of a file of a changeset, without opening its history.

    Mercurial's ``filenode`` opens the history even if the node is known.
    """
    given = vars(fctx).get('_fileid')
    isnode = isinstance(given, bytes) and len(given) == len(fctx.repo().nullid)
    return given if isnode else fctx.filenode()


def opaque(fctx) -> bool:
    """Return whether a file's content can be streamed, as nothing has to parse it.

    It cannot be streamed if Mercurial or another extension reads or changes the whole
    content. Mercurial reads ``.hgsub`` and similar files. The keyword extension changes
    texts when it reads them, in its own class of file histories.
    """
    path = fctx.path()
    if path.startswith(b'.hg') and b'/' not in path:
        return False
    # if all histories are of Mercurial's class, do not open this one
    return ofcore(fctx.repo()) or type(fctx.filelog()).read is filelog.filelog.read


def ofcore(repo) -> bool:
    """Return whether file histories are of Mercurial's class, not of an extension's."""
    return type(repo).file.__module__ == localrepo.__name__


def offile(ctx, path: bytes) -> Large | None:
    """Return a file of a changeset as a Large; None if it is not large or not there.

    Raises Abort, with file and changeset, for an invalid pointer.
    """
    if path not in ctx:
        return None
    try:
        return offctx(ctx[path])
    except PointerError as exc:
        raise error.Abort(
            _(b'lfs: corrupted pointer (%s@%s): %s\n')
            % (words.shown(path), short(ctx.node()), exc.message)
        ) from exc


def ofchangeset(ctx) -> dict[bytes, Pointer]:
    """Return the pointers of the large files that a changeset changes, by path."""
    narrow = ctx.repo().narrowmatch()
    found = ((path, offile(ctx, path)) for path in ctx.files() if narrow(path))
    return {path: large.pointer for path, large in found if large is not None}


def removed(ctx) -> list[bytes]:
    """Return the large files that a changeset removes."""
    narrow = ctx.repo().narrowmatch()
    return [
        path
        for path in ctx.files()
        if path not in ctx
        and narrow(path)
        and any(offile(parent, path) is not None for parent in ctx.parents())
    ]


def everlarge(repo, path: bytes) -> bool:
    """Return whether any revision of a file may be large, without reading texts.

    In a shallow clone, this is unknown, and true is returned.
    """
    rlog = history.of(repo.file(path))
    if rlog is None or not hasattr(rlog, '__len__'):
        return rlog is not None  # the history of a shallow clone has no list
    return any(islargerev(rlog, rev) for rev in reversed(range(len(rlog))))


def publicoids(repo, path: bytes) -> set[bytes]:
    """Return the oids of the revisions of a file that public changesets introduced."""
    rlog = history.of(repo.file(path))
    if rlog is None or not hasattr(rlog, '__len__'):
        return set()
    found = set()
    for rev in range(len(rlog)):
        if islargerev(rlog, rev):
            pointer = ofrevision(rlog, rlog.node(rev))
            introducing = repo.unfiltered()[rlog.linkrev(rev)]
            if pointer is not None and introducing.phase() == phases.public:
                found.add(pointer.oid)
    return found


def touches(ctx, paths: Iterable[bytes]) -> bool:
    """Return whether a changeset adds, modifies or removes a large file in ``paths``.

    ``paths`` are files that the changeset lists as changed. The whole manifest is read
    only for removed files.
    """
    return any(_touches(ctx, path) for path in paths)


def _touches(ctx, path: bytes) -> bool:
    rlog = history.of(ctx.repo().file(path))
    with contextlib.suppress(error.LookupError):
        return islarge(rlog, ctx.filenode(path))
    before = [parent.filenode(path) for parent in ctx.parents() if path in parent]
    return any(islarge(rlog, node) for node in before)


def ofrevs(repo, revs) -> list[BlobRef]:
    """Return the blobs that some changesets introduce, each once, sorted by oid."""
    repo.ui.debug(b'lfs: computing set of blobs to upload\n')
    found: dict[bytes, BlobRef] = {}
    topic, unit = _(b'lfs search'), _(b'changesets')
    for rev in bars.counted(repo.ui, topic, unit, revs, len(revs)):
        for path, pointer in ofchangeset(repo[rev]).items():
            found[pointer.oid] = BlobRef(pointer.oid, pointer.size, path)
    return sorted(found.values(), key=lambda ref: ref.oid)


def ofmatches(lfs: LfsRepo, revmatches) -> Iterator[BlobRef]:
    """Yield the blobs of files given as pairs of a changeset and a matcher.

    The caller is about to read these files, so their pointers are cached in
    ``lfs.ops.fetching.found``.
    """
    for ctx, match in revmatches:
        for found in inchangeset(ctx, ctx.walk(match)):
            if len(lfs.ops.fetching.found) < _NOTED:
                lfs.ops.fetching.found[found.path, found.node] = found
            yield found.ref


def inchangeset(ctx, paths: Iterable[bytes]) -> Iterator[Large]:
    """Yield those of ``paths`` that are large in a changeset, in the given order.

    Raises Abort, with file and changeset, for an invalid pointer.
    """
    paths = list(paths)
    for start in range(0, len(paths), _NOTED):
        part = paths[start : start + _NOTED]
        known = _findall(ctx, part)
        for path in part:
            # if it failed in a worker, this raises the error
            found = known[path] if path in known else offile(ctx, path)
            if found is not None:
                yield found


def _findall(ctx, paths: list[bytes]) -> dict[bytes, Large | None]:
    """Return a Large, or None if the file is not large, for each path.

    The search uses several processes if possible. Paths with an error are left out.
    """
    results, ui = _find(ctx, paths), ctx.repo().ui
    # do not fork with threads, or with histories that are fetched on demand
    if threading.active_count() == 1 and ofcore(ctx.repo()):
        call = ui, _COST, _find, (ctx,), paths
        results = worker.worker(*call, hasretval=True, threadsafe=False)
    known: dict[bytes, Large | None] = {}
    with bars.ofitems(ui, _(b'lfs search'), _(b'files'), len(paths)) as bar:
        for last, found in results:
            if last:
                known.update(found)
            else:
                bar.increment(*found)
    return known


def _find(ctx, paths: Iterable[bytes]) -> Iterator[tuple[bool, Any]]:
    """Find the large files among ``paths``, in a worker process of Mercurial.

    While searching, yields (False, (number, path)) for the progress bar: the number of
    files searched since the last report, and the last path. At the end, yields
    (True, results by path).
    """
    found = {}
    for number, path in enumerate(paths, 1):
        with contextlib.suppress(error.Abort, error.StorageError):
            found[path] = offile(ctx, path)
        if number % _REPORTED == 0:
            yield False, (_REPORTED, words.shown(path))
    yield True, found


def _nameof(ref: BlobRef) -> bytes:
    return ref.path or ref.oid


def missing(lfs: LfsRepo, refs: Iterable[BlobRef]) -> list[BlobRef]:
    """Return the missing blobs among ``refs``, each once."""
    sought: dict[bytes, BlobRef] = {}
    topic, unit = _(b'lfs checking'), _(b'files')
    # a blob that is only in the cache is verified
    for ref in bars.counted(lfs.ui, topic, unit, refs, name=_nameof):
        if ref.oid not in sought and not lfs.store.has(ref.oid):
            sought[ref.oid] = ref
    return list(sought.values())
