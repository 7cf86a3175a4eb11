"""Encode and decode the JSON of the locking API, for clients and servers.

Format: git-lfs ``docs/api/locking.md``. Decoders check types and sizes, ignore unknown
keys, and raise WireError. A lock is for a path on all branches: refs are accepted and
ignored.

Over ssh, one command takes a verb and the same JSON; there, the parameters of a search
and the id of a lock to remove are JSON, too.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ..words import quoted
from .jsonstream import members
from .wirejson import WireError, excerpt, mapping, parse

#: The verbs of requests.
CREATE = 'create'
SEARCH = 'list'
VERIFY = 'verify'
UNLOCK = 'unlock'
#: The maximum size of a request, in bytes.
MAXREQUEST = 64 << 10
#: The maximum length of a path, in bytes of UTF-8.
MAXPATH = 4096
#: The default and the maximum number of locks on a page.
PAGE, MAXPAGE = 100, 1000
_MAXTEXT = 1024
#: The maximum number of locks on a page that a client accepts from a server.
_MOSTLOCKS = 50000
#: The members of replies, besides the lists.
_MEMBERS = ('lock', 'message', 'next_cursor')
_TIME = re.compile(
    r'(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:[Zz]|([+-]\d\d):?(\d\d))\Z',
    re.ASCII,
)
_NUMBER = re.compile(r'[0-9]{1,18}\Z')


@dataclass(frozen=True)
class Lock:
    """A lock on a file; ``locked`` is the time of locking, in seconds since the epoch.

    A server may leave out the owner and the time.
    """

    id: str
    path: str
    owner: str | None
    locked: int | None

    def describe(self) -> bytes:
        """Return the owner and the time as a text for users, in their encoding."""
        text = b'locked by %s' % (
            quoted(self.owner) if self.owner else b'an unnamed user'
        )
        if self.locked is not None:
            when = _rfc3339(self.locked)[:-1].replace('T', ' ')
            text += b' since %s UTC' % when.encode('ascii')
        return text

    def tojson(self) -> dict[str, Any]:
        """Return the lock's JSON for a reply."""
        item: dict[str, Any] = {'id': self.id, 'path': self.path}
        if self.locked is not None:
            item['locked_at'] = _rfc3339(self.locked)
        if self.owner is not None:
            item['owner'] = {'name': self.owner}
        return item


@dataclass(frozen=True)
class Create:
    """A request to create a lock."""

    path: str
    verb = CREATE

    def encode(self) -> bytes:
        """Return the request's body."""
        return _dump({'path': self.path})


@dataclass(frozen=True)
class Search:
    """A request for a page of locks, the newest first, of one path or id if given.

    ``cursor`` is the value from the previous page, ``limit`` the maximum page size.
    """

    path: str | None = None
    id: str | None = None
    cursor: str | None = None
    limit: int | None = None
    verb = SEARCH

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that are set."""
        return _given(vars(self))

    def encode(self) -> bytes:
        """Return the parameters as JSON, for requests over ssh."""
        return _dump(self.parameters())


@dataclass(frozen=True)
class Verify:
    """A request for a page of locks, with the user's own apart from those of others."""

    cursor: str | None = None
    limit: int | None = None
    verb = VERIFY

    def encode(self) -> bytes:
        """Return the request's body."""
        return _dump(_given(vars(self)))


@dataclass(frozen=True)
class Unlock:
    """A request to remove a lock; ``force`` is needed for a lock of another user."""

    id: str
    force: bool = False
    verb = UNLOCK

    def encode(self) -> bytes:
        """Return the request's body."""
        return _dump({'id': self.id, 'force': self.force})


Request = Union[Create, Search, Verify, Unlock]


@dataclass(frozen=True)
class Reply:
    """A reply: an HTTP status code, and a body of JSON."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Page:
    """A page of locks. In a reply to Verify, ``theirs`` are the locks of other users.

    ``cursor`` is the value to request the next page with, or None on the last page.
    """

    locks: Sequence[Lock]
    theirs: Sequence[Lock] = field(default=())
    cursor: str | None = None


# requests, as a server decodes them


def decoderequest(verb: str, body: bytes) -> Request:
    """Parse a client's request; raise WireError."""
    asked = mapping(parse(body or b'{}'), 'the request')
    _refname(asked.get('ref'))
    if verb == CREATE:
        return Create(_path(asked.get('path')))
    if verb == SEARCH:
        return Search(_text(asked, 'path'), _text(asked, 'id'), *_window(asked))
    if verb == VERIFY:
        return Verify(*_window(asked))
    if verb == UNLOCK:
        return Unlock(_text(asked, 'id') or '', _flag(asked, 'force'))
    raise WireError('no such request: %s' % ascii(verb[:80]))


def decodequery(query: Mapping[str, str]) -> Search:
    """Return the search of a URL's parameters; raise WireError."""
    asked: dict[str, Any] = dict(query)
    limit = asked.pop('limit', None)
    if limit:
        if not _NUMBER.match(limit):
            raise WireError('not a limit: %s' % ascii(limit[:80]))
        asked['limit'] = int(limit)
    _text(asked, 'refspec')
    return Search(_text(asked, 'path'), _text(asked, 'id'), *_window(asked))


def pathproblem(path: str) -> str | None:
    """Return what makes a path invalid for a lock, or None if it is valid."""
    try:
        size = len(path.encode('utf-8'))
    except UnicodeEncodeError:
        return 'is no text'
    if size > MAXPATH:
        return 'is too long'
    if not _printable(path):
        return 'has control characters'
    if any(part in ('', '.', '..') for part in path.split('/')):
        return 'is not relative to the root of the repository'
    return None


