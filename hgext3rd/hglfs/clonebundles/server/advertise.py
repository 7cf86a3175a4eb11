"""Advertise the clone bundles: return the manifest for a client."""

from __future__ import annotations

import os
import time

from mercurial import bundlecaches
from mercurial.i18n import _

from ...hg import compat, lfsrepo, serving
from ...hg.clientinfo import ClientInfo
from ...lfs import words
from ...lfs.blob import DOWNLOAD
from ...lfs.server import signing
from .. import manifest
from . import bundles, bundlespecs, manifestentries, regions, start, state
from .bundles import BundleRepo
from .catalog import BLOBS, Artifact, Bundle, Catalog, Place
from .catalogfile import BundleCatalogFile
from .settings import BundleSettings

_REGION = b'region'


def exists(repo) -> bool:
    """Return whether a repository has a manifest."""
    return os.path.exists(os.path.join(repo.sharedpath, bundles.MANIFEST))


def lines(repo, client: ClientInfo) -> bytes:
    """Return the manifest for a client; log invalid lines instead of sending them."""
    known = bundles.open(repo)
    catalog = known.bundles.read()
    found = _generated(repo, known.settings, catalog, client)
    found += _handwritten(repo, known.bundles, catalog, client)
    return text(repo, known.settings, client, found)


def text(
    repo, settings: BundleSettings, client: ClientInfo, found: list[manifest.Entry]
) -> bytes:
    """Format those entries that a client can use, with entries of its region first.

    Inline bundles are left out for clients that do not support them. They are also left
    out in a share, because Mercurial would look for them in the share's own ``.hg``.
    """
    inline = client.inline and repo.sharedpath == repo.path
    found = [
        entry for entry in found if inline or not entry.url.startswith(manifest.INLINE)
    ]
    region = settings.regions.of(client.address)
    if region is not None:
        found = regions.nearest(found, region, _regionof)
    altered = compat.alterbundleurl()
    return b''.join(
        b'%s%s\n' % (altered(repo, entry.url), entry.format()[len(entry.url) :])
        for entry in found
    )


def reminder(repo) -> bytes | None:
    """Return the text of a hint that clone bundles exist, or None.

    The server sends the hint to a client that has cloned without them.
    """
    if not repo.ui.configbool(b'ui', b'clonebundleadvertise') or not exists(repo):
        return None
    # without the settings: errors in them must not fail a pull
    known = BundleCatalogFile(bundles.statefolder(repo), ())
    catalog = known.read()
    if not catalog.advertised and not _handwritten(repo, known, catalog, ClientInfo()):
        return None
    return _(
        b'this repository has clone bundles, by which it is cloned faster\n'
        b'(set ui.clonebundles to use them)\n'
    )


def legacy(repo, text: bytes) -> bytes:
    """Return a manifest without the lines that clients before hg 6.6 misunderstand.

    These are the lines with STORE-FINGERPRINT, a key that these clients ignore.
    """
    kept = []
    for line in text.splitlines(keepends=True):
        attributes = bundlecaches.parseclonebundlesmanifest(repo, line)[0]
        if not attributes.get(b'STORE-FINGERPRINT'):
            kept.append(line)
    return b''.join(kept)


def complaints(repo, known: BundleRepo) -> list[tuple[int, bytes]]:
    """Return each invalid line of the manifest, as its number and what is wrong."""
    lines = known.bundles.handwritten(known.bundles.read())
    found = ((line.number, _complaint(repo, line)) for line in lines)
    return [(number, words) for number, words in found if words]


def countclone(repo) -> None:
    """Count a clone; start a worker if this makes a new bundle due.

    A clone counts only if the current bundles lacked changesets, so that it had to pull
    them. The number is compared with ``clone-bundles.trigger.clones``.
    """
    known = bundles.open(repo)
    settings = known.settings
    if settings.triggers.clones <= 0 or not settings.formats:
        return
    revs = len(repo.unfiltered())
    current = known.bundles.read().advertised
    if current and min(one.covers for one in current) >= revs:
        return
    try:
        known.folder.countclone()
        if settings.onchange and state.isdue(repo, known):
            start.worker(repo, known.folder)
    except OSError:  # the server may have no write permission
        return


def urlof(
    repo,
    artifact: Artifact,
    place: Place | None,
    client: ClientInfo,
    authenticates: bool = False,
) -> str | None:
    """Return the URL of an artifact for a client, or None if it has no URL.

    ``place`` is one of the artifact's places, or None. If that is the store of this
    repository, there are two cases. Where the server signs URLs, the URL is signed and
    expires. Where it does not, and reading the repository needs a password, only a
    client that ``authenticates`` gets a URL.
    """
    if place is not None and place.destination == BLOBS:
        return _bloburl(repo, artifact.digest, client, authenticates)
    return place.url if place is not None else None


def _bloburl(repo, oid: str, client: ClientInfo, authenticates: bool) -> str | None:
    lfs = lfsrepo.get(repo)
    if client.base is None or lfs is None or not lfs.settings.serve:
        return None
    url = '%s/.hg/lfs/objects/%s' % (client.base, oid)
    keyfile = lfs.serving.keyfile
    if keyfile is None:
        return url if client.public or authenticates else None
    grant = signing.Grant(client.place, DOWNLOAD, oid.encode('ascii'))
    expires = int(time.time()) + signing.LIFETIME
    token = serving.signer(keyfile).token(grant, signing.Bearer(client.user), expires)
    return '%s?%s=%s' % (url, signing.PARAMETER, token)


def _generated(
    repo, settings: BundleSettings, catalog: Catalog[Bundle], client: ClientInfo
) -> list[manifest.Entry]:
    destinations = {target.name: target.destination for target in settings.targets}
    found = []
    for bundle, place in manifestentries.ordered(catalog, settings.destinations):
        url = urlof(repo, bundle, place, client)
        if url and state.valid(repo, bundle):
            destination = destinations[place.destination]
            found.append(manifestentries.entry(bundle, url, destination))
    return found


def _handwritten(
    repo, known: BundleCatalogFile, catalog: Catalog[Bundle], client: ClientInfo
) -> list[manifest.Entry]:
    found = []
    for line in known.handwritten(catalog):
        complaint = _complaint(repo, line)
        if complaint or line.entry is None:
            where = bundles.MANIFEST, line.number, complaint or b''
            message = b'%s, line %d: %s; the line is not sent to clients\n' % where
            message = words.lines(message)
            repo.ui.log(b'clonebundles', message.replace(b'%', b'%%'))
            client.complain(message)
        else:
            found.append(line.entry)
    return found


def _complaint(repo, line: manifest.ManifestLine) -> bytes | None:
    if line.entry is None:
        return line.complaint
    spec = line.entry.get(b'BUNDLESPEC')
    return bundlespecs.malformed(repo, spec) if spec else None


def _regionof(entry: manifest.Entry) -> str | None:
    region = entry.get(_REGION)
    return None if region is None else region.decode('utf-8', 'replace')
