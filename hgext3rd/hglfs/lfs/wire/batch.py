"""The Batch API's JSON, as values.

Format: git-lfs ``docs/api/batch.md``. Both ends meet here: what is decoded is
checked for type and range, whoever sent it, object by object as it comes; WireError
says what was wrong. Text is ``str`` in JSON and in these values, oids are bytes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
#: Ours: basic transfers with ranges and tus at the objects' URLs, and small objects
#: many at a time, in the format of ``lfs.wire.blobstream``, at the reply's URL for
#: them. The names on the wire are from when such a stream was called a pack.
SMALLBLOBS = 'hglfs-packs'
#: Resumable uploads: https://tus.io/protocols/resumable-upload, version 1.0.0.
TUS = 'tus'
SHA256 = 'sha256'
#: How many objects one request names, as git-lfs does it.
BATCHSIZE = 100
#: So many objects of a reply may be none of those that were requested.
_MOSTSTRAYS = 1000
#: How many characters are kept of a server's message.
_LONGESTMESSAGE = 1024
_MAXSIZE = 1 << 63
#: The longest name of an object, in characters, that an answer repeats.
_LONGESTNAME = 256
_UNPROCESSABLE = 422
#: A message with more objects than that without an oid or size is no batch request.
_MOSTUNFIT = 1000
_OBJECTS = 'objects'
_OPERATIONS = (DOWNLOAD, UPLOAD, 'verify')
#: So many bytes of a reply are made at a time.
_PIECE = 64 << 10


class TooMany(WireError):
    """A message is about more objects than it may be."""


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
    """Return the request that a client sent; raise WireError."""
    return readrequest([body])


def readrequest(chunks: Iterable[bytes], most: int = 0) -> BatchRequest:
    """Return the request that comes in chunks, with each oid once.

    Raise WireError; TooMany where it is about more than ``most`` objects, 0 is any
    number. Few bytes are kept of each object, whatever else is said of it.
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
    """Yield the members of a message about objects; raise WireError, TooMany."""
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
    """Return an object that is refused.

    A client waits for an answer about each object, by the name that it gave.
    """
    oid, size = item.get('oid'), item.get('size')
    if not isinstance(oid, str):
        oid = ''
    if type(size) is not int or not -_MAXSIZE < size < _MAXSIZE:
        size = 0
    return Unfit(oid[:_LONGESTNAME], size, str(exc))


def encoderef(ref: BlobRef) -> bytes:
    """Returns the body of a request to verify an upload."""
    return json.dumps(_refjson(ref)).encode('ascii')


def decoderef(body: bytes) -> BlobRef:
    """Returns what a request to verify an upload is about; raises WireError."""
    return _ref(mapping(parse(body), 'the request'))


@dataclass(frozen=True)
class BatchReply:
    """What a server answers: object by object, for the adapter that it chose.

    ``smallblobs`` is where many objects are fetched from and sent to at a time, under
    the adapter ``SMALLBLOBS`` alone: ``packs`` on the wire;
    ``unfit`` are the objects of the request that are refused, and ``stray`` is the oid
    of an answer about an object that was not requested, if there is one.
    """

    answers: Iterable[Answer]
    transfer: str = BASIC
    smallblobs: Action | None = None
    unfit: Sequence[Unfit] = ()
    stray: bytes | None = None

    def encode(self) -> bytes:
        """Returns the reply's body."""
        return b''.join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the reply's body, some objects at a time."""
        pending, size = ['{"transfer": %s, "objects": [' % json.dumps(self.transfer)], 0
        between = ''
        told: Iterator[Answer | Unfit] = itertools.chain(self.answers, self.unfit)
        for item in told:
            text = between + json.dumps(item.tojson())
            pending.append(text)
            size += len(text)
            between = ', '
            if size >= _PIECE:
                yield ''.join(pending).encode('ascii')
                pending, size = [], 0
        place = self.smallblobs
        tail = '' if place is None else ', "packs": ' + json.dumps(place.tojson())
        yield ''.join([*pending, ']', tail, '}']).encode('ascii')


def decodereply(body: bytes) -> BatchReply:
    """Return what a server answered; raise WireError."""
    return readreply([body])


def readreply(
    chunks: Iterable[bytes], wanted: Collection[bytes] | None = None
) -> BatchReply:
    """Return the reply that comes in chunks; raise WireError.

    One odd object is not to lose the others: it is answered as ``malformed``, or left
    out where it has no oid. Only answers about objects in ``wanted`` are kept, the
    first about each; None is for all.
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
    """Returns a reply as it is shown for debugging: sorted, a value a line.

    What opens doors, as a header or in a URL, is not shown.
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
            raise WireError('malformed error for %s' % excerpt(item['oid']))
        return Answer(ref, {}, code, message[:_LONGESTMESSAGE])
    actions = mapping(item.get('actions') or {}, 'actions')
    known = [name for name in _OPERATIONS if name in actions]
    return Answer(ref, {name: readaction(actions[name]) for name in known})
