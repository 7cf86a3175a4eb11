"""Fetch missing blobs, in as few requests as possible."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence

from mercurial import match as matchmod
from mercurial.node import wdirrev

from ..hg import lfsrepo, progress, remotes
from ..hg.abort import translated
from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import DOWNLOAD, BlobRef
from ..lfs.errors import BlobMissing, LfsError, RemoteError
from ..lfs.remote.api import Remote
from ..lfs.remote.null import NullRemote
from ..lfs.store import disk
from ..lfs.transfer import queue
from . import missing, scan

#: Mercurial's state file, which exists during an update.
_UPDATESTATE = b'updatestate'


def formatches(repo, revmatches) -> None:
    """Prefetch the blobs of files given as pairs of a revision and a matcher.

    Called for each prefetch of Mercurial, if placeholders are not possible.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return
    pairs = [(repo[rev], match) for rev, match in revmatches]
    group(lfs, itertools.chain(scan.ofmatches(lfs, pairs), lfs.ops.fetching.awaited))


@contextlib.contextmanager
def addtonext(repo, files: Sequence[tuple[bytes, bytes]]) -> Iterator[None]:
    """Fetch the blobs of ``files`` as part of the next prefetch in this context.

    ``files`` are pairs (changeset, path). This combines into one request what a merge
    reads and what an update writes.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None or not files:
        yield
        return
    found = [scan.offile(repo[node], path) for node, path in files]
    lfs.ops.fetching.awaited = [large.ref for large in found if large is not None]
    try:
        yield
    finally:
        lfs.ops.fetching.awaited = []


@contextlib.contextmanager
def duringupdate(repo) -> Iterator[None]:
    """Record for ``beforeupdate`` whether an earlier update was interrupted.

    The record is valid in this context, during an update. It is true if the state file
    of an update exists already when the context is entered.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is not None:
        lfs.ops.fetching.interrupted = repo.vfs.exists(_UPDATESTATE)
    try:
        yield
    finally:
        if lfs is not None:
            lfs.ops.fetching.interrupted = True


@contextlib.contextmanager
def beforeupdate(repo) -> Iterator[None]:
    """Remove the state file of an update if its prefetch fails in this context.

    The prefetch runs before any working file is changed, so no update is left to be
    continued. The state file is kept if an earlier update was interrupted.
    """
    try:
        yield
    except BaseException:
        lfs = lfsrepo.get_if_required(repo)
        if lfs is not None and not lfs.ops.fetching.interrupted:
            repo.vfs.tryunlink(_UPDATESTATE)
        raise


def forsearch(repo, revs, makematcher, allfiles: bool) -> None:
    """Prefetch the blobs that a search through revisions will read, for ``hg grep``."""
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return
    contexts = [repo[rev] for rev in revs if rev not in (None, wdirrev)]
    group(lfs, scan.ofmatches(lfs, _searched(contexts, makematcher, allfiles)))


def _searched(contexts, makematcher, allfiles: bool):
    """Yield the (changeset, matcher) of the files that a search will read."""
    for ctx in contexts:
        match = makematcher(ctx)
        if allfiles:
            yield ctx, match
            continue
        # the changes of a changeset are found by comparing with its first parent
        touched = matchmod.exact([path for path in ctx.files() if match(path)])
        yield ctx, touched
        yield ctx.p1(), touched


def group(lfs: LfsRepo, refs: Iterable[BlobRef]) -> None:
    """Fetch the missing blobs among ``refs`` together, in as few requests as possible.

    Raises an error if a blob cannot be fetched.
    """
    with translated():
        wanted = _unpacked(lfs, scan.missing(lfs, refs))
        if wanted:
            # look the remotes up again: a clone has only now set the default path
            _move(lfs, remotes.candidates(lfs, DOWNLOAD), wanted)
            _require(lfs, wanted)


def obtain(lfs: LfsRepo, refs: Sequence[BlobRef]) -> None:
    """Fetch as many missing blobs as possible; raise LfsError if any is not fetched."""
    if refs:
        _move(lfs, remotes.candidates(lfs, DOWNLOAD), refs)


def available(lfs: LfsRepo, refs: Iterable[BlobRef]) -> list[BlobRef]:
    """Fetch the missing blobs among ``refs``; return the blobs that no remote has.

    If a blob could not be fetched for another reason, such as a failed connection,
    raises the same error as ``group``, but only after all remotes have been asked.
    """
    with translated():
        left = _unpacked(lfs, scan.missing(lfs, refs))
        failures: dict[bytes, LfsError] = {}
        asked: list[bytes] = []
        for remote in remotes.candidates(lfs, DOWNLOAD) if left else ():
            asked.append(remote.name)
            for ref, reason in _offeredby(lfs, remote, left):
                if not missing.isabsence(reason):
                    failures.setdefault(ref.oid, reason)
            left = [ref for ref in left if not lfs.store.has(ref.oid)]
            if not left:
                break
        for ref in left:
            if ref.oid in failures:
                raise _missingeverywhere(lfs, failures[ref.oid], ref, asked)
        return left


