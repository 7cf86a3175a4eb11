"""Remove expired bundles and packs from their destinations and the catalog."""

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
    """Remove artifacts that were replaced at least ``grace`` seconds ago.

    Yields each artifact that could not be removed, with the error. It stays in the
    catalog, and the next call tries again. Raises StoreFailed if the catalog cannot be
    changed.
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
    """Remove an artifact from all its places; return the first error, or None."""
    others = (one for one in known.read().files if one.basename != artifact.basename)
    shared = any(other.digest == artifact.digest for other in others)
    for place in artifact.places:
        publisher = publishers.get(place.destination)
        # the destination may be no longer configured; a blob may also be that of
        # another artifact with the same content
        if publisher is None or (shared and not place.url):
            continue
        try:
            publisher.remove(artifact, place.url)
        except LfsError as exc:
            return exc
    known.change(lambda catalog: catalog.without(artifact))
    return None
