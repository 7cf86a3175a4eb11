"""Repair a damaged blob of the store by fetching it again."""

from __future__ import annotations

from collections.abc import Iterator

from mercurial.i18n import _

from ..hg import bars
from ..hg.lfsrepo import LfsRepo
from ..lfs.blob import BlobRef
from ..lfs.oid import CHUNK
from ..lfs.store.hashing import digest
from . import fetch


def ensure(lfs: LfsRepo, ref: BlobRef) -> None:
    """Replace a blob if it is damaged and its size differs from that in its pointer.

    The caller uses this before it relies on the size, to detect truncated blobs. An
    undamaged blob of another size is kept, because then the pointer is wrong. Raises
    LfsError if the blob cannot be replaced.
    """
    if lfs.store.size(ref.oid) != ref.size and lfs.store.damaged(ref.oid):
        replace(lfs, ref)


def replace(lfs: LfsRepo, ref: BlobRef) -> None:
    """Move a damaged blob to the quarantine, and fetch it again; raise LfsError.

    If the damaged blob cannot be moved, for example because another user owns the file,
    it stays in the store.
    """
    if lfs.quarantine.take_now(ref.oid):
        lfs.ui.warn(
            _(b'lfs: %s: its blob is damaged, and was moved to %s\n')
            % (ref.path, lfs.quarantine.path(ref.oid))
        )
    lfs.store.distrust(ref.oid)
    fetch.ensureown(lfs, ref)


def read(lfs: LfsRepo, ref: BlobRef) -> bytes:
    """Return the content of a blob.

    If the blob is damaged, it is fetched again once. The caller has to verify the
    result, which is still damaged if that did not help.
    """
    ensure(lfs, ref)
    for last in (False, True):
        with lfs.store.open(ref.oid) as handle:
            content = handle.read()
        if last or digest(_watched(lfs, ref, content))[0] == ref.oid:
            break
        replace(lfs, ref)
    return content


def _watched(lfs: LfsRepo, ref: BlobRef, content: bytes) -> Iterator[bytes]:
    return bars.reading(
        lfs.ui, _(b'lfs verifying'), ref.path or ref.oid, ref.size, chunks(content)
    )


def chunks(content: bytes) -> Iterator[bytes]:
    """Split content that is in memory into chunks."""
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
