"""Replace a blob of the store that turns out to be damaged when it is read."""

from __future__ import annotations

from collections.abc import Iterator

from mercurial.i18n import _

from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import BlobRef
from ..lfs.store.hashing import digest
from . import fetch


def ensure(lfs: LfsRepo, ref: BlobRef) -> None:
    """Replace the store's blob if it has another size than its pointer states.

    A blob that was truncated is so replaced before its size is used. One that is
    sound is left alone: its pointer is wrong. Raise LfsError.
    """
    if lfs.store.size(ref.oid) != ref.size and lfs.store.damaged(ref.oid):
        replace(lfs, ref)


def replace(lfs: LfsRepo, ref: BlobRef) -> None:
    """Move a damaged blob to the quarantine, and fetch it again; raise LfsError.

    The store keeps it where it can't be moved, as where it belongs to another user.
    """
    if lfs.quarantine.take_now(ref.oid):
        lfs.ui.warn(
            _(b'lfs: %s: its blob is damaged, and was moved to %s\n')
            % (ref.path, lfs.quarantine.path(ref.oid))
        )
    lfs.store.distrust(ref.oid)
    fetch.own(lfs, ref)


def read(lfs: LfsRepo, ref: BlobRef) -> bytes:
    """Return a blob's whole content, replacing it once where it is damaged."""
    ensure(lfs, ref)
    for last in (False, True):
        with lfs.store.open(ref.oid) as handle:
            content = handle.read()
        if last or digest(_once(content))[0] == ref.oid:
            break
        replace(lfs, ref)
    return content


def _once(content: bytes) -> Iterator[bytes]:
    yield content
