"""Where a repository's blobs are kept: the Git LFS endpoint's URL.

Format of the derived URL: git-lfs ``docs/api/server-discovery.md``, with ``http``
served as well, so that ``hg serve`` is its own endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass

from mercurial import util
from mercurial.i18n import _
from mercurial.utils import urlutil

from ..model.blob import DOWNLOAD, UPLOAD
from ..model.errors import EndpointUnusable

_KNOWN = (b'http', b'https', b'file', b'null', None)
_SUFFIX = b'.git/info/lfs'


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: its scheme (None for none), its URL without credentials.

    ``path`` is the URL's path, ``authinfo`` the credentials that it contained, as
    ``mercurial.url.opener`` takes them.
    """

    scheme: bytes | None
    url: bytes = b''
    path: bytes = b''
    authinfo: tuple | None = None


def resolve(repo, operation: str, peerurl: bytes | None = None) -> Endpoint:
    """Returns the endpoint for an operation.

    ``peerurl`` is the repository that changesets are exchanged with; without one
    it is where the last pull came from, or the default path.
    """
    explicit = _explicit(repo.ui, operation)
    if explicit is not None:
        return _parse(explicit)
    peerurl = peerurl or _origin(repo)
    forpath = _forpath(repo.ui, peerurl)
    if forpath is not None:
        return _parse(forpath)
    return _derive(repo.ui, peerurl)


def check(place: Endpoint) -> None:
    """Raises EndpointUnusable for an endpoint of a kind that nobody knows."""
    if place.scheme not in _KNOWN:
        raise EndpointUnusable(b'lfs: unknown url scheme: %s' % place.scheme)


def checkconfigured(ui) -> None:
    """Does so for the endpoints that are configured, before they are needed."""
    for operation in (DOWNLOAD, UPLOAD):
        url = _explicit(ui, operation)
        if url is not None:
            check(_parse(url))


def _explicit(ui, operation: str) -> bytes | None:
    pushurl = ui.config(b'lfs', b'pushurl') if operation == UPLOAD else None
    return pushurl if pushurl is not None else ui.config(b'lfs', b'url')


def _origin(repo) -> bytes:
    # a pull leaves this for its update: where it really came from
    pulled = getattr(repo, '_subtoppath', None)
    default = repo.ui.config(b'paths', b'default') or b''
    if default.startswith(b'path://'):  # it names another path
        default = repo.ui.paths[b'default'][0].loc
    return pulled or default


def _forpath(ui, peerurl: bytes) -> bytes | None:
    """Returns what ``paths.NAME:lfs.url`` says for the path with this URL."""
    wanted = peerurl.rstrip(b'/')
    for name, paths in ui.paths.items():
        url = ui.config(b'paths', b'%s:lfs.url' % name)
        if url is not None:
            places = [path.loc for path in paths] + [path.rawloc for path in paths]
            places.append(ui.config(b'paths', b'%s:pushurl' % name) or b'')
            if wanted in (place.rstrip(b'/') for place in places):
                return url
    return None


def _derive(ui, peerurl: bytes) -> Endpoint:
    url = urlutil.url(peerurl)
    if url.scheme not in (b'http', b'https'):
        return Endpoint(None)
    url.fragment = None  # a branch or a changeset
    if url.path and not url.path.endswith(b'/'):
        url.path += b'/'
    url.path = (url.path or b'') + _SUFFIX
    ui.note(_(b'lfs: assuming remote store: %s\n') % urlutil.hidepassword(bytes(url)))
    return _parse(bytes(url))


def _parse(text: bytes) -> Endpoint:
    url = urlutil.url(text)
    bare, authinfo = url.authinfo()
    return Endpoint(url.scheme, bare.rstrip(b'/'), url.path or b'', authinfo)


def useragent(configured: bytes | None) -> bytes:
    """Returns what the client calls itself; servers tell git-lfs by the start."""
    return configured or b'git-lfs/2.3.4 (Mercurial %s)' % util.version()
