"""Repair a damaged lock database: copy the readable locks to a new one."""

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
#: The maximum number of locks read one by one between damaged pages.
_SINGLY = 100000


@dataclass(frozen=True)
class Repaired:
    """The result of a repair: the path of the old database, and the locks kept."""

    aside: bytes
    kept: tuple[Lock, ...]


def repair(path: bytes, modes: files.Modes) -> Repaired | None:
    """Replace a damaged lock database; return None if it is not damaged.

    The old database is kept beside the new one. The caller MUST prevent concurrent
    pushes, and the creation of the database by another process. If a user locks a file
    at the same time, the new database has that lock, or locking fails. Raises
    StoreFailed, also for a database of a newer version.
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
        # block concurrent changes, unless the database is too damaged to be changed
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
    """Return the readable locks, the oldest first."""
    found: dict[int, Lock | None] = {}
    lowest: list[int] = []
    highest: list[int] = []
    for ends, order in ((lowest, ''), (highest, ' DESC')):
        for row in _readable(db, _ROWS + ' ORDER BY number' + order, ()):
            ends.append(row[4])
            found[row[4]] = _lock(row)
    # try one by one the locks between damaged pages
    gap = range(lowest[-1] + 1, highest[-1]) if lowest and highest else range(0)
    for number in gap[:_SINGLY]:
        for row in _readable(db, _ROWS + ' WHERE number = ?', (number,)):
            found[number] = _lock(row)
    kept = (found[number] for number in sorted(found))
    return [lock for lock in kept if lock is not None]


def _readable(db: Any, query: str, values: tuple[int, ...]) -> Iterator[Any]:
    """Yield the rows of a query up to the first damaged one."""
    with contextlib.suppress(locks.sqlite().DatabaseError):
        yield from db.execute(query, values)


def _lock(row: Any) -> Lock | None:
    """Return the lock of a row, or None if the row is invalid."""
    lockid, path, owner, locked, number = row
    texts = all(isinstance(text, str) and text for text in (lockid, path, owner))
    whole = isinstance(locked, int) and isinstance(number, int)
    if not texts or not whole or pathproblem(path) is not None:
        return None
    return Lock(lockid, path, owner, locked)


def _replace(path: bytes, modes: files.Modes, kept: tuple[Lock, ...]) -> bytes:
    """Put a new database in the place of the old; return the old one's new path."""
    unseen, handle = files.createunseen(os.path.dirname(path), modes)
    handle.close()
    locks.LockStore(unseen, modes).restore(kept)
    numbers = itertools.count(1)
    aside = next(
        name
        for name in (_ASIDE % (path, number) for number in numbers)
        if not os.path.lexists(name)
    )
    # SQLite would apply the journal of the old database to the new one
    with contextlib.suppress(FileNotFoundError):
        os.rename(path + _JOURNAL, aside + _JOURNAL)
    os.rename(path, aside)
    os.rename(unseen, path)
    return aside
