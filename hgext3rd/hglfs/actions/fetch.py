"""Brings missing blobs here, in as few requests as can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..bridge import progress, repolfs
from ..bridge.abort import translated
from ..bridge.repolfs import RepoLfs
from ..model.blob import DOWNLOAD, BlobRef
from ..remote.api import Remote
from ..transfer import queue
from . import scan


def formatches(repo, revmatches) -> None:
    """Fetches what files given as (revision, matcher) need; Mercurial's hook."""
    box = repolfs.of(repo)
    if box is None or repolfs.REQUIREMENT not in repo.requirements:
        return
    pairs = [(repo[rev], match) for rev, match in revmatches]
    group(box, scan.ofmatches(pairs))


def group(box: RepoLfs, refs: Iterable[BlobRef]) -> None:
    """Fetches those of some blobs that are not at hand, together."""
    with translated():
        wanted = scan.missing(box, refs)
        if wanted:
            # asked for anew: a clone has set the default path only just now
            _move(box, box.openremote(DOWNLOAD), wanted)


def one(box: RepoLfs, ref: BlobRef) -> None:
    """Fetches a single blob that somebody has come upon; raises LfsError."""
    _move(box, box.source, [ref])


def _move(box: RepoLfs, remote: Remote, refs: Sequence[BlobRef]) -> None:
    meter = progress.meter(box.ui, DOWNLOAD, remote)
    queue.move(remote, DOWNLOAD, refs, box.store, meter, box.settings.retry)
