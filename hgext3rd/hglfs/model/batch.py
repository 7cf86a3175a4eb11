"""The Batch API's JSON, as values.

Format: git-lfs ``docs/api/batch.md``. Both ends meet here: what is decoded is
checked for type and range, whoever sent it; WireError says what was wrong. Text is
``str`` in JSON and in these values, oids are bytes.
"""

from __future__ import annotations

import datetime
import json
import re
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .blob import DOWNLOAD, UPLOAD, BlobRef
from .oid import isoid
from .wirejson import WireError, mapping, parse
from .words import mask

if TYPE_CHECKING:
    from typing_extensions import TypeGuard  # Python 3.10: in typing

MEDIATYPE = 'application/vnd.git-lfs+json'
BASIC = 'basic'
#: Ours: basic transfers with ranges and tus at the objects' URLs, and small objects
#: many at a time, in the format of ``model.pack``, at the reply's ``packs``.
PACKS = 'hglfs-packs'
#: Resumable uploads: https://tus.io/protocols/resumable-upload, version 1.0.0.
TUS = 'tus'
SHA256 = 'sha256'
#: How many objects one request names, as git-lfs does it.
BATCHSIZE = 100
_MAXSIZE = 1 << 63
#: The longest name of an object, in characters, that an answer repeats.
_LONGESTNAME = 256
_UNPROCESSABLE = 422


#: Headers of actions that say nothing of who may use them.
_OPENHEADERS = ('accept', 'content-type', 'content-length', 'transfer-encoding')
#: Headers that say where a message goes and where it ends: the transport's alone.
_FRAMING = (
    *('connection', 'content-length', 'expect', 'host', 'keep-alive'),
    *('proxy-authorization', 'proxy-connection', 'te', 'trailer'),
    *('transfer-encoding', 'upgrade'),
)
# what may stand in a URL, in a header's name and in its value
_HREF = re.compile(r'[^\x00-\x1f\x7f\ud800-\udfff]+\Z')
_PRINTABLE = ''.join(map(chr, range(0x21, 0x7F)))
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_VALUE = re.compile(r'[\t -~\u00a0-\u00ff]*\Z')


