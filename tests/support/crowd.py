"""A remote that records which thread uses it, and a meter that checks its thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from hgext3rd.hglfs.lfs.blob import BlobRef
from hgext3rd.hglfs.lfs.remote.api import Plan

from .blobs import Notes, oidof

MAIN = threading.main_thread()


class Meter:
    """A meter that has to be called by the main thread."""

    def __init__(self, interrupt: BaseException | None = None) -> None:
        self.sizes: list[int] = []
        self.begun: list[bytes] = []
        self.done: list[bytes] = []
        self.left: list[int] = []
        self.ends: list[str] = []
        self.abandonments: list[tuple[int, int]] = []
        self.moved = 0
        self._interrupt = interrupt

    def planned(self, count, size):
        self._here()
        self.sizes.append(size)

    def started(self, ref):
        self._here()
        self.begun.append(ref.oid)

    def advanced(self, size):
        self._here()
        self.moved += size
        if self._interrupt is not None and len(self.begun) > 1:
            raise self._interrupt

    def failed(self, error, retries):
        self._here()
        self.left.append(retries)

    def finished(self, ref):
        self._here()
        self.done.append(ref.oid)

    def succeeded(self):
        self.ends.append('succeeded')

    def closed(self):
        self.ends.append('closed')

    def abandoned(self, count, size):
        self._here()
        self.abandonments.append((count, size))

    def _here(self):
        assert threading.current_thread() is MAIN


class Log(Notes):
    """A log that has to be called by the main thread."""

    def note(self, message):
        assert threading.current_thread() is MAIN
        super().note(message)

    def debug(self, message):
        assert threading.current_thread() is MAIN
        super().debug(message)


@dataclass
class Thread:
    """A connection that has to be used by one thread."""

    log: object
    users: set = field(default_factory=set)

    def close(self) -> None:
        pass


class Crowd:
    """A remote that records who works at a time, and in which thread."""

    quiet = False
    name = b'crowd'

    def __init__(self, *groups, parallel: int = 4) -> None:
        self.parallel = parallel
        self.groups = groups
        self.log = Log(True)
        self.lines = [Thread(self.log)]
        self.refused: list = []
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0
        self.ran: list[tuple[bytes, threading.Thread]] = []

    def plan(self, operation, refs):
        for group in self.groups:
            yield Plan(len(group), group, self.refused)

    def connect(self, log=None):
        if log is None:
            return self.lines[0]
        self.lines.append(Thread(log))
        return self.lines[-1]

    def enter(self, line, ref) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            line.users.add(threading.current_thread())
            self.ran.append((ref.oid, threading.current_thread()))

    def leave(self) -> None:
        with self._lock:
            self._now -= 1

    def threadof(self, ref) -> threading.Thread:
        return dict(self.ran)[ref.oid]


Work = Callable[['Move', object, object], None]


@dataclass
class Move:
    """A transfer of one blob, with any work."""

    crowd: list
    ref: BlobRef
    work: Work = lambda move, line, watch: None
    tries: int = 0

    @property
    def refs(self):
        return [self.ref]

    def run(self, line, store, watch):
        (crowd,) = self.crowd
        self.tries += 1
        crowd.enter(line, self.ref)
        try:
            watch.started(self.ref)
            line.log.note(b'on it\n')
            self.work(self, line, watch)
            watch.moved(self.ref.size)
            store.ingest([b'%d' % self.ref.size])
            watch.arrived(self.ref)
        finally:
            crowd.leave()


def crowded(
    works: dict[int, Work], each: int | None = None, parallel: int = 4
) -> Crowd:
    """Return a remote that moves blobs of some sizes, so many in a plan."""
    where: list[Crowd] = []
    moves = [
        Move(where, BlobRef(oidof(b'%d' % size), size), work)
        for size, work in works.items()
    ]
    each = each or len(moves)
    groups = [moves[start : start + each] for start in range(0, len(moves), each)]
    where.append(Crowd(*groups, parallel=parallel))
    return where[0]
