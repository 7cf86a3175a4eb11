"""Downloads of clone bundles into files, verified against their offers."""

from __future__ import annotations

import hashlib
import io

import pytest
from support.blobs import Notes, oidof, refto
from support.bundles import offered
from support.memory import MemoryStore
from support.server import OBJECTS, Server
from support.transfers import RecordingWatch

from hgext3rd.hglfs.clonebundles import manifest
from hgext3rd.hglfs.clonebundles.client.bundleremote import BundleReceiver, BundleRemote
from hgext3rd.hglfs.lfs.errors import (
    BlobMangled,
    HttpFailed,
    RemoteError,
    ReplyBroken,
    StoreFailed,
)

CONTENT = b'HG20 and so on'
SHA512 = hashlib.sha512(CONTENT).hexdigest().encode('ascii')


def arrive(found: manifest.Offer, *chunks: bytes) -> bytes:
    sink = io.BytesIO()
    receiver = BundleReceiver(sink, found)
    receiver.restart()
    for chunk in chunks:
        receiver.write(chunk)
    receiver.verify()
    return sink.getvalue()


def test_size_and_digest_are_verified():
    found = offered(DIGEST=b'sha512:' + SHA512, SIZE=b'%d' % len(CONTENT))
    assert arrive(found, CONTENT[:5], CONTENT[5:]) == CONTENT
    with pytest.raises(BlobMangled):
        arrive(found, CONTENT[:-1] + b'x')
    with pytest.raises(BlobMangled):
        arrive(found, CONTENT, b'x')
    with pytest.raises(RemoteError) as caught:
        arrive(found, CONTENT[:-1])
    assert caught.value.transient


def test_a_restarted_download_discards_earlier_bytes():
    sink = io.BytesIO()
    receiver = BundleReceiver(sink, offered(DIGEST=b'sha512:' + SHA512))
    receiver.restart()
    receiver.write(b'something else that is longer than the bundle')
    receiver.restart()
    receiver.write(CONTENT)
    receiver.verify()
    assert sink.getvalue() == CONTENT


def test_bytes_beyond_the_size_are_not_written():
    sink = io.BytesIO()
    receiver = BundleReceiver(sink, offered(SIZE=b'3'))
    receiver.restart()
    with pytest.raises(BlobMangled):
        receiver.write(b'1234')
    assert sink.getvalue() == b''


def test_a_full_disk_is_reported():
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, 'No space left on device')

    receiver = BundleReceiver(Full(), offered())
    receiver.restart()
    with pytest.raises(StoreFailed, match='No space left'):
        receiver.write(b'1')


@pytest.mark.parametrize('status', [206, 400, 404, 500, 501])
def test_a_refused_range_makes_the_download_start_over(status):
    server = Server(MemoryStore(CONTENT), headers={'etag': '"v1"'}, breaks=[5])
    href = OBJECTS + oidof(CONTENT).decode('ascii')
    remote = BundleRemote(href, server, Notes())
    sink = io.BytesIO()
    found = offered(DIGEST=b'sha512:' + SHA512)
    transfer = remote.asfile(refto(CONTENT), BundleReceiver(sink, found))
    with pytest.raises(ReplyBroken):
        transfer.run(remote.connect(), MemoryStore(), RecordingWatch())
    if status == 206:
        server.headers['content-range'] = 'bytes 0-13/14'
    else:
        server.errors = [HttpFailed(status, b'no')]
    transfer.run(remote.connect(), MemoryStore(), RecordingWatch(last=True))
    asked = [request.headers.get('Range') for request in server.requests]
    assert asked == [None, 'bytes=5-13', None]
    assert sink.getvalue() == CONTENT
