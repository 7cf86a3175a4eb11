"""A peer as a remote, over Mercurial's connection to it.

Format: ``lfs.wire.blobstream``, in three commands of ours. ``have`` takes a list and
returns a list: for each blob its size and the offset up to which the peer has it, 404
if it has nothing, or 413 if it would refuse the blob as too large. ``get`` takes a list
with start offsets and returns a stream of blobs. ``put`` takes a stream of blobs and
returns a list of status codes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Protocol

from ..blob import DOWNLOAD, BlobRef
from ..errors import BlobMangled, ConnectionFailed, LfsError, RemoteError, ReplyBroken
from ..log import Log
from ..store.api import BlobStore
from ..store.files import readchunks
from ..store.partial import skipped
from ..wire import blobstream
from ..wire.blobstream import Item
from ..wire.wirejson import WireError
from . import replies
from .api import Connection, Held, Plan, Progress, Watch
from .smallblobs import confirm, grouped, unsent
from .streams import NullConnection, addpath, checkthere, counted, verified

#: The maximum number of blobs in one command, and of bytes of small ones.
_COUNT = 1000
_BYTES = 32 << 20


class Wire(Protocol):
    """A connection to a peer; not thread safe.

    All methods raise ConnectionFailed when the connection breaks. The error is
    transient if the wire ``reopens``, because the next command then uses a new
    connection.
    """

    @property
    def reopens(self) -> bool:
        """Whether the wire can be used again after ``close``, with a new connection."""
        ...

    @property
    def name(self) -> bytes:
        """A name of the peer for messages, without credentials."""
        ...

    def have(self, wanted: bytes) -> bytes:
        """Return the reply to a list of blobs."""
        ...

    def get(self, wanted: bytes) -> Iterator[bytes]:
        """Yield the stream of the listed blobs; the caller MUST read it to its end."""
        ...

    def put(self, chunks: Iterable[bytes]) -> bytes:
        """Send a stream of blobs; return the reply."""
        ...

    def close(self) -> None:
        """End commands that are in progress; the wire can be used again."""
        ...


class PeerRemote:
    """Transfer blobs over a wire; see Remote for the contract."""

    quiet = False
    parallel = 1

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.name = wire.name

    def connect(self, log: Log | None = None) -> Connection:
        """Return a connection; all connections share the wire of this remote."""
        return NullConnection(close=self._wire.close)

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield a plan for each ``have`` command."""
        for start in range(0, len(refs), _COUNT):
            some = refs[start : start + _COUNT]
            there, codes = self._have(some)
            whole = {oid for oid, item in there.items() if item.offset == item.size}
            if operation == DOWNLOAD:
                found = [ref for ref in some if ref.oid in whole]
                missing = [ref for ref in some if ref.oid not in whole]
                yield Plan(
                    len(some),
                    [_Download(self._wire, group) for group in _together(found)],
                    [
                        (ref, replies.refused(ref, HTTPStatus.NOT_FOUND))
                        for ref in missing
                    ],
                )
            else:
                refused = [
                    (ref, unsent(ref, HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
                    for ref in some
                    if codes.get(ref.oid) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                ]
                settled = whole | {ref.oid for ref, _why in refused}
                wanted = [ref for ref in some if ref.oid not in settled]
                groups = _together(wanted)
                uploads = [_Upload(self._wire, group, there) for group in groups]
                yield Plan(len(some), uploads, refused)

    def held(self, refs: Sequence[BlobRef]) -> Iterator[Held]:
        """Yield, for each ``have`` command, the blobs that are complete at the peer."""
        for start in range(0, len(refs), _COUNT):
            some = refs[start : start + _COUNT]
            there, _codes = self._have(some)
            whole = (item.oid for item in there.values() if item.offset == item.size)
            yield Held(len(some), frozenset(whole))

    def _have(
        self, refs: Sequence[BlobRef]
    ) -> tuple[dict[bytes, Item], dict[bytes, int]]:
        """Ask which blobs the peer has; return its items and its codes, by oid.

        There is an item for each blob that the peer has, completely or partly, and a
        status code for each other blob.
        """
        with _translate_errors(self._wire):
            wanted = blobstream.encodelist(Item(ref.oid, ref.size) for ref in refs)
            reply = blobstream.Reader([self._wire.have(wanted)])
            sizes = {ref.oid: ref.size for ref in refs}
            items = list(reply.items())
        there = {
            item.oid: item
            for item in items
            if item.code is None and item.size == sizes.get(item.oid)
        }
        return there, {item.oid: item.code for item in items if item.code is not None}


@contextlib.contextmanager
def _translate_errors(wire: Wire) -> Iterator[None]:
    """Translate WireError to ReplyBroken, and close the wire.

    After a malformed stream, the beginning of the next reply cannot be found.
    """
    try:
        yield
    except WireError as exc:
        wire.close()
        raise ReplyBroken(
            b'%s sent a broken blob stream: %s' % (wire.name, str(exc).encode('ascii')),
            transient=wire.reopens,
        ) from exc


def _together(refs: Sequence[BlobRef]) -> Iterator[list[BlobRef]]:
    return grouped(refs, _COUNT, _BYTES)


class _Group:
    """The blobs that one command transfers; on a retry, those that are left."""

    def __init__(self, wire: Wire, refs: Sequence[BlobRef]) -> None:
        self._wire = wire
        self._left = {ref.oid: ref for ref in refs}

    @property
    def refs(self) -> Sequence[BlobRef]:
        return list(self._left.values())


class _Download(_Group):
    def run(self, connection: Connection, store: BlobStore, watch: Watch) -> None:
        if not self._left:
            return
        wanted = blobstream.encodelist(
            Item(ref.oid, ref.size, min(store.partial(ref.oid), ref.size))
            for ref in self.refs
        )
        with _translate_errors(self._wire):
            reader = blobstream.Reader(self._wire.get(wanted))
            failed: LfsError | None = None
            for item, body in reader.frames():
                # read the reply to its end, because the wire is used for other commands
                try:
                    if failed is None:
                        self._take(item, body, store, watch)
                except ConnectionFailed:
                    raise
                except LfsError as exc:
                    failed = exc
            if failed is not None:
                raise failed
        for ref in self.refs:
            raise RemoteError(
                replies.objectmessage(ref, b'no answer for oid %s' % ref.oid)
            )

    def _take(
        self, item: Item, body: Iterator[bytes], store: BlobStore, watch: Watch
    ) -> None:
        ref = replies.awaited(self._left, item.oid)
        if item.code is not None:
            raise replies.refused(ref, item.code)
        with addpath(ref):
            if item.size != ref.size:
                raise BlobMangled(b'corrupt remote lfs object: %s' % ref.oid)
            watch.started(ref)
            watch.had(item.offset)
            some = counted(body, watch.moved)
            store.receive(ref.oid, ref.size, lambda there: _from(item, some, there))
        del self._left[ref.oid]
        watch.arrived(ref)


class _Upload(_Group):
    def __init__(
        self, wire: Wire, refs: Sequence[BlobRef], there: dict[bytes, Item]
    ) -> None:
        super().__init__(wire, refs)
        self._there = there

    def run(self, connection: Connection, store: BlobStore, watch: Watch) -> None:
        if not self._left:
            return
        for ref in self.refs:
            checkthere(store, ref)
            watch.started(ref)
            watch.had(self._offset(ref))
        with _translate_errors(self._wire):
            stream = blobstream.encode(self._frames(store, watch.moved))
            reply = self._wire.put(stream)
            confirm(blobstream.Reader([reply]), self._left, watch)

    def _offset(self, ref: BlobRef) -> int:
        item = self._there.get(ref.oid)
        return item.offset if item is not None else 0

    def _frames(
        self, store: BlobStore, count: Progress
    ) -> Iterator[tuple[Item, Iterator[bytes]]]:
        for ref in self.refs:
            offset = self._offset(ref)
            with store.open(ref.oid) as handle:
                chunks = skipped(verified(readchunks(handle), ref), offset)
                yield Item(ref.oid, ref.size, offset), counted(chunks, count)


def _from(
    item: Item, chunks: Iterable[bytes], there: int
) -> tuple[int, Iterable[bytes]]:
    if there < item.offset:  # another process holds our partial file
        raise ReplyBroken(b'another transfer of %s goes on' % item.oid, transient=True)
    return there, skipped(chunks, there - item.offset)
