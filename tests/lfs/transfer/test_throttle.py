"""The throttle: never faster than allowed, by a clock of our own."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import Clock

from hgext3rd.hglfs.lfs.transfer.throttle import Throttle


def throttle(rate: int) -> tuple[Throttle, Clock]:
    clock = Clock()
    return Throttle(rate, clock, clock.sleep), clock


@pytest.mark.parametrize('rate', [1, 1000, 1 << 20])
def test_moving_bytes_takes_the_time_of_the_rate(rate):
    limit, clock = throttle(rate)
    for _turn in range(100):
        limit.take(rate)
    assert clock.now == pytest.approx(100)


def test_no_rate_is_no_limit():
    limit, clock = throttle(0)
    for _turn in range(100):
        limit.take(1 << 40)
    assert clock.slept == []


@pytest.mark.parametrize('size', [0, -1, -(1 << 20)])
def test_bytes_taken_back_take_no_time(size):
    limit, clock = throttle(10)
    limit.take(size)
    assert clock.slept == []
    limit.take(100)
    assert clock.now == pytest.approx(10)


def test_a_slow_transfer_is_not_delayed():
    limit, clock = throttle(100)
    for _turn in range(20):
        clock.passes(1.5)
        limit.take(100)
        clock.passes(0)
    # only the part of a step beyond what may be saved up
    assert sum(clock.slept) <= 20 * 0.75 + 1e-6


def test_unused_time_is_saved_up_for_a_moment_only():
    limit, clock = throttle(100)
    clock.passes(3600)
    limit.take(1000)
    assert clock.slept == [pytest.approx(9.75)]


@given(
    st.integers(1, 1000),
    st.lists(st.tuples(st.floats(0, 3), st.integers(0, 5000)), min_size=1),
)
def test_the_rate_is_never_exceeded(rate, steps):
    limit, clock = throttle(rate)
    moved = 0
    for pause, size in steps:
        clock.passes(pause)
        limit.take(size)
        moved += size
        assert moved <= rate * (clock.now + 0.25) * 1.0001 + 1


def test_threads_share_the_rate():
    limit, clock = throttle(100)
    threads = [
        threading.Thread(target=lambda: [limit.take(10) for _turn in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now >= 19.7
