"""Counters that many processes add to, and that outlive them.

They are numbers of eight bytes, the highest first, each at a place of its own in one
file, which whoever adds holds a lock on. Beside it every transfer that is under way
has a file, which is locked as long as its process lives.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..store import files

#: What is counted apart. Others may be added at the end.
ROUTES = ('batch', 'objects', 'packs', 'locks', 'metrics', 'verify', 'other')
#: The numbers of a route before those of its statuses.
TOTALS = ('received', 'sent', 'errors', 'microseconds')
_STATUSES = 600
_CELL = 8
_ROUTE = (len(TOTALS) + _STATUSES) * _CELL
_ACTIVE = b'active-'


@dataclass
class Route:
    """What was counted of a route: bytes, errors, microseconds, and statuses."""

    received: int = 0
    sent: int = 0
    errors: int = 0
    microseconds: int = 0
    statuses: dict[int, int] = field(default_factory=dict)


class Counters:
    """Counts in a folder. Safe between threads and between processes."""

    def __init__(self, folder: bytes, modes: files.Modes) -> None:
        self._folder = folder
        self._modes = modes

    def add(self, route: str, status: int, counted: Route) -> None:
        """Add one request; raise OSError, StoreFailed where that can't be written."""
        start = ROUTES.index(route) * _ROUTE
        status = status if 0 <= status < _STATUSES else 0
        totals = [getattr(counted, name) for name in TOTALS]
        with self._opened() as handle, files.locked(handle.fileno(), self._path()):
            _add(handle.fileno(), start, totals)
            _add(handle.fileno(), start + (len(TOTALS) + status) * _CELL, [1])

    def read(self) -> dict[str, Route]:
        """Returns what was counted, by route."""
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
        """Counts a transfer as under way meanwhile, or until the process dies."""
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
        """Returns how many transfers are under way; forgets those that died."""
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
    """Returns numbers; those that the file doesn't reach to are 0."""
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
    except OSError:  # ended since
        pass
    return False
