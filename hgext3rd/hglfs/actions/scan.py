"""Finds pointers: in a file's revisions, in changesets, in whole histories."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator

from mercurial import error, filelog, localrepo, revlog, worker
from mercurial.i18n import _
from mercurial.node import short
from mercurial.revlogutils import constants

from ..hg import lfsrepo
from ..hg.lfsrepo import LfsRepo
from ..lfs import pointer as pointers
from ..lfs import words
from ..lfs.blob import BlobRef
from ..lfs.errors import PointerError
from ..lfs.large import Large
from ..lfs.pointer import Pointer
from . import history

LARGE = revlog.REVIDX_EXTSTORED
#: How many large revisions are noted at the most.
_NOTED = 1 << 15
#: How long it takes to look at a file's history, in seconds.
_COST = 0.0002
#: A flag processor that changes nothing: how to read, write and check.
_ASIS = (
    lambda rlog, rawtext: (rawtext, False),
    lambda rlog, text: (text, False),
    lambda rlog, rawtext: False,
)


def pathof(rlog) -> bytes:
    """Returns the file whose history a revlog is."""
    return rlog.target[1]


def checkfile(rlog) -> None:
    """Raises Abort for a large revision of what is no file.

    Nobody writes one, but somebody might push one.
    """
    if rlog.target[0] in (constants.KIND_CHANGELOG, constants.KIND_MANIFESTLOG):
        raise error.Abort(
            _(b'lfs: a large revision in %s, which is no file') % rlog.display_id
        )


def revlogof(fctx):
    """Return the revlog of a file's history, or what serves as one, else None."""
    return history.of(fctx.filelog())


def islarge(rlog, node: bytes | None) -> bool:
    """Tells whether a revision of a file is a large one."""
    # None is a file in the working directory, which has no revision yet
    if node is None or node == rlog.nullid:
        return False
    return bool(rlog.flags(rlog.rev(node)) & LARGE)


def islargerev(rlog, rev: int) -> bool:
    """Tells the same by the revision's number."""
    return rev >= 0 and bool(rlog.flags(rev) & LARGE)


@contextlib.contextmanager
def asstored(*rlogs) -> Iterator[None]:
    """Has pointers pass for texts: what is copied then is what is stored."""
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
    """Returns the pointer in a revision of a file, or None where it has none."""
    if node is None or not rlog.flags(rlog.rev(node)) & LARGE:
        return None
    rawtext = pointertext(rlog, rlog.rev(node))
    # an empty raw text is a censored revision
    return pointers.decode(rawtext) if rawtext else None


def pointertext(rlog, rev: int) -> bytes:
    """Return the stored text of a large revision; raise PointerError for a long one.

    What came from others may be of any size, and is not read to be found wrong.
    """
    if rlog.rawsize(rev) > pointers.LONGEST:
        raise PointerError(b'too long for an lfs pointer')
    return rlog.rawdata(rlog.node(rev))


def large(rlog, node: bytes, pointer: Pointer, opaque: bool = True) -> Large:
    """Returns what a file's history tells of a large revision."""
    return Large(pathof(rlog), node, rlog.parents(node), pointer, opaque)


def offctx(fctx) -> Large | None:
    """Returns the large revision that a file of a changeset is, or None."""
    # hg-git has contexts without file histories; a merge's absent file and one
    # anywhere on the disk have no repository either
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
    """Returns the node of a file of a changeset, without a look at its history.

    Core has one, even where it was told the node.
    """
    given = vars(fctx).get('_fileid')
    isnode = isinstance(given, bytes) and len(given) == len(fctx.repo().nullid)
    return given if isnode else fctx.filenode()


def opaque(fctx) -> bool:
    """Tells whether nobody looks into a file on its way.

    Mercurial itself does into ``.hgsub`` and the like, and the keyword extension
    changes texts as it reads them from a history of its own kind.
    """
    path = fctx.path()
    if path.startswith(b'.hg') and b'/' not in path:
        return False
    # where all are of core's kind, none needs to be opened to tell
    ofcore = _iscores(fctx.repo())
    return ofcore or type(fctx.filelog()).read is filelog.filelog.read


