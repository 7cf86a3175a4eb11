"""RequestLimit of big requests: limited bytes, a bounded queue, and no lost turn."""

from __future__ import annotations

import threading

from hgext3rd.hglfs.web import gate
from hgext3rd.hglfs.web.gate import RequestLimit


def test_a_transfer_waits_for_another_to_end():
    first = gate.enter(1)
    assert gate.enter(1) is None
    assert gate.enter(1, 1, 0.0) is None
    found = []
    waiting = threading.Thread(target=lambda: found.append(gate.enter(1, 1, 600.0)))
    waiting.start()
    while not gate._waiting:
        waiting.join(0.01)
    assert gate.enter(1, 1, 600.0) is None  # one may wait, and no more
    first.release()
    waiting.join()
    assert gate.enter(1) is None
    found[0].release()
    last = gate.enter(1)
    assert last is not None
    last.release()


def test_requests_are_admitted_up_to_the_size_limit():
    turns = RequestLimit(10, waiting=0, patience=0.0)
    first, second = turns.enter(6), turns.enter(4)
    assert turns.enter(1) is None
    first.release()
    first.release()
    assert turns.enter(7) is None
    third = turns.enter(6)
    assert third is not None
    second.release()
    third.release()
    assert turns.enter(10) is not None


def test_an_oversized_request_is_admitted_alone():
    turns = RequestLimit(10, waiting=0, patience=0.0)
    large = turns.enter(11)
    assert large is not None
    assert turns.enter(1) is None
    large.release()
    small = turns.enter(1)
    assert turns.enter(11) is None
    small.release()
    assert turns.enter(11) is not None


def test_a_waiting_request_is_admitted_after_a_release():
    turns = RequestLimit(10, waiting=1, patience=600.0)
    first = turns.enter(10)
    found = []
    waiting = threading.Thread(target=lambda: found.append(turns.enter(10)))
    waiting.start()
    first.release()
    waiting.join()
    assert found[0] is not None


def test_the_number_of_waiting_requests_is_bounded():
    turns = RequestLimit(10, waiting=1, patience=600.0)
    first = turns.enter(10)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(turns.enter(10)))
        for _number in range(2)
    ]
    for thread in threads:
        thread.start()
    while not found:  # the one that may not wait
        threads[0].join(0.01)
    assert found == [None]
    first.release()
    for thread in threads:
        thread.join()
    assert found[1] is not None


def test_a_request_that_waited_too_long_is_refused():
    turns = RequestLimit(10, waiting=1, patience=0.0)
    first = turns.enter(10)
    assert turns.enter(10) is None
    first.release()
    assert turns.enter(10) is not None


def test_a_finished_or_dropped_body_releases_its_turn():
    turns = RequestLimit(10, waiting=0, patience=0.0)
    assert list(turns.enter(10).through([b'a'])) == [b'a']
    body = turns.enter(10).through([b'a'])
    del body
    assert turns.enter(10) is not None
