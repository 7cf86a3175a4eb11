"""Answers the Batch API from one repository's own store.

Format: git-lfs ``docs/api/batch.md``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from ..model.batch import BASIC, Action, Answer, BatchRequest, encodereply
from ..model.blob import DOWNLOAD, BlobRef, unique
from ..model.errors import BlobMissing, LfsError
from ..store.api import BlobStore

#: What stock's server and lfs-test-server send; some clients echo it.
_HEADER = {'Accept': 'application/vnd.git-lfs'}
_LIFETIME = datetime.timedelta(minutes=10)


def supported(request: BatchRequest) -> bool:
    """Tells whether there is a transfer adapter that both ends know."""
    return BASIC in request.transfers


def answer(
    request: BatchRequest,
    store: BlobStore,
    href: Callable[[bytes], str],
    now: datetime.datetime,
) -> bytes:
    """Returns the reply's body: every object of the request, with what to do.

    ``href`` gives the URL of an object by its oid, ``now`` is in UTC.
    """
    expires = (now + _LIFETIME).strftime('%Y-%m-%dT%H:%M:%SZ')

    def act(ref: BlobRef) -> dict[str, Action]:
        return {request.operation: Action(href(ref.oid), _HEADER, expires)}

    respond = _fordownload if request.operation == DOWNLOAD else _forupload
    return encodereply(
        [_safely(respond, ref, store, act) for ref in unique(request.refs)]
    )


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
