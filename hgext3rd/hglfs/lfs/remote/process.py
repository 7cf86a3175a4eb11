"""Run a custom transfer agent: a program that transfers blobs on request.

Format: git-lfs ``docs/custom-transfers.md``: JSON objects, one on each line, on the
agent's standard input and output. Its standard error is passed to the user.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

# names, not modules: lazy imports of Mercurial are not thread safe
from json import dumps, loads
from subprocess import PIPE, Popen, TimeoutExpired
from typing import Any

from ..blob import DOWNLOAD, UPLOAD, BlobRef
from ..errors import BlobRefused, RemoteError, ReplyBroken
from ..store.files import reason
from ..wire.action import Action
from ..words import quoted
from .api import Progress
from .pipes import Pipes, Silent

#: The maximum length of a line from an agent, in bytes.
_MAXLINE = 1 << 20
#: How long to wait for an agent to terminate on request, in seconds.
PATIENCE = 10.0
#: How long to wait for an agent after a signal, in seconds.
_LASTWAIT = 1.0
#: The length to which an agent's message is cut, in characters.
_SHOWN = 500


@dataclass(frozen=True)
class Agent:
    """The configuration of an agent.

    ``command`` is the program with its arguments, ``concurrent`` whether several
    processes may run at once, ``operations`` the operations for which the agent is
    used.
    """

    name: str
    command: Sequence[str]
    concurrent: bool = True
    operations: Sequence[str] = (DOWNLOAD, UPLOAD)

    @property
    def shown(self) -> bytes:
        """The agent's name for messages."""
        return b'lfs transfer agent %s' % printable(self.name)


@dataclass(frozen=True)
class Job:
    """The purpose of a process: one operation with one remote.

    ``parallel`` is the maximum number of parallel transfers, ``folder`` the agent's
    working directory, ``timeout`` the maximum silence in seconds, 0 for no limit.
    """

    operation: str
    remote: str = ''
    parallel: int = 1
    folder: bytes = b'.'
    timeout: float = 0.0


