"""A custom transfer agent with a store at its other end, and the messages it got."""

from __future__ import annotations

import json
import os
import sys

from hgext3rd.hglfs.lfs.remote.agent import AgentRemote, Agents
from hgext3rd.hglfs.lfs.remote.process import Agent
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.transfer import queue
from hgext3rd.hglfs.lfs.transfer.retry import Retry

from .blobs import oidof, refto
from .transfers import RecordingWatch, carry

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'agent.py')


class Kit:
    """An agent over a folder, a store, and the log of messages to the agent."""

    def __init__(
        self, folder: bytes, *faults: str, timeout: float = 0.0, **options
    ) -> None:
        self.far = os.path.join(folder, b'far')
        os.makedirs(self.far, exist_ok=True)
        self.near = DiskStore(os.path.join(folder, b'near'))
        command = [sys.executable, SCRIPT, os.fsdecode(self.far), *faults]
        self.agent = Agent('mule', command, **options)
        self.agents = Agents([self.agent], b'https://example.com/r', 4, folder, timeout)
        self.remote = AgentRemote(self.agent, self.agents)

    def has(self, *contents: bytes) -> None:
        """Put blobs where the agent finds them."""
        for content in contents:
            with open(os.path.join(self.far, oidof(content)), 'wb') as handle:
                handle.write(content)

    def keep(self, *contents: bytes) -> None:
        """Put blobs into the store."""
        for content in contents:
            self.near.ingest([content])

    def carry(self, operation: str, *contents: bytes) -> RecordingWatch:
        """Move blobs one by one; check that the agent ends afterwards."""
        try:
            return carry(self.remote, operation, self.near, list(map(refto, contents)))
        finally:
            self.remote.connect().close()
            assert not any(self.pids(alive=True))

    def move(self, operation: str, *contents: bytes, lines: int = 4) -> Meter:
        """Move blobs by the queue."""
        meter, policy = Meter(), queue.Policy(Retry(2, 0.01), lines)
        refs = list(map(refto, contents))
        queue.move(self.remote, operation, refs, self.near, meter, policy)
        return meter

    def rawlog(self) -> bytes:
        """Return the messages to the agent, each line after the process's id."""
        path = os.path.join(self.far, b'log')
        if not os.path.exists(path):
            return b''
        with open(path, 'rb') as handle:
            return handle.read()

    def log(self) -> list[tuple[int, dict]]:
        """Return the messages to the agent, each with the process's id."""
        lines = [line.split(b' ', 1) for line in self.rawlog().splitlines()]
        return [(int(pid), json.loads(message)) for pid, message in lines]

    def messages(self, event: str) -> list[dict]:
        return [message for _pid, message in self.log() if message['event'] == event]

    def pids(self, alive: bool = False) -> set[int]:
        found = {pid for pid, _message in self.log()}
        return {pid for pid in found if not alive or _alive(pid)}

    def files(self) -> set[bytes]:
        """Return the names of the files in the agent's folder."""
        return set(os.listdir(self.far)) - {b'log', b'once'}


class Meter:
    """A meter that sums up its calls."""

    def __init__(self) -> None:
        self.moved = 0
        self.failures: list[Exception] = []
        self.arrived: list[bytes] = []

    def planned(self, count, size):
        pass

    def started(self, ref):
        pass

    def advanced(self, size):
        self.moved += size

    def failed(self, error, retries):
        self.failures.append(error)

    def finished(self, ref):
        self.arrived.append(ref.oid)

    def closed(self):
        pass

    def succeeded(self):
        pass

    def abandoned(self, count, size):
        pass


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
