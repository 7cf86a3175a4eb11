"""Format counters for Prometheus.

Format: Prometheus' text-based exposition format, version 0.0.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .counters import Route

TYPE = b'text/plain; version=0.0.4; charset=utf-8'

_COUNTERS: tuple[tuple[str, str, Callable[[Route], float]], ...] = (
    ('received_bytes', 'Bytes of requests.', lambda route: route.received),
    ('sent_bytes', 'Bytes of answers.', lambda route: route.sent),
    ('errors', 'Requests that failed or broke off.', lambda route: route.errors),
    (
        'request_seconds',
        'Seconds that requests took.',
        lambda route: route.microseconds / 1e6,
    ),
)


def text(routes: Mapping[str, Route], active: int, free: int) -> bytes:
    """Return all counters, and two gauges: active transfers and free bytes."""
    return ''.join(_lines(routes, active, free)).encode('ascii')


def _lines(routes: Mapping[str, Route], active: int, free: int) -> Iterator[str]:
    yield from _head('requests_total', 'Requests by their answer.', 'counter')
    for name, route in routes.items():
        for status, count in sorted(route.statuses.items()):
            yield 'hglfs_requests_total{route="%s",status="%d"} %d\n' % (
                name,
                status,
                count,
            )
    for metric, meaning, value in _COUNTERS:
        yield from _head(metric + '_total', meaning, 'counter')
        for name, route in routes.items():
            if route.statuses:
                yield 'hglfs_%s_total{route="%s"} %s\n' % (metric, name, value(route))
    yield from _head('active_transfers', 'Transfers under way.', 'gauge')
    yield 'hglfs_active_transfers %d\n' % active
    yield from _head('store_free_bytes', 'Free bytes where blobs are kept.', 'gauge')
    yield 'hglfs_store_free_bytes %d\n' % free


def _head(name: str, meaning: str, kind: str) -> Iterator[str]:
    yield '# HELP hglfs_%s %s\n# TYPE hglfs_%s %s\n' % (name, meaning, name, kind)
