"""A repository's clone bundles: its catalog, and the destinations that it has."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mercurial import encoding, error, url, util
from mercurial.utils import procutil, stringutil

from ...hg import lfsrepo
from ...lfs.errors import RemoteError
from ...lfs.oid import CHUNK
from ...lfs.store import files
from .. import manifest
from . import book, lease, publish, settings
from .settings import INLINE, Target

MANIFEST = b'clonebundles.manifest'
PULLBUNDLES = b'pullbundles.manifest'
#: Where Mercurial has the bundles that it sends itself. Not even the name of another
#: folder here may begin so: it looks at no more.
_INLINEROOT = b'bundle-cache'
#: After so many seconds without a byte a download for comparison ends.
_TIMEOUT = 60


def open(repo) -> book.Book:
    """Returns the catalog of a repository; its shares have the same."""
    where = lease.where(socket.gethostname())
    return book.Book(_paths(repo), where, modes(repo))


def _paths(repo) -> book.Paths:
    state = os.path.join(repo.sharedpath, b'lfs')
    return book.Paths(
        os.path.join(state, b'bundles'),
        os.path.join(repo.sharedpath, MANIFEST),
        os.path.join(state, b'keep', b'bundles'),
        os.path.join(repo.sharedpath, PULLBUNDLES),
    )


def modes(repo) -> files.Modes:
    """Returns who may use the files of a repository."""
    return files.Modes(repo.store.createmode)


def clonesfile(repo) -> bytes:
    """Returns the file that has a byte for each clone since the last bundle."""
    return os.path.join(_paths(repo).home, b'clones')


def destination(repo, target: Target, needed) -> publish.Publisher:
    """Returns a destination that the configuration states.

    ``needed`` tells whether a bundle is a blob of the history, too.
    """
    if target.name == book.BLOBS:
        lfs = lfsrepo.get(repo)
        assert lfs is not None  # or nobody would get here
        return publish.Blobs(target.name, lfs.ownstore, needed)
    if target.name == INLINE:
        return publish.Folder(
            target.name,
            os.path.join(repo.sharedpath, _inlineroot(repo.ui)),
            manifest.INLINE.decode('ascii') + '{basename}',
            modes(repo),
        )

    def fetch(url: str) -> Iterator[bytes]:
        return download(repo.ui, url)

    if target.directory:
        folder = repo.wvfs.join(target.directory)
        return publish.Folder(target.name, folder, target.template, None, fetch)

    def run(command: bytes, variables: Mapping[bytes, bytes]) -> int:
        environ = procutil.shellenviron(variables)
        return repo.ui.system(command, environ=environ, cwd=repo.root)

    assert target.upload is not None  # as the settings have it
    return publish.Commands(
        target.name, target.upload, target.delete, target.template, run, fetch
    )


def _inlineroot(ui) -> bytes:
    # hg <= 6.9: not to be configured
    known = ui._knownconfig.get(b'server', {})
    item = b'peer-bundle-cache-root'
    return ui.config(b'server', item) if item in known else _INLINEROOT


def download(ui, address: str) -> Iterator[bytes]:
    """Yields what is at a URL as Mercurial's own client gets it, in chunks.

    Raises RemoteError; also where the URL leads elsewhere, which clients that check
    digests can't follow.
    """
    ui = ui.copy()
    ui.setconfig(b'ui', b'interactive', False, b'lfs')
    if not ui.configsource(b'http', b'timeout'):
        ui.setconfig(b'http', b'timeout', b'%d' % _TIMEOUT, b'lfs')
    try:
        with url.open(ui, address.encode('utf-8')) as reply:
            if reply.geturl() != address:
                raise RemoteError(
                    b'its URL redirects clients, which then refuse the bundle',
                    hint=b'set the url-template to where it is in the end',
                )
            while chunk := reply.read(CHUNK):
                yield chunk
    except error.Abort as exc:
        raise RemoteError(exc.message) from exc
    except (OSError, util.httplib.HTTPException, ValueError) as exc:
        # among them: urllib's, which have URLs in no message
        why = stringutil.forcebytestr(exc)
        raise RemoteError(b'can not be fetched: %s' % why, transient=True) from exc


def readsettings(repo) -> settings.BundleSettings:
    """Returns a repository's settings."""
    found = settings.read(repo.ui)
    if not found.pullbundles:
        return found
    targets = (replace(one, local=_local(repo, one)) for one in found.targets)
    return replace(found, targets=tuple(targets))


def _local(repo, target: Target) -> str:
    """Returns where a destination's bundles are below ``.hg``, if they are there.

    Mercurial opens nothing else for pull bundles, and nothing by way of links.
    """
    if target.name == book.BLOBS and lfsrepo.get(repo) is not None:
        folder, name = repo.svfs.join(b'lfs/objects'), '/{blob}'
    elif target.name == INLINE:
        root = _inlineroot(repo.ui)
        folder, name = os.path.join(repo.sharedpath, root), '/{basename}'
    else:
        return ''
    below = os.path.relpath(folder, repo.sharedpath)
    real = os.path.join(os.path.realpath(repo.sharedpath), below)
    if below.startswith(b'..') or os.path.realpath(folder) != real:
        return ''
    return os.fsdecode(util.pconvert(below)) + name


def tolocal(text: str) -> bytes:
    """Returns a text for people."""
    return encoding.strtolocal(text)
