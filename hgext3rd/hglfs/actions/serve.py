"""Answer what another Mercurial asks over its own connection: blobs, and locks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from mercurial import encoding, error
from mercurial.utils import stringutil

from ..hg import accesslog, identity, lfsrepo
from ..hg.abort import translated
from ..lfs.server import blobs
from ..lfs.server import locks as server
from ..lfs.wire import blobstream, locking
from ..lfs.wire.wirejson import WireError


def have(repo, wanted: bytes) -> bytes:
    """Return which of some blobs the repository's own store has."""
    intake = _lfs(repo).intake
    return blobs.have(_items(wanted), intake, intake.most)


def get(repo, wanted: bytes) -> Iterator[bytes]:
    """Return a blobstream of some blobs."""
    lfs = _lfs(repo)
    return blobs.send(_items(wanted), lfs.ownstore, _accesslog(lfs))


def put(repo, payload: Iterable[bytes]) -> bytes:
    """Take in a blobstream; return a code for each blob, or why it takes none."""
    lfs = _lfs(repo)
    try:
        _checkwritable(repo, b'lfs-put')
        intake = lfs.intake
    except error.Abort as exc:
        return exc.message
    with translated():
        try:
            return blobs.take(blobstream.Reader(payload), intake, _accesslog(lfs))
        except ValueError as exc:  # a WireError, or core's where the client has gone
            raise error.Abort(
                b'broken pack: %s' % stringutil.forcebytestr(exc)
            ) from exc
        finally:
            for _piece in payload:  # the connection has other uses
                pass


def _accesslog(lfs: lfsrepo.LfsRepo) -> accesslog.UiAccessLog:
    return accesslog.overssh(lfs.ui, lfs.settings.accesslog)


def locks(repo, verb: bytes, body: bytes) -> bytes:
    """Return the status and the body that answer a request about locks."""
    lfs = _lfs(repo)
    try:
        request = locking.decoderequest(verb.decode('ascii', 'replace'), body)
        if isinstance(request, (locking.Create, locking.Unlock)):
            _checkwritable(repo, b'lfs-lock')
        actor = identity.overssh(lfs)
        reply = server.answer(request, lfs.locks, actor, int(time.time()))
    except WireError as exc:
        reply = locking.Reply(400, locking.encodefailure(str(exc)))
    except error.Abort as exc:
        said = locking.encodefailure(encoding.unifromlocal(exc.message))
        reply = locking.Reply(403, said)
    return b'%d\n%s' % (reply.status, reply.body)


def _checkwritable(repo, name: bytes) -> None:
    """Raise Abort where an operator wants no change, as by who may only read."""
    repo.hook(b'pretxnopen', throw=True, txnname=name, txnid=b'')


def _items(wanted: bytes) -> list[blobstream.Item]:
    try:
        return list(blobstream.Reader([wanted]).items())  # no more than blobstream.MOST
    except WireError as exc:
        raise error.Abort(str(exc).encode('ascii')) from exc


def _lfs(repo) -> lfsrepo.LfsRepo:
    lfs = lfsrepo.get(repo)
    if lfs is None:
        raise error.Abort(b'the repository has no large files')
    return lfs
