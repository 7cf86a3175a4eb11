"""Which files are locked, by whom and since when: a small SQLite database.

Any number of processes and threads may use it at once, on shared file systems too:
it has a rollback journal, because a write-ahead log needs memory that all of them
share. Whatever is acknowledged is on the disk; what a killed process began is taken
back by the next one that comes. Each call opens the database for itself, and nothing
but SQLite ever opens its file: closing it would free the locks of all connections in
the process.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from ..errors import StoreFailed
from ..wire.locking import MAXPAGE, PAGE, Lock, Page, Search
from . import files

_VERSION = 1
#: Newer locks have higher numbers, which are never used again.
_SCHEMA = """
CREATE TABLE locks (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  locked INTEGER NOT NULL
)
"""
#: Without it, to count what one owner has would take as long as to read all locks.
_INDEX = 'CREATE INDEX IF NOT EXISTS locks_owner ON locks (owner)'
SELECT = 'SELECT id, path, owner, locked, number FROM locks'
_OFOTHERS = SELECT + ' WHERE owner IS NOT ?'
#: How many paths one query may name.
_NAMED = 500
#: Seconds that others may take with what they are at.
PATIENCE = 30
_BUSY = b'another process is at work on them; try again in a while'
_DAMAGED = b"see 'hg admin::lfs-locks --repair', in the repository that has them"
_loading = threading.Lock()


class LockStore:
    """Keeps the locks of one repository in a file. Safe between threads.

    The file is made with the first lock, inside of ``making``: what runs alone there
    can rely on it that there is no first lock meanwhile. All raise StoreFailed.
    """

    def __init__(
        self,
        path: bytes,
        modes: files.Modes | None = None,
        making: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        self.path = path
        self.modes = modes or files.Modes()
        self._making = making

    def isthere(self) -> bool:
        """Tells whether there may be locks at all, for next to nothing."""
        return os.path.exists(self.path)

    def create(
        self, path: str, owner: str, now: int, most: int = 0
    ) -> tuple[Lock | None, bool]:
        """Lock a path; return its lock, and whether that is the new one.

        There is no new one for an owner who has ``most`` already; 0 is no limit.
        """
        with self._writing() as db:
            found = db.execute(SELECT + ' WHERE path = ?', (path,)).fetchone()
            if found is not None:
                return Lock(*found[:4]), False
            if most and _has(db, ' WHERE owner = ?', (owner,), most):
                return None, False
            lock = Lock(os.urandom(16).hex(), path, owner, now)
            db.execute(
                'INSERT INTO locks (id, path, owner, locked) VALUES (?, ?, ?, ?)',
                (lock.id, path, owner, now),
            )
        return lock, True

    def get(self, lockid: str) -> Lock | None:
        """Returns the lock with an id."""
        return next(iter(self.page(Search(id=lockid)).locks), None)

    def restore(self, kept: Iterable[Lock]) -> None:
        """Add locks that another database had, the oldest first."""
        rows = [(lock.id, lock.path, lock.owner, lock.locked) for lock in kept]
        with self._writing() as db:
            db.executemany(
                'INSERT OR IGNORE INTO locks (id, path, owner, locked)'
                ' VALUES (?, ?, ?, ?)',
                rows,
            )

    def remove(self, lockid: str) -> bool:
        """Ends a lock; tells whether it was there, and so was ended by this call."""
        if not self.isthere():
            return False
        with self._writing() as db:
            done = db.execute('DELETE FROM locks WHERE id = ?', (lockid,))
            return bool(done.rowcount)

    def page(self, search: Search) -> Page:
        """Returns the locks that are searched for, as many as a page has."""
        size = min(search.limit or PAGE, MAXPAGE)
        tests: dict[str, Any] = {'path = ?': search.path, 'id = ?': search.id}
        if search.cursor:
            tests['number < ?'] = int(search.cursor)
        tests = {test: value for test, value in tests.items() if value is not None}
        where = ' WHERE ' + ' AND '.join(tests) if tests else ''
        rows = self._read(
            SELECT + where + ' ORDER BY number DESC LIMIT ?',
            (*tests.values(), size + 1),
        )
        cursor = str(rows[size - 1][4]) if len(rows) > size else None
        return Page([Lock(*row[:4]) for row in rows[:size]], (), cursor)

    def hasmany(self, count: int) -> bool:
        """Return whether there are so many locks, without reading all of them."""
        if not self.isthere():
            return False
        with self._opened() as db:
            return bool(version(db)) and _has(db, '', (), count)

    def ofothers(
        self, owner: str | None, paths: Collection[str] | None = None
    ) -> dict[str, Lock]:
        """Return the locks at some paths, or all, but those of one user, by path."""
        if not self.isthere():
            return {}
        with self._opened() as db:
            return _ofothers(db, owner, paths)

    @contextlib.contextmanager
    def holding(
        self, owner: str | None, paths: Collection[str] | None = None
    ) -> Iterator[dict[str, Lock]]:
        """Return what ``ofothers`` does; no lock begins or ends in this context.

        A request to lock or unlock waits for up to half a minute, then fails with a
        transient error. Holds nothing where there is no database yet.
        """
        if not self.isthere():
            yield {}
            return
        with self._opened() as db:
            # reserved for a change that never comes: others can still read
            db.execute('BEGIN IMMEDIATE')
            yield _ofothers(db, owner, paths)

    def _read(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        if not self.isthere():
            return []
        with self._opened() as db:
            return db.execute(query, values).fetchall() if version(db) else []

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Any]:
        """Opens the database for a change, which is all or nothing."""
        if not self.isthere():
            self._make()
        with self._opened() as db:
            db.execute('BEGIN IMMEDIATE')
            if not version(db):
                db.execute(_SCHEMA)
                db.execute('PRAGMA user_version = %d' % _VERSION)
            db.execute(_INDEX)
            yield db
            db.execute('COMMIT')

    def _make(self) -> None:
        """Makes an empty file, of the right mode from the first moment."""
        with _told(OSError), self._making():
            folder = os.path.dirname(self.path)
            files.makefolders(folder, self.modes)
            unseen, handle = files.createunseen(folder, self.modes)
            handle.close()
            try:
                files.placenew(unseen, self.path)
            finally:
                files.discard(unseen)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Any]:
        sqlite3 = sqlite()
        with _told(sqlite3.Error):
            db = sqlite3.connect(
                os.fsdecode(self.path), timeout=PATIENCE, isolation_level=None
            )
            with contextlib.closing(db):
                # the folder is synced too: a lock must not come back either
                db.execute('PRAGMA synchronous = EXTRA')
                yield db


def _has(db: Any, where: str, values: tuple[str, ...], count: int) -> bool:
    """Return whether so many locks are of a kind."""
    query = 'SELECT 1 FROM locks' + where + ' LIMIT 1 OFFSET ?'
    return db.execute(query, (*values, count - 1)).fetchone() is not None


def _ofothers(
    db: Any, owner: str | None, paths: Collection[str] | None
) -> dict[str, Lock]:
    if not version(db):
        return {}
    rows = []
    if paths is None:
        rows = db.execute(_OFOTHERS, (owner,)).fetchall()
    else:
        left = iter(paths)
        while some := list(itertools.islice(left, _NAMED)):
            query = '%s AND path IN (%s)' % (_OFOTHERS, ', '.join('?' * len(some)))
            rows += db.execute(query, (owner, *some)).fetchall()
    return {row[1]: Lock(*row[:4]) for row in rows}


def version(db: Any) -> int:
    """Returns the version of the database's tables; 0 is that there are none."""
    (version,) = db.execute('PRAGMA user_version').fetchone()
    if version > _VERSION:
        raise StoreFailed(b'the locks are of a newer version of hg-lfs')
    return int(version)


@contextlib.contextmanager
def _told(*kinds: type[Exception]) -> Iterator[None]:
    """Says what the database or the disk says."""
    try:
        yield
    except kinds as exc:
        busy = 'database is locked' in str(exc)
        reason = getattr(exc, 'strerror', None) or str(exc)
        raise StoreFailed(
            b'the locks are out of reach: %s' % reason.encode('utf-8', 'replace'),
            hint=_BUSY if busy else _DAMAGED,
            transient=busy,
        ) from exc


def sqlite() -> Any:
    """Return the module, loaded."""
    # few need it; and the loading of modules on demand is not safe between threads
    with _loading:
        import sqlite3

        assert sqlite3.sqlite_version  # now it is loaded
        return sqlite3
