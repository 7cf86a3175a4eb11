"""Replace a blob of the store that turns out to be damaged when it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator

from mercurial.i18n import _

from ...hg.repolfs import RepoLfs
from ...lfs.blob import BlobRef
from ...lfs.store import guard
from ...lfs.store.hashing import digest
from .. import fetch


def ensure(box: RepoLfs, ref: BlobRef) -> None:
    """Replace the store's blob if it has another size than its pointer states.

    A blob that was truncated is so replaced before its size is used. One that is
    sound is left alone: its pointer is wrong. Raise LfsError.
    """
    if box.store.size(ref.oid) != ref.size and box.store.damaged(ref.oid):
        replace(box, ref)


def replace(box: RepoLfs, ref: BlobRef) -> None:
    """Move a damaged blob to the quarantine, and fetch it again; raise LfsError.

    The store keeps it where it can't be moved, as where it belongs to another user.
    """
    path = box.ownstore.path(ref.oid)
    try:
        guard.prepare(box.ownstore.root, box.ownstore.modes)
        moved = box.quarantine.take(ref.oid, os.stat(path))
    except OSError as exc:
        raise box.ownstore.failed(b'move', ref.oid, exc) from exc
    if moved:
        box.ui.warn(
            _(b'lfs: %s: its blob is damaged, and was moved to %s\n')
            % (ref.path, box.quarantine.path(ref.oid))
        )
    box.store.distrust(ref.oid)
    fetch.claim(box, ref)


def read(box: RepoLfs, ref: BlobRef) -> bytes:
    """Return a blob's whole content, replacing it once where it is damaged."""
    ensure(box, ref)
    for last in (False, True):
        with box.store.open(ref.oid) as handle:
            content = handle.read()
        if last or digest(_once(content))[0] == ref.oid:
            break
        replace(box, ref)
    return content


def _once(content: bytes) -> Iterator[bytes]:
    yield content
