"""What a server tells of its bundles: the lines of the manifest, for who asks."""

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
from ...lfs.store import files
from .. import manifest
from . import book, bundles, bundlespecs, regions, start, state
from .catalog import Bundle, Place
from .settings import BundleSettings

_REGION = b'region'


def there(repo) -> bool:
    """Tells whether a repository has a manifest."""
    return os.path.exists(os.path.join(repo.sharedpath, bundles.MANIFEST))


def lines(repo, asker: ClientInfo) -> bytes:
    """Returns the manifest for who asks; bad lines go to the log instead."""
    settings = bundles.readsettings(repo)
    found = _generated(repo, settings, asker) + _handwritten(repo, asker)
    return text(repo, settings, asker, found)


def text(
    repo, settings: BundleSettings, asker: ClientInfo, found: list[manifest.Entry]
) -> bytes:
    """Returns lines as who asks can use them, the best for him first."""
    inline = asker.inline and repo.sharedpath == repo.path
    found = [
        entry for entry in found if inline or not entry.url.startswith(manifest.INLINE)
    ]
    region = settings.regions.of(asker.address)
    if region is not None:
        found = regions.nearest(found, region, _regionof)
    altered = compat.alterbundleurl()
    return b''.join(
        b'%s%s\n' % (altered(repo, entry.url), entry.format()[len(entry.url) :])
        for entry in found
    )


def reminder(repo) -> bytes | None:
    """Returns what to tell who clones without the bundles that there are, if any."""
    if not repo.ui.configbool(b'ui', b'clonebundleadvertise') or not there(repo):
        return None
    generated = any(one.current for one in bundles.open(repo).read().bundles)
    if not generated and not _handwritten(repo, ClientInfo()):
        return None
    return _(
        b'this repository has clone bundles, by which it is cloned faster\n'
        b'(set ui.clonebundles to use them)\n'
    )


def legacy(repo, text: bytes) -> bytes:
    """Returns a manifest without what clients before hg 6.6 take wrongly."""
    kept = []
    for line in text.splitlines(keepends=True):
        attributes = bundlecaches.parseclonebundlesmanifest(repo, line)[0]
        if not attributes.get(b'STORE-FINGERPRINT'):
            kept.append(line)
    return b''.join(kept)


def complaints(repo) -> list[tuple[int, bytes]]:
    """Returns which lines of the manifest clients are not given, and why."""
    lines = bundles.open(repo).handwritten(bundles.open(repo).read())
    found = ((line.number, _complaint(repo, line)) for line in lines)
    return [(number, words) for number, words in found if words]


def asked(repo) -> None:
    """Notes that somebody clones, where that can make a new bundle worth it."""
    settings = bundles.readsettings(repo)
    if settings.triggers.clones <= 0 or not settings.formats:
        return
    revs = len(repo.unfiltered())
    current = [one for one in bundles.open(repo).read().bundles if one.current]
    if current and min(one.covers for one in current) >= revs:
        return
    try:
        files.append(bundles.clonesfile(repo), b'.', bundles.modes(repo))
        if settings.onchange and state.isdue(repo, settings):
            start.worker(repo)
    except OSError:  # who serves need not be who may write
        return


def urlof(repo, bundle: Bundle, place: Place | None, asker: ClientInfo) -> str | None:
    """Returns where who asks gets a bundle at one of its places, or None."""
    if place is not None and place.destination == book.BLOBS:
        return bloburl(repo, bundle.digest, asker)
    return place.url if place is not None else None


def bloburl(
    repo, oid: str, asker: ClientInfo, authenticates: bool = False
) -> str | None:
    """Return the URL of a blob that is a bundle or a pack, or None.

    A URL of the server itself, signed where actions are, and valid for a while then.
    Without signatures the server requests a password where not everybody may read the
    repository: there is a URL only for a client that ``authenticates``.
    """
    lfs = lfsrepo.get(repo)
    if asker.base is None or lfs is None or not lfs.settings.serve:
        return None
    url = '%s/.hg/lfs/objects/%s' % (asker.base, oid)
    keyfile = lfs.serving.keyfile
    if keyfile is None:
        return url if asker.public or authenticates else None
    grant = signing.Grant(asker.place, DOWNLOAD, oid.encode('ascii'))
    expires = int(time.time()) + signing.LIFETIME
    token = serving.signer(keyfile).token(grant, signing.Bearer(asker.user), expires)
    return '%s?%s=%s' % (url, signing.PARAMETER, token)


def _generated(
    repo, settings: BundleSettings, asker: ClientInfo
) -> list[manifest.Entry]:
    catalog = bundles.open(repo).read()
    destinations = {target.name: target.known for target in settings.targets}
    found = []
    for bundle, place in book.ordered(catalog, settings.destinations):
        url = urlof(repo, bundle, place, asker)
        if url and state.valid(repo, bundle):
            found.append(book.entry(bundle, url, destinations[place.destination]))
    return found


def _handwritten(repo, asker: ClientInfo) -> list[manifest.Entry]:
    found = []
    known = bundles.open(repo)
    for line in known.handwritten(known.read()):
        complaint = _complaint(repo, line)
        if complaint or line.entry is None:
            where = bundles.MANIFEST, line.number, complaint or b''
            message = b'%s, line %d: %s; clients are not told of it\n' % where
            message = words.lines(message)
            repo.ui.log(b'clonebundles', message.replace(b'%', b'%%'))
            asker.complain(message)
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
