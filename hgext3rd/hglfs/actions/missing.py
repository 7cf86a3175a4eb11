"""Explain to the user why a blob is missing, and which commands can help."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from mercurial import error
from mercurial.i18n import _
from mercurial.node import short

from ..hg import lenient
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.blob import BlobRef
from ..lfs.errors import BlobGone, BlobMissing, HttpFailed, LfsError
from . import history, scan

#: The number of missing blobs that are named without --verbose; others are counted.
_NAMED = 20
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def isabsence(exc: LfsError) -> bool:
    """Return whether an error means that a remote does not have a blob.

    An HTTP status 404 means this only if the error has the path of a file. Otherwise
    the URL of the remote itself is wrong.
    """
    if isinstance(exc, HttpFailed):
        return exc.path is not None and exc.status in _GONE
    return isinstance(exc, (BlobGone, BlobMissing))


def warn(ui, refs: Sequence[BlobRef]) -> None:
    """Warn about the files whose blobs no remote has, with a command that can help."""
    shown = refs if ui.verbose else refs[:_NAMED]
    for ref in shown:
        ui.warn(
            _(b'%s: no remote has its blob %s\n')
            % (words.shown(ref.path), ref.oid[:12])
        )
    if len(refs) > len(shown):
        ui.warn(_(b'and %d more; --verbose names them\n') % (len(refs) - len(shown)))
    if refs:
        ui.warn(_(b"(a clone that has them sends them by 'hg lfs-push --all')\n"))


def explained(lfs: LfsRepo, exc: LfsError, refs: Sequence[BlobRef]) -> LfsError:
    """Add a hint to an error if it is about a missing blob in ``refs``; return it.

    The hint names the changeset that needs the blob, a damaged copy in the quarantine
    if there is one, and commands that can help.
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
    if lenient.isoffered():
        hints.append(b'use --config lfs.missing=placeholder to go on without')
    exc.hint = b'; '.join(hints) or None
    return exc


def _introduced(lfs: LfsRepo, ref: BlobRef) -> bytes | None:
    """Return the changeset, as short hex, that introduced ``ref`` in its file.

    Returns None if this cannot be found out.
    """
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
