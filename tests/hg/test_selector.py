"""Which files the left side of a rule is about."""

from __future__ import annotations

import pytest

from hgext3rd.hglfs.hg import selector


@pytest.mark.parametrize(
    ('text', 'paths', 'exact'),
    [
        (b'**.a', {b'x.a', b'art/x.a'}, True),
        (b'path:art', {b'art/x.a', b'art/y.b'}, True),
        (b'path:art & **.a', {b'art/x.a'}, True),
        (b'path:art | **.a', {b'x.a', b'art/x.a', b'art/y.b'}, True),
        (b'(**.a) and all()', {b'x.a', b'art/x.a'}, True),
        (b'none()', set(), True),
        (b'all()', {b'x.a', b'y.b', b'art/x.a', b'art/y.b'}, True),
        (b'**.a & path:art/x.a', {b'art/x.a'}, True),
        (b'**.a & **.b', set(), True),
        # for these only the files that they cannot match are known
        (b'**.a & size(">1")', {b'x.a', b'art/x.a'}, False),
        (b'**.a - path:art', {b'x.a', b'art/x.a'}, False),
        (b'!**.a', {b'x.a', b'y.b', b'art/x.a', b'art/y.b'}, False),
    ],
)
def test_the_files_an_expression_selects(text, paths, exact):
    found = selector.of(text, lambda path: path in paths)
    every = (b'x.a', b'y.b', b'art/x.a', b'art/y.b')
    assert {path for path in every if found.matches(path)} == paths
    assert found.exact == exact


def test_which_expressions_cover_or_meet_others():
    def of(text):
        return selector.of(text, lambda path: path == b'art/a.psd')

    covers = [
        (b'**', b'**.psd'),
        (b'**.gz', b'**.tar.gz'),
        (b'path:art', b'path:art/sub'),
        (b'path:art', b'path:art & **.psd'),
        (b'**.psd', b'path:art/a.psd'),
        (b'**.psd | path:lib', b'path:art & **.psd'),
    ]
    for one, two in covers:
        assert of(one).covers(of(two))
        assert not of(two).covers(of(one))
        assert of(one).overlaps(of(two))
        assert of(two).overlaps(of(one))
    apart = [
        (b'**.psd', b'**.exr'),
        (b'path:art', b'path:article'),
        (b'path:art & **.psd', b'path:lib'),
        (b'**.exr', b'path:art/a.psd'),
        (b'path:art/a.psd/below', b'path:art/a.psd'),
    ]
    for one, two in apart:
        assert not of(one).overlaps(of(two))
        assert not of(two).overlaps(of(one))
