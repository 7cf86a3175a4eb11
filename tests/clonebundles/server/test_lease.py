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


def test_a_lease_is_exclusive_until_it_is_released(path):
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


def test_the_lease_of_a_dead_process_is_taken_over(path):
    written(path, pid=deadpid())
    one = Lease(path, HERE)
    assert one.holder() is None
    assert one.take()
    assert one.held()
    assert left(path) == [b'worker']


def test_a_lease_of_another_machine_is_not_taken_over(path):
    written(path, pid=deadpid(), host='there')
    assert not Lease(path, HERE).take()


def test_a_lease_of_another_pid_namespace_is_not_taken_over(path):
    """Two containers may share a name and a disk, but not their process ids."""
    here = lease.pidscope('name')
    other = '/'.join([*here.split('/')[:-1], '1'])
    written(path, pid=deadpid(), host=other)
    assert not Lease(path, here).take()
    written(path, pid=deadpid(), host=here)
    assert Lease(path, here).take()


def test_a_lease_from_before_a_reboot_is_not_taken_over(path):
    """Two machines with one name, or one that was restarted."""
    name, _boot, namespace = lease.pidscope('name').split('/')
    written(path, pid=deadpid(), host='%s/%s/%s' % (name, 'another', namespace))
    assert not Lease(path, lease.pidscope('name')).take()


def test_a_container_respects_leases_from_outside(path):
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


def test_a_reused_process_id_does_not_hold_the_lease(path):
    began = lease.started(os.getpid())
    if not began:
        pytest.skip('no times of processes here')
    written(path, started=began)
    assert not Lease(path, HERE).take()
    written(path, started='7')
    assert Lease(path, HERE).take()


def test_a_lease_records_when_its_process_started(path):
    assert Lease(path, HERE).take()
    with open(path) as handle:
        assert json.load(handle)['started'] == lease.started(os.getpid())


def test_an_unreadable_lease_counts_as_held(path):
    os.mkdir(os.path.dirname(path))
    os.symlink(path, path)  # a loop
    found = Lease(path, HERE)
    assert found.holder() is not None
    assert not found.take()


@pytest.mark.parametrize('pid', ['1', -1, 0, 1 << 40, 1.5, None, []])
def test_an_invalid_process_id_holds_no_lease(path, pid):
    written(path, pid=pid)
    assert Lease(path, HERE).take()


def test_a_lease_that_is_not_renewed_expires(path):
    written(path, host='there')
    before = time.time() - 601
    os.utime(path, (before, before))
    assert Lease(path, HERE).take()


def test_a_lease_is_renewed_while_work_goes_on(path):
    one, other = Lease(path, HERE, expires=1.0), Lease(path, 'there', expires=1.0)
    assert one.take()
    with one.renewed():
        until = time.time() + 2.5
        while time.time() < until:
            assert other.holder() is not None
            time.sleep(0.1)
    assert not os.path.exists(path)


def test_an_invalid_lease_file_is_replaced(path):
    os.makedirs(os.path.dirname(path))
    for text in (b'{', b'[]', b'{"host": "x"}', b'\xff' * 5000):
        with open(path, 'wb') as handle:
            handle.write(text)
        one = Lease(path, HERE)
        assert one.take(), text
        one.release()


def test_a_process_killed_during_a_takeover_blocks_no_other(path):
    written(path, pid=deadpid())
    written(path + b'.taking', pid=deadpid())
    assert not Lease(path, HERE).take()  # its process may be working right now
    before = time.time() - 61
    os.utime(path + b'.taking', (before, before))
    assert Lease(path, HERE).take()


def test_one_of_many_concurrent_processes_takes_over(path, folder):
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


def test_a_lease_taken_just_now_is_not_taken_over(path, monkeypatch):
    os.makedirs(os.path.dirname(path))
    first, second = Lease(path, HERE), Lease(path, HERE)
    read = lease._read

    def late(where):
        # another process takes the lease just after it was seen to be free
        found = read(where)
        if where == path and found is None:
            assert first._link(path)
        return found

    monkeypatch.setattr(lease, '_read', late)
    assert not second._takeover()
    assert first.held()


def test_the_lease_is_held_by_one_process_at_a_time(path, folder):
    """Each process reads a number and writes the next one; some are killed."""
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