class Process:
    """A running agent; for one thread at a time, except for ``kill``.

    All methods raise RemoteError for violations of the protocol. ``ready`` is false
    during a transfer and after a violation; no other transfer can be requested then.
    """

    def __init__(self, agent: Agent, job: Job) -> None:
        self._agent = agent
        self._greeted = False
        self.ready = False
        self._timeout = job.timeout
        self._child = _start(agent, job)
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._pipes = Pipes(self._child.stdin, self._child.stdout, job.timeout)
        try:
            self._greet(job)
        except BaseException:
            self.kill()
            self.end()
            raise

    def move(
        self,
        operation: str,
        ref: BlobRef,
        action: Action | None,
        progress: Progress,
        path: bytes | None = None,
    ) -> dict[str, Any]:
        """Request the transfer of a blob; return the agent's final message.

        ``action`` is the server's, or None without a server. ``path`` is the blob's
        file, for an upload. Raises BlobRefused with the agent's error message.
        """
        self.ready = False
        request: dict[str, Any] = {
            'event': operation,
            'oid': ref.oid.decode('ascii'),
            'size': ref.size,
            'action': action and {'href': action.href, 'header': dict(action.header)},
        }
        if path is not None:
            request['path'] = os.fsdecode(path)
        self._send(request)
        return self._follow(ref, progress)

    def dismiss(self) -> None:
        """Request the agent to terminate, without waiting."""
        with contextlib.suppress(RemoteError, OSError):
            self._send({'event': 'terminate'})
        self._hangup()

    def kill(self) -> None:
        """Kill the agent."""
        with contextlib.suppress(OSError):
            self._child.kill()

    def end(self, patience: float = _LASTWAIT) -> None:
        """Wait ``patience`` seconds for the agent to end; then terminate or kill it."""
        self._hangup()
        for then in (self._child.terminate, self._child.kill):
            if self._ended(patience):
                break
            with contextlib.suppress(OSError):
                then()
            patience = _LASTWAIT
        self._ended(_LASTWAIT)
        assert self._child.stdout is not None
        self._child.stdout.close()

    def _greet(self, job: Job) -> None:
        self._send(
            {
                'event': 'init',
                'operation': job.operation,
                'remote': job.remote,
                'concurrent': self._agent.concurrent,
                'concurrenttransfers': job.parallel,
            }
        )
        words = self._errorof(self._receive())
        if words is not None:
            raise RemoteError(b'%s does not start: %s' % (self._agent.shown, words))
        self._greeted = self.ready = True

    def _follow(self, ref: BlobRef, progress: Progress) -> dict[str, Any]:
        """Pass on progress messages until the transfer is complete."""
        reported = 0
        while True:
            reply = self._receive()
            if reply.get('oid') != ref.oid.decode('ascii'):
                raise self._broken(b'it answers for another object than %s' % ref.oid)
            if reply.get('event') == 'complete':
                break
            sofar = reply.get('bytesSoFar')
            if reply.get('event') != 'progress' or type(sofar) is not int:
                raise self._broken(b'it sent no message that is known')
            now = min(max(sofar, reported), ref.size)
            progress(now - reported)
            reported = now
        words = self._errorof(reply)
        self.ready = True
        if words is not None:
            raise BlobRefused(
                b'%s: error for "%s": %s' % (self._agent.shown, ref.path, words)
            )
        progress(ref.size - reported)
        return reply

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._pipes.send(dumps(message).encode('ascii') + b'\n')
        except Silent as exc:
            raise self._silent() from exc
        except (OSError, ValueError) as exc:  # closed by another thread
            raise self._exited() from exc

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._pipes.line(_MAXLINE)
        except Silent as exc:
            raise self._silent() from exc
        except (OSError, ValueError) as exc:
            raise self._exited() from exc
        if len(line) == _MAXLINE:
            raise self._broken(b'it sent a line of more than %d bytes' % _MAXLINE)
        if not line.endswith(b'\n'):
            raise self._exited()
        try:
            reply = loads(line)
        except (ValueError, RecursionError) as exc:
            raise self._broken(b'it sent a line that is not JSON') from exc
        if not isinstance(reply, dict):
            raise self._broken(b'it sent a line that is no JSON object')
        return reply

    def _errorof(self, reply: dict[str, Any]) -> bytes | None:
        """Return the error message of an agent's reply, or None."""
        error = reply.get('error')
        if error is None:
            return None
        if not isinstance(error, dict):
            raise self._broken(b'it sent an error that is no JSON object')
        words = printable(str(error.get('message') or '')) or b'it does not say why'
        code = error.get('code')
        return b'%s (code %d)' % (words, code) if type(code) is int else words

    def _broken(self, what: bytes) -> ReplyBroken:
        return ReplyBroken(b'%s is broken: %s' % (self._agent.shown, what))

    def _silent(self) -> ReplyBroken:
        self.kill()
        return ReplyBroken(
            b'%s has been silent for %g seconds' % (self._agent.shown, self._timeout),
            hint=b'raise "lfs.timeout" where it needs more time, or set it to 0',
            transient=self._greeted,
        )

    def _exited(self) -> ReplyBroken:
        """Return the error for an agent that has ended or closed its output.

        If the agent had started successfully, the error is transient, because a new
        process may succeed.
        """
        what = b'has hung up'
        if self._ended(_LASTWAIT):
            what = b'has ended (exit code %d)' % self._child.returncode
        return ReplyBroken(
            b'%s %s' % (self._agent.shown, what), transient=self._greeted
        )

    def _hangup(self) -> None:
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):
            self._child.stdin.close()

    def _ended(self, seconds: float) -> bool:
        try:
            self._child.wait(seconds)
        except TimeoutExpired:
            return False
        return True


def _start(agent: Agent, job: Job) -> Popen[bytes]:
    try:
        return Popen(
            agent.command, stdin=PIPE, stdout=PIPE, cwd=os.fsdecode(job.folder)
        )
    except (OSError, ValueError) as exc:  # a NUL in the command
        why = reason(exc)
        raise RemoteError(
            b'%s cannot be started: %s' % (agent.shown, why),
            hint=b'check "lfs.customtransfer.%s.path"' % printable(agent.name),
        ) from exc


def printable(text: str) -> bytes:
    """Return the start of an agent's text, safe for messages; see ``words.quoted``."""
    return quoted(text, _SHOWN)
