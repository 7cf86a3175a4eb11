"""The states of the copies of a blob."""

from __future__ import annotations

import os

import pytest
from support.blobs import oidof
from support.stores import overwrite

from hgext3rd.hglfs.lfs.store import checking, files

CONTENT = b'a large file, as it were\n'
OID = oidof(CONTENT)


def test_a_missing_copy(store):
    copy = checking.inspect(store, OID)
    assert (copy.state, copy.size) == (checking.MISSING, 0)
    assert not copy.isfile(store.path(OID))


def test_a_sound_copy_is_sealed(store):
    store.ingest([CONTENT])
    os.utime(store.path(OID), ns=(1, 1))
    copy = checking.inspect(store, OID)
    assert (copy.state, copy.size) == (checking.SOUND, len(CONTENT))
    assert files.issealed(os.stat(store.path(OID)))
    assert copy.isfile(store.path(OID))


@pytest.mark.parametrize(
    'content', [b'', CONTENT[:-1], CONTENT + b'x', CONTENT.upper()]
)
def test_a_damaged_copy_stays_as_it_is(store, content):
    store.ingest([CONTENT])
    overwrite(store.path(OID), content)
    before = os.stat(store.path(OID))
    copy = checking.inspect(store, OID)
    assert (copy.state, copy.size) == (checking.DAMAGED, len(content))
    assert os.stat(store.path(OID)).st_mtime_ns == before.st_mtime_ns


def test_a_copy_that_cannot_be_read_has_a_reason(store):
    os.makedirs(store.path(OID))
    copy = checking.inspect(store, OID)
    assert (copy.state, copy.status) == (checking.UNREADABLE, None)
    assert b'cannot read' in copy.reason


def test_a_copy_that_was_replaced_is_another_file(store):
    store.ingest([CONTENT])
    copy = checking.inspect(store, OID)
    with open(store.path(OID) + b'.new', 'wb') as handle:
        handle.write(CONTENT)
    os.replace(store.path(OID) + b'.new', store.path(OID))
    assert not copy.isfile(store.path(OID))


def test_exceptions_of_the_watch_pass_through(store):
    store.ingest([CONTENT])

    def watch(chunks):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checking.inspect(store, OID, watch)
