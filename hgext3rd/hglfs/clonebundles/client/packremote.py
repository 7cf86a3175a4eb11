"""Packs at URLs, as a remote for downloads, by HTTP range requests.

The host of a pack is not trusted: only wanted blobs are stored, and each is verified by
its own SHA-256. Other remotes are asked for blobs that cannot be downloaded.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from ...lfs.blob import BlobRef
from ...lfs.errors import (
    BlobMangled,
    ConnectionFailed,
    HttpFailed,
    RemoteError,
    ReplyBroken,
)
from ...lfs.log import Log
from ...lfs.remote import replies
from ...lfs.remote.api import Plan, Watch
from ...lfs.remote.connection import HttpConnection
from ...lfs.remote.streams import addpath, counted
from ...lfs.remote.transport import Request, Response, Transport
from ...lfs.store.api import BlobStore
from ...lfs.store.partial import skipped
from ...lfs.wire import blobstream
from ...lfs.wire.blobstream import Item
from ...lfs.wire.wirejson import WireError
from .. import blobpack
from ..blobpack import AdvertisedPack, Slot

#: The least number of blobs, or of their bytes, for a request to the host of a pack.
_COUNT = 16
_BYTES = 256 << 10
#: A gap of up to this many unwanted bytes is downloaded, to save a request.
_GAP = 64 << 10
#: How often a URL is retried without progress.
TRIES = 2
_PIECE = 256 << 10
#: HTTP statuses of a signed URL that has expired: a new signature may help.
_EXPIRED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.GONE)
_RANGE = re.compile(r'bytes ([0-9]{1,19})-')


@dataclass(frozen=True)
class PlaceFailure:
    """The failure of a download from one URL of a pack.

    ``last`` is whether no other URL of the pack is left to try.
    """

    url: str
    error: RemoteError
    last: bool


def isworthwhile(sizes: Sequence[int]) -> bool:
    """Return whether blobs of these sizes should be downloaded from packs.

    This is false if they are few and small. The other remotes are used for such blobs.
    """
    return len(sizes) >= _COUNT or sum(sizes) >= _BYTES


class PackUrls:
    """The URLs of one pack that have not failed yet, in the order in which to try them.

    ``ask`` requests the list of packs again from the server, for URLs with new
    signatures.
    """

    def __init__(
        self, offered: AdvertisedPack, ask: Callable[[], Sequence[AdvertisedPack]]
    ) -> None:
        self.urls = list(offered.urls)
        self._offered = offered
        self._ask = ask
        self._confirmed = True

    def forked(self) -> PackUrls:
        """Return a copy with the URLs that are left, for another transfer."""
        return PackUrls(replace(self._offered, urls=tuple(self.urls)), self._ask)

    def confirm(self) -> None:
        """Record that the first URL works: it may be renewed when it expires."""
        self._confirmed = True

    def renew(self, exc: RemoteError) -> bool:
        """Replace the URLs if ``exc`` means that they have expired.

        Returns whether there are new URLs. It returns False if URLs were renewed before
        and none of them has worked yet, so that renewals do not go on for ever.
        """
        expired = isinstance(exc, HttpFailed) and exc.status in _EXPIRED
        if not expired or not self._confirmed:
            return False
        self._confirmed = False
        digest = self._offered.digest
        fresh = (one.urls for one in self._ask() if one.digest == digest)
        urls = list(next(fresh, ()))
        if not urls or urls[0] in self.urls:
            return False
        self.urls = urls
        return True


class PackRemote:
    """A remote with the packs that a server advertises; see Remote for the methods.

    A blob that is in no readable pack has no transfer. A blob whose download fails
    stays among the ``refs`` of its transfer. ``failures`` has the errors. ``ask``
    requests the list of packs again when URLs have expired; it is called in the thread
    that downloads.
    """

    quiet = False
    parallel = 1

    def __init__(
        self,
        name: bytes,
        transport: Transport,
        log: Log,
        offered: Sequence[AdvertisedPack],
        ask: Callable[[], Sequence[AdvertisedPack]] = tuple,
    ) -> None:
        self.name = name
        self.failures: list[PlaceFailure] = []
        self._offered = offered
        self._ask = ask
        self._connection = HttpConnection(
            name.decode('utf-8', 'replace'), transport, log
        )

    def connect(self, log: Log | None = None) -> HttpConnection:
        """Return a connection for requests to the hosts of packs.

        Without ``log``, it is the connection of the main thread. With ``log``, it is a
        new connection for another thread.
        """
        return self._connection.forked(log)

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield a plan for each pack, with transfers of the blobs of ``refs`` in it."""
        left = {ref.oid: ref for ref in refs}
        for offered in self._offered:
            if not isworthwhile([ref.size for ref in left.values()]):
                return
            places = PackUrls(offered, self._ask)
            for slots in self._slots_of(offered, places):
                runs = [
                    Run(places, run, left, self.failures)
                    for run in selectruns(slots, left)
                ]
                planned = [ref for run in runs for ref in run.refs]
                for ref in planned:
                    del left[ref.oid]
                if runs:
                    yield Plan(len(planned), runs)

    def _slots_of(
        self, offered: AdvertisedPack, places: PackUrls
    ) -> Iterator[list[Slot]]:
        """Yield the slots in the index of a pack, once.

        If the index cannot be read from any URL, yields nothing.
        """
        while places.urls:
            url = places.urls[0]
            if _host(url) in self._unreachable():
                places.urls.pop(0)
                continue
            try:
                slots = readindex(self._connection, url, offered)
            except RemoteError as exc:
                if places.renew(exc):
                    continue
                places.urls.pop(0)
                self.failures.append(PlaceFailure(url, exc, not places.urls))
            else:
                places.confirm()
                yield slots
                return

    def _unreachable(self) -> set[str]:
        """Return the hosts to which a connection failed; they are not tried again."""
        return {
            _host(failure.url)
            for failure in self.failures
            if isinstance(failure.error, ConnectionFailed)
        }


