"""Removal of bundles and packs from where they were published."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import pytest
from support.bundles import bundle

from hgext3rd.hglfs.clonebundles.server import prune
from hgext3rd.hglfs.clonebundles.server.catalog import BLOBS, Pack, Place
from hgext3rd.hglfs.clonebundles.server.catalogfile import (
    BundleCatalogFile,
    PackCatalogFile,
)
from hgext3rd.hglfs.clonebundles.server.publish import Blobs, Folder
from hgext3rd.hglfs.clonebundles.server.statefolder import Paths, StateFolder
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.files import Modes

CONTENT = b'a file, as it were\n'
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PLACES = (Place('web', 'http://h/x'), Place(BLOBS, ''))


@pytest.fixture
def state(folder):
    names = (b'state', b'manifest', b'keep', b'pullbundles')
    paths = Paths(*(os.path.join(folder, name) for name in names))
    return StateFolder(paths, 'here', Modes())


@pytest.fixture
def publishers(folder):
    store = DiskStore(os.path.join(folder, b'objects'))
    web = Folder('web', os.path.join(folder, b'web'), 'http://h/{basename}')
    return {'web': web, BLOBS: Blobs(BLOBS, store, lambda artifact: False)}


@pytest.fixture(params=['bundles', 'packs'])
def known(request, state):
    """A catalog of either kind, and an artifact for it."""
    if request.param == 'bundles':
        made = bundle(digest=DIGEST, size=len(CONTENT), places=PLACES)
        return BundleCatalogFile(state, ()), made
    pack = Pack(DIGEST, len(CONTENT), 5, 1, 9, ('1' * 40,), 1.0, places=PLACES)
    return PackCatalogFile(state), pack


def published(folder, publishers, artifact) -> None:
    path = os.path.join(folder, b'made')
    with open(path, 'wb') as handle:
        handle.write(CONTENT)
    for publisher in publishers.values():
        publisher.put(path, artifact)


def there(folder, publishers, artifact) -> tuple[bool, bool]:
    path = os.path.join(folder, b'web', os.fsencode(artifact.basename))
    blob = publishers[BLOBS]._store.has(artifact.digest.encode('ascii'))
    return os.path.exists(path), blob


def test_a_replaced_artifact_is_removed_after_its_retention(folder, publishers, known):
    catalogfile, artifact = known
    published(folder, publishers, artifact)
    catalogfile.change(lambda old: old.added(artifact))
    assert list(prune.prune(catalogfile, publishers, 0.0)) == []
    catalogfile.change(lambda old: old.retired(lambda one: True, 9.0))
    assert list(prune.prune(catalogfile, publishers, 1e12)) == []
    assert there(folder, publishers, artifact) == (True, True)
    assert list(prune.prune(catalogfile, publishers, 0.0)) == []
    assert there(folder, publishers, artifact) == (False, False)
    assert catalogfile.read().artifacts == ()


def test_an_artifact_that_cannot_be_removed_stays_in_the_catalog(
    folder, publishers, known
):
    catalogfile, artifact = known
    published(folder, publishers, artifact)
    catalogfile.change(lambda old: old.added(artifact).cleared(9.0))
    os.rename(os.path.join(folder, b'web'), os.path.join(folder, b'away'))
    os.symlink(b'nowhere', os.path.join(folder, b'web'))
    (failed,) = prune.prune(catalogfile, publishers, 0.0)
    assert failed[0].digest == artifact.digest
    assert b'cannot remove' in failed[1].message
    assert len(catalogfile.read().artifacts) == 1


def test_a_destination_without_configuration_does_not_stop_pruning(
    folder, publishers, known
):
    catalogfile, artifact = known
    published(folder, publishers, artifact)
    catalogfile.change(lambda old: old.added(artifact).cleared(9.0))
    only = {BLOBS: publishers[BLOBS]}
    assert list(prune.prune(catalogfile, only, 0.0)) == []
    assert there(folder, publishers, artifact) == (True, False)
    assert catalogfile.read().artifacts == ()


def test_a_blob_shared_with_another_bundle_stays(folder, publishers, state):
    old = bundle(digest=DIGEST, size=len(CONTENT), places=PLACES)
    same = replace(old, format='gzip-v2', replaced=None)
    catalogfile = BundleCatalogFile(state, ())
    published(folder, publishers, old)
    catalogfile.change(
        lambda known: known.added(old).retired(lambda one: True, 9.0).added(same)
    )
    assert list(prune.prune(catalogfile, publishers, 0.0)) == []
    assert there(folder, publishers, old) == (False, True)
    assert catalogfile.read().artifacts == (same,)
