"""Encode and decode the JSON of the Batch API, for clients and servers.

Format: git-lfs ``docs/api/batch.md``. Decoders check each object as it arrives and
raise WireError for a wrong type or range. Texts are ``str``, oids are bytes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ..blob import DOWNLOAD, UPLOAD, BlobRef
from ..oid import isoid
from ..packedrefs import PackedRefs
from .action import Action, masksecrets, readaction
from .jsonstream import Member, members
from .wirejson import WireError, excerpt, mapping, parse

if TYPE_CHECKING:
    from typing_extensions import TypeGuard  # Python 3.10: in typing

MEDIATYPE = 'application/vnd.git-lfs+json'
BASIC = 'basic'
#: Our adapter: basic transfers with ranges, and tus, at the objects' URLs; streams of
#: many small objects, in the format of ``lfs.wire.blobstream``, at a URL of the reply.
#: The name is from a time when such a stream was called a pack.
SMALLBLOBS = 'hglfs-packs'
#: Resumable uploads: https://tus.io/protocols/resumable-upload, version 1.0.0.
TUS = 'tus'
SHA256 = 'sha256'
#: The number of objects in a request, as in git-lfs.
BATCHSIZE = 100
#: The maximum number of objects in a reply that were not requested.
_MOSTSTRAYS = 1000
#: The length to which a server's message is cut, in characters.
_LONGESTMESSAGE = 1024
_MAXSIZE = 1 << 63
#: The length to which an invalid oid is cut in a reply, in characters.
_LONGESTNAME = 256
#: The maximum number of objects in a request that have no valid oid and size.
_MOSTUNFIT = 1000
_OBJECTS = 'objects'
_OPERATIONS = (DOWNLOAD, UPLOAD, 'verify')
#: The number of objects that are encoded at a time.
_PIECE = 128


class TooMany(WireError):
    """A message has more objects than are allowed."""


@dataclass(frozen=True)
class Answer:
    """The server's answer about one object: actions by operation, or an error.

    ``malformed`` describes what is wrong with the answer itself, if it is invalid.
    """

    ref: BlobRef
    actions: Mapping[str, Action] = field(default_factory=dict)
    errorcode: int | None = None
    errormessage: str = ''
    malformed: str = ''

    def tojson(self) -> dict[str, Any]:
        """Return the object's JSON for a reply."""
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
    """An invalid object of a request, with its oid and size as the client sent them."""

    oid: str
    size: int
    reason: str

    def tojson(self) -> dict[str, Any]:
        """Return the JSON of the object's error for a reply."""
        error = {'code': HTTPStatus.UNPROCESSABLE_ENTITY, 'message': self.reason}
        return {'oid': self.oid, 'size': self.size, 'error': error}


@dataclass(frozen=True)
class BatchRequest:
    """A request for the actions of some objects.

    ``transfers`` are the names of the client's adapters. ``unfit`` are the objects
    without a valid oid and size; only decoded requests have them.
    """

    operation: str
    refs: Sequence[BlobRef]
    transfers: Sequence[str] = (BASIC,)
    hash_algo: str = SHA256
    unfit: Sequence[Unfit] = ()

    def encode(self) -> bytes:
        """Return the request's body, with only the keys that every server accepts."""
        objects = [_refjson(ref) for ref in self.refs]
        asked: dict[str, Any] = {'objects': objects, 'operation': self.operation}
        if list(self.transfers) != [BASIC]:
            asked['transfers'] = list(self.transfers)
        return json.dumps(asked).encode('ascii')


def decoderequest(body: bytes) -> BatchRequest:
    """Parse a client's request; raise WireError."""
    return readrequest([body])


def readrequest(chunks: Iterable[bytes], most: int = 0) -> BatchRequest:
    """Parse a client's request that comes in chunks, keeping each oid once.

    Raise WireError, and TooMany for more than ``most`` objects; 0 means no limit.
    Unknown keys of an object take no memory.
    """
    found: dict[str, Any] = {}
    refs, unfit = PackedRefs(), []
    counted = _counted(members(chunks, 'the request', [_OBJECTS]), most)
    for member in counted:
        if member.name != _OBJECTS:
            if member.name in ('transfers', 'operation', 'hash_algo'):
                found[member.name] = member.value
            continue
        wanted = mapping(member.value, 'an object')
        try:
            ref = _ref(wanted)
            refs.add(ref.oid, ref.size)
        except WireError as exc:
            unfit.append(_unfit(wanted, exc))
            if len(unfit) > _MOSTUNFIT:
                raise
    operation, transfers = found.get('operation'), found.get('transfers') or [BASIC]
    if operation not in (DOWNLOAD, UPLOAD):
        raise WireError('Unsupported LFS transfer operation: %s' % excerpt(operation))
    if not isinstance(transfers, list):
        raise WireError('transfers is not a list')
    named = [name for name in transfers if isinstance(name, str)]
    algorithm = found.get('hash_algo') or SHA256
    if not isinstance(algorithm, str):
        raise WireError('hash_algo is not a text')
    return BatchRequest(operation, refs, named, algorithm, unfit)


def _counted(found: Iterable[Member], most: int) -> Iterator[Member]:
    """Yield the members of a message, and count its objects.

    Raises TooMany for more than ``most`` objects (0: no limit), WireError if
    ``objects`` is not a list.
    """
    count = 0
    for member in found:
        if member.name == _OBJECTS:
            if not member.element:
                raise WireError('objects is not a list')
            count += 1
            if most and count > most:
                raise TooMany('more than %d objects' % most)
        yield member


