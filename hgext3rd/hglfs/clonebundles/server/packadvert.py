"""Advertise the packs: return their list for a client."""

from __future__ import annotations

from mercurial import encoding

from ...hg import compat
from ...hg.clientinfo import ClientInfo
from .. import blobpack
from ..blobpack import AdvertisedPack
from . import advertise, bundles, regions, state
from .catalog import Pack
from .catalogfile import PackCatalogFile
from .settings import BundleSettings

_REGION = 'region'


def exists(repo) -> bool:
    """Return whether a repository has a catalog of packs."""
    return PackCatalogFile(bundles.statefolder(repo)).exists()


def advert(repo, client: ClientInfo) -> bytes:
    """Return the list of packs for a client, in the format of ``blobpack``."""
    known = bundles.open(repo)
    found = []
    for pack in known.packs.read().advertised if known.settings.blobs else ():
        urls = _urls(repo, known.settings, pack, client)
        if urls and state.valid(repo, pack):
            found.append(AdvertisedPack(pack.digest, pack.size, pack.index, urls))
    return blobpack.encode(found)


def _urls(
    repo, settings: BundleSettings, pack: Pack, client: ClientInfo
) -> tuple[str, ...]:
    """Return the URLs of a pack for a client, those of its region first."""
    places = []
    for target in settings.packtargets:
        place = pack.at(target.name)
        if place is not None:
            # only our clients use packs, and they authenticate
            url = advertise.urlof(repo, pack, place, client, authenticates=True)
            places.append((url, dict(target.attributes).get(_REGION)))
    region = settings.regions.of(client.address)
    ordered = regions.nearest(places, region, lambda place: place[1])
    altered = compat.alterbundleurl()
    urls = (altered(repo, encoding.strtolocal(url)) for url, _region in ordered if url)
    return tuple(encoding.strfromlocal(url) for url in urls)
