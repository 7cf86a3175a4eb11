"""Answers what another Mercurial asks over its own connection: blobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mercurial import error
from mercurial.utils import stringutil

from ..bridge import ledger, repolfs
from ..bridge.abort import translated
from ..model import pack
from ..model.batch import WireError
from ..server import packs


def have(repo, wanted: bytes) -> bytes:
    """Returns which of some blobs the repository's own store has."""
    return packs.have(_items(wanted), _box(repo).ownstore)


def get(repo, wanted: bytes) -> Iterator[bytes]:
    """Returns the pack of some blobs."""
    box = _box(repo)
    return packs.send(_items(wanted), box.ownstore, _ledger(box))


def put(repo, payload: Iterable[bytes]) -> bytes:
    """Takes in a pack; returns a code for each of its blobs."""
    box = _box(repo)
    with translated():
        try:
            return packs.take(pack.Reader(payload), box.store, ledger=_ledger(box))
        except ValueError as exc:  # a WireError, or core's where the client has gone
            raise error.Abort(
                b'broken pack: %s' % stringutil.forcebytestr(exc)
            ) from exc
        finally:
            for _piece in payload:  # the connection has other uses
                pass


def _ledger(box: repolfs.RepoLfs) -> ledger.UiLedger:
    return ledger.overssh(box.ui, box.settings.accesslog)


def _items(wanted: bytes) -> list[pack.Item]:
    try:
        return list(pack.Reader([wanted]).items())
    except WireError as exc:
        raise error.Abort(str(exc).encode('ascii')) from exc


def _box(repo) -> repolfs.RepoLfs:
    box = repolfs.of(repo)
    if box is None:
        raise error.Abort(b'the repository has no large files')
    return box
