"""Transfer blobs by custom transfer agents, with an LFS server or standalone.

The protocol between us and an agent is in ``process``.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..blob import DOWNLOAD, UPLOAD, BlobRef
from ..errors import BlobMangled, ReplyBroken, SizeMangled
from ..log import Log, NullLog
from ..store.api import BlobStore
from ..store.files import discard, isthere, readchunks, reason
from ..wire.batch import Answer, BatchReply
from .api import Connection, Plan, Transfer, Watch
from .basic import Order, Single
from .connection import HttpConnection
from .process import PATIENCE, Agent, Job, Process
from .streams import NullConnection, checkthere, corrupt

_O_NONBLOCK: int = getattr(os, 'O_NONBLOCK', 0)


class Agents:
    """The agents for one remote, and their running processes.

    ``remote`` is the name of the remote that is passed to the agents, ``parallel`` the
    maximum number of parallel transfers, ``folder`` the working directory of agents,
    ``timeout`` the seconds after which a silent agent is killed. For the main thread.
    """

    def __init__(
        self,
        agents: Sequence[Agent] = (),
        remote: bytes = b'',
        parallel: int = 1,
        folder: bytes = b'.',
        timeout: float = 0.0,
    ) -> None:
        self._agents = {agent.name: agent for agent in agents}
        self._remote = remote.decode('utf-8', 'replace')
        self._folder = folder
        self._timeout = timeout
        self._crews: dict[tuple[str, str], Crew] = {}
        self.parallel = parallel

    def offered(self, operation: str) -> list[str]:
        """Return the names of the agents that support an operation."""
        return [
            name
            for name, agent in self._agents.items()
            if operation in agent.operations
        ]

    def crew(self, name: str, operation: str) -> Crew:
        """Return the processes of an agent for an operation."""
        if (name, operation) not in self._crews:
            job = Job(
                operation, self._remote, self.parallel, self._folder, self._timeout
            )
            self._crews[name, operation] = Crew(self._agents[name], job)
        return self._crews[name, operation]

    def transfers(
        self, order: Order, answers: Sequence[Answer], reply: BatchReply
    ) -> list[Transfer]:
        """Return a transfer for each object, by the agent that the server chose."""
        crew = self.crew(order.adapter, order.operation)
        return [_Assigned(order, answer, crew) for answer in answers]

    def close(self) -> None:
        """End all processes; later transfers start new ones."""
        for crew in self._crews.values():
            crew.close()


class Crew:
    """The processes of one agent for one operation; thread safe."""

    def __init__(self, agent: Agent, job: Job) -> None:
        self.agent = agent
        self._job = job
        self._lock = threading.Lock()
        self._idle: list[Process] = []
        self._busy: list[Process] = []
        self._turn: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
        if not agent.concurrent:
            self._turn = threading.Lock()

    @contextlib.contextmanager
    def acquire(self, watch: Watch) -> Iterator[Process]:
        """Reserve a process for a transfer; wait until one is available.

        At the end of the context the process is available again, or is killed if it is
        not ready for another transfer. ``watch`` is the Watch of the transfer; its
        exceptions pass through.
        """
        with self._turn:
            watch.moved(0)  # raises if the transfer was stopped during the wait
            process = self._take()
            try:
                yield process
            finally:
                self._giveback(process)

    def fetched(self, reply: dict[str, Any], ref: BlobRef, store: BlobStore) -> None:
        """Store the file that an agent has downloaded, then remove that file.

        ``reply`` is the agent's final message, with the path of the file. If the
        content is not that of the blob, the file is not removed: it may be any file of
        the user.
        """
        path = reply.get('path')
        if not isinstance(path, str) or not path:
            raise ReplyBroken(b'%s names no file' % self.agent.shown)
        place = os.path.join(self._job.folder, os.fsencode(path))
        with self._opened(place, ref) as handle:
            store.ingest(readchunks(handle), ref.oid, ref.size)
            # with hard links, the path may now refer to a file of the store
            mine = isthere(handle, place)
        if mine:
            with contextlib.suppress(OSError):
                discard(place)

    def close(self) -> None:
        """End all processes: kill busy ones, and let idle ones terminate."""
        with self._lock:
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for process in busy:
            process.kill()
        for process in idle:
            process.dismiss()
        until = time.monotonic() + PATIENCE
        for process in idle:
            process.end(max(0.0, until - time.monotonic()))

    @contextlib.contextmanager
    def _opened(self, path: bytes, ref: BlobRef) -> Iterator[io.FileIO]:
        """Open a downloaded file; raise if it is not regular or has a wrong size."""
        try:
            handle = io.FileIO(path, 'rb', opener=_opennonblocking)
        except (OSError, ValueError) as exc:  # ValueError: a NUL in its name
            why = reason(exc)
            raise ReplyBroken(
                b'%s names a file that cannot be read: %s' % (self.agent.shown, why)
            ) from exc
        with handle:
            found = os.fstat(handle.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ReplyBroken(b'%s names what is no file' % self.agent.shown)
            if found.st_size != ref.size:
                raise SizeMangled(
                    b'%s brought %d instead of %d bytes of lfs object %s'
                    % (self.agent.shown, found.st_size, ref.size, ref.oid)
                )
            try:
                yield handle
            except BlobMangled as exc:
                exc.hint = b'%s brought it' % self.agent.shown
                raise

    def _take(self) -> Process:
        with self._lock:
            process = self._idle.pop() if self._idle else None
        process = process or Process(self.agent, self._job)
        with self._lock:
            self._busy.append(process)
        return process

    def _giveback(self, process: Process) -> None:
        with self._lock:
            self._busy.remove(process)
            if process.ready:
                self._idle.append(process)
        if not process.ready:
            process.kill()
            process.end()


def _opennonblocking(path: str, flags: int) -> int:
    """Open a file without blocking, in case it is a named pipe."""
    return os.open(path, flags | _O_NONBLOCK)


def verify(store: BlobStore, ref: BlobRef) -> None:
    """Verify a blob before its upload; raise BlobMissing, BlobCorrupt."""
    checkthere(store, ref)
    if store.damaged(ref.oid):
        raise corrupt(ref)


def pathof(store: BlobStore, ref: BlobRef) -> bytes:
    """Return the path of a blob's file."""
    with store.open(ref.oid) as handle:
        return os.path.abspath(os.fsencode(handle.name))


