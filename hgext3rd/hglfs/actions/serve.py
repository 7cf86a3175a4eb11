"""Answers what another Mercurial asks over its own connection: blobs, and locks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from mercurial import encoding, error
from mercurial.utils import stringutil

from ..hg import identity, ledger, repolfs
from ..hg.abort import translated
from ..lfs.server import locks as server
from ..lfs.server import packs
from ..lfs.wire import locking, pack
from ..lfs.wire.wirejson import WireError


def have(repo, wanted: bytes) -> bytes:
    """Returns which of some blobs the repository's own store has."""
    box = _box(repo)
    return packs.have(_items(wanted), box.ownstore, box.intake.most)


def get(repo, wanted: bytes) -> Iterator[bytes]:
    """Returns the pack of some blobs."""
    box = _box(repo)
    return packs.send(_items(wanted), box.ownstore, _ledger(box))


def put(repo, payload: Iterable[bytes]) -> bytes:
    """Takes in a pack; returns a code for each of its blobs, or why it takes none."""
    box = _box(repo)
    try:
        _checkwritable(repo, b'lfs-put')
        intake = box.intake
    except error.Abort as exc:
        return exc.message
    with translated():
        try:
            return packs.take(pack.Reader(payload), intake, _ledger(box))
        except ValueError as exc:  # a WireError, or core's where the client has gone
            raise error.Abort(
                b'broken pack: %s' % stringutil.forcebytestr(exc)
            ) from exc
        finally:
            for _piece in payload:  # the connection has other uses
                pass


def _ledger(box: repolfs.RepoLfs) -> ledger.UiLedger:
    return ledger.overssh(box.ui, box.settings.accesslog)


def locks(repo, verb: bytes, body: bytes) -> bytes:
    """Returns the status and the body that answer a request about locks."""
    box = _box(repo)
    try:
        request = locking.decoderequest(verb.decode('ascii', 'replace'), body)
        if isinstance(request, (locking.Create, locking.Unlock)):
            _checkwritable(repo, b'lfs-lock')
        actor = identity.overssh(box)
        reply = server.answer(request, box.locks, actor, int(time.time()))
    except WireError as exc:
        reply = locking.Reply(400, locking.encodefailure(str(exc)))
    except error.Abort as exc:
        said = locking.encodefailure(encoding.unifromlocal(exc.message))
        reply = locking.Reply(403, said)
    return b'%d\n%s' % (reply.status, reply.body)


def _checkwritable(repo, name: bytes) -> None:
    """Raises Abort where an operator wants no change, as by who may only read."""
    repo.hook(b'pretxnopen', throw=True, txnname=name, txnid=b'')


def _items(wanted: bytes) -> list[pack.Item]:
    try:
        return list(pack.Reader([wanted]).items())  # no more than pack.MOST
    except WireError as exc:
        raise error.Abort(str(exc).encode('ascii')) from exc


def _box(repo) -> repolfs.RepoLfs:
    box = repolfs.of(repo)
    if box is None:
        raise error.Abort(b'the repository has no large files')
    return box
