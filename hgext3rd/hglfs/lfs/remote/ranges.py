"""One large object over several connections at once, by ranges of its bytes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
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

#: From so many bytes on an object is worth more than one connection.
_WORTHWHILE = 256 << 20
#: What is read at a time, in bytes: so much of each connection a kill may cost.
_PIECE = 128 << 10
#: So many replies without a byte are not put up with.
_EMPTY = 2


class Whole(Protocol):
    """An object that can be fetched in parts, over several connections at once."""

    @property
    def ref(self) -> BlobRef:
        """The blob."""
        ...

    def part(
        self, connection: HttpConnection, start: int, end: int, last: bool
    ) -> Response:
        """Return the reply to a request for a part; see ``resume.request``."""
        ...

    def explained(self, connection: HttpConnection) -> AbstractContextManager[None]:
        """Have errors name the object."""
        ...


def pay(size: int, parallel: int) -> bool:
    """Tells whether an object is worth more connections than one."""
    return size >= _WORTHWHILE and parallel > 1


def download(
    single: Whole,
    parallel: int,
    connection: HttpConnection,
    store: BlobStore,
    watch: Watch,
) -> bool:
    """Fetch an object in parts; return False where the store cannot take them now.

    ``parallel`` is how many connections there may be. The idle connections of other
    transfers help. Raise Unranged where the server does not serve parts.
    """
    with store.segments(single.ref.oid, single.ref.size) as segments:
        if segments is None:
            return False
        job = _Job(single, parallel, segments, watch)
        watch.had(segments.there)
        try:
            return job.complete(connection)
        except Unranged:
            # the whole is on its way: what has come of it is of no use any more
            watch.had(-segments.forget())
            raise


@dataclass(frozen=True)
class _Job:
    """An object and its segments, which several threads work at."""

    single: Whole
    parallel: int
    segments: Segments
    watch: Watch

    def complete(self, connection: HttpConnection) -> bool:
        """Fetches all that is missing, with whoever helps."""
        # where the first part can't be had on its own none can
        self.fetch(connection, 1)
        helpers = self.parallel - 1
        self.watch.helped([_Helper(self) for _ in range(helpers)])
        while True:
            self.fetch(connection)
            if self.segments.settle():
                return True

    def fetch(self, connection: HttpConnection, most: int | None = None) -> None:
        """Fetches parts until nobody wants any, or so many."""
        empty = 0
        while most is None or most > 0:
            part = self.segments.claim()
            if part is None:
                return
            with self._released(part):
                empty = 0 if self._fetchone(connection, part) else empty + 1
            if empty >= _EMPTY:  # or it would be asked again and again
                raise ReplyBroken(
                    b'LFS server sent nothing of a part of %s' % self.single.ref.oid,
                    transient=True,
                )
            most = most and most - 1

    def _fetchone(self, connection: HttpConnection, part: Part) -> int:
        """Fetches what a server sends of a part; returns how many bytes that was."""
        ref = self.single.ref
        last = self.watch.last
        response = self.single.part(connection, part.start, part.end, last)
        if response.status == 200:
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
    """What an idle connection can do for somebody else's object."""

    job: _Job
    refs: Sequence[BlobRef] = field(default=())

    def run(self, connection: HttpConnection, store: BlobStore, watch: Watch) -> None:
        """Fetches parts; what goes wrong with one is for its owner to meet."""
        explained = self.job.single.explained(connection)
        with contextlib.suppress(LfsError), explained:
            try:
                self.job.fetch(connection)
            except Unranged as exc:
                with exc.response:  # close it: the owner asks for the whole itself
                    pass
