"""Reply to peers over Mercurial's own connection: blobs and locks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from mercurial import encoding, error
from mercurial.utils import stringutil

from ..hg import accesslog, identity, lfsrepo
from ..hg.abort import translated
from ..lfs.server import blobs
from ..lfs.server import locks as server
from ..lfs.wire import blobstream, locking
from ..lfs.wire.wirejson import WireError


def have(repo, wanted: bytes) -> bytes:
    """Return the state of each blob of ``wanted`` in the repository's own store.

    The reply has the format of ``blobs.have``.
    """
    intake = _lfs(repo).intake
    return blobs.have(_items(wanted), intake, intake.most)


def get(repo, wanted: bytes) -> Iterator[bytes]:
    """Return the blobs of ``wanted`` as a stream; see ``lfs.wire.blobstream``."""
    lfs = _lfs(repo)
    return blobs.send(_items(wanted), lfs.ownstore, _accesslog(lfs))


def put(repo, payload: Iterable[bytes]) -> bytes:
    """Store the blobs of a stream; return the reply, with a code for each blob.

    If a hook or a setting refuses all of them, the reply is the reason instead.
    """
    lfs = _lfs(repo)
    try:
        _checkwritable(repo, b'lfs-put')
        intake = lfs.intake
    except error.Abort as exc:
        return exc.message
    with translated():
        try:
            return blobs.take(blobstream.Reader(payload), intake, _accesslog(lfs))
        except ValueError as exc:  # a WireError, or Mercurial's after a disconnect
            raise error.Abort(
                b'broken blob stream: %s' % stringutil.forcebytestr(exc)
            ) from exc
        finally:
            for _piece in payload:  # the connection is used for other commands
                pass


def _accesslog(lfs: lfsrepo.LfsRepo) -> accesslog.UiAccessLog:
    return accesslog.overssh(lfs.ui, lfs.settings.accesslog)


def locks(repo, verb: bytes, body: bytes) -> bytes:
    """Return the status and the body of the reply to a request about locks."""
    lfs = _lfs(repo)
    try:
        request = locking.decoderequest(verb.decode('ascii', 'replace'), body)
        if isinstance(request, (locking.Create, locking.Unlock)):
            _checkwritable(repo, b'lfs-lock')
        actor = identity.overssh(lfs)
        reply = server.answer(request, lfs.locks, actor, int(time.time()))
    except WireError as exc:
        reply = locking.Reply(HTTPStatus.BAD_REQUEST, locking.encodefailure(str(exc)))
    except error.Abort as exc:
        failure = locking.encodefailure(encoding.unifromlocal(exc.message))
        reply = locking.Reply(HTTPStatus.FORBIDDEN, failure)
    return b'%d\n%s' % (reply.status, reply.body)


def _checkwritable(repo, name: bytes) -> None:
    """Raise Abort if a ``pretxnopen`` hook refuses changes by the current user.

    ``name`` is the name of a transaction, for the hook.
    """
    repo.hook(b'pretxnopen', throw=True, txnname=name, txnid=b'')


def _items(wanted: bytes) -> list[blobstream.Item]:
    try:
        return list(blobstream.Reader([wanted]).items())  # at most blobstream.MOST
    except WireError as exc:
        raise error.Abort(str(exc).encode('ascii')) from exc


def _lfs(repo) -> lfsrepo.LfsRepo:
    lfs = lfsrepo.get(repo)
    if lfs is None:
        raise error.Abort(b'the repository has no large files')
    return lfs
