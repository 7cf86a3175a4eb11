"""Locks on disk: each belongs to one user, however many ask at once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import threading
import time

import pytest
from support import processes

from hgext3rd.hglfs.lfs.errors import StoreFailed
from hgext3rd.hglfs.lfs.store.files import Modes
from hgext3rd.hglfs.lfs.store.locks import LockStore
from hgext3rd.hglfs.lfs.wire.locking import Search


@pytest.fixture
def path(folder):
    return os.path.join(folder, b'lfs', b'locks.sqlite3')


@pytest.fixture
def store(path):
    return LockStore(path)


def paths(page) -> list[str]:
    return [lock.path for lock in page.locks]


def sound(path: bytes) -> bool:
    with sqlite3.connect(os.fsdecode(path)) as db:
        return db.execute('PRAGMA integrity_check').fetchall() == [('ok',)]


def test_reading_creates_no_files(store, path):
    assert not store.isthere()
    assert store.page(Search()).locks == []
    assert store.get('x') is None
    assert store.ofothers('alice') == {}
    assert not store.remove('x')
    assert not os.path.exists(os.path.dirname(path))


def test_a_path_can_be_locked_once(store, path):
    lock, isnew = store.create('a', 'alice', 7)
    assert isnew
    assert (lock.path, lock.owner, lock.locked) == ('a', 'alice', 7)
    assert store.create('a', 'bob', 8) == (lock, False)
    assert store.create('a', 'alice', 8) == (lock, False)
    assert LockStore(path).get(lock.id) == lock
    assert store.page(Search()).locks == [lock]
    assert os.listdir(os.path.dirname(path)) == [b'locks.sqlite3']


def test_a_lock_can_be_removed_once(store):
    lock, _isnew = store.create('a', 'alice', 7)
    assert store.remove(lock.id)
    assert not store.remove(lock.id)
    assert store.get(lock.id) is None
    again, isnew = store.create('a', 'bob', 8)
    assert isnew
    assert again.id != lock.id


def test_ids_cannot_be_guessed(store):
    ids = {store.create(str(number), 'alice', 0)[0].id for number in range(20)}
    assert len(ids) == 20
    assert all(len(bytes.fromhex(lockid)) == 16 for lockid in ids)


def test_pages_are_newest_first_and_stable_under_changes(store):
    for number in range(7):
        store.create(str(number), 'alice', number)
    first = store.page(Search(limit=3))
    assert paths(first) == ['6', '5', '4']
    store.create('new', 'alice', 9)
    store.remove(first.locks[-1].id)
    second = store.page(Search(limit=3, cursor=first.cursor))
    assert paths(second) == ['3', '2', '1']
    third = store.page(Search(limit=3, cursor=second.cursor))
    assert (paths(third), third.cursor) == (['0'], None)
    assert store.page(Search(limit=8)).cursor is None
    assert store.page(Search(limit=7)).cursor is None


def test_the_size_of_a_page_is_bounded(store):
    for number in range(103):
        store.create(str(number), 'alice', 0)
    assert len(store.page(Search()).locks) == 100
    assert len(store.page(Search(limit=10**9)).locks) == 103


def test_a_search_matches_the_exact_path(store):
    lock, _isnew = store.create('a%', 'alice', 0)
    store.create('ab', 'alice', 0)
    assert store.page(Search('a%')).locks == [lock]
    assert store.page(Search(id=lock.id)).locks == [lock]
    assert store.page(Search('ab', lock.id)).locks == []
    assert store.page(Search("' OR 1=1 --")).locks == []


def test_locks_of_other_users(store):
    store.create('a', 'alice', 0)
    lock, _isnew = store.create('b', 'bob', 0)
    assert store.ofothers('alice') == {'b': lock}
    assert set(store.ofothers(None)) == {'a', 'b'}


def test_the_file_has_the_mode_of_the_repository(path):
    umask = os.umask(0o077)
    try:
        LockStore(path, Modes(0o2775)).create('a', 'alice', 0)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o664
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o2775


def test_a_database_without_tables_has_no_locks(store, path):
    os.makedirs(os.path.dirname(path))
    with open(path, 'wb'):
        pass
    assert store.page(Search()).locks == []
    assert store.ofothers(None) == {}
    assert store.create('a', 'alice', 0)[1]


def test_a_file_that_is_no_database_is_an_error(store, path):
    store.create('a', 'alice', 0)
    with open(path, 'wb') as handle:
        handle.write(b'noise ' * 1000)
    for attempt in (
        lambda: store.page(Search()),
        lambda: store.ofothers('alice'),
        lambda: store.create('b', 'alice', 0),
        lambda: store.remove('x'),
    ):
        with pytest.raises(StoreFailed, match='out of reach'):
            attempt()


def test_a_newer_version_is_refused(store, path):
    store.create('a', 'alice', 0)
    with sqlite3.connect(os.fsdecode(path)) as db:
        db.execute('PRAGMA user_version = 2')
    for attempt in (
        lambda: store.page(Search()),
        lambda: store.create('b', 'alice', 0),
    ):
        with pytest.raises(StoreFailed, match='newer version'):
            attempt()


def test_a_folder_that_cannot_be_created_is_an_error(path):
    with open(os.path.dirname(path), 'wb'):
        pass
    with pytest.raises(StoreFailed, match='out of reach'):
        LockStore(path).create('a', 'alice', 0)


def test_concurrent_processes_lock_each_path_once(store, path):
    """They start together, on a database that does not exist yet."""
    ready, go = os.pipe()
    reader, writer = os.pipe()

    def work(number):
        os.read(ready, 1)
        mine = LockStore(path)
        for path_ in range(10):
            lock, isnew = mine.create(str(path_), 'user%d' % number, 0)
            if isnew:
                os.write(writer, b'%s\n' % lock.id.encode())

    children = [
        processes.fork(lambda number=number: work(number)) for number in range(8)
    ]
    os.write(go, b'!' * 8)
    done = [processes.succeeded(child) for child in children]
    assert all(done)
    os.close(writer)
    with open(reader, 'rb') as handle:
        won = handle.read().split()
    assert len(won) == 10
    assert {lock.id.encode() for lock in store.page(Search()).locks} == set(won)
    os.close(ready)
    os.close(go)
    assert sound(path)


def test_concurrent_threads_remove_a_lock_once(store):
    for turn in range(5):
        lock, _isnew = store.create('a', 'alice', turn)
        begin, ended = threading.Barrier(8), []

        def end(lock=lock, begin=begin, ended=ended):
            begin.wait()
            ended.append(store.remove(lock.id))

        threads = [threading.Thread(target=end) for _number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == [False] * 7 + [True]


def test_acknowledged_changes_survive_a_kill_at_any_moment(store, path):
    dice = random.Random(11)
    for turn in range(15):
        reader, writer = os.pipe()
        child = processes.fork(
            lambda turn=turn, writer=writer: _keepbusy(path, turn, writer)
        )
        time.sleep(dice.uniform(0.005, 0.08))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(writer)
        with open(reader, 'rb') as handle:
            lines = handle.read().decode().splitlines()
        made = {line[1:] for line in lines if line[0] == '+'}
        ended = {line[1:] for line in lines if line[0] == '-'}
        there = {lock.id for lock in _all(store)}
        # one that was being removed may be either way
        begun = {line[1:] for line in lines if line[0] == '?'}
        assert made - begun <= there
        assert not ended & there
        assert not store.isthere() or sound(path)
    # and it still takes new ones
    assert store.create('after all', 'bob', 0)[1]


def _keepbusy(path, turn, writer):
    store = LockStore(path)
    number = 0
    while True:
        number += 1
        lock, isnew = store.create('%d.%d' % (turn, number), 'alice', 0)
        assert isnew
        os.write(writer, b'+%s\n' % lock.id.encode())
        if number % 2:
            os.write(writer, b'?%s\n' % lock.id.encode())
            assert store.remove(lock.id)
            os.write(writer, b'-%s\n' % lock.id.encode())


def _all(store):
    page = store.page(Search(limit=1000))
    yield from page.locks
    while page.cursor:
        page = store.page(Search(limit=1000, cursor=page.cursor))
        yield from page.locks


def test_a_change_killed_before_its_commit_is_rolled_back(store, path):
    kept, _isnew = store.create('kept', 'alice', 0)

    def begin(writer):
        db = sqlite3.connect(os.fsdecode(path), isolation_level=None)
        db.execute('PRAGMA cache_size = 1')  # it spills pages before it commits
        db.execute('BEGIN IMMEDIATE')
        db.execute('DELETE FROM locks')
        for number in range(5000):
            db.execute(
                'INSERT INTO locks (id, path, owner, locked) VALUES (?, ?, ?, 0)',
                (str(number), 'x' * 100 + str(number), 'eve'),
            )
        os.write(writer, b'!')
        time.sleep(60)

    reader, writer = os.pipe()
    child = processes.fork(lambda: begin(writer))
    assert os.read(reader, 1) == b'!'
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert os.path.exists(path + b'-journal')
    assert store.page(Search()).locks == [kept]
    assert sound(path)
    os.close(reader)
    os.close(writer)


def test_a_change_waits_for_another(store, path):
    store.create('a', 'alice', 0)
    db = sqlite3.connect(os.fsdecode(path), isolation_level=None)
    db.execute('BEGIN IMMEDIATE')
    thread = threading.Thread(target=lambda: store.create('b', 'bob', 0))
    thread.start()
    time.sleep(0.2)
    assert thread.is_alive()
    assert paths(store.page(Search())) == ['a']
    db.execute('COMMIT')
    db.close()
    thread.join(20)
    assert paths(store.page(Search())) == ['b', 'a']


def test_a_timeout_while_waiting_is_transient(store, path, monkeypatch):
    monkeypatch.setattr('hgext3rd.hglfs.lfs.store.locks.PATIENCE', 0.1)
    store.create('a', 'alice', 0)
    db = sqlite3.connect(os.fsdecode(path), isolation_level=None)
    db.execute('BEGIN IMMEDIATE')
    with pytest.raises(StoreFailed) as caught:
        store.create('b', 'bob', 0)
    assert caught.value.transient
    db.close()
