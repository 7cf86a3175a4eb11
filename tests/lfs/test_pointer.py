"""Pointers: every value has one text, every canonical text one value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs import pointer as pointers
from hgext3rd.hglfs.lfs.errors import PointerError
from hgext3rd.hglfs.lfs.pointer import Pointer, decode, forcontent

OID = b'f' * 64
VERSION = b'version https://git-lfs.github.com/spec/v1\n'

oids = st.binary(min_size=32, max_size=32).map(lambda raw: raw.hex().encode('ascii'))
sizes = st.integers(0, 10**19 - 1)
# all bytes but the one that ends a line
values = st.binary(max_size=60).map(lambda text: text.replace(b'\n', b''))
keys = st.text('abcdefghijklmnopqrstuvwxyz0123456789.-', min_size=1).map(
    lambda text: text.encode('ascii')
)
extras = st.dictionaries(
    keys.filter(lambda key: key not in (b'oid', b'size', b'version')), values
)
valid = st.builds(Pointer, oids, sizes, extras)


@given(valid)
def test_a_pointer_survives_encoding_and_decoding(pointer):
    assert decode(pointer.encode()) == pointer


@given(valid)
def test_a_canonical_text_survives_decoding_and_encoding(pointer):
    text = pointer.encode()
    assert decode(text).encode() == text


@given(valid)
def test_the_canonical_text_has_version_first_and_sorted_keys(pointer):
    lines = pointer.encode().split(b'\n')
    names = [line.partition(b' ')[0] for line in lines[:-1]]
    assert lines[-1] == b''
    assert names[0] == b'version'
    assert names[1:] == sorted(names[1:])


@given(valid, st.randoms())
def test_any_order_of_keys_and_a_missing_last_newline_are_accepted(pointer, random):
    lines = pointer.encode().rstrip(b'\n').split(b'\n')
    random.shuffle(lines)
    # an empty value at the end keeps its space, so only the newline is missing
    assert decode(b'\n'.join(lines)) == pointer


@given(st.binary())
def test_any_bytes_raise_pointer_errors_only(text):
    _decodeorrefuse(text)


@given(valid, st.data())
def test_a_damaged_pointer_raises_pointer_errors_only(pointer, data):
    text = bytearray(pointer.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    _decodeorrefuse(bytes(text))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [b'version', b'oid', b'size', b'x-hg-copy', b'\xc3\xa9', b'']
            ),
            st.one_of(
                st.just(pointers.VERSION),
                st.just(b'sha256:' + OID),
                sizes.map(b'%d'.__mod__),
                values,
            ),
        )
    )
)
def test_any_fields_raise_pointer_errors_only(fields):
    _decodeorrefuse(b''.join(b'%s %s\n' % item for item in fields))


def _decodeorrefuse(text: bytes) -> None:
    try:
        pointer = decode(text)
    except PointerError as exc:
        assert exc.message  # noqa: PT017
    else:
        assert decode(pointer.encode()) == pointer


@pytest.mark.parametrize(
    'text',
    [
        b'',
        b'\n',
        b'no pointer',
        VERSION,
        VERSION + b'size 1\n',
        VERSION + b'oid sha256:%s\n' % OID,
        b'oid sha256:%s\nsize 1\n' % OID,
        b'version 1\noid sha256:%s\nsize 1\n' % OID,
        VERSION + b'oid sha512:%s\nsize 1\n' % OID,
        VERSION + b'oid sha256:%s\nsize 1\n' % OID.upper(),
        VERSION + b'oid sha256:%s\nsize 1\n' % OID[1:],
        VERSION + b'oid sha256:%s\nsize -1\n' % OID,
        VERSION + b'oid sha256:%s\nsize +1\n' % OID,
        VERSION + b'oid sha256:%s\nsize 1_0\n' % OID,
        VERSION + b'oid sha256:%s\nsize 0x1\n' % OID,
        VERSION + b'oid sha256:%s\nsize \xd9\xa1\n' % OID,
        VERSION + b'oid sha256:%s\nsize %s\n' % (OID, b'9' * 20),
        VERSION + b'oid sha256:%s\nsize %s\n' % (OID, b'9' * 100000),
        VERSION + b'oid sha256:%s\nsize 1\nsize 1\n' % OID,
        VERSION + b'oid sha256:%s\nsize 1\n\n' % OID,
        VERSION + b'oid sha256:%s\r\nsize 1\r\n' % OID,
        VERSION + b'oid sha256:%s\nsize 1\nUPPER 1\n' % OID,
        VERSION + b'oid sha256:%s\nsize 1\nkey\n' % OID,
    ],
)
def test_an_invalid_pointer_is_refused(text):
    with pytest.raises(PointerError):
        decode(text)


def test_the_error_for_a_huge_text_is_short():
    with pytest.raises(PointerError) as caught:
        decode(b'\0' * 1000000)
    assert len(caught.value.message) < 1000


@pytest.mark.parametrize(
    ('oid', 'size', 'extra'),
    [
        (OID[1:], 1, {}),
        (OID, -1, {}),
        (OID, 10**19, {}),
        (OID, 1, {b'key': b'two\nlines'}),
        (OID, 1, {b'Key': b'value'}),
        (OID, 1, {b'two words': b'value'}),
        (OID, 1, {b'': b'value'}),
    ],
)
def test_a_pointer_that_cannot_be_encoded_is_refused(oid, size, extra):
    with pytest.raises(PointerError):
        Pointer(oid, size, extra)


@pytest.mark.parametrize('name', [b'oid', b'size', b'version'])
def test_extra_keys_cannot_replace_required_ones(name):
    good = {b'oid': b'sha256:' + OID, b'size': b'1', b'version': pointers.VERSION}
    with pytest.raises(PointerError):
        Pointer(OID, 1, {name: good[name]})


def test_unknown_keys_are_kept():
    text = VERSION + b'ext-0-case sha256:1\noid sha256:%s\nsize 12\nz.9 \n' % OID
    assert decode(text).extra == {b'ext-0-case': b'sha256:1', b'z.9': b''}
    assert decode(text).encode() == text


def test_copies_are_encoded_as_in_stock_lfs():
    pointer = forcontent(OID, 12, False, {b'copy': b'a b', b'copyrev': b'0' * 40})
    assert pointer.encode() == (
        VERSION + b'oid sha256:%s\nsize 12\nx-hg-copy a b\nx-hg-copyrev %s\n'
        b'x-is-binary 0\n' % (OID, b'0' * 40)
    )
    assert pointer.hgmeta == {b'copy': b'a b', b'copyrev': b'0' * 40}
    assert not pointer.isbinary


def test_a_pointer_is_binary_by_default():
    assert forcontent(OID, 1, True, {}).extra == {}
    assert forcontent(OID, 1, True, {}).isbinary
    assert Pointer(OID, 1, {b'x-is-binary': b'1'}).isbinary


@given(st.binary(min_size=1, max_size=5000).filter(lambda path: b'\n' not in path))
def test_the_source_of_a_copy_may_have_any_file_name(path):
    pointer = forcontent(OID, 1, True, {b'copy': path})
    assert decode(pointer.encode()).hgmeta == {b'copy': path}


@pytest.mark.parametrize('byte', [b'%c' % n for n in range(256) if n != ord(b'\n')])
def test_the_source_of_a_copy_may_end_in_any_byte(byte):
    pointer = forcontent(OID, 1, True, {b'copy': b'a' + byte})
    assert decode(pointer.encode()).hgmeta == {b'copy': b'a' + byte}


def test_a_pointer_may_exceed_the_length_limit_of_git_lfs():
    pointer = forcontent(OID, 1, True, {b'copy': b'd/' * 4000 + b'f'})
    assert len(pointer.encode()) > 8000
    assert decode(pointer.encode()) == pointer


def test_an_overlong_text_is_not_parsed():
    with pytest.raises(PointerError, match='too long for an lfs pointer'):
        decode(b'version ' + b'x' * (1 << 20))


def test_the_largest_size_is_accepted():
    pointer = Pointer(OID, 2**63 - 1)
    assert decode(pointer.encode()).size == 2**63 - 1
