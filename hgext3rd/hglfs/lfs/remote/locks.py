"""The client of the locking API: of a Git LFS server, or of a peer.

Format: git-lfs ``docs/api/locking.md``.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TypeVar

from .. import words
from ..errors import ConnectionFailed, HttpFailed, LockRefused, RemoteError
from ..wire import batch, locking
from ..wire.action import mergedheaders
from ..wire.locking import Create, Lock, Page, Reply, Request, Search, Unlock, Verify
from ..wire.wirejson import WireError
from . import replies
from .streams import nothing
from .transport import Request as HttpRequest
from .transport import Transport

_Read = TypeVar('_Read')
#: The length to which a server's message is cut, in characters.
_LONGEST = 1024
#: The maximum number of pages to request, with up to a thousand locks each.
_MOSTPAGES = 10000
#: Statuses of servers without a locking API.
_UNKNOWN = (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_IMPLEMENTED)


@dataclass(frozen=True)
class LockKeeper:
    """The locks of one remote; all methods raise RemoteError.

    ``name`` is a name for messages. ``ask`` sends a request and returns the reply.
    ``close`` closes the connection.
    """

    name: bytes
    ask: Callable[[Request], Reply]
    close: Callable[[], None] = nothing

    def lock(self, path: str) -> Lock:
        """Lock a path; raise LockRefused, also if another user has locked it."""
        reply = self.ask(Create(path))
        if reply.status == HTTPStatus.CONFLICT:
            lock, message = self._read(locking.decodelock, reply)
            text = b'already %s' % lock.describe() if lock else _quoted(message)
            raise LockRefused(text or b'already locked')
        if reply.status in _UNKNOWN:
            raise self._unknown(reply)
        return self._lock(reply)

    def unlock(self, lockid: str, force: bool = False) -> Lock:
        """Remove a lock; raise LockRefused."""
        reply = self.ask(Unlock(lockid, force))
        if reply.status in _UNKNOWN and not locking.decodemessage(reply.body):
            raise self._unknown(reply)
        return self._lock(reply)

    def probe(self) -> None:
        """Ask for a single lock; raise RemoteError if the remote has no locks."""
        reply = self.ask(Search(limit=1))
        if reply.status in _UNKNOWN:
            raise self._unknown(reply)
        self._check(reply)
        self._read(locking.decodelist, reply)

    def search(self, path: str | None, lockid: str | None) -> Iterator[Lock]:
        """Yield all locks, or those of one path or id."""
        asked = Search(path, lockid, limit=locking.MAXPAGE)
        for page in self._pages(asked, locking.decodelist):
            yield from page.locks

    def verify(self) -> Iterator[tuple[Lock, bool]]:
        """Yield all locks, with whether each is the user's own."""
        asked = Verify(limit=locking.MAXPAGE)
        for page in self._pages(asked, locking.decodeverified):
            yield from ((lock, True) for lock in page.locks)
            yield from ((lock, False) for lock in page.theirs)

    def _pages(
        self, asked: Search | Verify, decode: Callable[[bytes], Page]
    ) -> Iterator[Page]:
        # hashes, because cursors may be long and many
        cursors: set[int] = set()
        for _number in range(_MOSTPAGES):
            reply = self.ask(asked)
            if reply.status in _UNKNOWN:
                raise self._unknown(reply)
            self._check(reply)
            page = self._read(decode, reply)
            yield page
            if not page.cursor:
                return
            if hash(page.cursor) in cursors:
                raise self._endless()
            cursors.add(hash(page.cursor))
            asked = replace(asked, cursor=page.cursor)
        raise self._endless()

    def _endless(self) -> RemoteError:
        return RemoteError(
            b'the list of locks at %s has no end' % self.name,
            hint=b'its server answers with a cursor again and again',
        )

    def _lock(self, reply: Reply) -> Lock:
        """Return the lock of a successful reply; raise LockRefused."""
        self._check(reply)
        lock, message = self._read(locking.decodelock, reply)
        if lock is None or message:
            raise LockRefused(_quoted(message) or b'the server says nothing of a lock')
        return lock

    def _check(self, reply: Reply) -> None:
        if reply.status >= HTTPStatus.MULTIPLE_CHOICES:
            message = _quoted(locking.decodemessage(reply.body))
            raise LockRefused(message or b'HTTP Error %d' % reply.status)

    def _read(self, decode: Callable[[bytes], _Read], reply: Reply) -> _Read:
        try:
            return decode(reply.body)
        except WireError as exc:
            raise RemoteError(
                b'LFS server returns invalid JSON: %s' % replies.excerpt(reply.body),
                hint=b'%s; does %s have locks?' % (_quoted(str(exc)), self.name),
            ) from exc

    def _unknown(self, reply: Reply) -> RemoteError:
        message = _quoted(locking.decodemessage(reply.body))
        return RemoteError(b'%s has no locks' % self.name, hint=message or None)


@dataclass(frozen=True)
class HttpLocks:
    """Send locking requests to the Git LFS server at ``base``, a URL."""

    base: str
    transport: Transport
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(self, request: Request) -> Reply:
        """Send a request; return the reply, whatever its status."""
        types = {'Accept': batch.MEDIATYPE, 'Content-Type': batch.MEDIATYPE}
        method, place = _place(request)
        wanted = HttpRequest(
            method,
            '%s/locks%s' % (self.base, place),
            mergedheaders(self.headers, types),
            request.encode() if method == 'POST' else None,
        )
        try:
            with self.transport.send(wanted) as response:
                return Reply(response.status, replies.readall(response))
        except HttpFailed as exc:
            if exc.hint:  # the error is from another host, after a redirect
                raise
            return Reply(exc.status, exc.body)
        except ConnectionFailed as exc:
            raise ConnectionFailed(b'LFS error: %s' % exc.message) from exc


def _place(request: Request) -> tuple[str, str]:
    """Return the HTTP method of a request, and its URL relative to ``BASE/locks``."""
    if isinstance(request, Search):
        query = urllib.parse.urlencode(request.parameters())
        return 'GET', '?' + query if query else ''
    if isinstance(request, Verify):
        return 'POST', '/verify'
    if isinstance(request, Unlock):
        return 'POST', '/%s/unlock' % urllib.parse.quote(request.id, safe='')
    return 'POST', ''


def _quoted(text: str) -> bytes:
    return words.quoted(text, _LONGEST)