def _offeredby(
    lfs: LfsRepo, remote: Remote, refs: list[BlobRef]
) -> list[tuple[BlobRef, LfsError]]:
    """Fetch the blobs that a remote has; return each other blob with its error."""
    refused: list[tuple[BlobRef, LfsError]] = []
    while refs:
        meter, policy = progress.meter(lfs.ui, DOWNLOAD, remote), remotes.policy(lfs)
        args = remote, DOWNLOAD, refs, lfs.store, meter, policy, lambda: True
        try:
            return refused + queue.move(*args)
        except (RemoteError, BlobMissing) as exc:
            refs = [ref for ref in refs if not lfs.store.has(ref.oid)]
            gone = [ref for ref in refs if ref.path == exc.path]
            if not missing.isabsence(exc) or not gone:
                return refused + [(ref, exc) for ref in refs]
            # it has offered a blob that it does not have
            for ref in gone:
                alone = len(gone) == 1
                refused += [(ref, exc)] if alone else _offeredby(lfs, remote, [ref])
            refs = [ref for ref in refs if ref not in gone]
    return refused


def _unpacked(lfs: LfsRepo, refs: list[BlobRef]) -> list[BlobRef]:
    """Fetch missing blobs from clone bundle packs; return those still missing."""
    first = lfs.repo.dirstate.p1() == lfs.repo.nullid
    if not refs or not lfs.ops.clone.packs or not first or lfs.prefetch is None:
        return refs
    lfs.prefetch(lfs, refs)
    return [ref for ref in refs if not lfs.store.has(ref.oid)]


def ensureown(lfs: LfsRepo, ref: BlobRef) -> None:
    """Ensure that the repository's own store has a blob; raise LfsError.

    The blob is linked from the user's cache, or fetched.
    """
    try:
        lfs.store.link_local(ref.oid)
    except BlobMissing:
        others = itertools.islice(remotes.candidates(lfs, DOWNLOAD), 1, None)
        _move(lfs, itertools.chain([remotes.first(lfs)], others), [ref])
        _require(lfs, [ref])
        lfs.store.link_local(ref.oid)


def _require(lfs: LfsRepo, refs: Sequence[BlobRef]) -> None:
    """Raise BlobMissing if any of ``refs`` is not in the store after a fetch.

    This happens with ``null://``: a fetch from it transfers nothing, but succeeds.
    """
    for ref in refs:
        if not lfs.store.has(ref.oid):
            exc = disk.missing(ref.oid)
            exc.path = ref.path
            raise missing.explained(lfs, exc, [ref])


def _move(lfs: LfsRepo, candidates: Iterator[Remote], refs: Sequence[BlobRef]) -> None:
    """Fetch each blob from the first remote that has it.

    For a blob that no remote has, raises the first remote's error, with the names of
    all remotes in the hint.
    """
    errors: dict[bytes, LfsError] = {}
    asked: list[bytes] = []
    others = _Others(candidates)
    for remote in others:
        try:
            meter = progress.meter(lfs.ui, DOWNLOAD, remote)
            policy = remotes.policy(lfs)
            several = functools.partial(others.hasothers, asked)
            refused = queue.move(
                remote, DOWNLOAD, refs, lfs.store, meter, policy, several
            )
        except (RemoteError, BlobMissing) as exc:
            if not others.hasothers(asked):
                raise missing.explained(lfs, exc, refs) from exc
            refused = [(ref, exc) for ref in refs if not lfs.store.has(ref.oid)]
        asked.append(remote.name)
        for ref, reason in refused:
            errors.setdefault(ref.oid, reason)
        if not isinstance(remote, NullRemote) or refused:
            refs = [ref for ref, _reason in refused]
        if not refs:
            return
    if errors:
        raise _missingeverywhere(lfs, errors[refs[0].oid], refs[0], asked)


class _Others:
    """An iterator over the remotes, which creates each remote when it is requested."""

    def __init__(self, candidates: Iterator[Remote]) -> None:
        self._candidates = candidates
        self._ahead: list[Remote] = []

    def hasothers(self, asked: Sequence[bytes]) -> bool:
        """Return whether any remote was asked before, or can be asked next.

        ``asked`` are the names of the remotes that were asked before the current one.
        """
        if not asked and not self._ahead:
            self._ahead += itertools.islice(self._candidates, 1)
        return bool(asked or self._ahead)

    def __iter__(self) -> _Others:
        return self

    def __next__(self) -> Remote:
        return self._ahead.pop() if self._ahead else next(self._candidates)


def _missingeverywhere(
    lfs: LfsRepo, first: LfsError, ref: BlobRef, asked: Sequence[bytes]
) -> LfsError:
    """Return the error for a blob that no remote has.

    ``first`` is the error of the first remote, ``asked`` has the names of all remotes.
    """
    first.path = first.path or ref.path
    if len(asked) > 1:
        first.hint = b'asked for it: %s' % b', '.join(asked)
    return missing.explained(lfs, first, [ref])
