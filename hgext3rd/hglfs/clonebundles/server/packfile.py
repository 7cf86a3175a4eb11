"""Write a pack file, without damaged blobs."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence

from ...lfs.blob import BlobRef
from ...lfs.errors import BlobCorrupt, BlobMissing
from ...lfs.remote.streams import verified
from ...lfs.store import files
from ...lfs.store.api import BlobStore, Watch
from ...lfs.store.hashing import Hasher
from ...lfs.wire import blobstream
from ...lfs.wire.blobstream import Item
from .. import blobpack
from .catalog import Pack
from .statefolder import StateFolder


@contextlib.contextmanager
def written(
    folder: StateFolder,
    store: BlobStore,
    items: Sequence[Item],
    heads: tuple[str, ...],
    omitted: Callable[[bytes], None],
    watch: Watch = iter,
) -> Iterator[tuple[bytes, Pack | None, list[Item]]]:
    """Write a pack; yield its path, its description, and the blobs in it.

    ``items`` are the wanted blobs. Damaged and missing blobs are left out, and
    ``omitted`` is called with their oids. The description is None if no blob is left.
    ``watch`` passes on the chunks of the pack, to show progress. The file is removed at
    the end of the context.
    """
    path, handle = files.createunseen(folder.making, folder.modes)
    try:
        with handle:
            kept, digest = _writesound(store, handle, list(items), omitted, watch)
            os.fsync(handle.fileno())
            size = handle.tell()
        yield path, _describe(kept, heads, digest, size) if kept else None, kept
    finally:
        files.discard(path)


def _describe(
    items: list[Item], heads: tuple[str, ...], digest: str, size: int
) -> Pack:
    return Pack(
        digest=digest,
        size=size,
        index=len(blobpack.encodeindex(items)),
        blobs=len(items),
        content=sum(item.size for item in items),
        heads=heads,
        created=time.time(),
    )


def _writesound(
    store: BlobStore,
    handle: io.FileIO,
    items: list[Item],
    omitted: Callable[[bytes], None],
    watch: Watch,
) -> tuple[list[Item], str]:
    """Write a pack of the undamaged blobs; return them, and the pack's SHA-256."""
    try:
        return items, _write(store, handle, items, watch)
    except (BlobCorrupt, BlobMissing):
        # verify all blobs now, not to start again after each damaged one
        sound = {item for item in items if _issound(store, item)}
        for item in items:
            if item not in sound:
                omitted(item.oid)
        items = [item for item in items if item in sound]
        return items, _write(store, handle, items, watch)


def _issound(store: BlobStore, item: Item) -> bool:
    try:
        return not store.damaged(item.oid)
    except BlobMissing:
        return False


def _write(
    store: BlobStore, handle: io.FileIO, items: Sequence[Item], watch: Watch
) -> str:
    handle.seek(0)
    handle.truncate()
    with contextlib.closing(Hasher('sha256')) as hasher:
        for chunk in watch(_chunks(store, items)):
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
            return item, verified(files.readchunks(source), ref)

        yield from blobstream.encode(map(frame, items))
