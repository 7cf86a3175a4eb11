"""The locking API's JSON, as values.

Format: git-lfs ``docs/api/locking.md``. Both ends meet here: what is decoded is
checked for type and size, whoever sent it, and keys that nobody knows are passed
over; WireError says what was wrong. A lock is for a path on all branches: refs are
taken, and make no difference.

Another Mercurial is asked in the same JSON over ssh, by a verb; there a search and the
id of what is to be unlocked are JSON as well.
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

#: What can be asked.
CREATE = 'create'
SEARCH = 'list'
VERIFY = 'verify'
UNLOCK = 'unlock'
#: The longest request, in bytes.
MAXREQUEST = 64 << 10
#: The longest path, in bytes of UTF-8.
MAXPATH = 4096
#: How many locks are told at a time, where nothing or too much is asked for.
PAGE, MAXPAGE = 100, 1000
_MAXTEXT = 1024
#: How many locks a server may send at a time, whatever it was asked for.
_MOSTLOCKS = 50000
#: The members of replies, beside the lists.
_MEMBERS = ('lock', 'message', 'next_cursor')
_TIME = re.compile(
    r'(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:[Zz]|([+-]\d\d):?(\d\d))\Z',
    re.ASCII,
)
_NUMBER = re.compile(r'[0-9]{1,18}\Z')


@dataclass(frozen=True)
class Lock:
    """A file that is locked: ``locked`` is when, in seconds since the epoch.

    A foreign server may leave out when, and by whom.
    """

    id: str
    path: str
    owner: str | None
    locked: int | None

    def told(self) -> bytes:
        """Returns by whom and since when, for people, in their encoding."""
        said = b'locked by %s' % (quoted(self.owner) if self.owner else b'somebody')
        if self.locked is not None:
            when = _rfc3339(self.locked)[:-1].replace('T', ' ')
            said += b' since %s UTC' % when.encode('ascii')
        return said

    def tojson(self) -> dict[str, Any]:
        """Returns the lock for a reply."""
        told: dict[str, Any] = {'id': self.id, 'path': self.path}
        if self.locked is not None:
            told['locked_at'] = _rfc3339(self.locked)
        if self.owner is not None:
            told['owner'] = {'name': self.owner}
        return told


@dataclass(frozen=True)
class Create:
    """Asks for a lock."""

    path: str
    verb = CREATE

    def encode(self) -> bytes:
        """Returns the request's body."""
        return _dump({'path': self.path})


@dataclass(frozen=True)
class Search:
    """Asks for locks, all of them or those of one path or id, the newest first.

    ``cursor`` is from the page before, ``limit`` the most that a page may have.
    """

    path: str | None = None
    id: str | None = None
    cursor: str | None = None
    limit: int | None = None
    verb = SEARCH

    def parameters(self) -> dict[str, Any]:
        """Returns what is asked for, without what is not."""
        return _given(vars(self))

    def encode(self) -> bytes:
        """Returns the request's body, where it needs one."""
        return _dump(self.parameters())


@dataclass(frozen=True)
class Verify:
    """Asks for all locks, told apart by whether they are the asking user's own."""

    cursor: str | None = None
    limit: int | None = None
    verb = VERIFY

    def encode(self) -> bytes:
        """Returns the request's body."""
        return _dump(_given(vars(self)))


@dataclass(frozen=True)
class Unlock:
    """Asks for the end of a lock, with ``force`` even if it is somebody else's."""

    id: str
    force: bool = False
    verb = UNLOCK

    def encode(self) -> bytes:
        """Returns the request's body."""
        return _dump({'id': self.id, 'force': self.force})


Request = Union[Create, Search, Verify, Unlock]


@dataclass(frozen=True)
class Reply:
    """What is answered: a status of HTTP's, and a body of JSON."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Page:
    """Some locks; those of others are in ``theirs`` where that was asked.

    ``cursor`` is what the next page is asked for with, if there is one.
    """

    locks: Sequence[Lock]
    theirs: Sequence[Lock] = field(default=())
    cursor: str | None = None


# what a server reads


def decoderequest(verb: str, body: bytes) -> Request:
    """Returns what a client asks for; raises WireError."""
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
    """Returns the search that a URL's parameters are; raises WireError."""
    asked: dict[str, Any] = dict(query)
    limit = asked.pop('limit', None)
    if limit:
        if not _NUMBER.match(limit):
            raise WireError('not a limit: %s' % ascii(limit[:80]))
        asked['limit'] = int(limit)
    _text(asked, 'refspec')
    return Search(_text(asked, 'path'), _text(asked, 'id'), *_window(asked))


def pathproblem(path: str) -> str | None:
    """Returns what is wrong with a path to be locked; None is nothing."""
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
    """Returns the cursor and the limit of a request."""
    cursor, limit = _text(asked, 'cursor'), asked.get('limit')
    if cursor and not _NUMBER.match(cursor):
        raise WireError('not a cursor: %s' % ascii(cursor[:80]))
    # bool is an int to Python, but not to JSON
    if limit is not None and (type(limit) is not int or limit < 0):
        raise WireError('not a limit: %s' % excerpt(limit))
    return cursor, limit or None


def _text(asked: dict[str, Any], name: str) -> str | None:
    """Returns a text of a request; none and an empty one are the same."""
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


# what a server writes


def encodelock(lock: Lock, message: str = '') -> bytes:
    """Returns the body that is about one lock; a message says what is wrong."""
    told: dict[str, Any] = {'lock': lock.tojson()}
    return _dump({**told, 'message': message} if message else told)


def encodelist(page: Page) -> bytes:
    """Returns the body that answers a search."""
    return _dump(_withcursor({'locks': _all(page.locks)}, page))


def encodeverified(page: Page) -> bytes:
    """Returns the body that answers a verification."""
    told = {'ours': _all(page.locks), 'theirs': _all(page.theirs)}
    return _dump(_withcursor(told, page))


def encodefailure(message: str) -> bytes:
    """Returns the body that says what is wrong."""
    return _dump({'message': message})


def _all(locks: Sequence[Lock]) -> list[dict[str, Any]]:
    return [lock.tojson() for lock in locks]


def _withcursor(told: dict[str, Any], page: Page) -> dict[str, Any]:
    return {**told, 'next_cursor': page.cursor} if page.cursor else told


# what a client reads


def decodelock(body: bytes) -> tuple[Lock | None, str]:
    """Returns the lock that a reply is about, and its message; raises WireError."""
    reply = _reply(body)
    lock = reply.get('lock')
    return None if lock is None else _lock(lock), _message(reply)


def decodemessage(body: bytes) -> str:
    """Returns what a server says is wrong, if that can be made out."""
    try:
        return decodelock(body)[1]
    except WireError:
        return ''


def decodelist(body: bytes) -> Page:
    """Returns what answers a search; raises WireError."""
    reply = _reply(body, 'locks')
    return Page(reply['locks'], (), _text(reply, 'next_cursor'))


def decodeverified(body: bytes) -> Page:
    """Returns what answers a verification; raises WireError."""
    reply = _reply(body, 'ours', 'theirs')
    return Page(reply['ours'], reply['theirs'], _text(reply, 'next_cursor'))


def _reply(body: bytes, *lists: str) -> dict[str, Any]:
    """Return the members of a reply, with the locks of some lists; raise WireError.

    Locks are read one by one: of what else a server sends nothing is kept.
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
    """Returns the seconds since the epoch that a time of RFC 3339 is."""
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
