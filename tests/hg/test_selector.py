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
        # of these all that is known is what they can't have
        (b'**.a & size(">1")', {b'x.a', b'art/x.a'}, False),
        (b'**.a - path:art', {b'x.a', b'art/x.a'}, False),
        (b'!**.a', {b'x.a', b'y.b', b'art/x.a', b'art/y.b'}, False),
    ],
)
def test_what_an_expression_is_about(text, paths, exact):
    found = selector.of(text, lambda path: path in paths)
    every = (b'x.a', b'y.b', b'art/x.a', b'art/y.b')
    assert {path for path in every if found.matches(path)} == paths
    assert found.exact == exact


def test_what_covers_and_meets_what():
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
        assert of(one).meets(of(two))
        assert of(two).meets(of(one))
    apart = [
        (b'**.psd', b'**.exr'),
        (b'path:art', b'path:article'),
        (b'path:art & **.psd', b'path:lib'),
        (b'**.exr', b'path:art/a.psd'),
        (b'path:art/a.psd/below', b'path:art/a.psd'),
    ]
    for one, two in apart:
        assert not of(one).meets(of(two))
        assert not of(two).meets(of(one))
