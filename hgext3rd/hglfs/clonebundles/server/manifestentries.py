"""Create the entries of ``clonebundles.manifest`` from a catalog of bundles."""

from __future__ import annotations

from dataclasses import dataclass

from .. import manifest
from . import formats
from .catalog import Bundle, Catalog, Place


@dataclass(frozen=True)
class Destination:
    """The part of a destination that entries depend on.

    ``attributes`` are added to each entry. ``local`` is a template for the paths of its
    bundles relative to ``.hg``, or empty where they are elsewhere.
    """

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    local: str = ''


def ordered(
    catalog: Catalog[Bundle], destinations: tuple[Destination, ...]
) -> list[tuple[Bundle, Place]]:
    """Return the advertised bundles with each of their places, the best first.

    The order is by format, then by the order of destinations in the configuration.
    """
    found = []
    for bundle in catalog.advertised:
        for order, destination in enumerate(destinations):
            place = bundle.at(destination.name)
            if place is not None:
                key = formats.rank(bundle.format), order, -bundle.created
                found.append((key, bundle, place))
    found.sort(key=lambda item: item[0])
    return [(bundle, place) for _key, bundle, place in found]


def fixed(
    catalog: Catalog[Bundle], destinations: tuple[Destination, ...]
) -> list[manifest.Entry]:
    """Return the entries with URLs that do not depend on the client, in order."""
    known = {one.name: one for one in destinations}
    return [
        entry(bundle, place.url, known[place.destination])
        for bundle, place in ordered(catalog, destinations)
        if place.url
    ]


def entry(bundle: Bundle, url: str, destination: Destination) -> manifest.Entry:
    """Return the entry of a bundle for one of its URLs."""
    pairs = [
        ('BUNDLESPEC', bundle.spec),
        ('DIGEST', 'sha256:%s' % bundle.digest),
        ('SIZE', '%d' % bundle.size),
        *destination.attributes,
    ]
    attributes = [(key.encode('utf-8'), value.encode('utf-8')) for key, value in pairs]
    if url.lower().startswith('https://'):
        attributes.append(manifest.SNI)
    return manifest.Entry(url.encode('utf-8'), tuple(attributes))


def urls(catalog: Catalog[Bundle]) -> set[bytes]:
    """Return the URLs of all bundles, which identify our lines in a manifest."""
    return {
        place.url.encode('utf-8')
        for one in catalog.files
        for place in one.places
        if place.url
    }
