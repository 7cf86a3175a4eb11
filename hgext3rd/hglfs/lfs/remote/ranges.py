"""Download a large object over several connections, by range requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from ..blob import BlobRef
from ..errors import LfsError, ReplyBroken
from ..store.api import BlobStore
from ..store.segments import Part, Segments
from . import replies
from .api import Watch
from .connection import HttpConnection
from .resume import Unranged
from .transport import Response

#: The minimum size for parallel downloads of one object, in bytes.
_WORTHWHILE = 256 << 20
#: The size of reads in bytes; a killed process loses up to this much per connection.
_PIECE = 128 << 10
#: The maximum number of consecutive empty replies.
_EMPTY = 2


class Whole(Protocol):
    """An object that can be downloaded in parts, over several connections."""

    @property
    def ref(self) -> BlobRef:
        """The reference to the blob."""
        ...

    def part(
        self, connection: HttpConnection, start: int, end: int, last: bool
    ) -> Response:
        """Request a range; see ``resume.request``."""
        ...

    def explained(self, connection: HttpConnection) -> AbstractContextManager[None]:
        """Name the object in errors."""
        ...


def isworthwhile(size: int, parallel: int) -> bool:
    """Return whether an object is downloaded over several connections."""
    return size >= _WORTHWHILE and parallel > 1


def download(
    single: Whole,
    parallel: int,
    connection: HttpConnection,
    store: BlobStore,
    watch: Watch,
) -> bool:
    """Download an object in parts, over the connections of several threads.

    Returns False if the store cannot receive segments at present; see
    ``BlobStore.segments``. ``parallel`` is the maximum number of connections. Only idle
    threads help. Raises Unranged if the server does not support ranges.
    """
    with store.segments(single.ref.oid, single.ref.size) as segments:
        if segments is None:
            return False
        job = _Job(single, parallel, segments, watch)
        watch.had(segments.there)
        try:
            return job.complete(connection)
        except Unranged:
            # the reply has the whole object, so the received parts are not needed
            watch.had(-segments.forget())
            raise


@dataclass(frozen=True)
class _Job:
    """The download of one object, which several threads work on."""

    single: Whole
    parallel: int
    segments: Segments
    watch: Watch

    def complete(self, connection: HttpConnection) -> bool:
        """Download all missing parts, with helpers; return True."""
        # if the server refuses the first range, do not start helpers
        self.fetch(connection, 1)
        helpers = self.parallel - 1
        self.watch.helped([_Helper(self) for _ in range(helpers)])
        while True:
            self.fetch(connection)
            if self.segments.settle():
                return True

    def fetch(self, connection: HttpConnection, most: int | None = None) -> None:
        """Claim and download missing parts until none is left, or ``most`` are done."""
        empty = 0
        while most is None or most > 0:
            part = self.segments.claim()
            if part is None:
                return
            with self._released(part):
                empty = 0 if self._fetchone(connection, part) else empty + 1
            if empty >= _EMPTY:  # else the loop would not end
                raise ReplyBroken(
                    b'LFS server sent nothing of a part of %s' % self.single.ref.oid,
                    transient=True,
                )
            most = most and most - 1

    def _fetchone(self, connection: HttpConnection, part: Part) -> int:
        """Request a part; return the number of bytes that were received."""
        ref = self.single.ref
        last = self.watch.last
        response = self.single.part(connection, part.start, part.end, last)
        if response.status == HTTPStatus.OK:
            raise Unranged(response)
        with response:
            size, got = part.end - part.start, 0
            for chunk in replies.body(response, ref, size, _PIECE):
                self.segments.write(part, chunk)
                self.watch.moved(len(chunk))
                got += len(chunk)
        return got

    @contextlib.contextmanager
    def _released(self, part: Part) -> Iterator[None]:
        try:
            yield
        finally:
            self.segments.release(part)


@dataclass(frozen=True)
class _Helper:
    """A task for an idle connection: to download parts of another thread's object."""

    job: _Job
    refs: Sequence[BlobRef] = field(default=())

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Download parts; ignore errors, because the owner tries these parts again."""
        explained = self.job.single.explained(connection)
        with contextlib.suppress(LfsError), explained:
            try:
                self.job.fetch(connection)
            except Unranged as exc:
                with exc.response:  # close it: the owner requests the whole itself
                    pass