def _iscores(repo) -> bool:
    """Tells whether nobody has replaced how a repository makes files' histories."""
    return type(repo).file.__module__ == localrepo.__name__


def offile(ctx, path: bytes) -> Large | None:
    """Returns the large revision that a file of a changeset is, or None.

    Raises Abort, naming file and changeset, for a pointer that is none.
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
    """Returns the pointers of the files that a changeset touches, by path."""
    narrow = ctx.repo().narrowmatch()
    found = ((path, offile(ctx, path)) for path in ctx.files() if narrow(path))
    return {path: large.pointer for path, large in found if large is not None}


def removed(ctx) -> list[bytes]:
    """Returns the large files that a changeset removes."""
    narrow = ctx.repo().narrowmatch()
    return [
        path
        for path in ctx.files()
        if path not in ctx
        and narrow(path)
        and any(offile(parent, path) is not None for parent in ctx.parents())
    ]


def ofrevs(repo, revs) -> list[BlobRef]:
    """Returns the blobs that some changesets introduce, sorted by oid."""
    repo.ui.debug(b'lfs: computing set of blobs to upload\n')
    found: dict[bytes, BlobRef] = {}
    with repo.ui.makeprogress(
        _(b'lfs search'), _(b'changesets'), len(revs)
    ) as progress:
        for rev in revs:
            for path, pointer in ofchangeset(repo[rev]).items():
                found[pointer.oid] = BlobRef(pointer.oid, pointer.size, path)
            progress.increment()
    return sorted(found.values(), key=lambda ref: ref.oid)


def ofmatches(lfs: LfsRepo, revmatches) -> Iterator[BlobRef]:
    """Yields the blobs of files given as (changeset, matcher).

    Who asks is about to read them: what was found is noted.
    """
    for ctx, match in revmatches:
        paths = list(ctx.walk(match))
        for start in range(0, len(paths), _NOTED):
            yield from _ofpaths(lfs, ctx, paths[start : start + _NOTED])


def _ofpaths(lfs: LfsRepo, ctx, paths: list[bytes]) -> Iterator[BlobRef]:
    looked = _look(ctx, paths)
    for path in paths:
        # one that is missing there is broken: this says what is wrong with it
        found = looked[path] if path in looked else offile(ctx, path)
        if found is not None:
            if len(lfs.ops.fetching.found) < _NOTED:
                lfs.ops.fetching.found[path, found.node] = found
            yield found.ref


def _look(ctx, paths: list[bytes]) -> dict[bytes, Large | None]:
    """Returns what files of a changeset are, by as many processes as are worth it."""
    results = _looked(ctx, paths)
    # what has threads, or histories that are got from elsewhere, is not to be forked
    if threading.active_count() == 1 and _iscores(ctx.repo()):
        call = ctx.repo().ui, _COST, _looked, (ctx,), paths
        results = worker.worker(*call, hasretval=True, threadsafe=False)
    return {path: one for last, found in results if last for path, one in found.items()}


def _looked(ctx, paths: Iterable[bytes]) -> Iterator[tuple[bool, dict]]:
    """Yields, as a worker of Mercurial's does, what some files of a changeset are."""
    found = {}
    for path in paths:
        with contextlib.suppress(error.Abort, error.StorageError):
            found[path] = offile(ctx, path)
    yield True, found


def missing(lfs: LfsRepo, refs: Iterable[BlobRef]) -> list[BlobRef]:
    """Returns those of some blobs that are not at hand, each once."""
    sought: dict[bytes, BlobRef] = {}
    for ref in refs:
        if ref.oid not in sought and not lfs.store.has(ref.oid):
            sought[ref.oid] = ref
    return list(sought.values())
