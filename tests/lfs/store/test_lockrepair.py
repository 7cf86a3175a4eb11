"""A damaged database of locks: its readable locks are saved, and it is kept."""

from __future__ import annotations

import os
import random
import sqlite3

import pytest

from hgext3rd.hglfs.lfs.errors import StoreFailed
from hgext3rd.hglfs.lfs.store.files import Modes
from hgext3rd.hglfs.lfs.store.lockrepair import repair
from hgext3rd.hglfs.lfs.store.locks import LockStore
from hgext3rd.hglfs.lfs.wire.locking import MAXPAGE, Lock, Search

COUNT = 800


@pytest.fixture
def path(folder):
    return os.path.join(folder, b'locks.sqlite3')


@pytest.fixture
def store(path):
    made = LockStore(path)
    made.create('some/path/first', 'alice', 0)
    made.restore(Lock('%032x' % n, 'path/%d' % n, 'bob', n) for n in range(COUNT))
    return made


def held(store) -> set:
    return set(store.page(Search(limit=MAXPAGE)).locks)


def read(path: bytes) -> bytes:
    with open(path, 'rb') as handle:
        return handle.read()


def issound(path: bytes) -> bool:
    with sqlite3.connect(os.fsdecode(path)) as db:
        return db.execute('PRAGMA integrity_check').fetchall() == [('ok',)]


def test_an_intact_database_is_left_alone(store, path):
    before = held(store)
    assert repair(path, Modes()) is None
    assert held(store) == before
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]


def test_an_empty_database_is_intact(path):
    with open(path, 'wb'):
        pass
    assert repair(path, Modes()) is None


@pytest.mark.parametrize('seed', range(6))
def test_damaged_pages_lose_their_own_locks_only(store, path, seed):
    before = held(store)
    dice = random.Random(seed)
    pages = os.path.getsize(path) // 4096
    with open(path, 'r+b') as handle:
        handle.seek(4096 * dice.randrange(2, pages))
        handle.write(os.urandom(4096))
    damaged = read(path)
    done = repair(path, Modes())
    if done is None:  # a page without locks
        assert held(store) == before
        return
    assert read(done.aside) == damaged
    assert issound(path)
    assert held(store) == set(done.kept)
    assert set(done.kept) <= before
    # a page of 4096 bytes has less than a hundred locks
    assert len(done.kept) >= len(before) - 100
    assert LockStore(path).create('new', 'carol', 1)[1]


def test_invalid_rows_are_dropped(store, path):
    with sqlite3.connect(os.fsdecode(path)) as db:
        db.execute("UPDATE locks SET path = '../x' WHERE owner = 'alice'")
        db.execute("UPDATE locks SET locked = 'then' WHERE path = 'path/7'")
    db.close()
    done = repair(path, Modes())
    assert len(done.kept) == COUNT - 1
    assert {'../x', 'path/7'}.isdisjoint(lock.path for lock in done.kept)


def test_the_old_journal_is_not_applied_to_the_new_database(store, path):
    with open(path, 'r+b') as handle:
        handle.write(b'x' * 4096)
    with open(path + b'-journal', 'wb') as handle:
        handle.write(b'a journal')
    done = repair(path, Modes())
    assert not os.path.exists(path + b'-journal')
    assert done.kept == ()
    assert issound(path)
    # the second copy has another name
    with open(path, 'r+b') as handle:
        handle.write(b'y' * 4096)
    assert repair(path, Modes()).aside != done.aside


def test_a_database_of_a_newer_version_is_not_repaired(store, path):
    with sqlite3.connect(os.fsdecode(path)) as db:
        db.execute('PRAGMA user_version = 99')
    db.close()
    with pytest.raises(StoreFailed, match='newer version'):
        repair(path, Modes())
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]


def test_the_first_lock_is_created_under_the_mutex(path):
    order = []

    class Alone:
        def __enter__(self):
            order.append(os.path.exists(path))

        def __exit__(self, *_exc):
            order.append(os.path.exists(path))

    store = LockStore(path, making=Alone)
    store.create('a', 'alice', 0)
    store.create('b', 'alice', 0)
    assert order == [False, True]
