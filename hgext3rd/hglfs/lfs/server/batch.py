"""Reply to batch requests from a repository's own store.

Format: git-lfs ``docs/api/batch.md``. Blobs are read only if their file has
changed since they were stored, or if their size is not the requested one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from .. import words
from ..blob import DOWNLOAD, UPLOAD, BlobRef
from ..errors import BlobMissing, LfsError
from ..store.api import LocalStore
from ..wire.action import Action
from ..wire.batch import BASIC, SMALLBLOBS, TUS, Answer, BatchReply, BatchRequest


class ActionUrls(Protocol):
    """Provide the actions for the objects of a repository."""

    def object(self, ref: BlobRef, operation: str) -> Action:
        """Return the action for one object."""
        ...

    def smallblobs(self, operation: str) -> Action:
        """Return the action for many objects in one request."""
        ...

    def verify(self, ref: BlobRef) -> Action:
        """Return the action with which a client verifies an upload."""
        ...


@dataclass(frozen=True)
class Limits:
    """A server's limits: objects in a request, bytes of an object; 0 is no limit."""

    objects: int = 0
    size: int = 0


def supported(request: BatchRequest) -> bool:
    """Return whether client and server have an adapter in common."""
    return any(name in request.transfers for name in (SMALLBLOBS, TUS, BASIC))


def answer(
    request: BatchRequest, store: LocalStore, places: ActionUrls, limits: Limits
) -> bytes:
    """Return the reply's body, which has an answer for each object of the request."""
    return b''.join(pieces(request, store, places, limits))


def pieces(
    request: BatchRequest, store: LocalStore, places: ActionUrls, limits: Limits
) -> Iterator[bytes]:
    """Yield the reply's body; objects are looked up as it is consumed."""
    adapter = _adapter(request)
    if request.operation == DOWNLOAD:
        respond = _downloads(store, places)
    else:
        respond = _uploads(store, places, limits, adapter == TUS)
    answers = (_safely(respond, ref) for ref in request.refs)
    many = places.smallblobs(request.operation) if adapter == SMALLBLOBS else None
    return BatchReply(answers, adapter, many, request.unfit).pieces()


def _adapter(request: BatchRequest) -> str:
    """Return the best adapter that client and server have in common."""
    for name in (SMALLBLOBS, TUS):
        if name in request.transfers and (
            name == SMALLBLOBS or request.operation == UPLOAD
        ):
            return name
    return BASIC


_Respond = Callable[[BlobRef], Answer]


def _safely(respond: _Respond, ref: BlobRef) -> Answer:
    try:
        return respond(ref)
    except BlobMissing:  # removed since it was found
        return _error(ref, HTTPStatus.NOT_FOUND, 'The object does not exist')
    except (LfsError, OSError):
        return _error(ref, HTTPStatus.INTERNAL_SERVER_ERROR, 'Internal Server Error')


def _downloads(store: LocalStore, places: ActionUrls) -> _Respond:
    def respond(ref: BlobRef) -> Answer:
        found = store.stat(ref.oid)
        if found is None:
            return _error(ref, HTTPStatus.NOT_FOUND, 'The object does not exist')
        size = found[0]
        if _isdamaged(ref, found, store):
            return _error(ref, HTTPStatus.UNPROCESSABLE_ENTITY, 'The object is corrupt')
        if size != ref.size:
            return _othersize(ref, size)
        return Answer(ref, {DOWNLOAD: places.object(ref, DOWNLOAD)})

    return respond


def _uploads(
    store: LocalStore, places: ActionUrls, limits: Limits, verified: bool
) -> _Respond:
    room = store.room()

    def respond(ref: BlobRef) -> Answer:
        found = store.stat(ref.oid)
        # a damaged blob is requested again: the upload repairs it
        if found is not None and not _isdamaged(ref, found, store):
            if found[0] != ref.size:
                return _othersize(ref, found[0])
            # it must still be here when changesets that refer to it are pushed
            if store.touch(ref.oid):
                return Answer(ref)
        if limits.size and ref.size > limits.size:
            most = words.bytecount(limits.size).decode('ascii')
            return _error(
                ref,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                'Objects of over %s are not taken' % most,
            )
        if ref.size > room:
            return _error(
                ref, HTTPStatus.INSUFFICIENT_STORAGE, 'There is no room for the object'
            )
        actions = {UPLOAD: places.object(ref, UPLOAD)}
        if verified:
            actions['verify'] = places.verify(ref)
        return Answer(ref, actions)

    return respond


def _isdamaged(ref: BlobRef, found: tuple[int, bool], store: LocalStore) -> bool:
    """Return whether a blob is damaged; read its content only if necessary.

    ``found`` is the result of ``LocalStore.stat``: the size of the blob, and whether
    its file may have changed since it was verified. Then the content is read, and also
    if the requested size is another one: either the blob is damaged, or the request is
    wrong.
    """
    size, doubtful = found
    return (doubtful or size != ref.size) and store.damaged(ref.oid)


def _othersize(ref: BlobRef, size: int) -> Answer:
    return _error(
        ref,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        'The object has %d bytes, not %d' % (size, ref.size),
    )


def _error(ref: BlobRef, code: int, message: str) -> Answer:
    return Answer(ref, {}, code, message)
