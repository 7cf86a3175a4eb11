"""A custom transfer agent at work: a program that moves blobs when it is told to.

Format: git-lfs ``docs/custom-transfers.md``: JSON objects, one a line, to its
standard input and from its standard output. What it writes to its standard error is
for the user's eyes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

# names, not modules: a thread must not be the first to look at one
from json import dumps, loads
from subprocess import PIPE, Popen, TimeoutExpired
from typing import Any

from ..blob import DOWNLOAD, UPLOAD, BlobRef
from ..errors import BlobRefused, RemoteError, ReplyBroken
from ..wire.action import Action
from ..words import quoted
from .api import Progress
from .pipes import Pipes, Silent

#: The longest line that is taken from an agent, in bytes.
_MAXLINE = 1 << 20
#: How long an agent may take to end that was asked to, in seconds.
PATIENCE = 10.0
#: The same for one that has no choice.
_LASTWAIT = 1.0
#: How much of what an agent says is shown.
_SHOWN = 500


@dataclass(frozen=True)
class Agent:
    """An agent as the user has configured it.

    ``command`` is the program and its arguments, ``concurrent`` whether it may run
    several times at once, ``operations`` what it can be used for.
    """

    name: str
    command: Sequence[str]
    concurrent: bool = True
    operations: Sequence[str] = (DOWNLOAD, UPLOAD)

    @property
    def shown(self) -> bytes:
        """What messages call it."""
        return b'lfs transfer agent %s' % printable(self.name)


@dataclass(frozen=True)
class Job:
    """What an agent is started for: one operation with one remote.

    ``parallel`` is how many transfers there may be at once, ``folder`` the one that
    the agent works in, ``timeout`` how many seconds it may be silent, 0 for ever.
    """

    operation: str
    remote: str = ''
    parallel: int = 1
    folder: bytes = b'.'
    timeout: float = 0.0


class Process:
    """An agent that runs. For one thread at a time, but for ``kill``.

    All raise RemoteError where the agent does not do as agreed. While it is not
    ``ready``, nothing more can be asked of it.
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
        """Has a blob moved; returns what the agent says at the end of it.

        ``action`` is the server's, where one was asked, and ``path`` where the blob
        is that is to be sent. Raises BlobRefused with the agent's own error.
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
        self._say(request)
        return self._follow(ref, progress)

    def dismiss(self) -> None:
        """Asks the agent to end."""
        with contextlib.suppress(RemoteError, OSError):
            self._say({'event': 'terminate'})
        self._hangup()

    def kill(self) -> None:
        """Ends the agent at once, whatever it does."""
        with contextlib.suppress(OSError):
            self._child.kill()

    def end(self, patience: float = _LASTWAIT) -> None:
        """Waits for so many seconds until the agent ends; then it is made to."""
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
        self._say(
            {
                'event': 'init',
                'operation': job.operation,
                'remote': job.remote,
                'concurrent': self._agent.concurrent,
                'concurrenttransfers': job.parallel,
            }
        )
        words = self._complaint(self._hear())
        if words is not None:
            raise RemoteError(b'%s does not start: %s' % (self._agent.shown, words))
        self._greeted = self.ready = True

    def _follow(self, ref: BlobRef, progress: Progress) -> dict[str, Any]:
        """Passes on how far the agent has got, until it is done."""
        told = 0
        while True:
            said = self._hear()
            if said.get('oid') != ref.oid.decode('ascii'):
                raise self._broken(b'it answers for another object than %s' % ref.oid)
            if said.get('event') == 'complete':
                break
            sofar = said.get('bytesSoFar')
            if said.get('event') != 'progress' or type(sofar) is not int:
                raise self._broken(b'it sent no message that is known')
            now = min(max(sofar, told), ref.size)
            progress(now - told)
            told = now
        words = self._complaint(said)
        self.ready = True
        if words is not None:
            raise BlobRefused(
                b'%s: error for "%s": %s' % (self._agent.shown, ref.path, words)
            )
        progress(ref.size - told)
        return said

    def _say(self, message: dict[str, Any]) -> None:
        try:
            self._pipes.send(dumps(message).encode('ascii') + b'\n')
        except Silent as exc:
            raise self._silent() from exc
        except (OSError, ValueError) as exc:  # ValueError: closed by somebody else
            raise self._gone() from exc

    def _hear(self) -> dict[str, Any]:
        try:
            line = self._pipes.line(_MAXLINE)
        except Silent as exc:
            raise self._silent() from exc
        except (OSError, ValueError) as exc:
            raise self._gone() from exc
        if len(line) == _MAXLINE:
            raise self._broken(b'it sent a line of more than %d bytes' % _MAXLINE)
        if not line.endswith(b'\n'):
            raise self._gone()
        try:
            said = loads(line)
        except (ValueError, RecursionError) as exc:
            raise self._broken(b'it sent a line that is not JSON') from exc
        if not isinstance(said, dict):
            raise self._broken(b'it sent a line that is no JSON object')
        return said

    def _complaint(self, said: dict[str, Any]) -> bytes | None:
        """Returns the words of an error that the agent reports, or None."""
        error = said.get('error')
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

    def _gone(self) -> ReplyBroken:
        """Returns the error for an agent that is there no more.

        A new one may do better, but where it did not even begin.
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
    except (OSError, ValueError) as exc:  # ValueError: a NUL in its name
        why = os.fsencode(getattr(exc, 'strerror', None) or str(exc))
        raise RemoteError(
            b'%s cannot be started: %s' % (agent.shown, why),
            hint=b'check "lfs.customtransfer.%s.path"' % printable(agent.name),
        ) from exc


def printable(text: str) -> bytes:
    """Return the start of what an agent wrote, as ``words.quoted`` does."""
    return quoted(text, _SHOWN)
