"""Prefetch only the large files whose content a diff shows.

Mercurial prefetches all files that differ before it decides how to show each of them.
This module decides first, from the pointers, and prefetches only what is shown.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mercurial import match as matchmod

from ..hg import largetext, lfsrepo
from ..lfs.blob import BlobRef
from ..lfs.large import Large
from . import fetch, partial, scan


class _Deciding(threading.local):
    """A flag for each thread: whether ``fetchall`` does nothing."""

    deciding = False


_local = _Deciding()


@contextlib.contextmanager
def deciding() -> Iterator[None]:
    """Make ``fetchall`` do nothing in this thread and context.

    The caller prefetches with ``fetchshown`` instead.
    """
    kept, _local.deciding = _local.deciding, True
    try:
        yield
    finally:
        _local.deciding = kept


def fetchall(repo, revmatches) -> None:
    """Prefetch the blobs of files given as pairs of a revision and a matcher.

    Called for each prefetch of Mercurial. Does nothing in the context of ``deciding``.
    """
    if not _local.deciding:
        partial.prefetch(repo, revmatches)


def fetchshown(
    repo, contexts, pairs: Iterable[tuple], opts, filectx: Callable[..., Any]
) -> None:
    """Prefetch the blobs whose content a diff between two changesets shows.

    ``contexts`` are the two changesets. ``pairs`` are tuples of the name before, the
    name after and a third item, which is ignored; a name is None if there is no such
    file. ``opts`` are Mercurial's ``diffopts``. ``filectx`` returns the file with a
    name in a changeset.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return
    found = [(old, new) for old, new, _copied in pairs]
    _note(lfs, contexts, found)
    fetch.group(
        lfs,
        (ref for names in found for ref in _needed(contexts, names, opts, filectx)),
    )


def _note(lfs, contexts, pairs: list[tuple]) -> None:
    """Read the pointers of all files together, to cache them for ``_needed``."""
    for ctx, names in zip(contexts, zip(*pairs)):
        match = matchmod.exact([name for name in names if name and name in ctx])
        if ctx.rev() is not None:
            for _ref in scan.ofmatches(lfs, [(ctx, match)]):
                pass


def _needed(contexts, names: tuple, opts, filectx) -> Iterator[BlobRef]:
    """Yield the blobs whose content the diff of one file shows."""
    sides = [(ctx, name) for ctx, name in zip(contexts, names) if name is not None]
    larges = [scan.offile(ctx, name) for ctx, name in sides]
    wanted = [large for large in larges if large is not None and not _summed(large)]
    # else the diff has the content of binary files
    named = not opts.git or (opts.nobinary and not opts.index)
    if wanted and named and not opts.text:
        binary = any(large.pointer.isbinary for large in wanted)
        others = (side for side, large in zip(sides, larges) if large is None)
        if binary or any(filectx(name, ctx).isbinary() for ctx, name in others):
            return
    yield from (large.ref for large in wanted)


def _summed(large: Large) -> bool:
    return large.opaque and largetext.summarising(large.pointer.size)


def forstat(repo, opts):
    """Return the diff options for a diffstat, which counts lines only.

    With these, the diff leaves out binary files: they have no lines to count, so their
    content is not fetched.
    """
    if lfsrepo.get_if_required(repo) is None:
        return opts
    return opts.copy(nobinary=True, index=0)
