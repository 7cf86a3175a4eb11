"""Mercurial's connection as a wire: replies are checked before they are used."""

from __future__ import annotations

import io

import pytest
from mercurial import error

from hgext3rd.hglfs.hg import peerwire
from hgext3rd.hglfs.lfs.errors import ConnectionFailed, LfsError, RemoteError


class Stream(io.BytesIO):
    """A stream from which a peer is read."""


class Peer:
    """A peer that answers every command with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._stream = Stream(answer)
        self._stream.unbufferedread = self._stream.read
        self.closed = False

    def capable(self, name: bytes) -> bool:
        return True

    def _callstream(self, command: bytes, **args):
        return self._stream

    def _writeframed(self, data: bytes, flush: bool = False) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def connected(answer: bytes, reopens: bool = True) -> tuple[peerwire.PeerWire, Peer]:
    peer = Peer(answer)
    return peerwire.PeerWire(b'ssh://far', lambda: peer, reopens), peer


CALLS = {
    'have': lambda made: made.have(b''),
    'get': lambda made: b''.join(made.get(b'')),
    'put': lambda made: made.put([b'abc']),
}
CALL = pytest.mark.parametrize('name', CALLS)


@CALL
def test_a_reply_is_read(name):
    start = b'0\n' if name == 'put' else b''
    made, peer = connected(start + b'3\nabc0\n')
    assert CALLS[name](made) == b'abc'
    assert not peer.closed


@CALL
@pytest.mark.parametrize(
    'answer', [b'', b'\n', b'3\nab', b'-3\nabc', b'3', b'x\n', b'%s\nabc' % (b'9' * 30)]
)
def test_a_truncated_or_malformed_reply_is_transient(name, answer):
    made, peer = connected(answer)
    with pytest.raises(
        ConnectionFailed, match='LFS error: ssh://far/: (malformed|the peer)'
    ) as caught:
        CALLS[name](made)
    assert caught.value.transient
    assert peer.closed


@pytest.mark.parametrize('name', ['have', 'put'])
def test_an_oversized_reply_is_not_read(name):
    made, peer = connected(b'%d\nabc' % (1 << 40))
    with pytest.raises(ConnectionFailed, match='longer than'):
        CALLS[name](made)
    assert peer._stream.read() == b'abc'


@CALL
def test_a_borrowed_connection_stays_open_and_is_not_retried(name):
    made, peer = connected(b'3\nab', reopens=False)
    with pytest.raises(ConnectionFailed) as caught:
        CALLS[name](made)
    assert not caught.value.transient
    assert not peer.closed


def test_a_peer_that_cannot_be_reached_is_not_retried():
    def connect():
        raise error.RepoError(b'no suitable response from remote hg')

    made = peerwire.PeerWire(b'ssh://me:secret@far', connect, True)
    with pytest.raises(LfsError, match='no suitable response') as caught:
        made.have(b'')
    assert not caught.value.transient
    assert b'secret' not in caught.value.message


def test_a_refusal_to_store_blobs_is_final_and_short():
    made, peer = connected(b'1000\n' + b'no' * 500)
    with pytest.raises(RemoteError) as caught:
        made.put([b'abc'])
    assert not caught.value.transient
    assert caught.value.message.startswith(b'LFS error: ssh://far/: nono')
    assert len(caught.value.message) < 300
    assert not peer.closed
