"""Prune and evict at random, against a model: nothing that is needed is ever lost."""

from __future__ import annotations

import collections
import os

import pytest
from support import pruning


@pytest.fixture
def world(tmp_path):
    made = pruning.World(tmp_path, pruning.found())
    made.make()
    return made


@pytest.mark.parametrize('seed', range(2))
def test_what_is_needed_stays(world, seed):
    before = len(world.manifests)
    done = collections.Counter(pruning.walk(world, seed, 60))
    assert done['prune']
    assert done['evict']
    assert len(world.manifests) > before + 5


def test_what_is_needed_stays_when_all_run_at_once(world):
    workers = pruning.crowd(world, 1, 15)
    assert sum(worker.count for worker in workers) == 60
    # a merge or an update may be refused, as by Mercurial itself
    assert sum(worker.failed for worker in workers) < 30


def test_the_model_finds_what_is_lost(world):
    (blob,) = world.blobs('server') - (world.blobs('server') - {_tip(world)})
    os.unlink(world.root / 'server/.hg/store/lfs/objects' / blob[:2] / blob[2:])
    with pytest.raises(pruning.Lost):
        for _step in pruning.walk(world, 0, 1):
            pass


def _tip(world) -> str:
    return next(iter(list(world.manifests.values())[-1].values()))
