"""Find the large files that a user selects by revisions and patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mercurial import match as matchmod
from mercurial import scmutil
from mercurial.node import nullrev

from ..hg import lfsrepo
from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import BlobRef
from . import scan
from .maintenance import references


def fetched(ctx):
    """Return a matcher of the files whose blobs an update to ``ctx`` fetches.

    It matches all files, unless ``lfs.fetchinclude`` or ``lfs.fetchexclude`` is set.
    """
    repo = ctx.repo()
    settings = lfsrepo.from_opener(repo.svfs).settings
    include = [_kind(pattern) for pattern in settings.fetchinclude]
    exclude = [_kind(pattern) for pattern in settings.fetchexclude]
    if not include and not exclude:
        return matchmod.always()
    return matchmod.match(repo.root, b'', include=include, exclude=exclude, ctx=ctx)


def _kind(pattern: bytes) -> bytes:
    """Return a pattern; add the kind ``relglob:`` if it has none."""
    return pattern if matchmod.patkind(pattern) else b'relglob:' + pattern


def _matcher(ctx, pats: Sequence[bytes] | None):
    if pats is None:
        match = matchmod.always()
    else:
        match = scmutil.match(ctx, pats) if pats else fetched(ctx)
    return ctx.repo().narrowmatch(match)


def _byset(lfs: LfsRepo, pats: Sequence[bytes] | None) -> bool:
    """Return whether some patterns match different files in different changesets.

    These are filesets, such as ``set:size('>1MB')``. If ``pats`` is empty, the patterns
    in the settings are tested, as in ``ofcontexts``.
    """
    if pats is None:
        return False
    settings = lfs.settings.fetchinclude + lfs.settings.fetchexclude
    return any(b'set:' in pattern for pattern in pats or settings)


def ofcontexts(
    lfs: LfsRepo, contexts: Iterable, pats: Sequence[bytes] | None
) -> Iterator[BlobRef]:
    """Yield the blobs of large files in some changesets; a blob may be yielded twice.

    ``pats`` selects the files. If ``pats`` is empty, the files are selected by
    ``lfs.fetchinclude`` and ``lfs.fetchexclude``; if it is None, all files are.
    """
    byset = _byset(lfs, pats)
    before = lfs.repo[nullrev].manifest()
    for ctx in contexts:
        manifest = ctx.manifest()
        changed = manifest.diff(before, _matcher(ctx, pats))
        paths = [path for path, (new, _old) in changed.items() if new[0] is not None]
        yield from scan.ofmatches(lfs, [(ctx, matchmod.exact(sorted(paths)))])
        if not byset:
            before = manifest


def ofhistory(lfs: LfsRepo, pats: Sequence[bytes]) -> Iterator[BlobRef]:
    """Yield the blobs of all revisions of the files that patterns select.

    An empty ``pats`` has the same meaning as in ``ofcontexts``.
    """
    # filesets depend on the changeset, and a shallow clone lacks histories
    if _byset(lfs, pats) or not scan.ofcore(lfs.repo):
        yield from ofcontexts(lfs, map(lfs.repo.__getitem__, lfs.repo), pats)
        return
    match = _matcher(lfs.repo[None], pats)
    for found in references.everywhere(lfs.repo):
        if match(found.path):
            yield BlobRef(found.pointer.oid, found.pointer.size, found.path)
