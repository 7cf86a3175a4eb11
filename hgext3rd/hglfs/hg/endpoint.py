"""Find the endpoints that a repository's blobs are transferred to and from.

Format of a derived URL: git-lfs ``docs/api/server-discovery.md``. An endpoint is
derived from an ``http`` URL, too, so that a repository in ``hg serve`` is its own
endpoint.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mercurial import util
from mercurial.i18n import _
from mercurial.utils import urlutil

from ..lfs.blob import DOWNLOAD, UPLOAD
from ..lfs.errors import EndpointUnusable
from . import messages, pullsources

#: Schemes that do not occur in URLs: a repository on this machine, and a peer.
REPOSITORY = b'*repository'
PEER = b'*peer'
_KNOWN = (b'http', b'https', b'ssh', b'file', b'null', REPOSITORY, PEER, None)
#: The settings of ``[lfs]`` that name endpoints.
ITEMS = (b'url', b'pushurl', b'fallback')
_SUFFIX = b'.git/info/lfs'


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: ``scheme`` (None for no endpoint), and ``url`` without credentials.

    ``path`` is the URL's path, ``authinfo`` the credentials that the URL contained, as
    for ``mercurial.url.opener``. If there is no endpoint because a setting is not a
    URL, ``setting`` is the name of the setting, and ``url`` its value. If an ssh server
    returned the endpoint, ``namedby`` is the configured URL of the ssh server, else
    None.
    """

    scheme: bytes | None
    url: bytes = b''
    path: bytes = b''
    authinfo: tuple | None = None
    setting: bytes | None = None
    namedby: bytes | None = None


@dataclass(frozen=True)
class Located:
    """An endpoint, and the setting or repository that it comes from.

    ``setting`` is the name of the setting, None for an endpoint that is derived from a
    repository's URL. ``peerurl`` is the URL of that repository, or of the repository
    that a setting in ``[paths]`` is about; it is empty for a setting about all
    repositories.
    """

    place: Endpoint
    setting: bytes | None = None
    peerurl: bytes = b''


def places(repo, operation: str, peerurl: bytes | None = None) -> Iterator[Endpoint]:
    """Yield the endpoints for an operation, in the order to try them.

    ``peerurl`` is the URL of the repository that changesets are exchanged with. If it
    is None, uploads go to the default path, and downloads come from the repositories
    that changesets were pulled from. If an endpoint is configured, none is derived from
    the URLs of these repositories. For downloads, the endpoints of ``lfs.fallback``
    come last. If there is no endpoint at all, an Endpoint whose scheme is None is
    yielded.
    """
    return (found.place for found in located(repo, operation, peerurl))


def located(repo, operation: str, peerurl: bytes | None = None) -> Iterator[Located]:
    """Yield the endpoints for an operation, with their sources; see ``places``."""
    explicit = _explicit(repo.ui, operation)
    if explicit is not None:
        found: Iterable[Located] = [_named(*explicit)]
    elif operation == UPLOAD:
        found = [_ofpath(repo.ui, peerurl or _default(repo.ui))]
    else:
        found = _sources(repo, peerurl)
    seen: set[Endpoint] = set()
    for one in itertools.chain(found, _fallback(repo, operation)):
        if one.place not in seen and (one.place.scheme or not seen):
            seen.add(one.place)
            yield one


def main(repo) -> Endpoint:
    """Return the endpoint of ``lfs.url`` or of the default path, for downloads.

    Unlike ``places``, this ignores where changesets were pulled from.
    """
    explicit = _explicit(repo.ui, DOWNLOAD)
    if explicit is not None:
        return configured(*explicit)
    return _ofpath(repo.ui, _default(repo.ui)).place


def peer(repo, peerurl: bytes | None = None) -> bytes:
    """Return the URL or path of the repository that changesets are exchanged with.

    This is ``peerurl`` if it is given, else the source of the pull in progress, else
    the default path. Returns b'' if there is none of these.
    """
    return urlutil.urllocalpath(peerurl or _pulled(repo) or _default(repo.ui))


def _pulled(repo) -> bytes | None:
    # set by a pull for its update: the actual source
    return getattr(repo, '_subtoppath', None)


def _sources(repo, peerurl: bytes | None) -> Iterator[Located]:
    """Yield the endpoints of the repositories that the changesets may come from."""
    pulled = peerurl or _pulled(repo)
    urls = [pulled] if pulled else []
    urls += [url for url in pullsources.read(repo) if url not in urls]
    default = _default(repo.ui)
    urls += [default] if default not in urls else []
    for url in urls:
        one = _ofpath(repo.ui, url)
        if one.place.scheme or url == urls[-1]:
            yield one


def _fallback(repo, operation: str) -> Iterator[Located]:
    if operation == DOWNLOAD:
        for url in repo.ui.configlist(b'lfs', b'fallback'):
            place = parse(url)
            place = place if place.scheme else _folder(repo.root, url)
            yield Located(place, b'lfs.fallback')


