"""Durations as users write them."""

from __future__ import annotations

import pytest

from hgext3rd.hglfs.lfs.duration import parse, parsedays


@pytest.mark.parametrize(
    ('text', 'seconds'),
    [
        (b'0', 0),
        (b'30s', 30),
        (b'2m', 120),
        (b'3h', 10800),
        (b'14d', 14 * 86400),
        (b'2w', 14 * 86400),
    ],
)
def test_a_number_and_a_unit_are_a_duration(text, seconds):
    assert parse(text) == seconds


@pytest.mark.parametrize(
    ('text', 'seconds'), [(b'14', 14 * 86400), (b'0', 0), (b'12h', 43200)]
)
def test_days_need_no_unit(text, seconds):
    assert parsedays(text) == seconds


@pytest.mark.parametrize('text', [b'', b'-1', b'1.5', b'often', b'14\n'])
def test_other_texts_are_no_days(text):
    with pytest.raises(ValueError, match='not a duration'):
        parsedays(text)


@pytest.mark.parametrize(
    'text', [b'', b'14', b'd', b'-1d', b'1.5d', b'1 d', b'1y', b'1d\n', b'9999999999d']
)
def test_any_other_text_is_refused(text):
    with pytest.raises(ValueError, match='not a duration'):
        parse(text)
