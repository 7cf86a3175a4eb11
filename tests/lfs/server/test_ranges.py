"""The bytes that a Range header selects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs.server.ranges import Unsatisfiable, parse


@pytest.mark.parametrize(
    ('header', 'part'),
    [
        (b'bytes=0-', (0, 100)),
        (b'bytes=0-0', (0, 1)),
        (b'bytes=0-99', (0, 100)),
        (b'bytes=0-100', (0, 100)),
        (b'bytes=99-', (99, 100)),
        (b'bytes=10-19', (10, 20)),
        (b'bytes=-1', (99, 100)),
        (b'bytes=-100', (0, 100)),
        (b'bytes=-101', (0, 100)),
        (b'bytes= 10 - 19 ', (10, 20)),
        (b'bytes=10-%s' % (b'9' * 19), (10, 100)),
    ],
)
def test_a_valid_range_is_parsed(header, part):
    assert parse(header, 100) == part


@pytest.mark.parametrize(
    'header',
    [
        b'',
        b'bytes',
        b'bytes=',
        b'bytes=-',
        b'bytes=10',
        b'bytes=20-10',
        b'bytes=a-b',
        b'bytes=0x1-',
        b'bytes=+1-',
        b'bytes=0-1,5-6',
        b'items=0-1',
        b'Bytes=0-1\n',
        b'bytes=0-%s' % (b'9' * 20),
        b'bytes=\xd9\xa1-',
    ],
)
def test_other_units_and_several_ranges_are_ignored(header):
    assert parse(header, 100) is None


@pytest.mark.parametrize(
    ('header', 'size'),
    [
        (b'bytes=100-', 100),
        (b'bytes=100-200', 100),
        (b'bytes=%s-' % (b'9' * 19), 100),
        (b'bytes=-0', 100),
        (b'bytes=0-', 0),
        (b'bytes=0-0', 0),
        (b'bytes=-5', 0),
    ],
)
def test_a_range_beyond_the_end_is_unsatisfiable(header, size):
    with pytest.raises(Unsatisfiable):
        parse(header, size)


@given(st.binary(), st.integers(0, 1 << 70))
def test_any_header_gives_a_range_within_the_object(header, size):
    for text in (header, b'bytes=' + header):
        try:
            part = parse(text, size)
        except Unsatisfiable:
            continue
        assert part is None or 0 <= part[0] < part[1] <= size


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 200))
def test_a_range_selects_the_bytes_of_the_slice(first, last, size):
    content = bytes(range(200))[:size]
    wanted = content[first : last + 1]
    try:
        part = parse(b'bytes=%d-%d' % (first, last), size)
    except Unsatisfiable:
        assert not wanted
    else:
        assert part is None or content[part[0] : part[1]] == wanted
        assert (part is None) == (last < first)
