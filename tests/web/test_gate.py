"""Turns of big requests: so many bytes at once, a few that wait, none that is lost."""

from __future__ import annotations

import threading

from hgext3rd.hglfs.web import gate
from hgext3rd.hglfs.web.gate import Turns


def test_a_transfer_waits_for_another_to_end():
    first = gate.enter(1)
    assert gate.enter(1) is None
    assert gate.enter(1, 1, 0.0) is None
    found = []
    waiting = threading.Thread(target=lambda: found.append(gate.enter(1, 1, 600.0)))
    waiting.start()
    while not gate._waiting:
        waiting.join(0.01)
    assert gate.enter(1, 1, 600.0) is None  # one may wait, no more
    first.giveback()
    waiting.join()
    assert gate.enter(1) is None
    found[0].giveback()
    last = gate.enter(1)
    assert last is not None
    last.giveback()


def test_as_many_get_in_as_there_is_room_for():
    turns = Turns(10, waiting=0, patience=0.0)
    first, second = turns.enter(6), turns.enter(4)
    assert turns.enter(1) is None
    first.giveback()
    first.giveback()
    assert turns.enter(7) is None
    third = turns.enter(6)
    assert third is not None
    second.giveback()
    third.giveback()
    assert turns.enter(10) is not None


def test_what_is_too_large_for_the_room_gets_in_alone():
    turns = Turns(10, waiting=0, patience=0.0)
    large = turns.enter(11)
    assert large is not None
    assert turns.enter(1) is None
    large.giveback()
    small = turns.enter(1)
    assert turns.enter(11) is None
    small.giveback()
    assert turns.enter(11) is not None


def test_one_that_waits_gets_in_when_another_leaves():
    turns = Turns(10, waiting=1, patience=600.0)
    first = turns.enter(10)
    found = []
    waiting = threading.Thread(target=lambda: found.append(turns.enter(10)))
    waiting.start()
    first.giveback()
    waiting.join()
    assert found[0] is not None


def test_no_more_wait_than_may():
    turns = Turns(10, waiting=1, patience=600.0)
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
    first.giveback()
    for thread in threads:
        thread.join()
    assert found[1] is not None


def test_one_that_waits_in_vain_is_turned_away():
    turns = Turns(10, waiting=1, patience=0.0)
    first = turns.enter(10)
    assert turns.enter(10) is None
    first.giveback()
    assert turns.enter(10) is not None


def test_a_body_that_ends_or_is_dropped_gives_its_turn_back():
    turns = Turns(10, waiting=0, patience=0.0)
    assert list(turns.enter(10).through([b'a'])) == [b'a']
    body = turns.enter(10).through([b'a'])
    del body
    assert turns.enter(10) is not None