def _host(url: str) -> str:
    return '/'.join(url.split('/', 3)[:3])


def readindex(
    connection: HttpConnection, url: str, offered: AdvertisedPack
) -> list[Slot]:
    """Download the index of a pack; return its slots; raise RemoteError."""
    text = b''
    with _open_range(connection, url, 0, offered.index) as chunks:
        while len(text) < offered.index:
            chunk = next(chunks, b'')
            if not chunk:
                break
            text += chunk
    try:
        items = blobpack.decodeindex(text[: offered.index])
        return blobpack.layout(items, offered.size)
    except WireError as exc:
        raise _broken(exc) from exc


def selectruns(
    slots: Sequence[Slot], left: Mapping[bytes, BlobRef]
) -> list[list[Slot]]:
    """Return the runs of slots in a pack that are worth a request each.

    A run starts and ends with a wanted blob. Wanted blobs are in the same run if the
    gap between them has at most ``_GAP`` bytes, or is no larger than the wanted blobs
    before it in the run.
    """
    parts: list[list[int]] = []
    bytes_ = end = 0
    for number, slot in enumerate(slots):
        if not _iswanted(slot, left):
            continue
        if not parts or slot.start - end > max(_GAP, bytes_):
            parts.append([])
            bytes_ = 0
        parts[-1].append(number)
        bytes_ += slot.item.size
        end = slot.end
    return [
        list(slots[part[0] : part[-1] + 1])
        for part in parts
        if isworthwhile([slots[number].item.size for number in part])
    ]


def _iswanted(slot: Slot, left: Mapping[bytes, BlobRef]) -> bool:
    ref = left.get(slot.item.oid)
    return ref is not None and ref.size == slot.item.size


class Run:
    """The transfer of one range of a pack, given as consecutive slots, in one request.

    A retry requests only the slots of missing blobs. The URLs of the pack are tried one
    after another. Blobs that fail at all URLs stay in ``refs``.
    """

    def __init__(
        self,
        places: PackUrls,
        slots: Sequence[Slot],
        wanted: Mapping[bytes, BlobRef],
        failures: list[PlaceFailure],
    ) -> None:
        self._places = places.forked()
        self._slots = slots
        self._left = {
            slot.item.oid: wanted[slot.item.oid]
            for slot in slots
            if _iswanted(slot, wanted)
        }
        self._failures = failures
        self._failed = self._before = 0

    @property
    def refs(self) -> Sequence[BlobRef]:
        """The blobs that are still missing."""
        return list(self._left.values())

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Download the blobs; see Transfer for the contract."""
        places = self._places
        while self._left and places.urls:
            moved = _Progress(watch)
            try:
                self._fetch(connection, store, moved)
            except RemoteError as exc:
                moved.takeback()
                if self._should_retry(exc):
                    raise
                if places.renew(exc):
                    continue
                url = places.urls.pop(0)
                self._failures.append(PlaceFailure(url, exc, not places.urls))

    def _should_retry(self, exc: RemoteError) -> bool:
        """Return whether to retry the same URL after an error."""
        if len(self._left) != self._before:  # there was progress
            self._failed = 0
        self._before = len(self._left)
        self._failed += 1
        if exc.transient and self._failed <= TRIES:
            return True
        self._failed = 0
        return False

    def _fetch(
        self, connection: HttpConnection, store: BlobStore, moved: _Progress
    ) -> None:
        """Download the missing blobs from the first URL; raise RemoteError.

        If a blob is damaged, BlobMangled is raised after the other blobs have been
        stored.
        """
        slots = _trimmed(self._slots, self._left)
        offset = _resume_offset(store, slots[0].item)
        begin = slots[0].body + offset if offset else slots[0].start
        part = _open_range(connection, self._places.urls[0], begin, slots[-1].end)
        mangled: BlobMangled | None = None
        with part as chunks:
            self._places.confirm()
            try:
                for item, body in _frames(slots, offset, chunks):
                    ref = self._left.get(item.oid)
                    if ref is not None:
                        mangled = self._take(ref, item, body, store, moved) or mangled
            except WireError as exc:
                raise _broken(exc) from exc
        if mangled is not None:
            raise mangled

    def _take(
        self,
        ref: BlobRef,
        item: Item,
        body: Iterator[bytes],
        store: BlobStore,
        moved: _Progress,
    ) -> BlobMangled | None:
        """Store a blob of the pack; return BlobMangled if it is damaged, else None."""
        moved.watch.started(ref)
        moved.had(item.offset)
        try:
            with addpath(ref):
                _store(ref, item, counted(body, moved.moved), store)
        except BlobMangled as exc:
            moved.takeback()
            return exc
        del self._left[ref.oid]
        moved.arrived(ref)
        return None


class _Progress:
    """Report received bytes to a watch, and subtract those of a blob that fails."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._size = 0

    def had(self, size: int) -> None:
        self._size += size
        self.watch.had(size)

    def moved(self, size: int) -> None:
        self._size += size
        self.watch.moved(size)

    def arrived(self, ref: BlobRef) -> None:
        self._size = 0
        self.watch.arrived(ref)

    def takeback(self) -> None:
        self.had(-self._size)


