"""Open the settings, catalogs and destinations of a repository's clone bundles."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mercurial import encoding, error, url, util
from mercurial.utils import procutil, stringutil

from ...actions import scan
from ...hg import lfsrepo
from ...lfs.errors import LfsError, RemoteError
from ...lfs.oid import CHUNK
from ...lfs.store import files
from .. import manifest
from . import lease, publish, settings
from .catalog import BLOBS, Artifact
from .catalogfile import BundleCatalogFile, PackCatalogFile
from .settings import INLINE, BundleSettings, Target
from .statefolder import Paths, StateFolder

MANIFEST = b'clonebundles.manifest'
PULLBUNDLES = b'pullbundles.manifest'
#: The folder below .hg of the bundles that Mercurial sends inline. No other file or
#: folder may have a name that starts so: Mercurial verifies only the prefix of paths.
_INLINEROOT = b'bundle-cache'
#: The timeout of a download that verifies a published file, in seconds without data.
_TIMEOUT = 60


@dataclass(frozen=True)
class BundleRepo:
    """The settings, the state folder and the catalogs of one repository.

    An operation opens it once and passes it to the functions that it calls. Shares of
    one store use the same files.
    """

    settings: BundleSettings
    folder: StateFolder
    bundles: BundleCatalogFile
    packs: PackCatalogFile


def open(repo) -> BundleRepo:
    """Open the settings and catalogs of a repository; raise Abort."""
    found = readsettings(repo)
    folder = statefolder(repo)
    bundles = BundleCatalogFile(folder, found.destinations)
    return BundleRepo(found, folder, bundles, PackCatalogFile(folder))


def statefolder(repo) -> StateFolder:
    """Return the folder for the state of a repository's bundles and packs."""
    state = os.path.join(repo.sharedpath, b'lfs')
    paths = Paths(
        os.path.join(state, b'bundles'),
        os.path.join(repo.sharedpath, MANIFEST),
        os.path.join(state, b'keep', b'bundles'),
        os.path.join(repo.sharedpath, PULLBUNDLES),
    )
    modes = files.Modes(repo.store.createmode)
    return StateFolder(paths, lease.pidscope(socket.gethostname()), modes)


def publishers(repo, settings: BundleSettings) -> dict[str, publish.Publisher]:
    """Return the configured destinations by name, in the order of the configuration."""
    return {target.name: _publisher(repo, target) for target in settings.targets}


def _publisher(repo, target: Target) -> publish.Publisher:
    if target.name == BLOBS:
        lfs = lfsrepo.get(repo)
        assert (
            lfs is not None
        )  # the store is a destination only where the extension is enabled

        def needed(artifact: Artifact) -> bool:
            return _isneeded(repo, artifact)

        return publish.Blobs(target.name, lfs.ownstore, needed)
    if target.name == INLINE:
        return publish.Folder(
            target.name,
            os.path.join(repo.sharedpath, inlineroot(repo.ui)),
            manifest.INLINE.decode('ascii') + '{basename}',
            files.Modes(repo.store.createmode),
        )

    def fetch(url: str) -> Iterator[bytes]:
        return download(repo.ui, url)

    if target.directory:
        folder = repo.wvfs.join(target.directory)
        return publish.Folder(target.name, folder, target.template, None, fetch)

    def run(command: bytes, variables: Mapping[bytes, bytes]) -> int:
        environ = procutil.shellenviron(variables)
        return repo.ui.system(command, environ=environ, cwd=repo.root)

    assert target.upload is not None  # the settings require one of the two
    return publish.Commands(
        target.name, target.upload, target.delete, target.template, run, fetch
    )


def _isneeded(repo, artifact: Artifact) -> bool:
    """Return whether an artifact was also committed as a large file.

    Then its blob must not be removed. The changesets in the artifact are not searched:
    they are older than the artifact, and cannot contain it. If the other changesets
    cannot be read, returns True.
    """
    whole = repo.unfiltered()
    if lfsrepo.get_if_required(whole) is None:
        return False
    heads = [bytes.fromhex(head) for head in artifact.heads]
    known = list(filter(whole.changelog.hasnode, heads))
    oid = artifact.digest.encode('ascii')
    try:
        refs = scan.ofrevs(whole, whole.revs(b'not ::%ln', known))
        return any(ref.oid == oid for ref in refs)
    except (error.Abort, LfsError):  # unknown: keep it
        return True


def inlineroot(ui) -> bytes:
    """Return the folder of the inline bundles, below ``.hg``."""
    # hg <= 6.9: not configurable
    known = ui._knownconfig.get(b'server', {})
    item = b'peer-bundle-cache-root'
    return ui.config(b'server', item) if item in known else _INLINEROOT


def download(ui, address: str) -> Iterator[bytes]:
    """Download a URL with Mercurial's own client; yield chunks.

    Raises RemoteError; also for a redirect, which Mercurial's clients do not follow
    when they verify a DIGEST.
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
                    hint=b'set the url-template to the final URL',
                )
            while chunk := reply.read(CHUNK):
                yield chunk
    except error.Abort as exc:
        raise RemoteError(exc.message) from exc
    except (OSError, util.httplib.HTTPException, ValueError) as exc:
        # among them those of urllib, whose messages do not contain URLs
        why = stringutil.forcebytestr(exc)
        raise RemoteError(b'can not be fetched: %s' % why, transient=True) from exc


def readsettings(repo) -> BundleSettings:
    """Read a repository's settings; raise Abort for invalid ones."""
    found = settings.read(repo.ui)
    if not found.pullbundles:
        return found
    targets = (replace(one, local=_local(repo, one)) for one in found.targets)
    return replace(found, targets=tuple(targets))


def _local(repo, target: Target) -> str:
    """Return a template for the paths of a destination's files, relative to ``.hg``.

    Returns an empty string if the files are not below ``.hg``. They have to be there
    for pull bundles: Mercurial opens no other paths for these, and follows no symbolic
    links.
    """
    if target.name == BLOBS and lfsrepo.get(repo) is not None:
        folder, name = repo.svfs.join(b'lfs/objects'), '/{blob}'
    elif target.name == INLINE:
        root = inlineroot(repo.ui)
        folder, name = os.path.join(repo.sharedpath, root), '/{basename}'
    else:
        return ''
    below = os.path.relpath(folder, repo.sharedpath)
    real = os.path.join(os.path.realpath(repo.sharedpath), below)
    if below.startswith(b'..') or os.path.realpath(folder) != real:
        return ''
    return os.fsdecode(util.pconvert(below)) + name


def tolocal(text: str) -> bytes:
    """Encode a text in the character encoding of Mercurial's output."""
    return encoding.strtolocal(text)
