"""Counters that many processes add to, and the text made of them."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from support import processes

from hgext3rd.hglfs.lfs.server import prometheus
from hgext3rd.hglfs.lfs.server.counters import ROUTES, Counters, Route
from hgext3rd.hglfs.lfs.store.files import Modes


@pytest.fixture
def counters(folder):
    return Counters(os.path.join(folder, b'metrics'), Modes())


def request() -> Route:
    return Route(received=10, sent=1 << 40, errors=1, microseconds=1500)


def test_counters_start_at_zero(counters):
    assert counters.read() == {name: Route() for name in ROUTES}
    assert counters.countactive() == 0


def test_requests_are_counted_by_route_and_status(counters):
    counters.add('objects', 200, request())
    counters.add('objects', 404, Route())
    counters.add('objects', 200, request())
    counters.add('other', 599, Route())
    found = Counters(counters._folder, Modes()).read()
    assert found['objects'] == Route(20, 2 << 40, 2, 3000, {200: 2, 404: 1})
    assert found['other'] == Route(statuses={599: 1})
    assert found['batch'] == Route()


@pytest.mark.parametrize('status', [-1, 600, 100000])
def test_an_invalid_status_is_counted_as_0(counters, status):
    counters.add('batch', status, Route())
    assert counters.read()['batch'].statuses == {0: 1}


def test_concurrent_counts_are_all_kept(counters):
    def add():
        for _turn in range(50):
            counters.add('packs', 200, Route(received=1))

    def work():
        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    children = [processes.fork(work) for _ in range(4)]
    assert [processes.succeeded(child) for child in children] == [True] * 4
    assert counters.read()['packs'] == Route(received=800, statuses={200: 800})


def test_a_killed_process_neither_blocks_nor_corrupts_counters(counters):
    def forever():
        while True:
            counters.add('packs', 200, Route(received=1))

    for _turn in range(10):
        child = processes.fork(forever)
        time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    found = counters.read()['packs']
    # a kill between the two numbers of a request, which are written apart
    assert 0 <= found.received - found.statuses[200] <= 10
    counters.add('packs', 200, Route(received=1))
    assert counters.read()['packs'].received == found.received + 1


def test_a_truncated_file_is_extended(counters):
    counters.add('other', 200, request())
    with open(counters._path(), 'r+b') as handle:
        handle.truncate(5)
    assert counters.read()['other'] == Route()
    counters.add('other', 200, Route(received=1))
    assert counters.read()['other'].statuses == {200: 1}


def test_active_transfers_are_counted(counters):
    with counters.active(), counters.active():
        assert counters.countactive() == 2
    assert counters.countactive() == 0
    assert os.listdir(counters._folder) == []


def test_a_killed_process_has_no_active_transfers(counters):
    ready, writer = os.pipe()

    def hang():
        with counters.active():
            os.write(writer, b'!')
            time.sleep(60)

    child = processes.fork(hang)
    assert os.read(ready, 1) == b'!'
    assert counters.countactive() == 1
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert counters.countactive() == 0
    assert os.listdir(counters._folder) == []


def test_the_text_is_in_the_format_of_prometheus():
    routes = {
        'batch': Route(10, 20, 1, 1500, {200: 3, 500: 1}),
        'objects': Route(),
    }
    lines = prometheus.text(routes, 2, 1234).decode('ascii').splitlines()
    assert [line for line in lines if not line.startswith('#')] == [
        'hglfs_requests_total{route="batch",status="200"} 3',
        'hglfs_requests_total{route="batch",status="500"} 1',
        'hglfs_received_bytes_total{route="batch"} 10',
        'hglfs_sent_bytes_total{route="batch"} 20',
        'hglfs_errors_total{route="batch"} 1',
        'hglfs_request_seconds_total{route="batch"} 0.0015',
        'hglfs_active_transfers 2',
        'hglfs_store_free_bytes 1234',
    ]
    types = [line.split()[2:] for line in lines if line.startswith('# TYPE')]
    assert ['hglfs_requests_total', 'counter'] in types
    assert ['hglfs_active_transfers', 'gauge'] in types