def _trimmed(slots: Sequence[Slot], left: Mapping[bytes, BlobRef]) -> list[Slot]:
    """Return the slots from the first missing blob to the last missing one."""
    numbers = [at for at, slot in enumerate(slots) if slot.item.oid in left]
    return list(slots[numbers[0] : numbers[-1] + 1])


def _resume_offset(store: BlobStore, item: Item) -> int:
    """Return the offset in a blob at which to resume its download.

    It is less than the size of the blob, so that at least one byte is requested.
    """
    return max(0, min(store.partial(item.oid), item.size - 1))


def _frames(
    slots: Sequence[Slot], offset: int, chunks: Iterator[bytes]
) -> Iterator[tuple[Item, Iterator[bytes]]]:
    """Yield the blobs of ``slots`` from a byte stream; raise WireError for other blobs.

    With an ``offset``, the stream starts at that offset of the first blob's content.
    """
    first = replace(slots[0].item, offset=offset)
    ahead = [first.encode()] if offset else []
    frames = blobstream.Reader(itertools.chain(ahead, chunks)).frames()
    for slot in slots:
        found = next(frames, None)
        if found is None or (found[0].oid, found[0].size) != _identity(slot):
            raise WireError('another blob than in its index')
        if found[0].offset != (offset if slot is slots[0] else 0):
            raise WireError('a part of a blob')
        yield found


def _identity(slot: Slot) -> tuple[bytes, int]:
    return slot.item.oid, slot.item.size


def _store(ref: BlobRef, item: Item, body: Iterator[bytes], store: BlobStore) -> None:
    def source(offset: int) -> tuple[int, Iterator[bytes]]:
        if item.offset not in (0, offset):
            # another process has stored a part of it since
            raise ReplyBroken(
                b'another process is downloading %s' % ref.oid, transient=True
            )
        return item.offset, body

    store.receive(ref.oid, ref.size, source)


@contextlib.contextmanager
def _open_range(
    connection: HttpConnection, url: str, start: int, end: int
) -> Iterator[Iterator[bytes]]:
    """Request a range of a pack; yield its chunks, from ``start`` on, unverified."""
    request = Request('GET', url, {'Range': 'bytes=%d-%d' % (start, end - 1)})
    with connection.transport.send(request) as response:
        replies.showheaders(connection.log, response)
        yield skipped(_chunks(response), start - _start_of(response, start))


def _start_of(response: Response, start: int) -> int:
    """Return the offset in the pack at which the body of a response starts.

    Raises ReplyBroken if the response starts elsewhere than requested. The end of its
    range is not checked: a truncated pack may still contain the wanted blobs.
    """
    if response.status == HTTPStatus.OK:
        return 0
    found = _RANGE.match(response.header('content-range') or '')
    if (
        response.status != HTTPStatus.PARTIAL_CONTENT
        or not found
        or int(found.group(1)) != start
    ):
        raise ReplyBroken(b'the server sent another range than requested')
    return start


def _chunks(response: Response) -> Iterator[bytes]:
    while chunk := response.read(_PIECE):
        yield chunk


def _broken(exc: WireError) -> ReplyBroken:
    words = b'it is not the pack that was announced: %s'
    # transient, as a truncated reply may be complete on another try
    return ReplyBroken(words % str(exc).encode('ascii'), transient=True)
