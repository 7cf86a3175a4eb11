"""Check whether endpoints are reachable and accept the user, and what they support.

The check is a request to download a blob that cannot exist. It changes nothing, and is
not retried. Mercurial prompts for a missing password as usual.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mercurial import error, util
from mercurial.i18n import _
from mercurial.utils import stringutil, urlutil

from ..hg import compat, endpoint, lockserver, peerwire, remotes
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.blob import DOWNLOAD, UPLOAD, BlobRef
from ..lfs.errors import BlobGone, ConnectionFailed, HttpFailed, LfsError
from ..lfs.remote.api import Remote
from ..lfs.remote.http import HttpRemote
from .environment import AGENT, Route, masked

#: The states of a check.
OK, UNAUTHORIZED = b'ok', b'unauthorized'
UNREACHABLE, FAILED = b'unreachable', b'failed'
#: A blob that cannot exist: the text with this SHA-256 does not have one byte.
_NOBLOB = BlobRef(hashlib.sha256(b'hg lfs-env').hexdigest().encode('ascii'), 1)
#: How long to wait for a silent server, in seconds.
_PATIENCE = 10.0
_REFUSALS = (401, 403)
#: What a failing connection raises, besides LfsError.
_BROKEN = (
    OSError,
    error.Error,
    error.RepoError,
    error.ResponseError,
    error.OutOfBandError,
    util.httplib.HTTPException,
    ValueError,  # a URL that cannot be encoded
)


@dataclass(frozen=True)
class Check:
    """The result of checking an endpoint, or a repository over HTTP (kind ``hg``).

    ``message`` and ``hint`` describe a failure. ``transfer`` is the adapter that the
    server chose. ``locks`` is whether the server supports locks, and ``nolocks`` the
    reason if it does not. ``capabilities`` are those of a peer that concern large
    files. ``writable`` is whether a folder is writable. A field that is unknown or does
    not apply is None.
    """

    url: bytes
    kind: bytes
    state: bytes = OK
    message: bytes = b''
    hint: bytes = b''
    transfer: bytes | None = None
    locks: bool | None = None
    nolocks: bytes = b''
    capabilities: tuple[bytes, ...] | None = None
    writable: bool | None = None


def checks(lfs: LfsRepo, routes: Iterable[Route]) -> Iterator[Check]:
    """Check the endpoints of some routes, then their peers; yield the results.

    The peers are the Mercurial repositories from which the routes were derived. They
    are checked only if they are reached over HTTP.
    """
    places: dict[endpoint.Endpoint, tuple[Route, set[str]]] = {}
    peers: dict[bytes, None] = {}
    for route in routes:
        place = route.located.place
        if route.kind == AGENT or place.scheme is None and place.setting is None:
            continue
        _route, operations = places.setdefault(place, (route, set()))
        operations.add(route.operation)
        if urlutil.url(route.located.peerurl).scheme in (b'http', b'https'):
            peers[route.located.peerurl] = None
    for route, operations in places.values():
        yield _checked(lfs, Check(route.url, route.kind), _endpoint, route, operations)
    for url in peers:
        yield _checked(lfs, Check(masked(url), b'hg'), _peer, url)


def _checked(lfs: LfsRepo, check: Check, how: Any, *args: Any) -> Check:
    """Return the result of ``how(lfs, check, *args)``, or a failed check on errors."""
    try:
        with _briefly(lfs):
            return how(lfs, check, *args)
    except (LfsError, *_BROKEN) as exc:
        return _failed(check, exc)


@contextlib.contextmanager
def _briefly(lfs: LfsRepo) -> Iterator[None]:
    """Use a timeout of at most 10 seconds, unless ``http.timeout`` is configured."""
    ui = lfs.ui
    if ui.configsource(b'http', b'timeout'):
        yield
        return
    seconds = min(_PATIENCE, lfs.settings.timeout or _PATIENCE)
    with ui.configoverride({(b'http', b'timeout'): b'%f' % seconds}, b'lfs'):
        yield


def _endpoint(lfs: LfsRepo, check: Check, route: Route, operations: set[str]) -> Check:
    place = route.located.place
    endpoint.check(place, route.setting or b'lfs')
    operation = DOWNLOAD if DOWNLOAD in operations else UPLOAD
    if place.scheme == b'file':
        check = _with_locks(lfs, check, place)
        return _folder(check, remotes.folderof(lfs, place), UPLOAD in operations)
    if place.scheme == endpoint.PEER:
        return _peer(lfs, check, place.url)
    remote = remotes.make(lfs, place, operation)
    if not isinstance(remote, HttpRemote):
        _ask(remote)
        return _with_locks(lfs, check, place)
    reply = remote.ask(DOWNLOAD, [_NOBLOB])
    answers = list(reply.answers)
    if not answers:
        message = _(b'the server did not answer about the object')
        return replace(check, state=FAILED, message=message)
    if answers[0].errorcode in _REFUSALS:
        return _unauthorized(check, words.quoted(answers[0].errormessage))
    transfer = words.quoted(reply.transfer)
    return _with_locks(lfs, replace(check, transfer=transfer), place)


def _ask(remote: Remote) -> None:
    """Request the nonexistent blob; raise LfsError if the reply is not "no such blob".

    A remote that works refuses the request with BlobGone, which is not an error here.
    """
    for plan in remote.plan(DOWNLOAD, [_NOBLOB]):
        for _ref, why in plan.refused:
            if not isinstance(why, BlobGone):
                raise why


def _with_locks(lfs: LfsRepo, check: Check, place: endpoint.Endpoint) -> Check:
    """Return a check with ``locks`` set, and ``nolocks`` if locks are not supported."""
    try:
        with contextlib.closing(lockserver.at(lfs, place, place.url)) as keeper:
            keeper.probe()
    except (LfsError, *_BROKEN) as exc:
        why = getattr(exc, 'hint', None) or _text(exc)
        return replace(check, locks=False, nolocks=words.shown(why))
    return replace(check, locks=True)


def _folder(check: Check, path: bytes, needed: bool) -> Check:
    """Check an endpoint that is a folder; return the completed check.

    ``needed`` is whether the folder has to be writable, because blobs are pushed to it.
    """
    found = path
    while not os.path.lexists(found):
        found = os.path.dirname(found)
    isfolder = os.path.isdir(found)
    check = replace(check, writable=isfolder and os.access(found, os.W_OK | os.X_OK))
    if not isfolder:
        message = _(b'%s is not a folder') % masked(found)
    elif not os.access(found, os.R_OK | os.X_OK) or needed and not check.writable:
        message = _(b'no permission for %s') % masked(found)
    elif found == path:
        return check
    elif needed:
        message = _(b'the folder does not exist; the first push makes it')
        return replace(check, message=message)
    else:
        message = _(b'the folder does not exist')
    return replace(check, state=UNREACHABLE, message=message)


def _peer(lfs: LfsRepo, check: Check, url: bytes) -> Check:
    peer = compat.openpeer(lfs.ui, url)
    with contextlib.closing(peer):
        known = {name.partition(b'=')[0] for name in peer.capabilities()}
        ours = sorted(name for name in known if name.startswith((b'lfs', b'hglfs')))
        check = replace(check, capabilities=tuple(map(words.shown, ours)))
        if check.kind == b'hg':  # its endpoint has a check of its own
            return check
        _ask(remotes.ofpeer(peer))
        return replace(check, locks=peerwire.LOCKSCAPABILITY in known)


# failures


def _failed(check: Check, exc: Exception) -> Check:
    message = _text(exc)
    if _isauthorization(exc):
        return _unauthorized(check, message)
    connection = (ConnectionFailed, OSError, error.RepoError, error.OutOfBandError)
    state = UNREACHABLE if isinstance(exc, connection) else FAILED
    hint = words.shown(getattr(exc, 'hint', None) or b'')
    return replace(check, state=state, message=message, hint=hint)


def _text(exc: Exception) -> bytes:
    """Return the message of an error in one line."""
    if isinstance(exc, LfsError):
        return exc.message
    if isinstance(exc, util.urlerr.urlerror):
        # urllib puts the real error into its own
        reason = getattr(exc.reason, 'strerror', None)
        text = stringutil.forcebytestr(reason or exc.reason)
    else:
        text = stringutil.forcebytestr(exc)
    return words.shown(text) or type(exc).__name__.encode('ascii')


def _unauthorized(check: Check, message: bytes) -> Check:
    hint = _(b"set user and password under [auth]: see 'hg help config.auth'")
    return replace(check, state=UNAUTHORIZED, message=message, hint=hint)


def _isauthorization(exc: Exception) -> bool:
    """Return whether a request failed for lack of credentials, or of permissions."""
    for one in (exc, exc.__cause__):
        if isinstance(one, HttpFailed) and one.status in _REFUSALS:
            return True
        if isinstance(one, util.urlerr.httperror) and one.code in _REFUSALS:
            return True
    # Mercurial's own errors are known by their texts alone
    texts = (_(b'http authorization required for %s'), _(b'authorization failed'))
    message = stringutil.forcebytestr(exc)
    return isinstance(exc, error.Abort) and any(
        message.startswith(text.partition(b'%s')[0]) for text in texts
    )