@dataclass(frozen=True)
class Action:
    """Where and with which headers an object is to be fetched or sent."""

    href: str
    header: Mapping[str, str] = field(default_factory=dict)
    expires_at: str | None = None
    expires_in: int | None = None

    def headers(
        self,
        fixed: Mapping[str, str] | None = None,
        defaults: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Return the headers of a request, each name once whatever its letters' case.

        The action's own outweigh ``defaults``, such as a Content-Type that a signed
        URL depends on, and ``fixed`` outweighs both. What frames a message is left
        out: a body is sent with its length, whatever a server would like.
        """
        merged: dict[str, tuple[str, str]] = {}
        for some in (defaults or {}, self.header, fixed or {}):
            for name, value in some.items():
                if some is not self.header or name.lower() not in _FRAMING:
                    merged[name.lower()] = name, value
        return dict(merged.values())

    def lifetime(self, asked: datetime.datetime) -> float | None:
        """Returns for how many seconds it is good since it was asked for, in UTC.

        None is for ever, or where nothing that makes sense is said.
        """
        if self.expires_in:
            return float(self.expires_in)
        if not self.expires_at or self.expires_at.startswith('0001-'):
            return None
        try:
            # Python <= 3.10: knows no Z
            expires = datetime.datetime.fromisoformat(
                self.expires_at.replace('Z', '+00:00')
            )
            return (expires - asked).total_seconds()
        except (ValueError, TypeError):  # TypeError: a time without a zone
            return None

    def tojson(self) -> dict[str, Any]:
        """Returns the action for a reply."""
        return {
            'href': self.href,
            'expires_at': self.expires_at,
            'header': dict(self.header),
        }


@dataclass(frozen=True)
class Answer:
    """What a server says about one object: an action by operation, or an error.

    ``malformed`` is what is wrong with the answer itself, where it makes no sense.
    """

    ref: BlobRef
    actions: Mapping[str, Action] = field(default_factory=dict)
    errorcode: int | None = None
    errormessage: str = ''
    malformed: str = ''

    def tojson(self) -> dict[str, Any]:
        """Returns the object for a reply."""
        shown = _refjson(self.ref)
        if self.errorcode is not None:
            shown['error'] = {
                'code': self.errorcode,
                'message': self.errormessage,
            }
        elif self.actions:
            shown['actions'] = {
                name: action.tojson() for name, action in self.actions.items()
            }
        return shown


@dataclass(frozen=True)
class Unfit:
    """An object of a request that is none: its oid and size as the client has them."""

    oid: str
    size: int
    reason: str

    def tojson(self) -> dict[str, Any]:
        """Return the object for a reply, refused."""
        error = {'code': _UNPROCESSABLE, 'message': self.reason}
        return {'oid': self.oid, 'size': self.size, 'error': error}


@dataclass(frozen=True)
class BatchRequest:
    """Asks what to do with some objects; ``transfers`` are adapters' names.

    ``unfit`` are those of a client's objects that have no oid or size.
    """

    operation: str
    refs: Sequence[BlobRef]
    transfers: Sequence[str] = (BASIC,)
    hash_algo: str = SHA256
    unfit: Sequence[Unfit] = ()

    def encode(self) -> bytes:
        """Returns the request's body, in the few keys that every server knows."""
        objects = [_refjson(ref) for ref in self.refs]
        asked: dict[str, Any] = {'objects': objects, 'operation': self.operation}
        if list(self.transfers) != [BASIC]:
            asked['transfers'] = list(self.transfers)
        return json.dumps(asked).encode('ascii')


def decoderequest(body: bytes) -> BatchRequest:
    """Returns the request that a client sent; raises WireError."""
    asked = mapping(parse(body), 'the request')
    transfers = asked.get('transfers') or [BASIC]
    if not isinstance(transfers, list):
        raise WireError('transfers is not a list')
    operation = asked.get('operation')
    if operation not in (DOWNLOAD, UPLOAD):
        raise WireError('Unsupported LFS transfer operation: %s' % _shown(operation))
    refs: list[BlobRef] = []
    unfit: list[Unfit] = []
    for item in _objects(asked):
        wanted = mapping(item, 'an object')
        try:
            refs.append(_ref(wanted))
        except WireError as exc:
            unfit.append(_unfit(wanted, exc))
    algorithm = asked.get('hash_algo') or SHA256
    return BatchRequest(
        operation, refs, [str(name) for name in transfers], str(algorithm), unfit
    )


def _unfit(item: dict[str, Any], exc: WireError) -> Unfit:
    """Return an object that is refused; raise WireError where it has no name at all.

    A client waits for an answer about each object, by the name that it gave.
    """
    oid, size = item.get('oid'), item.get('size')
    if not isinstance(oid, str) or len(oid) > _LONGESTNAME:
        raise exc
    if type(size) is not int or not -_MAXSIZE < size < _MAXSIZE:
        size = 0
    return Unfit(oid, size, str(exc))


def encoderef(ref: BlobRef) -> bytes:
    """Returns the body of a request to verify an upload."""
    return json.dumps(_refjson(ref)).encode('ascii')


def decoderef(body: bytes) -> BlobRef:
    """Returns what a request to verify an upload is about; raises WireError."""
    return _ref(mapping(parse(body), 'the request'))


@dataclass(frozen=True)
class BatchReply:
    """What a server answers: object by object, for the adapter that it chose.

    ``packs`` is where packs are fetched from and sent to, under ``PACKS`` alone;
    ``unfit`` are the objects of the request that are refused.
    """

    answers: Sequence[Answer]
    transfer: str = BASIC
    packs: Action | None = None
    unfit: Sequence[Unfit] = ()

    def encode(self) -> bytes:
        """Returns the reply's body."""
        reply: dict[str, Any] = {
            'transfer': self.transfer,
            'objects': [answer.tojson() for answer in self.answers]
            + [unfit.tojson() for unfit in self.unfit],
        }
        if self.packs is not None:
            reply['packs'] = self.packs.tojson()
        return json.dumps(reply).encode('ascii')


def decodereply(body: bytes) -> BatchReply:
    """Return what a server answered; raise WireError.

    One odd object is not to lose the others: it is answered as ``malformed``, or left
    out where it has no oid.
    """
    reply = mapping(parse(body), 'the reply')
    found = (_answer(item) for item in _objects(reply))
    answers = [answer for answer in found if answer is not None]
    transfer = reply.get('transfer') or BASIC
    if not isinstance(transfer, str):
        raise WireError('transfer is not a text')
    packs = reply.get('packs') if transfer == PACKS else None
    return BatchReply(answers, transfer, None if packs is None else _action(packs))


def decodeaction(text: bytes) -> Action:
    """Returns an action that comes alone, as over ssh; raises WireError."""
    return _action(parse(text))


def explain(body: bytes) -> str:
    """Returns a reply as it is shown for debugging: sorted, a value a line.

    What opens doors, as a header or in a URL, is not shown.
    """
    reply = json.loads(body)
    if isinstance(reply.get('objects'), list):
        reply['objects'].sort(key=lambda item: item['oid'])
        for item in reply['objects']:
            for action in (item.get('actions') or {}).values():
                _mask(action)
    if isinstance(reply.get('packs'), dict):
        _mask(reply['packs'])
    return json.dumps(reply, indent=2, separators=('', ': '), sort_keys=True)


def _mask(action: dict[str, Any]) -> None:
    for name in action.get('header') or {}:
        if name.lower() not in _OPENHEADERS:
            action['header'][name] = '***'
    href = action['href'].encode('utf-8', 'replace')
    action['href'] = mask(href).decode('utf-8', 'replace')


def _shown(value: Any) -> str:
    """Returns the start of what a peer sent, fit for a header and a terminal."""
    return ascii(str(value)[:80])[1:-1]


def _refjson(ref: BlobRef) -> dict[str, Any]:
    return {'oid': ref.oid.decode('ascii'), 'size': ref.size}


def _objects(message: dict[str, Any]) -> list[Any]:
    objects = message.get('objects', [])
    if not isinstance(objects, list):
        raise WireError('objects is not a list')
    return objects


def _ref(item: dict[str, Any]) -> BlobRef:
    oid, size = item.get('oid'), item.get('size', 0)
    if not _isoid(oid):
        raise WireError('not an oid: %s' % _shown(oid))
    # bool is an int to Python, but not to JSON
    if type(size) is not int or not 0 <= size < _MAXSIZE:
        raise WireError('not a size: %s' % _shown(size))
    return BlobRef(oid.encode('ascii'), size)


def _isoid(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and isoid(value.encode('utf-8', 'replace'))


def _answer(item: Any) -> Answer | None:
    """Return the answer about one object, or None where it has no name."""
    if not isinstance(item, dict) or not _isoid(item.get('oid')):
        return None
    try:
        return _soundanswer(item)
    except WireError as exc:
        return Answer(BlobRef(item['oid'].encode('ascii'), 0), malformed=str(exc))


def _soundanswer(item: dict[str, Any]) -> Answer:
    ref = _ref(item)
    if item.get('error') is not None:
        error = mapping(item['error'], 'an error')
        # an error without a code doesn't make much sense: the server's fault
        code = error.get('code', 500)
        message = error.get('message', '')
        if type(code) is not int or not isinstance(message, str):
            raise WireError('malformed error for %s' % _shown(item['oid']))
        return Answer(ref, {}, code, message)
    actions = mapping(item.get('actions') or {}, 'actions')
    return Answer(ref, {name: _action(action) for name, action in actions.items()})


def _action(item: Any) -> Action:
    action = mapping(item, 'an action')
    href, header = action.get('href'), action.get('header') or {}
    if not isinstance(href, str) or not _HREF.match(href):
        raise WireError('not a URL: %s' % _shown(href))
    # some servers leave spaces and other letters as they are
    href = urllib.parse.quote(href, safe=_PRINTABLE)
    if not isinstance(header, dict):
        raise WireError('malformed action')
    for name, value in header.items():
        sound = isinstance(value, str) and _VALUE.match(value)
        if not sound or not _NAME.match(name):
            raise WireError('malformed header in an action: %s' % _shown(name))
    expires_in, expires_at = action.get('expires_in'), action.get('expires_at')
    return Action(
        href,
        header,
        expires_at if isinstance(expires_at, str) else None,
        expires_in if type(expires_in) is int else None,
    )