def _unfit(item: dict[str, Any], exc: WireError) -> Unfit:
    """Return the refusal of an invalid object.

    It has the oid that the client sent, because clients wait for an answer about each
    oid.
    """
    oid, size = item.get('oid'), item.get('size')
    if not isinstance(oid, str):
        oid = ''
    if type(size) is not int or not -_MAXSIZE < size < _MAXSIZE:
        size = 0
    return Unfit(oid[:_LONGESTNAME], size, str(exc))


def encoderef(ref: BlobRef) -> bytes:
    """Return the body of a request to verify an upload."""
    return json.dumps(_refjson(ref)).encode('ascii')


def decoderef(body: bytes) -> BlobRef:
    """Parse the body of a request to verify an upload; raise WireError."""
    return _ref(mapping(parse(body), 'the request'))


@dataclass(frozen=True)
class BatchReply:
    """The answers of a server, and the adapter that it chose.

    ``smallblobs`` is the action for streams of many objects, only with the adapter
    ``SMALLBLOBS``; its key in the JSON is ``packs``. ``unfit`` are the refusals of
    invalid objects. ``stray`` is the oid of an answer that was not requested, if there
    is one.
    """

    answers: Iterable[Answer]
    transfer: str = BASIC
    smallblobs: Action | None = None
    unfit: Sequence[Unfit] = ()
    stray: bytes | None = None

    def encode(self) -> bytes:
        """Return the reply's body."""
        return b''.join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the reply's body in pieces, without encoding all objects at once."""
        yield b'{"transfer": %s, "objects": [' % _encoded(self.transfer)
        items: Iterator[Answer | Unfit] = itertools.chain(self.answers, self.unfit)
        between = b''
        while some := [item.tojson() for item in itertools.islice(items, _PIECE)]:
            yield between + _encoded(some)[1:-1]
            between = b', '
        place = self.smallblobs
        yield b']' if place is None else b'], "packs": ' + _encoded(place.tojson())
        yield b'}'


def decodereply(body: bytes) -> BatchReply:
    """Parse a server's reply; raise WireError."""
    return readreply([body])


def readreply(
    chunks: Iterable[bytes], wanted: Collection[bytes] | None = None
) -> BatchReply:
    """Parse a server's reply that comes in chunks; raise WireError.

    An invalid object does not fail the reply: its answer is ``malformed``, or it is
    left out if it has no oid. Only the first answer about each oid in ``wanted`` is
    kept; if ``wanted`` is None, all answers are kept.
    """
    answers: list[Answer] = []
    found: dict[str, Any] = {}
    stray: bytes | None = None
    left = None if wanted is None else set(wanted)
    most = 0 if left is None else len(left) + _MOSTSTRAYS
    for member in _counted(members(chunks, 'the reply', [_OBJECTS]), most):
        if member.name in ('transfer', 'packs'):
            found[member.name] = member.value
        elif member.name == _OBJECTS:
            answer = _answer(member.value)
            if answer is None:
                continue
            if left is None or answer.ref.oid in left:
                answers.append(answer)
            else:
                stray = stray or answer.ref.oid
            if left is not None:
                left.discard(answer.ref.oid)
    transfer = found.get('transfer') or BASIC
    if not isinstance(transfer, str):
        raise WireError('transfer is not a text')
    action = found.get('packs') if transfer == SMALLBLOBS else None
    place = None if action is None else readaction(action)
    return BatchReply(answers, transfer, place, stray=stray)


def explain(body: bytes) -> str:
    """Format a reply for debug output like stock ``lfs``: sorted, one value on a line.

    Credentials in headers and URLs are masked.
    """
    reply = json.loads(body)
    if isinstance(reply.get('objects'), list):
        reply['objects'].sort(key=lambda item: item['oid'])
        for item in reply['objects']:
            for action in (item.get('actions') or {}).values():
                masksecrets(action)
    if isinstance(reply.get('packs'), dict):
        masksecrets(reply['packs'])
    return json.dumps(reply, indent=2, separators=('', ': '), sort_keys=True)


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode('ascii')


def _refjson(ref: BlobRef) -> dict[str, Any]:
    return {'oid': ref.oid.decode('ascii'), 'size': ref.size}


def _ref(item: dict[str, Any]) -> BlobRef:
    oid, size = item.get('oid'), item.get('size', 0)
    if not _isoid(oid):
        raise WireError('not an oid: %s' % excerpt(oid))
    # bool is an int to Python, but not to JSON
    if type(size) is not int or not 0 <= size < _MAXSIZE:
        raise WireError('not a size: %s' % excerpt(size))
    return BlobRef(oid.encode('ascii'), size)


def _isoid(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and isoid(value.encode('utf-8', 'replace'))


def _answer(item: Any) -> Answer | None:
    """Return the answer about one object, or None for one without an oid."""
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
        # without a code the server is at fault, so it counts as an internal error
        code = error.get('code', HTTPStatus.INTERNAL_SERVER_ERROR.value)
        message = error.get('message', '')
        if type(code) is not int or not isinstance(message, str):
            raise WireError('malformed error for %s' % excerpt(item['oid']))
        return Answer(ref, {}, code, message[:_LONGESTMESSAGE])
    actions = mapping(item.get('actions') or {}, 'actions')
    known = [name for name in _OPERATIONS if name in actions]
    return Answer(ref, {name: readaction(actions[name]) for name in known})
