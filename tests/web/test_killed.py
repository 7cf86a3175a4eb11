"""A server that is killed, or whose disk fills, at every single step of its writing.

Acknowledged blobs are there afterwards, every blob matches its oid, and the next
request works.
"""

from __future__ import annotations

import errno
import os
import signal

import pytest
from support import processes
from support.blobs import oidof
from support.web import serve

from hgext3rd.hglfs.lfs.store import files
from hgext3rd.hglfs.lfs.store.disk import DiskStore

CONTENT = b'a large file, as it were\n' * 4000
OID = oidof(CONTENT)
NAME = OID.decode('ascii')
#: The calls that change anything on the disk; the last needs no space.
STEPS = [
    'open',
    'write',
    'replace',
    'link',
    'unlink',
    'fsync',
    'utime',
    'mkdir',
    'chmod',
]
MANY = 200


@pytest.fixture
def store(folder):
    return DiskStore(folder + b'/repo/.hg/store/lfs/objects')


class Steps:
    """Count the steps, and call a function at one of them."""

    def __init__(self, last: int, act) -> None:
        self._left = last
        self._act = act

    def install(self) -> None:
        for name in STEPS if self._act is die else STEPS[:-1]:
            setattr(os, name, self._counted(getattr(os, name)))
        files.writeall = self._counted(files.writeall)

    def _counted(self, step):
        def counted(*args, **kwargs):
            self._left -= 1
            if self._left == 0:
                self._act()
            return step(*args, **kwargs)

        return counted


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill() -> None:
    raise OSError(errno.ENOSPC, 'No space left on device')


def attempt(web, request, last: int, act) -> tuple[bytes, bool]:
    """Make a request in another process; return its status, and whether it died."""
    reader, writer = os.pipe()

    def answer() -> None:
        write = os.write
        Steps(last, act).install()
        write(writer, request(web)[0].encode())

    child = processes.fork(answer)
    os.close(writer)
    with open(reader, 'rb') as handle:
        status = handle.read()
    _pid, ended = os.waitpid(child, 0)
    return status, os.WIFSIGNALED(ended)


def put(web):
    return web.put(NAME, CONTENT)


def patch(web):
    return [web.patch(NAME, CONTENT, 0)]


def sound(store) -> bool:
    """Return whether the blob is there; verify it if so."""
    found = list(store)
    assert found in ([], [OID])
    if found:
        assert not store.damaged(OID)
    return bool(found)


def unfinished(store) -> list[bytes]:
    """Return abandoned temporary files, which take space."""
    names = os.listdir(store.root) if os.path.isdir(store.root) else []
    return [name for name in names if name.startswith(b'incoming-')]


@pytest.mark.parametrize('request_', [put, patch], ids=['put', 'tus'])
def test_acknowledged_blobs_survive_a_kill_at_any_step(folder, store, request_):
    web = serve(folder)
    for last in range(1, MANY):
        status, died = attempt(web, request_, last, die)
        assert sound(store) or not status
        if not died:
            assert status[:1] == b'2'
            break
        assert web.put(NAME, CONTENT)[0][:3] in ('200', '201')
        assert web.get(NAME)[2] == CONTENT
        store.remove(OID)
    assert 3 < last < MANY - 1


@pytest.mark.parametrize('request_', [put, patch], ids=['put', 'tus'])
def test_a_full_disk_at_any_step_stores_nothing_wrong(folder, store, request_):
    web = serve(folder)
    codes = set()
    for last in range(1, MANY):
        status, died = attempt(web, request_, last, fill)
        assert not died
        code = status[:3].decode()
        codes.add(code)
        there = sound(store)
        assert there or code[0] != '2'
        assert not unfinished(store)
        assert web.put(NAME, CONTENT)[0][:3] in ('200', '201')
        store.remove(OID)
        if code[0] == '2' and last > 15:
            break
    assert codes <= {'200', '201', '204', '500', '507'}
    assert '507' in codes
