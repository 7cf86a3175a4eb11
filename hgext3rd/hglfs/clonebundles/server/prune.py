"""Remove the bundles and packs whose time is over from where they were published."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from ...lfs.errors import LfsError
from . import policy
from .catalog import A
from .catalogfile import CatalogFile
from .publish import Publisher


def prune(
    known: CatalogFile[A], publishers: Mapping[str, Publisher], grace: float
) -> Iterator[tuple[A, LfsError]]:
    """Remove what was replaced so many seconds ago; yield what could not be removed.

    That stays in the catalog, for the next time. Raises StoreFailed where the catalog
    can't be changed.
    """
    now = time.time()
    for artifact in known.read().artifacts:
        if policy.expired(artifact, now, grace):
            exc = _remove(known, publishers, artifact)
            if exc is not None:
                yield artifact, exc


def _remove(
    known: CatalogFile[A], publishers: Mapping[str, Publisher], artifact: A
) -> LfsError | None:
    """Remove an artifact from all its places; return the error that prevents it."""
    others = (one for one in known.read().files if one.basename != artifact.basename)
    shared = any(other.digest == artifact.digest for other in others)
    for place in artifact.places:
        publisher = publishers.get(place.destination)
        # a destination may have gone from the configuration; a blob is known by its
        # content alone, which another bundle may have
        if publisher is None or (shared and not place.url):
            continue
        try:
            publisher.remove(artifact, place.url)
        except LfsError as exc:
            return exc
    known.change(lambda catalog: catalog.without(artifact))
    return None
