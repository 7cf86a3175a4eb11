"""Read several files at once, with one progress bar for all of them."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import TypeVar

from ...hg import bars
from ...lfs import words
from ...lfs.store.api import Watch

_Item = TypeVar('_Item')
_Result = TypeVar('_Result')
#: The maximum number of items that are queued or read.
_WINDOW = 64


def results(
    bar: bars.ByteBar,
    items: Iterable[_Item],
    work: Callable[[_Item, Watch], _Result],
    name: Callable[[_Item], bytes],
) -> Iterator[tuple[_Item, _Result]]:
    """Run ``work`` on items in threads; yield each item with its result, in order.

    ``work`` MUST NOT use the ui, and MUST pass the chunks that it reads through the
    watch, its second argument. The watch raises Stopped when the caller takes no more
    results, for example after an interruption. ``name`` returns the text that is shown
    beside the bar.
    """
    counter = bars.Counter()
    pending: collections.deque[tuple[_Item, futures.Future]] = collections.deque()

    def settle() -> tuple[_Item, _Result]:
        item, future = pending.popleft()
        return item, bars.awaited(future, bar, counter, words.shown(name(item)))

    with futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for item in items:
                pending.append((item, pool.submit(work, item, counter.watch)))
                if len(pending) > _WINDOW:
                    yield settle()
            while pending:
                yield settle()
        finally:
            counter.stop()
            for _item, future in pending:
                future.cancel()