def _folder(root: bytes, path: bytes) -> Endpoint:
    """Return the ``file`` endpoint of a directory, perhaps relative to ``root``."""
    path = os.path.join(root, util.expandpath(path))
    return Endpoint(b'file', path, path)


def isderived(repo) -> bool:
    """Return whether the endpoint for downloads is derived from the peer's URL.

    This is so if no setting configures an endpoint.
    """
    ui = repo.ui
    if _explicit(ui, DOWNLOAD) is not None:
        return False
    url = _pulled(repo) or _default(ui)
    return _forpath(ui, url) is None


def configured(setting: bytes, text: bytes) -> Endpoint:
    """Return the endpoint for the value of a setting."""
    place = parse(text)
    return place if place.scheme else Endpoint(None, text, setting=setting)


def check(place: Endpoint, setting: bytes = b'lfs') -> None:
    """Raise EndpointUnusable for an unknown URL scheme.

    ``setting`` is named in the error: by default the section, else a full name such as
    ``lfs.fallback``.
    """
    if place.scheme not in _KNOWN:
        raise EndpointUnusable(b'%s: unknown url scheme: %s' % (setting, place.scheme))


def checkconfigured(ui) -> None:
    """Check the configured endpoints before they are used; raise EndpointUnusable."""
    for operation in (DOWNLOAD, UPLOAD):
        explicit = _explicit(ui, operation)
        if explicit is not None:
            check(configured(*explicit))
    for url in ui.configlist(b'lfs', b'fallback'):
        check(parse(url), b'lfs.fallback')


def _explicit(ui, operation: str) -> tuple[bytes, bytes] | None:
    """Return the setting that names the endpoint, with its value, or None."""
    for item in (b'pushurl', b'url') if operation == UPLOAD else (b'url',):
        url = ui.config(b'lfs', item)
        if url is not None:
            return b'lfs.%s' % item, url
    return None


def _default(ui) -> bytes:
    default = ui.config(b'paths', b'default') or b''
    islocal = default and not urlutil.hasscheme(default)
    if default.startswith(b'path://') or islocal and not os.path.isabs(default):
        # refers to another path, or is relative to its configuration file
        default = ui.paths[b'default'][0].loc
    return default


def _named(setting: bytes, text: bytes, peerurl: bytes = b'') -> Located:
    return Located(configured(setting, text), setting, peerurl)


def _ofpath(ui, url: bytes) -> Located:
    """Return the endpoint for a repository's URL: configured for it, or derived."""
    explicit = _forpath(ui, url)
    if explicit is not None:
        return _named(*explicit, peerurl=url)
    return Located(_derive(ui, url), None, url)


def _forpath(ui, peerurl: bytes) -> tuple[bytes, bytes] | None:
    """Return the ``paths.NAME:lfs.url`` setting for a URL, with its value, or None."""
    wanted = _bare(peerurl)
    for name, paths in ui.paths.items():
        url = ui.config(b'paths', b'%s:lfs.url' % name)
        if url is not None:
            places = [path.loc for path in paths] + [path.rawloc for path in paths]
            places.append(ui.config(b'paths', b'%s:pushurl' % name) or b'')
            if wanted in map(_bare, places):
                return b'paths.%s:lfs.url' % name, url
    return None


def _bare(url: bytes) -> bytes:
    """Normalize a repository's URL for comparison: ``file:/x`` to ``/x``."""
    return urlutil.urllocalpath(url).rstrip(b'/')


def _derive(ui, peerurl: bytes) -> Endpoint:
    url = urlutil.url(peerurl)
    if url.scheme == b'ssh':
        return Endpoint(PEER, peerurl)
    if url.scheme in (b'file', b'bundle', b'union') or (url.islocal() and peerurl):
        return Endpoint(REPOSITORY, peerurl)
    if url.scheme not in (b'http', b'https'):
        return Endpoint(None)
    url.fragment = None  # a branch or a changeset
    if url.path and not url.path.endswith(b'/'):
        url.path += b'/'
    url.path = (url.path or b'') + _SUFFIX
    messages.note(
        ui, _(b'lfs: assuming remote store: %s\n') % urlutil.hidepassword(bytes(url))
    )
    return parse(bytes(url))


def parse(text: bytes) -> Endpoint:
    """Return the endpoint for a URL; an ssh URL keeps its user, but no password."""
    url = urlutil.url(text)
    if url.scheme == b'ssh':
        url.passwd = None
        return Endpoint(url.scheme, bytes(url).rstrip(b'/'), url.path or b'')
    bare, authinfo = url.authinfo()
    return Endpoint(url.scheme, bare.rstrip(b'/'), url.path or b'', authinfo)


def useragent(configured: bytes | None) -> bytes:
    """Return the User-Agent header: ``configured``, or a default.

    The default begins with ``git-lfs/``, by which servers recognize LFS clients.
    """
    return configured or b'git-lfs/2.3.4 (Mercurial %s)' % util.version()
