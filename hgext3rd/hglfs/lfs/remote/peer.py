"""Another Mercurial as a remote, over the connection that Mercurial has with it.

Format: ``lfs.wire.blobstream``, in three commands of ours. ``have`` is given a list and
answers with one: of each blob its size and how much of it is there, or 404, or 413
for one that is too large to be taken. ``get``
is given a list, with the offsets to start at, and answers with a blobstream. ``put`` is
given a stream of blobs and answers with a list of codes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
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
from .api import Connection, Plan, Progress, Watch
from .smallblobs import confirm, grouped, unsent
from .streams import Mute, about, checkthere, counted, proven

#: How many blobs one command is about, and how many bytes of small ones.
_COUNT = 1000
_BYTES = 32 << 20
_NOTFOUND, _TOOLARGE = 404, 413


class Wire(Protocol):
    """A connection to another Mercurial. Not thread safe.

    All raise ConnectionFailed where it breaks, which is transient where it ``reopens``:
    another connection then takes its place.
    """

    @property
    def reopens(self) -> bool:
        """Whether it can be closed, and used again."""
        ...

    @property
    def name(self) -> bytes:
        """What the user calls the other end, without credentials."""
        ...

    def have(self, wanted: bytes) -> bytes:
        """Returns the answer to a list."""
        ...

    def get(self, wanted: bytes) -> Iterator[bytes]:
        """Yield the stream that answers a list; it has to be read to its end."""
        ...

    def put(self, chunks: Iterable[bytes]) -> bytes:
        """Send a stream of blobs, and return the answer."""
        ...

    def close(self) -> None:
        """Ends what was begun; it can be used again."""
        ...


class PeerRemote:
    """Moves blobs over a wire; see Remote for the contract."""

    quiet = False
    parallel = 1

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.name = wire.name

    def connect(self, log: Log | None = None) -> Connection:
        """Returns a connection; the wire is the remote's own."""
        return Mute(close=self._wire.close)

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yields what has to be moved, some of it at a time."""
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
                    [(ref, replies.refused(ref, _NOTFOUND)) for ref in missing],
                )
            else:
                refused = [
                    (ref, unsent(ref, _TOOLARGE))
                    for ref in some
                    if codes.get(ref.oid) == _TOOLARGE
                ]
                settled = whole | {ref.oid for ref, _why in refused}
                wanted = [ref for ref in some if ref.oid not in settled]
                groups = _together(wanted)
                uploads = [_Upload(self._wire, group, there) for group in groups]
                yield Plan(len(some), uploads, refused)

    def _have(
        self, refs: Sequence[BlobRef]
    ) -> tuple[dict[bytes, Item], dict[bytes, int]]:
        """Return what is there of some blobs, and codes about others; by oid."""
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
    """Raise ReplyBroken, and close the connection, where a peer sends no blobstream."""
    try:
        yield
    except WireError as exc:
        # at which place of the stream it is now is unknown
        wire.close()
        raise ReplyBroken(
            b'%s sent a broken pack: %s' % (wire.name, str(exc).encode('ascii')),
            transient=wire.reopens,
        ) from exc


def _together(refs: Sequence[BlobRef]) -> Iterator[list[BlobRef]]:
    return grouped(refs, _COUNT, _BYTES)


class _Group:
    """Some blobs that go in one command; on another try, those that are left."""

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
                # the answer is read to its end: the wire has other uses
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
            raise RemoteError(replies.ofobject(ref, b'no answer for oid %s' % ref.oid))

    def _take(
        self, item: Item, body: Iterator[bytes], store: BlobStore, watch: Watch
    ) -> None:
        ref = replies.awaited(self._left, item.oid)
        if item.code is not None:
            raise replies.refused(ref, item.code)
        with about(ref):
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
                chunks = skipped(proven(readchunks(handle), ref), offset)
                yield Item(ref.oid, ref.size, offset), counted(chunks, count)


def _from(
    item: Item, chunks: Iterable[bytes], there: int
) -> tuple[int, Iterable[bytes]]:
    if there < item.offset:  # another process is at the part that we have
        raise ReplyBroken(b'another transfer of %s goes on' % item.oid, transient=True)
    return there, skipped(chunks, there - item.offset)
