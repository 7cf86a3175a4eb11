"""Transfer blobs and lock requests over Mercurial's own ssh connection to a peer.

Format: commands and responses are framed as in ``mercurial.sshpeer``. Long ones are
sent in pieces, each after a line with its length in decimal; a line ``0`` ends them.
The format of lists and streams of blobs is in ``lfs.wire.blobstream``.
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

#: The capability for blobs, and its commands.
CAPABILITY = b'hglfs-blobs'
HAVE = b'hglfs_have'
GET = b'hglfs_get'
PUT = b'hglfs_put'
#: The capability for locks, and its command.
LOCKSCAPABILITY = b'hglfs-locks'
LOCKS = b'hglfs_locks'
#: The command that lists the increments of bundles, given the bundles' digests, and the
#: capability of a server that has it.
INCREMENTS = b'hglfs_bundles'
INCREMENTSCAPABILITY = b'hglfs-bundles'
#: The command that lists packs of blobs; also the capability of a server with packs.
BLOBPACKS = b'hglfs_blobpacks'
#: The errors of a broken connection, or of a failing server.
_BROKEN = (OSError, error.Error, error.RepoError, error.OutOfBandError)
#: The longest response that is read into memory, in bytes.
_MAXANSWER = 16 << 20
_LENGTH = re.compile(rb'[0-9]{1,19}\n\Z')


class PeerWire:
    """Transfer blob streams over an ``sshpeer``; see Wire for the contract.

    ``connect`` is called at the first use, and returns the peer. If ``reopens`` is
    true, ``close`` closes the connection, and the next use after that, or after the
    connection broke, calls ``connect`` again. If it is false, the connection is never
    closed here, because it belongs to the code that passed ``connect``.
    """

    def __init__(self, name: bytes, connect: Callable, reopens: bool) -> None:
        self.name = urlutil.hidepassword(name)
        self._connect = connect
        self._reopens = reopens
        self._connected: Any = None
        self._met = False

    @property
    def reopens(self) -> bool:
        """Whether a broken connection is replaced by a new one."""
        return self._reopens

    def have(self, wanted: bytes) -> bytes:
        """Return the response to a list of blobs: which of them the peer has."""
        with self._translate_errors():
            return _answer(self._peer()._callstream(HAVE, wanted=wanted))

    def get(self, wanted: bytes) -> Iterator[bytes]:
        """Yield the stream of the listed blobs; the caller MUST read it to its end."""
        with self._translate_errors():
            stream = self._peer()._callstream(GET, wanted=wanted)
            while size := _length(stream):
                while size:
                    piece = stream.unbufferedread(min(size, CHUNK))
                    if not piece:
                        raise OSError('the peer closed the connection')
                    size -= len(piece)
                    yield piece

    def put(self, chunks: Iterable[bytes]) -> bytes:
        """Send a stream of blobs; return the response."""
        with self._translate_errors():
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
        """Return the reply to a request about locks."""
        with self._translate_errors():
            peer = self._peer(LOCKSCAPABILITY)
            verb = request.verb.encode('ascii')
            stream = peer._callstream(LOCKS, verb=verb, request=request.encode())
            status, _mark, body = _answer(stream).partition(b'\n')
            if not status.isdigit():
                raise OSError('malformed response')
            return locking.Reply(int(status), body)

    def close(self) -> None:
        """Close the connection, unless the caller owns it."""
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
    def _translate_errors(self) -> Iterator[None]:
        """Translate errors of the connection into ConnectionFailed."""
        try:
            yield
        except _BROKEN as exc:
            with contextlib.suppress(*_BROKEN):
                self.close()
            self._connected = None if self._reopens else self._connected
            why = stringutil.forcebytestr(exc)
            raise ConnectionFailed(
                b'LFS error: %s: %s' % (self.name, why),
                # the first attempt to connect is not retried
                transient=self._reopens and self._met,
            ) from exc


def _widen(peer) -> None:
    """Enlarge the pipes of an ``sshpeer``, for fewer context switches."""
    for name in ('_pipei', '_pipeo'):
        pipe = getattr(peer, name, None)
        pipes.widen(getattr(pipe, '_main', pipe))


def _length(stream) -> int:
    """Read the length of the next piece; raise OSError if the line is not a length."""
    line = stream.readline()
    if not line:
        raise OSError('the peer closed the connection')
    if not _LENGTH.match(line):
        raise OSError('malformed response')
    return int(line)


def _answer(stream) -> bytes:
    """Read a response into memory; raise OSError where it is too long."""
    size = _length(stream)
    if size > _MAXANSWER:
        raise OSError('response longer than %d bytes' % _MAXANSWER)
    answer = stream.read(size) if size else b''
    if len(answer) < size:
        raise OSError('the peer closed the connection')
    return answer


def framed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the framed response to ``get``."""
    for chunk in chunks:
        yield b'%d\n' % len(chunk)
        yield chunk
    yield b'0\n'
