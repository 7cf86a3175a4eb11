"""Explain a missing blob to the user, with the next commands."""

from __future__ import annotations

from collections.abc import Sequence

from mercurial import error
from mercurial.node import short

from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import BlobRef
from ..lfs.errors import BlobGone, BlobMissing, LfsError
from . import history, scan


def explained(lfs: LfsRepo, exc: LfsError, refs: Sequence[BlobRef]) -> LfsError:
    """Return the error, with a hint if it is about one of ``refs`` that is missing.

    The hint names the changeset that needs the blob, a damaged copy in the quarantine,
    and the commands to continue with.
    """
    ref = next((ref for ref in refs if ref.path == exc.path), None)
    if ref is None or not isinstance(exc, (BlobGone, BlobMissing)):
        return exc
    if lfs.ui.debugflag:  # with --debug, output is the same as in stock
        return exc
    hints = [exc.hint] if exc.hint else []
    if lfs.quarantine.has(ref.oid):
        hints.append(b'a damaged copy is in %s' % lfs.quarantine.path(ref.oid))
    changeset = _introduced(lfs, ref)
    if changeset is not None:
        hints.append(
            b'changeset %s needs it: "hg debuglfsupload -r %s" in a clone that has'
            b' the file sends it;'
            b' "hg archive -r REV -X path:%s DIR" exports the other files'
            % (changeset, changeset, ref.path)
        )
    exc.hint = b'; '.join(hints) or None
    return exc


def _introduced(lfs: LfsRepo, ref: BlobRef) -> bytes | None:
    """Return the changeset, as short hex, that introduced a blob in a file."""
    try:
        repo = lfs.repo.unfiltered()
        rlog = history.of(repo.file(ref.path))
        for rev in rlog:
            pointer = scan.ofrevision(rlog, rlog.node(rev))
            if pointer is not None and pointer.oid == ref.oid:
                return short(repo.changelog.node(rlog.linkrev(rev)))
    except (error.Error, LfsError, OSError, AttributeError):
        pass  # the hint is optional: damage is reported elsewhere
    return None
