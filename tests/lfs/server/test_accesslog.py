"""Lines of the access log: no client can forge a field or a line."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from support.blobs import oidof

from hgext3rd.hglfs.lfs.server import blobs
from hgext3rd.hglfs.lfs.server.accesslog import Client, Moved, line, stamped

from support.memory import MemoryStore  # isort: skip
from hgext3rd.hglfs.lfs.wire import blobstream  # isort: skip

OID = oidof(b'one')
MOVED = Moved('download', OID, 12, 0.5, 200)


def test_a_line_has_all_fields():
    assert line(Client(b'alice', b'10.0.0.7'), MOVED) == (
        b'alice download %s 12 0.500 200 10.0.0.7' % OID
    )
    assert line(Client(None, None), MOVED) == b'- download %s 12 0.500 200 -' % OID
    assert stamped(b'text', 86400 * 366.5) == b'1971-01-02T12:00:00Z text\n'


@given(st.none() | st.binary(max_size=30), st.none() | st.binary(max_size=30))
def test_a_user_name_cannot_forge_a_field_or_a_line(user, address):
    found = stamped(line(Client(user, address), MOVED), 0)
    assert found.count(b'\n') == 1
    assert len(found.split(b' ')) == 8
    assert re.fullmatch(rb'[!-~ ]+\n', found)


@given(st.binary(max_size=30).filter(lambda user: user != b'-'))
def test_user_names_are_escaped_without_collisions(user):
    import urllib.parse

    shown = line(Client(user, None), MOVED).split(b' ')[0]
    assert urllib.parse.unquote_to_bytes(shown) == user or (not user and shown == b'-')


class Notes:
    def __init__(self):
        self.lines = []

    def moved(self, operation, oid, size, status):
        self.lines.append((operation, oid, size, status))


def test_each_object_of_a_pack_has_a_line():
    store, notes = MemoryStore(b'one', b'two'), Notes()
    items = [
        blobstream.Item(OID, 3, 1),
        blobstream.Item(oidof(b'two'), 3),
        blobstream.Item(oidof(b'no'), 2),
    ]
    body = b''.join(blobs.send(items, store, notes))
    assert notes.lines == [
        ('download', OID, 2, 200),
        ('download', oidof(b'two'), 3, 200),
        ('download', oidof(b'no'), 0, 404),
    ]
    del notes.lines[:]
    frames = [
        (blobstream.Item(OID, 3), [b'one']),
        (blobstream.Item(oidof(b'two'), 3), [b'bad']),
    ]
    blobs.take(
        blobstream.Reader([b''.join(blobstream.encode(frames))]),
        MemoryStore(),
        log=notes,
    )
    assert notes.lines == [
        ('upload', OID, 3, 201),
        ('upload', oidof(b'two'), 3, 400),
    ]
    assert body


def test_an_interrupted_pack_is_logged_with_the_bytes_sent():
    store, notes = MemoryStore(b'one'), Notes()
    stream = blobs.send([blobstream.Item(OID, 3)], store, notes)
    while b'one' not in next(stream):
        pass
    stream.close()
    assert notes.lines == [('download', OID, 3, 200)]
