"""Mercurial's own connection to a peer, as a wire for blobs and for locks.

Format: the commands are answered and called as ``mercurial.sshpeer`` frames them:
what is long goes in pieces, each after a line with its length, and ``0`` ends it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mercurial import error
from mercurial.utils import stringutil, urlutil

from ..lfs.errors import ConnectionFailed, EndpointUnusable, RemoteError
from ..lfs.oid import CHUNK
from ..lfs.remote import pipes, replies
from ..lfs.wire import locking

#: What a server says it can do, and the commands behind it.
CAPABILITY = b'hglfs-blobs'
HAVE = b'hglfs_have'
GET = b'hglfs_get'
PUT = b'hglfs_put'
#: The same for locks.
LOCKSCAPABILITY = b'hglfs-locks'
LOCKS = b'hglfs_locks'
#: The command that lists the increments of bundles, given the bundles' digests, and the
#: capability of a server that has it.
INCREMENTS = b'hglfs_bundles'
INCREMENTSCAPABILITY = b'hglfs-bundles'
#: The command that lists packs of blobs, and the capability of a server that has some.
BLOBPACKS = b'hglfs_blobpacks'
#: What a broken connection raises, and a server that fails.
_BROKEN = (OSError, error.Error, error.RepoError, error.OutOfBandError)
#: The longest answer that has to be in memory and is believed, in bytes.
_MAXANSWER = 16 << 20
_LENGTH = re.compile(rb'[0-9]{1,19}\n\Z')


class PeerWire:
    """Moves blobs over the connection of an ``sshpeer``; see Wire for the contract.

    ``connect`` returns the peer when it is needed. One that ``reopens`` is closed
    after use, and made anew where it broke; another is somebody else's.
    """

    def __init__(self, name: bytes, connect: Callable, reopens: bool) -> None:
        self.name = urlutil.hidepassword(name)
        self._connect = connect
        self._reopens = reopens
        self._connected: Any = None
        self._met = False

    @property
    def reopens(self) -> bool:
        """Whether another connection takes the place of one that broke."""
        return self._reopens

    def have(self, wanted: bytes) -> bytes:
        """Returns the answer to a list."""
        with self._told():
            return _answer(self._peer()._callstream(HAVE, wanted=wanted))

    def get(self, wanted: bytes) -> Iterator[bytes]:
        """Yield the stream that answers a list."""
        with self._told():
            stream = self._peer()._callstream(GET, wanted=wanted)
            while size := _length(stream):
                while size:
                    piece = stream.unbufferedread(min(size, CHUNK))
                    if not piece:
                        raise OSError('it was hung up')
                    size -= len(piece)
                    yield piece

    def put(self, chunks: Iterable[bytes]) -> bytes:
        """Send a stream of blobs, and return the answer."""
        with self._told():
            peer = self._peer()
            stream = peer._callstream(PUT)
            refusal = _answer(stream)
            if refusal:
                message = b'LFS error: %s: %s' % (self.name, replies.excerpt(refusal))
                raise RemoteError(message)
            for chunk in chunks:
                peer._writeframed(chunk)
            peer._writeframed(b'', flush=True)
            return _answer(stream)

    def ask(self, request: locking.Request) -> locking.Reply:
        """Returns the answer to a request about locks."""
        with self._told():
            peer = self._peer(LOCKSCAPABILITY)
            verb = request.verb.encode('ascii')
            stream = peer._callstream(LOCKS, verb=verb, request=request.encode())
            told = _answer(stream)
            status, _mark, body = told.partition(b'\n')
            if not status.isdigit():
                raise OSError('its answer makes no sense')
            return locking.Reply(int(status), body)

    def close(self) -> None:
        """Ends the connection, where it is ours."""
        if self._reopens and self._connected is not None:
            self._connected.close()
            self._connected = None

    def _peer(self, capability: bytes = CAPABILITY):
        if self._connected is None:
            self._connected = self._connect()
            _widen(self._connected)
        if not self._connected.capable(capability):
            if capability == LOCKSCAPABILITY:
                raise EndpointUnusable(b'%s has no locks' % self.name)
            raise EndpointUnusable(b'lfs.url needs to be configured')
        self._met = True
        return self._connected

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what a broken connection raises into an error of the tree."""
        try:
            yield
        except _BROKEN as exc:
            with contextlib.suppress(*_BROKEN):
                self.close()
            self._connected = None if self._reopens else self._connected
            why = stringutil.forcebytestr(exc)
            raise ConnectionFailed(
                b'LFS error: %s: %s' % (self.name, why),
                # whom nobody has met yet will hardly come
                transient=self._reopens and self._met,
            ) from exc


def _widen(peer) -> None:
    """Has an ``sshpeer``'s pipes hold more, so that the programs take fewer turns."""
    for name in ('_pipei', '_pipeo'):
        pipe = getattr(peer, name, None)
        pipes.widen(getattr(pipe, '_main', pipe))


def _length(stream) -> int:
    """Returns how many bytes follow; raises OSError where nobody says so."""
    line = stream.readline()
    if not line:
        raise OSError('it was hung up')
    if not _LENGTH.match(line):
        raise OSError('its answer makes no sense')
    return int(line)


def _answer(stream) -> bytes:
    """Returns an answer that has to be small."""
    size = _length(stream)
    if size > _MAXANSWER:
        raise OSError('its answer is longer than %d bytes' % _MAXANSWER)
    answer = stream.read(size) if size else b''
    if len(answer) < size:
        raise OSError('it was hung up')
    return answer


def framed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields what answers ``get``."""
    for chunk in chunks:
        yield b'%d\n' % len(chunk)
        yield chunk
    yield b'0\n'
