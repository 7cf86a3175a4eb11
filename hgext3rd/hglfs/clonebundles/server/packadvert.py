"""What a server tells of its packs of blobs, to who asks."""

from __future__ import annotations

import os

from mercurial import encoding

from ...hg import compat
from ...hg.clientinfo import ClientInfo
from .. import blobpack
from ..blobpack import Offered
from . import advertise, book, bundles, regions
from . import packing as packs
from .packs import Pack
from .settings import BundleSettings

_REGION = 'region'


def there(repo) -> bool:
    """Tells whether a repository may have packs."""
    return os.path.exists(packs.open(repo).path)


def advert(repo, asker: ClientInfo) -> bytes:
    """Returns the packs for who asks."""
    settings = bundles.readsettings(repo)
    found = []
    known = packs.open(repo).read().current if settings.blobs else ()
    for pack in known:
        urls = _urls(repo, settings, pack, asker)
        if urls and packs.valid(repo, pack):
            found.append(Offered(pack.digest, pack.size, pack.index, urls))
    return blobpack.encode(found)


def _urls(
    repo, settings: BundleSettings, pack: Pack, asker: ClientInfo
) -> tuple[str, ...]:
    """Returns where a pack is, the nearest place first."""
    places = []
    for target in packs.targets(settings):
        place = pack.at(target.name)
        if place is not None:
            url: str | None = place.url
            if target.name == book.BLOBS:
                # stock clients use no packs, and ours send passwords for them
                url = advertise.bloburl(repo, pack.digest, asker, authenticates=True)
            places.append((url, dict(target.attributes).get(_REGION)))
    region = settings.regions.of(asker.address)
    ordered = regions.nearest(places, region, lambda place: place[1])
    altered = compat.alterbundleurl()
    urls = (altered(repo, encoding.strtolocal(url)) for url, _region in ordered if url)
    return tuple(encoding.strfromlocal(url) for url in urls)
