"""Progress bars: this module creates all bars of the extension.

Mercurial shows a bar's position and total as plain integers, so numbers of bytes are
converted to larger units here. Mercurial limits how often a bar is drawn, and shows the
bar that was created last. So a bar for the bytes of one big file can be created while a
bar that counts files is shown.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import Any, Protocol, TypeVar

from mercurial.i18n import _

from ..lfs import words
from ..lfs.errors import Stopped
from ..lfs.store.api import Watch
from . import messages

_Item = TypeVar('_Item')
#: The size in bytes from which a file has a bar of its own: smaller ones are read in a
#: fraction of a second.
_WORTHWHILE = 8 << 20
#: The units of bytes, named as by ``util.bytecount``: the total from which a unit is
#: used, its length and its name. There is no larger one, because Mercurial shows the
#: rate in whole units per second, too.
_UNITS = ((10 << 20, 1 << 20, b'MB'), (10 << 10, 1 << 10, b'KB'), (0, 1, b'bytes'))
#: How often a bar is moved while threads work, in seconds.
_POLLING = 0.1


class Bar(Protocol):
    """The methods of Mercurial's ``scmutil.progress`` that we use."""

    total: int | None

    def update(self, pos: int, item: bytes = b'') -> None:
        """Move to a position; show ``item`` as the current one."""
        ...

    def increment(self, step: int = 1, item: bytes = b'') -> None:
        """Advance the position by ``step``; show ``item`` as the current one."""
        ...

    def complete(self) -> None:
        """Remove the bar from the screen."""
        ...


class _Hidden:
    """A bar that is not shown."""

    total: int | None = None

    def update(self, pos: int, item: bytes = b'') -> None:
        pass

    def increment(self, step: int = 1, item: bytes = b'') -> None:
        pass

    def complete(self) -> None:
        pass


def _make(ui, topic: bytes, unit: bytes, total: int | None) -> Bar:
    """Return a new bar; a hidden one in threads, worker processes and web servers."""
    if not messages.inforeground() or not _ismainthread():
        return _Hidden()
    return ui.makeprogress(topic, unit=unit, total=total)


def _ismainthread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextlib.contextmanager
def ofitems(ui, topic: bytes, unit: bytes, total: int | None = None) -> Iterator[Bar]:
    """Yield a bar that counts files or other items; ``total`` is None if unknown."""
    bar = _make(ui, topic, unit, total)
    try:
        yield bar
    finally:
        bar.complete()


def counted(
    ui,
    topic: bytes,
    unit: bytes,
    items: Iterable[_Item],
    total: int | None = None,
    name: Callable[[_Item], bytes] = lambda item: b'',
) -> Iterator[_Item]:
    """Yield the items and count them with a bar, which shows the ``name`` of each."""
    with ofitems(ui, topic, unit, total) as bar:
        for item in items:
            bar.increment(item=words.shown(name(item)))
            yield item


class ByteBar:
    """A bar of bytes, in a unit that fits its total. For the main thread."""

    def __init__(self, ui, topic: bytes, total: int = 0) -> None:
        self._new: Callable[[bytes, int], Bar] = functools.partial(_make, ui, topic)
        self._total = total
        #: the position in bytes
        self.pos = 0
        self._drawn = (0, b'')
        self._open()

    def __enter__(self) -> ByteBar:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def grow(self, size: int) -> None:
        """Add bytes to the total."""
        self._total += size
        if _unitof(self._total) != (self._length, self._unit):
            # a rate and a remaining time are computed from positions in one unit
            self.close()
            self._open()
        self._bar.total = self._total // self._length
        self._bar.update(self.pos // self._length, self._drawn[1])

    def advance(self, size: int, item: bytes = b'') -> None:
        """Move by a number of bytes; show ``item``, which MUST be sanitized."""
        self.pos += size
        drawn = self.pos // self._length, item
        if drawn != self._drawn:
            self._drawn = drawn
            self._bar.update(*drawn)

    def close(self) -> None:
        """Remove the bar from the screen."""
        self._bar.complete()

    def _open(self) -> None:
        self._length, self._unit = _unitof(self._total)
        self._bar = self._new(_(self._unit), self._total // self._length)


def _unitof(total: int) -> tuple[int, bytes]:
    """Return the unit in which a total of bytes is shown: its size and its name."""
    return next((length, name) for least, length, name in _UNITS if total >= least)


def reading(
    ui, topic: bytes, item: bytes, size: int, chunks: Iterator[bytes]
) -> Iterator[bytes]:
    """Yield the chunks; show a progress bar if ``size``, their total size, is large.

    ``item`` is the path or the oid of the file or blob, which the bar shows.
    """
    return chunks if size < _WORTHWHILE else _read(ui, topic, item, size, chunks)


def _read(
    ui, topic: bytes, item: bytes, size: int, chunks: Iterator[bytes]
) -> Iterator[bytes]:
    item = words.shown(item)
    with ByteBar(ui, topic, size) as bar:
        for chunk in chunks:
            bar.advance(len(chunk), item)
            yield chunk


def watch(ui, topic: bytes, item: bytes, size: int) -> Watch:
    """Return a Watch that shows a progress bar for its chunks; see ``reading``."""
    return functools.partial(reading, ui, _(topic), item, size)


class Counter:
    """Count bytes in threads, for a bar that the main thread updates; thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._stopped = False

    def watch(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield chunks and count their bytes; raise Stopped after ``stop``."""
        for chunk in chunks:
            if self._stopped:
                raise Stopped(b'stopped')
            with self._lock:
                self._count += len(chunk)
            yield chunk

    def stop(self) -> None:
        """Make ``watch`` raise Stopped in each thread, at its next chunk."""
        self._stopped = True

    def take(self) -> int:
        """Return the number of bytes that were counted since the last call."""
        with self._lock:
            count, self._count = self._count, 0
        return count


def awaited(future: futures.Future, bar: ByteBar, counter: Counter, item: bytes) -> Any:
    """Wait for the result of ``future``, and advance a bar by the bytes in ``counter``.

    ``item`` is the name that the bar shows.
    """
    while not futures.wait([future], _POLLING).done:
        bar.advance(counter.take(), item)
    bar.advance(counter.take(), item)
    return future.result()
