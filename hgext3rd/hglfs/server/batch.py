"""Answers the Batch API from one repository's own store.

Format: git-lfs ``docs/api/batch.md``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from ..model.batch import (
    BASIC,
    PACKS,
    TUS,
    Action,
    Answer,
    BatchReply,
    BatchRequest,
)
from ..model.blob import DOWNLOAD, UPLOAD, BlobRef, unique
from ..model.errors import BlobMissing, LfsError
from ..store.api import BlobStore

#: What stock's server and lfs-test-server send; some clients echo it.
_HEADER = {'Accept': 'application/vnd.git-lfs'}
_LIFETIME = datetime.timedelta(minutes=10)


def supported(request: BatchRequest) -> bool:
    """Tells whether there is a transfer adapter that both ends know."""
    return any(name in request.transfers for name in (PACKS, TUS, BASIC))


def _adapter(request: BatchRequest) -> str:
    """Returns the best adapter that both ends know."""
    for name in (PACKS, TUS):
        if name in request.transfers and (name == PACKS or _isupload(request)):
            return name
    return BASIC


def _isupload(request: BatchRequest) -> bool:
    return request.operation == UPLOAD


def answer(
    request: BatchRequest,
    store: BlobStore,
    href: Callable[[bytes], str],
    packs: str,
    now: datetime.datetime,
) -> bytes:
    """Returns the reply's body: every object of the request, with what to do.

    ``href`` gives the URL of an object by its oid, ``packs`` is that of packs,
    ``now`` is in UTC.
    """
    expires = (now + _LIFETIME).strftime('%Y-%m-%dT%H:%M:%SZ')

    def act(ref: BlobRef) -> dict[str, Action]:
        return {request.operation: Action(href(ref.oid), _HEADER, expires)}

    respond = _fordownload if request.operation == DOWNLOAD else _forupload
    answers = [_safely(respond, ref, store, act) for ref in unique(request.refs)]
    adapter = _adapter(request)
    place = Action('%s/%s' % (packs, request.operation), _HEADER, expires)
    return BatchReply(answers, adapter, place if adapter == PACKS else None).encode()


_Act = Callable[[BlobRef], 'dict[str, Action]']


def _safely(
    respond: Callable[[BlobRef, BlobStore, _Act], Answer],
    ref: BlobRef,
    store: BlobStore,
    act: _Act,
) -> Answer:
    try:
        return respond(ref, store, act)
    except BlobMissing:  # gone since it was looked for
        return Answer(ref, {}, 404, 'The object does not exist')
    except (LfsError, OSError):
        return Answer(ref, {}, 500, 'Internal Server Error')


def _fordownload(ref: BlobRef, store: BlobStore, act: _Act) -> Answer:
    if not store.has(ref.oid):
        return Answer(ref, {}, 404, 'The object does not exist')
    if store.damaged(ref.oid):
        return Answer(ref, {}, 422, 'The object is corrupt')
    return Answer(ref, act(ref))


def _forupload(ref: BlobRef, store: BlobStore, act: _Act) -> Answer:
    # one that is damaged here is asked for again, which mends it
    if store.has(ref.oid) and not store.damaged(ref.oid):
        return Answer(ref)
    return Answer(ref, act(ref))
