"""Writes a pack of blobs, as long as nothing is found to be wrong with these."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence

from mercurial.i18n import _

from ...hg import lfsrepo
from ...lfs.blob import BlobRef
from ...lfs.errors import BlobCorrupt, BlobMissing
from ...lfs.remote.streams import proven
from ...lfs.store import files
from ...lfs.store.api import BlobStore
from ...lfs.store.hashing import Hasher
from ...lfs.wire import blobstream as packs
from ...lfs.wire.blobstream import Item
from .. import blobpack
from . import bundles, generate
from .packs import Pack


@contextlib.contextmanager
def written(
    repo, items: Sequence[Item], heads: tuple[str, ...]
) -> Iterator[tuple[bytes, Pack | None, list[Item]]]:
    """Lends a pack of blobs as a file, with what it has; None where it has nothing.

    Blobs that are damaged are left out.
    """
    path, handle = files.createunseen(generate.making(repo), bundles.modes(repo))
    try:
        with handle:
            items = list(items)
            digest = _tried(repo, handle, items)
            os.fsync(handle.fileno())
            size = handle.tell()
        yield path, _pack(items, heads, digest, size) if items else None, items
    finally:
        files.discard(path)


def _omitted(repo, oid: bytes) -> None:
    """Says that a blob is in no pack."""
    message = _(b'clone bundles: %s is damaged or gone, and left out\n') % oid
    repo.ui.log(b'clonebundles', message)
    repo.ui.status(message)


def _pack(items: list[Item], heads: tuple[str, ...], digest: str, size: int) -> Pack:
    return Pack(
        digest=digest,
        size=size,
        index=len(blobpack.encodeindex(items)),
        blobs=len(items),
        content=sum(item.size for item in items),
        heads=heads,
        created=time.time(),
    )


def _tried(repo, handle, items: list[Item]) -> str:
    """Writes a pack; returns its digest. Blobs that are damaged leave ``items``."""
    lfs = lfsrepo.get(repo)
    assert lfs is not None  # or nobody would get here
    store = lfs.ownstore
    try:
        return _write(store, handle, items)
    except (BlobCorrupt, BlobMissing):
        # to know of all at once is worth another look at each
        sound = {item for item in items if _issound(store, item)}
        for item in items:
            if item not in sound:
                _omitted(repo, item.oid)
        items[:] = [item for item in items if item in sound]
        return _write(store, handle, items)


def _issound(store: BlobStore, item: Item) -> bool:
    try:
        return not store.damaged(item.oid)
    except BlobMissing:
        return False


def _write(store: BlobStore, handle, items: Sequence[Item]) -> str:
    handle.seek(0)
    handle.truncate()
    with contextlib.closing(Hasher('sha256')) as hasher:
        for chunk in _chunks(store, items):
            hasher.feed(chunk)
            files.writeall(handle, chunk)
        return hasher.digest().hex()


def _chunks(store: BlobStore, items: Sequence[Item]) -> Iterator[bytes]:
    yield blobpack.encodeindex(items)
    with contextlib.ExitStack() as stack:

        def frame(item: Item) -> tuple[Item, Iterator[bytes]]:
            stack.close()
            source = stack.enter_context(store.open(item.oid))
            ref = BlobRef(item.oid, item.size)
            return item, proven(files.readchunks(source), ref)

        yield from packs.encode(map(frame, items))
