"""Objects whose download takes longer than their actions are valid."""

from __future__ import annotations

import pytest
from support.blobs import Notes, oidof, refto
from support.memory import MemoryStore
from support.server import BASE, Server
from support.transfers import RecordingWatch

from hgext3rd.hglfs.lfs.errors import HttpFailed, RemoteError
from hgext3rd.hglfs.lfs.remote import basic, ranges
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.store import segments
from hgext3rd.hglfs.lfs.wire.batch import BASIC

PART = 100000
CONTENT = b'0123456789abcdef' * (80 << 10)  # fourteen parts
OID = oidof(CONTENT)


class Expiring(Server):
    """A server whose actions are valid for so many downloads."""

    good = 2

    def send(self, request):
        response = super().send(request)
        past = [one.method for one in self.requests]
        if request.method == 'GET' and 'POST' not in past[-1 - self.good :]:
            raise HttpFailed(401, b'too late')
        return response


@pytest.fixture(autouse=True)
def smaller(monkeypatch):
    """Lower the limits so that an object of a megabyte is a large one."""
    monkeypatch.setattr(ranges, '_WORTHWHILE', 1 << 20)
    monkeypatch.setattr(segments, 'PART', PART)


def planned(server):
    remote = HttpRemote(BASE, server, Notes(), (BASIC,), 2)
    (plan,) = remote.plan('download', [refto(CONTENT)])
    return plan.transfers[0], remote.connect()


def test_expired_actions_are_renewed_between_ranges(monkeypatch):
    monkeypatch.setattr(basic, 'AGED', -1.0)
    server, near = Expiring(MemoryStore(CONTENT)), MemoryStore()
    transfer, line = planned(server)
    transfer.run(line, near, RecordingWatch())
    assert near.blobs[OID] == CONTENT
    assert server.asked('POST') == 7


def test_a_refused_fresh_action_is_renewed_once():
    server = Expiring(MemoryStore(CONTENT))
    transfer, line = planned(server)
    with pytest.raises(RemoteError) as caught:
        transfer.run(line, MemoryStore(), RecordingWatch())
    assert not caught.value.transient
    assert server.asked('POST') == 2
