"""Counters that many processes increment, and that are kept in a file.

Format: 8-byte big-endian integers, each at a fixed position. The file is locked while
it is changed. Each active transfer has a file of its own in the same directory, which
is locked as long as the process of the transfer runs.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..store import files

#: Requests are counted by route. New routes may be added at the end.
ROUTES = ('batch', 'objects', 'packs', 'locks', 'metrics', 'verify', 'other')
#: The counters of a route, followed by one for each HTTP status.
TOTALS = ('received', 'sent', 'errors', 'microseconds')
_STATUSES = 600
_CELL = 8
_ROUTE = (len(TOTALS) + _STATUSES) * _CELL
_ACTIVE = b'active-'


@dataclass
class Route:
    """The counters of a route: bytes, errors, microseconds, and requests by status."""

    received: int = 0
    sent: int = 0
    errors: int = 0
    microseconds: int = 0
    statuses: dict[int, int] = field(default_factory=dict)


class Counters:
    """Keep counters in a directory; safe between threads and processes."""

    def __init__(self, folder: bytes, modes: files.Modes) -> None:
        self._folder = folder
        self._modes = modes

    def add(self, route: str, status: int, counted: Route) -> None:
        """Count a request for ``route`` that was answered with an HTTP status.

        ``counted`` has the amounts to add, such as bytes and seconds. Raises OSError,
        or StoreFailed if the file cannot be written.
        """
        start = ROUTES.index(route) * _ROUTE
        status = status if 0 <= status < _STATUSES else 0
        totals = [getattr(counted, name) for name in TOTALS]
        with self._opened() as handle, files.locked(handle.fileno(), self._path()):
            _add(handle.fileno(), start, totals)
            _add(handle.fileno(), start + (len(TOTALS) + status) * _CELL, [1])

    def read(self) -> dict[str, Route]:
        """Return the counters by route."""
        try:
            with open(self._path(), 'rb') as handle:
                text = handle.read(len(ROUTES) * _ROUTE)
        except FileNotFoundError:
            text = b''
        return {
            route: _route(text[index * _ROUTE : (index + 1) * _ROUTE])
            for index, route in enumerate(ROUTES)
        }

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """Count a transfer as active in the context, or until the process ends."""
        name = _ACTIVE + os.urandom(12).hex().encode('ascii')
        path = os.path.join(self._folder, name)
        files.makefolders(self._folder, self._modes)
        with files.openkept(path, self._modes) as handle:
            files.trylock(handle)
            try:
                yield
            finally:
                files.discard(path)

    def countactive(self) -> int:
        """Count the active transfers; remove the files of ended processes."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return 0
        paths = [os.path.join(self._folder, name) for name in names]
        return sum(_lives(path) for path in paths if _ACTIVE in os.path.basename(path))

    def _opened(self) -> io.FileIO:
        files.makefolders(self._folder, self._modes)
        return files.openkept(self._path(), self._modes)

    def _path(self) -> bytes:
        return os.path.join(self._folder, b'counters')


def _add(handle: int, place: int, numbers: list[int]) -> None:
    text = os.pread(handle, len(numbers) * _CELL, place)
    sums = [old + new for old, new in zip(_numbers(text, len(numbers)), numbers)]
    os.pwrite(handle, b''.join(total.to_bytes(_CELL, 'big') for total in sums), place)


def _numbers(text: bytes, count: int) -> list[int]:
    """Decode ``count`` integers; those beyond the end of the text are 0."""
    text = text.ljust(count * _CELL, b'\0')
    return [
        int.from_bytes(text[at : at + _CELL], 'big')
        for at in range(0, count * _CELL, _CELL)
    ]


def _route(text: bytes) -> Route:
    numbers = _numbers(text, len(TOTALS) + _STATUSES)
    statuses = enumerate(numbers[len(TOTALS) :])
    received, sent, errors, microseconds = numbers[: len(TOTALS)]
    found = {status: count for status, count in statuses if count}
    return Route(received, sent, errors, microseconds, found)


def _lives(path: bytes) -> bool:
    try:
        with open(path, 'rb', buffering=0) as handle:
            if not files.trylock(handle):
                return True
            files.discard(path)
    except OSError:  # removed since it was listed
        pass
    return False
