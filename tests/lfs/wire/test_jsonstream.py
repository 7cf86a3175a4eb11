"""JSON in pieces: the same members as of the whole, in bounded memory."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs.wire.jsonstream import LONGEST, Member, members
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
messages = st.dictionaries(st.sampled_from(['list', 'a', 'b', '']), anything)


def cut(body: bytes, size: int):
    return (body[start : start + size] for start in range(0, len(body), size))


@given(messages, st.integers(1, 50), st.sampled_from([None, 2]), st.booleans())
def test_members_are_those_of_the_whole_document(message, size, indent, ascii_):
    body = json.dumps(message, indent=indent, ensure_ascii=ascii_).encode()
    found = list(members(cut(body, size), 'it', ['list']))
    expected = []
    for name, value in message.items():
        if name == 'list' and isinstance(value, list):
            expected += [Member(name, item, True) for item in value]
        else:
            expected.append(Member(name, value))
    assert found == expected


@given(messages, st.integers(0, 200), st.binary(max_size=3))
def test_damaged_json_is_refused_or_still_valid(message, at, noise):
    body = json.dumps(message).encode()
    body = body[:at] + noise + body[at + len(noise) :]
    try:
        list(members([body], 'it'))
    except WireError:
        return
    assert isinstance(json.loads(body.decode('utf-8-sig')), dict)


@pytest.mark.parametrize(
    'body',
    [b'', b'{', b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,', b'{"a":1,}', b'{,}']
    + [b'{"list":[', b'{"list":[1', b'{"list":[1,', b'{"list":[1,]}', b'{"list":[,]}']
    + [b'{"list":[1]', b'{"list":[1}}', b'{"list":[1 2]}', b'{"a" 1}', b'{1:2}']
    + [b'{}{}', b'{}x', b'{"a":tru}', b'{"a":"\xff"}', b"{'a':1}", b'\xff\xfe{\0}\0'],
)
def test_malformed_json_is_refused(body):
    with pytest.raises(WireError, match='invalid JSON'):
        list(members([body], 'it', ['list']))


@pytest.mark.parametrize('body', [b'[]', b'1', b'"a"', b'null', b' [1, 2] '])
def test_the_error_for_another_value_names_the_document(body):
    with pytest.raises(WireError, match='it is not a JSON object'):
        list(members([body], 'it'))


def test_a_byte_order_mark_is_skipped():
    assert list(members([b'\xef\xbb\xbf{"a": 1}'], 'it')) == [Member('a', 1)]


def test_reading_ahead_is_bounded():
    read = 0

    def chunks():
        nonlocal read
        yield b'{"list": ['
        while True:
            read += 1
            yield b'1, ' * 100

    found = members(chunks(), 'it', ['list'])
    for _number in range(1000):
        next(found)
    assert read <= 10 + 2 * LONGEST // 300


@pytest.mark.parametrize('deep', [b'[', b'{"a":'])
def test_deep_nesting_is_refused(deep):
    for body in (deep * 100000, b'{"a": ' + deep * 100000, b'{"list": [' + deep * 9999):
        with pytest.raises(WireError):
            list(members([body], 'it', ['list']))


def test_an_overlong_value_is_refused():
    for length in (LONGEST - 2, LONGEST - 1):
        text = b'x' * length
        for body in (b'{"a": "%s", "b": 1}', b'{"list": [0, "%s", 1]}'):
            if length == LONGEST - 2:
                assert len(list(members([body % text], 'it', ['list']))) in (2, 3)
            else:
                with pytest.raises(WireError, match='over 65536 characters'):
                    list(members([body % text], 'it', ['list']))