class _Assigned(Single):
    """Transfer an object of an LFS server by the agent that the server chose."""

    def __init__(self, order: Order, answer: Answer, crew: Crew) -> None:
        super().__init__(order, answer)
        self._crew = crew

    def _download(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        ref = self.ref
        with self._crew.acquire(watch) as process:
            action = self.action(connection)
            if action is None:
                raise ReplyBroken(
                    b'LFS server no longer offers lfs object %s' % ref.oid
                )
            reply = process.move(DOWNLOAD, ref, action, watch.moved)
        self._crew.fetched(reply, ref, store)

    def _upload(
        self, connection: HttpConnection, store: BlobStore, watch: Watch
    ) -> None:
        ref = self.ref
        verify(store, ref)
        with self._crew.acquire(watch) as process:
            action = self.action(connection)
            if action is None:  # another client has uploaded it since
                watch.had(ref.size)
                return
            process.move(UPLOAD, ref, action, watch.moved, pathof(store, ref))
        if 'verify' in self._answer.actions:
            self._verify(connection, self._answer.actions['verify'])


class AgentRemote:
    """A standalone agent, without an LFS server; see Remote for the contract.

    All blobs are transferred, because agents cannot report which blobs exist.
    """

    quiet = False

    def __init__(self, agent: Agent, agents: Agents) -> None:
        self.name = agent.shown
        self.parallel = agents.parallel if agent.concurrent else 1
        self._agent = agent
        self._agents = agents

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield one plan with a transfer for each blob."""
        crew = self._agents.crew(self._agent.name, operation)
        yield Plan(len(refs), [_Alone(crew, operation, ref) for ref in refs])

    def connect(self, log: Log | None = None) -> Connection:
        """Return a connection that has only a log; ``close`` ends the processes."""
        return NullConnection(log or NullLog(), self._agents.close)


@dataclass(frozen=True)
class _Alone:
    """Transfer one blob by a standalone agent, which chooses the source or target."""

    crew: Crew
    operation: str
    ref: BlobRef

    @property
    def refs(self) -> Sequence[BlobRef]:
        return [self.ref]

    def run(self, connection: Connection, store: BlobStore, watch: Watch) -> None:
        watch.started(self.ref)
        if self.operation == DOWNLOAD:
            self._download(store, watch)
        else:
            self._upload(store, watch)
        watch.arrived(self.ref)

    def _download(self, store: BlobStore, watch: Watch) -> None:
        with self.crew.acquire(watch) as process:
            reply = process.move(DOWNLOAD, self.ref, None, watch.moved)
        self.crew.fetched(reply, self.ref, store)

    def _upload(self, store: BlobStore, watch: Watch) -> None:
        verify(store, self.ref)
        path = pathof(store, self.ref)
        with self.crew.acquire(watch) as process:
            process.move(UPLOAD, self.ref, None, watch.moved, path)
