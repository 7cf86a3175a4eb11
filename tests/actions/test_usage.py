"""What large files take: each file on the disk counts once."""

from __future__ import annotations

import os
import types

import pytest
from mercurial import error

from hgext3rd.hglfs.actions import usage
from hgext3rd.hglfs.lfs.store.cached import CachedStore
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.store.quarantine import Quarantine


class Log:
    debugging = False

    def note(self, message):
        pass

    debug = note


@pytest.fixture
def lfs(folder):
    own = DiskStore(os.path.join(folder, b'own'))
    cache = DiskStore(os.path.join(folder, b'cache'))
    store = CachedStore(own, cache, Log())
    damaged = Quarantine(os.path.join(folder, b'damaged'), own)
    return types.SimpleNamespace(ownstore=own, store=store, quarantine=damaged)


def found(lfs, *artifacts) -> dict[bytes, tuple[int, int]]:
    places = usage.places(lfs, usage.Artifacts(*artifacts))
    return {one.name: (one.amount.objects, one.amount.bytes) for one in places}


def test_a_blob_that_is_linked_counts_once(lfs):
    lfs.store.ingest([b'shared'])
    lfs.store.cache.ingest([b'cached'])
    places = found(lfs)
    assert places[b'store'] == (1, 6)
    assert places[b'cache'] == (2, 12)
    assert places[b'linked'] == (1, 6)
    assert places[b'cacheonly'] == (1, 6)
    assert places[b'disk'] == (2, 12)


def test_a_copy_in_the_cache_counts_too(lfs):
    lfs.ownstore.ingest([b'copied'])
    lfs.store.cache.ingest([b'copied'])
    places = found(lfs)
    assert places[b'linked'] == (0, 0)
    assert places[b'disk'] == (2, 12)


def test_a_file_of_the_cache_may_be_shared_with_another_repository(lfs, folder):
    oid, _size = lfs.store.cache.ingest([b'elsewhere'])
    os.link(lfs.store.cache.path(oid), os.path.join(folder, b'other'))
    assert found(lfs)[b'cacheonly'] == (0, 0)


def test_bundles_and_packs_are_part_of_the_store(lfs, folder):
    bundle, pack, _blob = (lfs.ownstore.ingest([one])[0] for one in (b'a', b'bc', b'd'))
    below = os.path.join(folder, b'state', b'making')
    os.makedirs(below)
    with open(os.path.join(below, b'one'), 'wb') as handle:
        handle.write(b'12345')
    absent = os.path.join(folder, b'absent')
    places = found(
        lfs, frozenset([bundle]), frozenset([pack]), (os.path.dirname(below), absent)
    )
    assert places[b'store'] == (3, 4)
    assert places[b'bundles'] == (1, 1)
    assert places[b'packs'] == (1, 2)
    assert places[b'bundlefiles'] == (1, 5)
    assert places[b'disk'] == (4, 9)


def test_without_a_cache_there_is_no_place_for_it(lfs):
    lfs.store = CachedStore(lfs.ownstore, None, Log())
    assert b'cache' not in found(lfs)


@pytest.mark.parametrize(
    ('path', 'extension'),
    [
        (b'a.psd', b'.psd'),
        (b'a.b/c', b''),
        (b'dir/a.tar.gz', b'.gz'),
        (b'dir/.hidden', b''),
        (b'A.PSD', b'.PSD'),
    ],
)
def test_extensions(path, extension):
    assert usage.extensionof(path) == extension


@pytest.mark.parametrize(
    ('path', 'depth', 'folder'),
    [
        (b'a', 1, b''),
        (b'a/b', 1, b'a'),
        (b'a/b/c', 1, b'a'),
        (b'a/b/c', 2, b'a/b'),
        (b'a/b/c', 9, b'a/b'),
    ],
)
def test_folders(path, depth, folder):
    assert usage.folderof(path, depth) == folder


def test_a_depth_is_for_folders():
    usage.checkdepth(usage.FOLDER, 2)
    usage.checkdepth(usage.EXTENSION, 0)
    for by, depth in ((usage.EXTENSION, 1), (usage.FOLDER, -1)):
        with pytest.raises(error.InputError):
            usage.checkdepth(by, depth)
