"""Messages of destinations: safe for a terminal, and without secrets."""

from __future__ import annotations

import hashlib
import os

import pytest
from mercurial import error
from mercurial import ui as uimod
from support.bundles import bundle

from hgext3rd.hglfs.clonebundles.server.lease import Lease, pidscope
from hgext3rd.hglfs.clonebundles.server.publish import Folder
from hgext3rd.hglfs.clonebundles.server.work import Work
from hgext3rd.hglfs.lfs.errors import RemoteError

HOSTILE = b'\x1b[2J says http://u:secret@h/b.hg?sig=secret'


def fails(url):
    raise RemoteError(HOSTILE)
    yield


@pytest.fixture
def work(folder):
    lease = Lease(os.path.join(folder, b'worker'), pidscope('host'))
    assert lease.take()
    bad = Folder(
        'bad', os.path.join(folder, b'bad'), 'http://h/{basename}', None, fails
    )
    good = Folder('good', os.path.join(folder, b'good'), 'http://h/{basename}')
    return Work(uimod.ui.load(), None, {'bad': bad, 'good': good}, lease)


@pytest.fixture
def made(folder):
    content = b'a bundle'
    path = os.path.join(folder, b'made')
    with open(path, 'wb') as handle:
        handle.write(content)
    digest = hashlib.sha256(content).hexdigest()
    return path, bundle(size=len(content), digest=digest)


def issafe(message):
    return b'\x1b' not in message and b'secret' not in message and b'says' in message


def test_a_failure_at_one_destination(work, made):
    published = work.publish(*made, ['bad', 'good'])
    assert [place.destination for place in published.places] == ['good']
    (message,) = published.failed
    assert issafe(message)


def test_a_failure_at_every_destination(work, made):
    with pytest.raises(error.Abort) as raised:
        work.publish(*made, ['bad'])
    assert issafe(raised.value.message)


def test_the_reason_of_any_error(work):
    assert issafe(work.reason(RemoteError(HOSTILE)))
    assert issafe(work.reason(OSError(HOSTILE.decode('ascii'))))
