"""Histories with plain Mercurial and with hg-lfs, in step: all results must agree.

``contrib/soak/differential`` runs the same for any length of time.
"""

from __future__ import annotations

import os
import sys

import pytest
from support import differential
from support.histories import INTERNAL, Seen

HG = os.path.join(os.path.dirname(sys.executable), 'hg')
WORLD = differential.World('', 'all()', rulechanges=False, streaming=True)


def agree(both: differential.Run, *steps: list) -> None:
    for step in steps:
        difference = both.step(step)[0]
        assert difference is None, difference.describe()


@pytest.fixture(scope='module')
def both(tmp_path_factory):
    """Make two heads: each changes one file and removes the other's."""
    both = differential.Run(HG, tmp_path_factory.mktemp('differential'), WORLD)
    old, new = 'one\ntwo\n', 'one\nTWO\n'
    agree(
        both,
        ['write', 'a', old],
        ['write', 'b', old],
        ['hg', 'commit', '-Am', 'base'],
        ['write', 'a', new],
        ['hg', 'remove', 'b'],
        ['hg', 'commit', '-m', 'left'],
        ['hg', 'update', '0'],
        ['write', 'b', new],
        ['hg', 'remove', 'a'],
        ['hg', 'commit', '-m', 'right'],
    )
    yield both
    both.close()


@pytest.mark.parametrize('seed', [15, 101])
def test_random_histories(tmp_path, seed):
    outcome = differential.run(HG, tmp_path, seed, 80)
    assert outcome.difference is None, outcome.difference.describe()
    assert outcome.steps == 80
    assert outcome.large > 0


@pytest.mark.parametrize('tool', [*INTERNAL, 'glue'])
def test_removed_and_changed_files_merge_as_in_stock(both, tool):
    inmemory = ['--config', 'rebase.experimental.inmemory=yes']
    for command, *options in (
        ['merge', '-r', '1'],
        ['graft', '-r', '1'],
        ['rebase', '--keep', '-r', '2', '-d', '1', *inmemory],
    ):
        agree(
            both,
            ['hg', 'update', '--clean', '2'],
            ['hg', command, *options, '--tool', tool],
            ['hg', 'resolve', '--all', '--tool', tool],
            ['hg', command, '--abort'],
        )


def test_the_comparison_finds_differences(both):
    # only the side with hg-lfs has a requirement
    difference = both.step(['hg', 'debugrequires'])[0]
    assert difference is not None
    assert difference.what == 'outputs'
    assert '+lfs' in difference.describe()


def test_a_difference_is_reduced_to_its_steps():
    def differs(steps):
        wrong = ['b'] in steps and ['d'] in steps
        return differential.Difference(steps, 'outputs', 1, 2) if wrong else None

    steps = [[name] for name in 'abcdefgh']
    assert differential.shrink(steps, differs).steps == [['b'], ['d']]


def test_a_seed_gives_the_same_history_each_time():
    one, other = (differential.Histories(7) for _time in range(2))
    seen = Seen(['a'], 5, [])
    steps = [one.step(seen) for _number in range(200)]
    assert steps == [other.step(seen) for _number in range(200)]
    assert len({step[1] for step in steps if step[0] == 'hg'}) > 20
