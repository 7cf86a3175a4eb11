"""Mercurial's own connection to a peer, as a wire for blobs.

Format: the commands are answered and called as ``mercurial.sshpeer`` frames them:
what is long goes in pieces, each after a line with its length, and ``0`` ends it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

from mercurial import error
from mercurial.utils import stringutil, urlutil

from ..model.errors import ConnectionFailed, EndpointUnusable
from ..model.oid import CHUNK

#: What a server says it can do, and the commands behind it.
CAPABILITY = b'hglfs-blobs'
HAVE = b'hglfs_have'
GET = b'hglfs_get'
PUT = b'hglfs_put'
#: What a broken connection raises, and a server that fails.
_BROKEN = (OSError, ValueError, error.Error, error.OutOfBandError)


class PeerWire:
    """Moves packs over the connection of an ``sshpeer``; see Wire for the contract.

    ``connect`` returns the peer when it is needed. One that ``reopens`` is closed
    after use, and made anew where it broke; another is somebody else's.
    """

    def __init__(self, name: bytes, connect: Callable, reopens: bool) -> None:
        self.name = urlutil.hidepassword(name)
        self._connect = connect
        self._reopens = reopens
        self._connected = None

    def have(self, wanted: bytes) -> bytes:
        """Returns the answer to a list."""
        with self._told():
            return self._peer()._call(HAVE, wanted=wanted)

    def get(self, wanted: bytes) -> Iterator[bytes]:
        """Yields the pack that answers a list."""
        with self._told():
            stream = self._peer()._callstream(GET, wanted=wanted)
            while size := int(stream.readline() or b'-'):
                while size:
                    piece = stream.unbufferedread(min(size, CHUNK))
                    if not piece:
                        raise OSError('it was hung up')
                    size -= len(piece)
                    yield piece

    def put(self, chunks: Iterable[bytes]) -> bytes:
        """Sends a pack, and returns the answer."""
        with self._told():
            peer = self._peer()
            refusal = peer._call(PUT)
            if refusal:
                raise OSError(refusal.decode('utf-8', 'replace').strip())
            for chunk in chunks:
                peer._writeframed(chunk)
            peer._writeframed(b'', flush=True)
            return peer._readframed()

    def close(self) -> None:
        """Ends the connection, where it is ours."""
        if self._reopens and self._connected is not None:
            self._connected.close()
            self._connected = None

    def _peer(self):
        if self._connected is None:
            self._connected = self._connect()
        if not self._connected.capable(CAPABILITY):
            raise EndpointUnusable(b'lfs.url needs to be configured')
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
                b'LFS error: %s: %s' % (self.name, why), transient=self._reopens
            ) from exc


def framed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields what answers ``get``."""
    for chunk in chunks:
        yield b'%d\n' % len(chunk)
        yield chunk
    yield b'0\n'
