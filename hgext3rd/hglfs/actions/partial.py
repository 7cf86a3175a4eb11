"""Write only some of the large files to the working directory, others as placeholders.

A file becomes a placeholder because of a setting, or because no remote has its blob.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence

from mercurial import match as matchmod

from ..hg import largetext, lenient, lfsrepo
from ..hg.largetext import LargeText
from ..hg.lfsrepo import LfsRepo
from ..hg.operations import CheckoutState
from ..lfs.blob import BlobRef
from . import chosen, fetch, placeholders, scan


@contextlib.contextmanager
def checkout(repo, ctx, whole: bool) -> Iterator[None]:
    """Allow placeholders when files of a changeset are written as working files.

    With ``whole``, all files are written with their content. Updates in memory and
    interactive reverts need this. Grafts, and reverts to a revision that is not a
    parent, also need it, because a placeholder can only stand for a file of the working
    directory's parents.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None or whole or lfs.ops.grafting:
        yield
        return
    before, lfs.ops.checkout = lfs.ops.checkout, _state(lfs, ctx)
    try:
        yield
    finally:
        lfs.ops.checkout = before


@contextlib.contextmanager
def grafting(repo, ancestor: bytes | None) -> Iterator[None]:
    """Record whether an update is a graft, which is so if it has an ``ancestor``.

    A graft applies the changes of a changeset that does not become a parent of the
    working directory.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        yield
        return
    before, lfs.ops.grafting = lfs.ops.grafting, ancestor is not None
    try:
        yield
    finally:
        lfs.ops.grafting = before


@contextlib.contextmanager
def archiving(repo) -> Iterator[None]:
    """Allow placeholders in an archive, for the blobs that no remote has."""
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None or not lenient.goeson():
        yield
        return
    lfs.ops.checkout = CheckoutState(matchmod.always(), intoworkingcopy=False)
    try:
        yield
    finally:
        lfs.ops.checkout = None


def _state(lfs: LfsRepo, ctx) -> CheckoutState | None:
    """Return the state for a checkout of ``ctx``; None if it writes no placeholders.

    The state determines which files get their content and which get a placeholder.
    """
    settings = lfs.settings
    chosenby = settings.fetchinclude or settings.fetchexclude or settings.pointers
    if not (chosenby or lenient.goeson()) or not scan.ofcore(lfs.repo):
        return None
    match = matchmod.never() if settings.pointers else chosen.fetched(ctx)
    return CheckoutState(lambda path: _isread(path) or match(path))


def _isread(path: bytes) -> bool:
    """Return whether Mercurial may read a working file itself, like ``.hgignore``."""
    return path.startswith(b'.hg') and b'/' not in path


def needed(repo, ctx, merges: Sequence[tuple]) -> list[tuple[bytes, bytes]]:
    """Return the files whose content merges read, as pairs (changeset, path).

    ``merges`` are the arguments of Mercurial's merge actions. A working file is
    included if it is a placeholder: its content has to be fetched for the merge.
    """
    found = []
    for mine, theirs, path, _move, base in merges:
        found += [(base, path), (ctx.node(), theirs)]
        source = placeholders.origin(repo[None][mine]) if mine else None
        if source is not None:
            found.append((source.changectx().node(), source.path()))
    return found


def prefetch(repo, revmatches) -> None:
    """Prefetch the blobs of files given as pairs of a revision and a matcher.

    Blobs of files that are written as placeholders are left out.
    """
    lfs = lfsrepo.get_if_required(repo)
    partly = lfs.ops.checkout if lfs is not None else None
    if lfs is None or partly is None:
        fetch.formatches(repo, revmatches)
        return
    pairs = [(repo[rev], match) for rev, match in revmatches]
    wanted, left = [], False
    for ref in scan.ofmatches(lfs, pairs):
        if partly.fetches(ref.path):
            wanted.append(ref)
        else:
            left = True
    absent = _fetch(lfs, wanted)
    partly.absent.update(ref.oid for ref in absent)
    if partly.intoworkingcopy and (left or absent):
        placeholders.begin(repo)


def _fetch(lfs: LfsRepo, wanted: list[BlobRef]) -> list[BlobRef]:
    """Fetch blobs; return the blobs that no remote has.

    A blob that no remote has is an error, unless the command can continue without it;
    see ``lenient``.
    """
    awaited = lfs.ops.fetching.awaited
    if not lenient.goeson():
        fetch.group(lfs, itertools.chain(wanted, awaited))
        return []
    gone = {ref.oid for ref in fetch.available(lfs, [*wanted, *awaited])}
    absent = [ref for ref in wanted if ref.oid in gone]
    # these raise the error for a content that is needed
    fetch.group(lfs, itertools.chain(awaited, (r for r in absent if _isread(r.path))))
    for ref in absent:
        lenient.note(ref)
    return absent


def standin(fctx) -> LargeText | None:
    """Return the text of a placeholder, if a file of a changeset is written as one.

    Returns None if the file is written with its content.
    """
    if not largetext.isforcheckout():
        return None
    lfs = lfsrepo.get_if_required(fctx.repo())
    partly = lfs.ops.checkout if lfs is not None else None
    large = scan.offctx(fctx) if partly is not None else None
    if large is None or partly is None or not large.opaque or fctx.islink():
        return None
    if partly.fetches(large.path) and large.pointer.oid not in partly.absent:
        return None
    return placeholders.standin(large)
