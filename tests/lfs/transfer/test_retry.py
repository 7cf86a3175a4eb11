"""What is retried, and after which pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs.errors import ConnectionFailed, HttpFailed, RemoteError
from hgext3rd.hglfs.lfs.transfer.retry import Attempts, Retry

PASSING = ConnectionFailed(b'the line broke', transient=True)
FOREVER = RemoteError(b'no')


def after(seconds) -> RemoteError:
    return HttpFailed(429, b'Too Many Requests', after=seconds)


@pytest.mark.parametrize('count', [0, 1, 5])
def test_a_transient_error_is_retried_to_the_limit(count):
    allowed = [Retry(count).allows(PASSING, tries) for tries in range(1, 9)]
    assert allowed == [tries <= count for tries in range(1, 9)]


def test_a_permanent_error_is_never_retried():
    assert not Retry(5).allows(FOREVER, 1)


@pytest.mark.parametrize('status', [408, 425, 429, 500, 502, 503, 504])
def test_transient_statuses(status):
    assert Retry(5).allows(HttpFailed(status, b''), 1)


@pytest.mark.parametrize('status', [400, 401, 403, 404, 409, 410, 422, 501, 507])
def test_permanent_statuses(status):
    assert not Retry(5).allows(HttpFailed(status, b''), 1)


@given(st.integers(1, 50))
def test_pauses_double_up_to_a_limit_with_jitter(tries):
    whole = min(10.0, 0.25 * 2 ** (tries - 1))
    assert whole / 2 <= Retry().pause(PASSING, tries) <= whole


def test_pauses_are_random():
    assert len({Retry().pause(PASSING, 3) for _turn in range(20)}) > 1


def test_pauses_can_be_disabled():
    assert [Retry(5, 0.0).pause(PASSING, tries) for tries in range(1, 6)] == [0] * 5


@pytest.mark.parametrize(
    ('asked', 'pause'),
    [
        (0, 0),
        (17, 17),
        (0.5, 0.5),
        (-3600.0, 0),
        (300, 300),
        (86400, 300),
        (1e300, 300),
    ],
)
def test_the_pause_asked_for_by_a_server_is_bounded(asked, pause):
    for tries in (1, 5):
        assert Retry(first=99.0).pause(after(asked), tries) == pause


def test_waiting_for_a_busy_server_is_not_counted():
    attempts = Attempts(Retry(2))
    pauses = [attempts.pause(after(5.0)) for _turn in range(100)]
    assert pauses == [5.0] * 100
    assert attempts.left == 2
    attempts.pause(PASSING)
    attempts.pause(PASSING)
    with pytest.raises(ConnectionFailed):
        attempts.pause(PASSING)


@pytest.mark.parametrize('seconds', [0.0, 5.0, 1e9])
def test_waiting_for_a_busy_server_is_bounded(seconds):
    attempts = Attempts(Retry(2))

    def forever():
        for _turn in range(10000):
            attempts.pause(after(seconds))

    with pytest.raises(HttpFailed):
        forever()


def test_without_retries_a_busy_server_is_an_error():
    with pytest.raises(HttpFailed):
        Attempts(Retry(0)).pause(after(5.0))


def test_progress_resets_the_count():
    attempts = Attempts(Retry(1))
    for _turn in range(10):
        attempts.pause(PASSING)
        attempts.progressed()
    attempts.pause(PASSING)
    assert attempts.islast
