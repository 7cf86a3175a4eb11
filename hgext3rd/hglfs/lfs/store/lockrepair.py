"""Mends a damaged database of locks: what can be read of it goes into a new one."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import StoreFailed
from ..wire.locking import Lock, pathproblem
from . import files, locks

_ROWS = locks.SELECT + ' NOT INDEXED'
_ASIDE = b'%s.damaged-%d'
_JOURNAL = b'-journal'
#: How many locks are looked for one by one, between what is read from both ends.
_SINGLY = 100000


@dataclass(frozen=True)
class Repaired:
    """What a repair did: the old database is at ``aside``, these locks were kept."""

    aside: bytes
    kept: tuple[Lock, ...]


def repair(path: bytes, modes: files.Modes) -> Repaired | None:
    """Replace a damaged database; return None for one that is sound.

    The old one is kept beside it. No push may be under way, and no first lock. Another
    lock that begins meanwhile is kept, or its request fails. Raises StoreFailed, such
    as for a database of a newer version.
    """
    sqlite3 = locks.sqlite()
    try:
        with _opened(path) as db:
            if _issound(db):
                return None
            kept = tuple(_salvaged(db))
            return Repaired(_replace(path, modes, kept), kept)
    except (sqlite3.Error, OSError) as exc:
        reason = getattr(exc, 'strerror', None) or str(exc)
        raise StoreFailed(
            b'the locks cannot be repaired: %s' % reason.encode('utf-8', 'replace')
        ) from exc


@contextlib.contextmanager
def _opened(path: bytes) -> Iterator[Any]:
    sqlite3 = locks.sqlite()
    db = sqlite3.connect(
        os.fsdecode(path), timeout=locks.PATIENCE, isolation_level=None
    )
    with contextlib.closing(db):
        # nothing is added behind our back, where there is enough left to add to
        with contextlib.suppress(sqlite3.DatabaseError):
            db.execute('BEGIN IMMEDIATE')
        yield db


def _issound(db: Any) -> bool:
    try:
        if db.execute('PRAGMA integrity_check').fetchall() != [('ok',)]:
            return False
        return not locks.version(db) or all(map(_lock, db.execute(_ROWS)))
    except locks.sqlite().DatabaseError:
        return False


def _salvaged(db: Any) -> list[Lock]:
    """Return the locks that can be read, the oldest first."""
    found: dict[int, Lock | None] = {}
    lowest: list[int] = []
    highest: list[int] = []
    for ends, order in ((lowest, ''), (highest, ' DESC')):
        for row in _readable(db, _ROWS + ' ORDER BY number' + order, ()):
            ends.append(row[4])
            found[row[4]] = _lock(row)
    # between damaged pages
    gap = range(lowest[-1] + 1, highest[-1]) if lowest and highest else range(0)
    for number in gap[:_SINGLY]:
        for row in _readable(db, _ROWS + ' WHERE number = ?', (number,)):
            found[number] = _lock(row)
    kept = (found[number] for number in sorted(found))
    return [lock for lock in kept if lock is not None]


def _readable(db: Any, query: str, values: tuple[int, ...]) -> Iterator[Any]:
    """Yield the rows that a query gives, until it meets what is damaged."""
    with contextlib.suppress(locks.sqlite().DatabaseError):
        yield from db.execute(query, values)


def _lock(row: Any) -> Lock | None:
    """Return the lock that is in a row, or None where there is none."""
    lockid, path, owner, locked, number = row
    texts = all(isinstance(text, str) and text for text in (lockid, path, owner))
    whole = isinstance(locked, int) and isinstance(number, int)
    if not texts or not whole or pathproblem(path) is not None:
        return None
    return Lock(lockid, path, owner, locked)


def _replace(path: bytes, modes: files.Modes, kept: tuple[Lock, ...]) -> bytes:
    """Put a new database in the place of one, and return where that is now."""
    unseen, handle = files.createunseen(os.path.dirname(path), modes)
    handle.close()
    locks.LockStore(unseen, modes).restore(kept)
    numbers = itertools.count(1)
    aside = next(
        name
        for name in (_ASIDE % (path, number) for number in numbers)
        if not os.path.lexists(name)
    )
    # SQLite would apply the journal of the old one to the new one
    with contextlib.suppress(FileNotFoundError):
        os.rename(path + _JOURNAL, aside + _JOURNAL)
    os.rename(path, aside)
    os.rename(unseen, path)
    return aside
