"""Find the files of clone bundles and packs on the disk of the server."""

from __future__ import annotations

import os

from ...actions.usage import Artifacts
from . import bundles
from .catalog import BLOBS, A, Catalog
from .catalogfile import BundleCatalogFile, PackCatalogFile


def find(repo) -> Artifacts:
    """Return the oids and folders of all bundles and packs of a repository.

    Artifacts that were replaced, but not removed yet, are included.
    """
    folder = bundles.statefolder(repo)
    inline = os.path.join(repo.sharedpath, bundles.inlineroot(repo.ui))
    # the destinations matter only to those who change the catalog
    return Artifacts(
        _stored(BundleCatalogFile(folder, ()).read()),
        _stored(PackCatalogFile(folder).read()),
        (folder.paths.home, inline),
    )


def _stored(catalog: Catalog[A]) -> frozenset[bytes]:
    """Return the oids of those artifacts that are in the repository's store."""
    return frozenset(
        one.digest.encode('ascii') for one in catalog.files if one.at(BLOBS)
    )
