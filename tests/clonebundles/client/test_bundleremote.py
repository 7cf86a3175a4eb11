"""Downloads of clone bundles into files, verified against their offers."""

from __future__ import annotations

import hashlib
import io

import pytest
from support.blobs import Notes, oidof, refto
from support.bundles import offered
from support.memory import MemoryStore
from support.server import OBJECTS, Server
from support.told import Told

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


def test_what_arrives_is_proven():
    found = offered(DIGEST=b'sha512:' + SHA512, SIZE=b'%d' % len(CONTENT))
    assert arrive(found, CONTENT[:5], CONTENT[5:]) == CONTENT
    with pytest.raises(BlobMangled):
        arrive(found, CONTENT[:-1] + b'x')
    with pytest.raises(BlobMangled):
        arrive(found, CONTENT, b'x')
    with pytest.raises(RemoteError) as caught:
        arrive(found, CONTENT[:-1])
    assert caught.value.transient


def test_what_starts_again_forgets_what_came_before():
    sink = io.BytesIO()
    receiver = BundleReceiver(sink, offered(DIGEST=b'sha512:' + SHA512))
    receiver.restart()
    receiver.write(b'something else that is longer than the bundle')
    receiver.restart()
    receiver.write(CONTENT)
    receiver.verify()
    assert sink.getvalue() == CONTENT


def test_what_is_too_much_is_not_written():
    sink = io.BytesIO()
    receiver = BundleReceiver(sink, offered(SIZE=b'3'))
    receiver.restart()
    with pytest.raises(BlobMangled):
        receiver.write(b'1234')
    assert sink.getvalue() == b''


def test_a_full_disk_is_told():
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, 'No space left on device')

    receiver = BundleReceiver(Full(), offered())
    receiver.restart()
    with pytest.raises(StoreFailed, match='No space left'):
        receiver.write(b'1')


@pytest.mark.parametrize('status', [206, 400, 404, 500, 501])
def test_where_the_rest_is_refused_the_whole_is_requested(status):
    server = Server(MemoryStore(CONTENT), headers={'etag': '"v1"'}, breaks=[5])
    href = OBJECTS + oidof(CONTENT).decode('ascii')
    remote = BundleRemote(href, server, Notes())
    sink = io.BytesIO()
    found = offered(DIGEST=b'sha512:' + SHA512)
    transfer = remote.asfile(refto(CONTENT), BundleReceiver(sink, found))
    with pytest.raises(ReplyBroken):
        transfer.run(remote.connect(), MemoryStore(), Told())
    if status == 206:
        server.headers['content-range'] = 'bytes 0-13/14'
    else:
        server.errors = [HttpFailed(status, b'no')]
    transfer.run(remote.connect(), MemoryStore(), Told(last=True))
    asked = [request.headers.get('Range') for request in server.requests]
    assert asked == [None, 'bytes=5-13', None]
    assert sink.getvalue() == CONTENT
