"""Leases: one process has one, and the dead have none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
from support import processes

from hgext3rd.hglfs.clonebundles.server import lease
from hgext3rd.hglfs.clonebundles.server.lease import Lease

HERE = 'here'


@pytest.fixture
def path(folder):
    return os.path.join(folder, b'state', b'worker')


def written(path: bytes, **changed) -> None:
    holder = {'host': HERE, 'pid': os.getpid(), 'since': 1.0, 'word': 'w', **changed}
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as handle:
        json.dump(holder, handle)


def deadpid() -> int:
    pid = processes.fork(lambda: None)
    os.waitpid(pid, 0)
    return pid


def left(path: bytes) -> list[bytes]:
    return sorted(os.listdir(os.path.dirname(path)))


def test_one_has_it_until_it_is_given_back(path):
    one, other = Lease(path, HERE), Lease(path, HERE)
    assert one.holder() is None
    assert one.take()
    assert not other.take()
    assert (one.held(), other.held()) == (True, False)
    holder = other.holder()
    assert holder is not None
    assert (holder.host, holder.pid) == (HERE, os.getpid())
    assert abs(holder.since - time.time()) < 60
    other.release()
    assert one.held()
    one.release()
    assert other.take()
    assert left(path) == [b'worker']


def test_who_died_loses_it(path):
    written(path, pid=deadpid())
    one = Lease(path, HERE)
    assert one.holder() is None
    assert one.take()
    assert one.held()
    assert left(path) == [b'worker']


def test_of_another_machine_nobody_knows_who_died(path):
    written(path, pid=deadpid(), host='there')
    assert not Lease(path, HERE).take()


def test_in_another_namespace_of_processes_nobody_knows_who_died(path):
    """Two containers with one name and one disk: ids mean something else there."""
    here = lease.pidscope('name')
    other = '/'.join([*here.split('/')[:-1], '1'])
    written(path, pid=deadpid(), host=other)
    assert not Lease(path, here).take()
    written(path, pid=deadpid(), host=here)
    assert Lease(path, here).take()


def test_after_another_boot_nobody_knows_who_died(path):
    """Two machines with one name, or one that has started anew."""
    name, _boot, namespace = lease.pidscope('name').split('/')
    written(path, pid=deadpid(), host='%s/%s/%s' % (name, 'another', namespace))
    assert not Lease(path, lease.pidscope('name')).take()


def test_a_container_leaves_the_leases_of_others_alone(path):
    unshare = ['unshare', '--pid', '--fork']
    if subprocess.run([*unshare, 'true'], capture_output=True).returncode:
        pytest.skip('no namespaces of processes here')
    here = lease.pidscope('name')
    assert Lease(path, here).take()
    script = """
import os, sys
from hgext3rd.hglfs.clonebundles.server import lease
from hgext3rd.hglfs.clonebundles.server.lease import Lease
path = os.fsencode(sys.argv[1])
here = lease.pidscope('name')
print(here, Lease(path, here).take())
"""
    found = processes.inside(unshare, script, os.fsdecode(path)).split()
    assert found[0] != here
    assert found[1] == 'False'
    # the other way round: its id is that of a dead process here, or of another
    os.unlink(path)
    took = processes.inside(unshare, script, os.fsdecode(path)).split()
    assert took[1] == 'True'
    assert not Lease(path, here).take()


def test_a_process_with_the_id_of_a_dead_one_does_not_have_its_lease(path):
    began = lease.started(os.getpid())
    if not began:
        pytest.skip('no times of processes here')
    written(path, started=began)
    assert not Lease(path, HERE).take()
    written(path, started='7')
    assert Lease(path, HERE).take()


def test_who_took_it_is_told_from_who_gets_its_id(path):
    assert Lease(path, HERE).take()
    with open(path) as handle:
        assert json.load(handle)['started'] == lease.started(os.getpid())


def test_a_lease_that_cannot_be_read_is_held(path):
    os.mkdir(os.path.dirname(path))
    os.symlink(path, path)  # a loop
    found = Lease(path, HERE)
    assert found.holder() is not None
    assert not found.take()


@pytest.mark.parametrize('pid', ['1', -1, 0, 1 << 40, 1.5, None, []])
def test_what_is_no_process_has_no_lease(path, pid):
    written(path, pid=pid)
    assert Lease(path, HERE).take()


def test_who_is_silent_for_long_loses_it(path):
    written(path, host='there')
    before = time.time() - 601
    os.utime(path, (before, before))
    assert Lease(path, HERE).take()


def test_a_lease_is_kept_alive_while_there_is_work(path):
    one, other = Lease(path, HERE, expires=1.0), Lease(path, 'there', expires=1.0)
    assert one.take()
    with one.renewed():
        until = time.time() + 2.5
        while time.time() < until:
            assert other.holder() is not None
            time.sleep(0.1)
    assert not os.path.exists(path)


def test_what_is_none_of_ours_is_nobodys(path):
    os.makedirs(os.path.dirname(path))
    for text in (b'{', b'[]', b'{"host": "x"}', b'\xff' * 5000):
        with open(path, 'wb') as handle:
            handle.write(text)
        one = Lease(path, HERE)
        assert one.take(), text
        one.release()


def test_who_died_while_taking_it_from_the_dead_is_no_hindrance(path):
    written(path, pid=deadpid())
    written(path + b'.taking', pid=deadpid())
    assert not Lease(path, HERE).take()  # may be at it right now
    before = time.time() - 61
    os.utime(path + b'.taking', (before, before))
    assert Lease(path, HERE).take()


def test_of_many_at_once_one_gets_it_from_the_dead(path, folder):
    for turn in range(10):
        written(path, pid=deadpid())
        won = os.path.join(folder, b'won%d' % turn)

        def race(won=won):
            one = Lease(path, HERE)
            if one.take():
                handle = os.open(won, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
                os.write(handle, b'.')
                time.sleep(0.5)

        children = [processes.fork(race) for _child in range(4)]
        assert [processes.succeeded(child) for child in children] == [True] * len(
            children
        )
        assert os.path.getsize(won) == 1


def test_a_lease_that_is_taken_just_now_is_not_taken_away(path, monkeypatch):
    os.makedirs(os.path.dirname(path))
    first, second = Lease(path, HERE), Lease(path, HERE)
    read = lease._read

    def late(where):
        # another process takes the lease when it was just seen to be free
        found = read(where)
        if where == path and found is None:
            assert first._link(path)
        return found

    monkeypatch.setattr(lease, '_read', late)
    assert not second._takeover()
    assert first.held()


def test_many_that_take_turns_are_never_two(path, folder):
    """Each adds to a number that it reads before; killed ones are among them."""
    number = os.path.join(folder, b'number')
    with open(number, 'w') as handle:
        handle.write('0')

    def count(times):
        one = Lease(path, HERE)
        for _turn in range(times):
            while not one.take():
                time.sleep(0.001)
            with open(number) as handle:
                found = int(handle.read())
            time.sleep(0.001)
            with open(number, 'w') as handle:
                handle.write('%d' % (found + 1))
            one.release()

    def die():
        Lease(path, HERE).take()
        os.kill(os.getpid(), signal.SIGKILL)

    children = [processes.fork(lambda: count(20)) for _child in range(3)]
    os.waitpid(processes.fork(die), 0)
    assert [processes.succeeded(child) for child in children] == [True] * len(children)
    with open(number) as handle:
        assert handle.read() == '60'
