"""The lock database: file locks with owner and time, in SQLite.

Processes and threads may use it concurrently, also on shared file systems: it has a
rollback journal, because a write-ahead log needs shared memory. Acknowledged changes
are on the disk; SQLite rolls back those of a killed process. Each call opens the
database anew. Its file MUST only be opened by SQLite: closing another file object would
release the POSIX locks of all connections in the process.
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
#: Newer locks have higher numbers; numbers are never reused.
_SCHEMA = """
CREATE TABLE locks (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  locked INTEGER NOT NULL
)
"""
#: For counting the locks of one owner without reading all.
_INDEX = 'CREATE INDEX IF NOT EXISTS locks_owner ON locks (owner)'
SELECT = 'SELECT id, path, owner, locked, number FROM locks'
_OFOTHERS = SELECT + ' WHERE owner IS NOT ?'
#: The maximum number of paths in a query.
_NAMED = 500
#: How long to wait for a transaction of another process, in seconds.
PATIENCE = 30
_BUSY = b'another process is at work on them; try again in a while'
_DAMAGED = b"see 'hg admin::lfs-locks --repair', in the repository that has them"
_loading = threading.Lock()


class LockStore:
    """Keep the locks of one repository in a file; thread safe.

    The file is created with the first lock. ``making`` returns a context in which that
    is allowed; it can wait, for example for a push to end. All methods raise
    StoreFailed.
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
        """Return whether the database exists; cheaper than reading it."""
        return os.path.exists(self.path)

    def create(
        self, path: str, owner: str, now: int, most: int = 0
    ) -> tuple[Lock | None, bool]:
        """Lock a path; return its lock, and whether it is new.

        An owner with ``most`` locks does not get another, and None is returned; 0 means
        no limit.
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
        """Return the lock with an id, or None."""
        return next(iter(self.page(Search(id=lockid)).locks), None)

    def restore(self, kept: Iterable[Lock]) -> None:
        """Add the locks of another database; ``kept`` begins with the oldest."""
        rows = [(lock.id, lock.path, lock.owner, lock.locked) for lock in kept]
        with self._writing() as db:
            db.executemany(
                'INSERT OR IGNORE INTO locks (id, path, owner, locked)'
                ' VALUES (?, ?, ?, ?)',
                rows,
            )

    def remove(self, lockid: str) -> bool:
        """Remove a lock; return whether this call removed it."""
        if not self.isthere():
            return False
        with self._writing() as db:
            done = db.execute('DELETE FROM locks WHERE id = ?', (lockid,))
            return bool(done.rowcount)

    def page(self, search: Search) -> Page:
        """Return a page of the locks that match a search."""
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
        """Return whether there are at least ``count`` locks, without reading all."""
        if not self.isthere():
            return False
        with self._opened() as db:
            return bool(version(db)) and _has(db, '', (), count)

    def ofothers(
        self, owner: str | None, paths: Collection[str] | None = None
    ) -> dict[str, Lock]:
        """Return, by path, the locks whose owner is not ``owner``.

        ``paths`` are the paths to look up, None for all.
        """
        if not self.isthere():
            return {}
        with self._opened() as db:
            return _ofothers(db, owner, paths)

    @contextlib.contextmanager
    def holding(
        self, owner: str | None, paths: Collection[str] | None = None
    ) -> Iterator[dict[str, Lock]]:
        """Yield the result of ``ofothers``; prevent changes of locks in this context.

        Concurrent requests to lock or unlock wait for up to ``PATIENCE`` seconds, then
        fail with a transient error. If there is no database, they do not wait.
        """
        if not self.isthere():
            yield {}
            return
        with self._opened() as db:
            # reserve the right to write, without writing: readers are not blocked
            db.execute('BEGIN IMMEDIATE')
            yield _ofothers(db, owner, paths)

    def _read(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        if not self.isthere():
            return []
        with self._opened() as db:
            return db.execute(query, values).fetchall() if version(db) else []

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Any]:
        """Open the database for one transaction, and create it if necessary."""
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
        """Create an empty file, which has the right mode from the start."""
        with _translate_errors(OSError), self._making():
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
        with _translate_errors(sqlite3.Error):
            db = sqlite3.connect(
                os.fsdecode(self.path), timeout=PATIENCE, isolation_level=None
            )
            with contextlib.closing(db):
                # sync the directory, too: a removed lock must not come back
                db.execute('PRAGMA synchronous = EXTRA')
                yield db


def _has(db: Any, where: str, values: tuple[str, ...], count: int) -> bool:
    """Return whether at least ``count`` locks match a condition."""
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
    """Return the version of the database's schema, or 0 without tables."""
    (version,) = db.execute('PRAGMA user_version').fetchone()
    if version > _VERSION:
        raise StoreFailed(b'the locks are of a newer version of hg-lfs')
    return int(version)


@contextlib.contextmanager
def _translate_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Translate errors of the database or the disk to StoreFailed."""
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
    """Import sqlite3 on demand, under a lock, and return it."""
    # seldom needed, and lazy imports of Mercurial are not thread safe
    with _loading:
        import sqlite3

        assert sqlite3.sqlite_version  # forces a lazy import
        return sqlite3