def _path(value: Any) -> str:
    if not isinstance(value, str):
        raise WireError('path is not a text')
    problem = pathproblem(value)
    if problem is not None:
        raise WireError('the path %s' % problem)
    return value


def _window(asked: dict[str, Any]) -> tuple[str | None, int | None]:
    """Return the cursor and the limit of a request."""
    cursor, limit = _text(asked, 'cursor'), asked.get('limit')
    if cursor and not _NUMBER.match(cursor):
        raise WireError('not a cursor: %s' % ascii(cursor[:80]))
    # bool is an int to Python, but not to JSON
    if limit is not None and (type(limit) is not int or limit < 0):
        raise WireError('not a limit: %s' % excerpt(limit))
    return cursor, limit or None


def _text(asked: dict[str, Any], name: str) -> str | None:
    """Return a text from a request; None if it is missing or empty."""
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise WireError('%s is not a text' % name)
    if value and (len(value) > MAXPATH or pathproblem(value) == 'is no text'):
        raise WireError('malformed %s' % name)
    return value or None


def _flag(asked: dict[str, Any], name: str) -> bool:
    value = asked.get(name)
    if value is not None and not isinstance(value, bool):
        raise WireError('%s is neither true nor false' % name)
    return bool(value)


def _refname(ref: Any) -> None:
    if ref is not None:
        _text(mapping(ref, 'ref'), 'name')


# replies, as a server encodes them


def encodelock(lock: Lock, message: str = '') -> bytes:
    """Return the body of a reply about one lock; ``message`` is for an error."""
    reply: dict[str, Any] = {'lock': lock.tojson()}
    return _dump({**reply, 'message': message} if message else reply)


def encodelist(page: Page) -> bytes:
    """Return the body of the reply to a Search."""
    return _dump(_withcursor({'locks': _all(page.locks)}, page))


def encodeverified(page: Page) -> bytes:
    """Return the body of the reply to a Verify."""
    reply = {'ours': _all(page.locks), 'theirs': _all(page.theirs)}
    return _dump(_withcursor(reply, page))


def encodefailure(message: str) -> bytes:
    """Return the body of an error reply."""
    return _dump({'message': message})


def _all(locks: Sequence[Lock]) -> list[dict[str, Any]]:
    return [lock.tojson() for lock in locks]


def _withcursor(reply: dict[str, Any], page: Page) -> dict[str, Any]:
    return {**reply, 'next_cursor': page.cursor} if page.cursor else reply


# replies, as a client decodes them


def decodelock(body: bytes) -> tuple[Lock | None, str]:
    """Return the lock and the message of a reply about one lock; raise WireError."""
    reply = _reply(body)
    lock = reply.get('lock')
    return None if lock is None else _lock(lock), _message(reply)


def decodemessage(body: bytes) -> str:
    """Return the message of an error reply; '' if it has none."""
    try:
        return decodelock(body)[1]
    except WireError:
        return ''


def decodelist(body: bytes) -> Page:
    """Return the page of a reply to a Search; raise WireError."""
    reply = _reply(body, 'locks')
    return Page(reply['locks'], (), _text(reply, 'next_cursor'))


def decodeverified(body: bytes) -> Page:
    """Return the page of a reply to a Verify; raise WireError."""
    reply = _reply(body, 'ours', 'theirs')
    return Page(reply['ours'], reply['theirs'], _text(reply, 'next_cursor'))


def _reply(body: bytes, *lists: str) -> dict[str, Any]:
    """Return the members of a reply; raise WireError.

    ``lists`` are the names of members that are lists of locks. Each lock is parsed as
    it is read, and unknown members are dropped, to save memory.
    """
    found: dict[str, Any] = {name: [] for name in lists}
    for member in members([body], 'the reply', lists):
        if member.element:
            found[member.name].append(_lock(member.value))
            if len(found[member.name]) > _MOSTLOCKS:
                raise WireError('more than %d locks on a page' % _MOSTLOCKS)
        elif member.name in lists:
            if member.value is not None:
                raise WireError('%s is not a list' % member.name)
        elif member.name in _MEMBERS:
            found[member.name] = member.value
    return found


def _lock(value: Any) -> Lock:
    item = mapping(value, 'a lock')
    lockid, path = item.get('id'), _text(item, 'path')
    if not isinstance(lockid, str) or not lockid or not _printable(lockid):
        raise WireError('not the id of a lock: %s' % excerpt(lockid))
    if path is None:
        raise WireError('a lock without a path')
    owner = item.get('owner')
    name = None if owner is None else _text(mapping(owner, 'an owner'), 'name')
    return Lock(lockid, path, name, _seconds(item.get('locked_at')))


def _message(reply: dict[str, Any]) -> str:
    message = reply.get('message')
    return message[:_MAXTEXT] if isinstance(message, str) else ''


def _seconds(text: Any) -> int | None:
    """Parse a time of RFC 3339 to seconds since the epoch; None for any other value."""
    found = _TIME.match(text) if isinstance(text, str) else None
    if not found:
        return None
    day, clock, hours, minutes = found.groups()
    zone = '%s:%s' % (hours, minutes) if hours else '+00:00'
    try:
        when = datetime.datetime.fromisoformat('%sT%s%s' % (day, clock, zone))
        return int(when.timestamp())
    except (ValueError, OverflowError):
        return None


def _rfc3339(seconds: int) -> str:
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return when.strftime('%Y-%m-%dT%H:%M:%SZ')


def _printable(text: str) -> bool:
    return not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in text)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode('ascii')
