"""Packs: decoded as they were encoded, from any chunks; others raise a WireError."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import oidof, pieces

from hgext3rd.hglfs.lfs.wire import blobstream
from hgext3rd.hglfs.lfs.wire.blobstream import Item
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

OID = oidof(b'something')
oids = st.binary(min_size=32, max_size=32).map(lambda raw: raw.hex().encode('ascii'))
codes = st.builds(lambda oid, code: Item(oid, code=code), oids, st.integers(100, 599))
bodies = st.lists(st.binary(max_size=200), max_size=5)
numbers = st.integers(0, 2**63 - 1)


@st.composite
def blobs(draw):
    """Return a strategy for a blob's line and the chunks after its offset."""
    chunks = draw(bodies)
    size, offset = sum(map(len, chunks)), draw(st.integers(0, 1000))
    return Item(draw(oids), size + offset, offset), chunks


frames = st.lists(st.one_of(blobs(), codes.map(lambda item: (item, []))))
lists = st.lists(
    st.one_of(
        codes,
        st.builds(
            lambda oid, one, other: Item(oid, max(one, other), min(one, other)),
            oids,
            numbers,
            numbers,
        ),
    )
)


def read(chunks) -> list[tuple[Item, bytes]]:
    return [(item, b''.join(body)) for item, body in blobstream.Reader(chunks).frames()]


def joined(sent) -> list[tuple[Item, bytes]]:
    return [(item, b''.join(chunks)) for item, chunks in sent]


@given(lists, st.integers(1, 200))
def test_a_list_survives_encoding_and_decoding(sent, size):
    stream = blobstream.encodelist(sent)
    assert list(blobstream.Reader(pieces(stream, size)).items()) == sent


@given(frames, st.integers(1, 300))
def test_a_pack_survives_encoding_and_decoding(sent, size):
    stream = b''.join(blobstream.encode(sent))
    assert read(pieces(stream, size)) == joined(sent)


@given(frames)
def test_the_length_of_a_pack_is_computed(sent):
    items = [item for item, _chunks in sent if item.code is None]
    blobs = [(item, chunks) for item, chunks in sent if item.code is None]
    assert blobstream.length(items) == len(b''.join(blobstream.encode(blobs)))


SENT = [
    (Item(OID, 5), [b'12', b'345']),
    (Item(OID, code=404), []),
    (Item(OID, 0), []),
    (Item(OID, 9, 2), [b'\nend\n00']),
]
STREAM = b''.join(blobstream.encode(SENT))


def test_the_format_of_a_pack():
    assert STREAM == (
        b'%s 5 0\n12345%s - 404\n%s 0 0\n%s 9 2\n\nend\n00end\n' % (OID, OID, OID, OID)
    )


@pytest.mark.parametrize('at', range(len(STREAM) + 1))
def test_a_chunk_may_end_anywhere(at):
    chunks = [STREAM[:at], b'', STREAM[at:]]
    assert read(chunks) == joined(SENT)


def test_chunks_may_be_single_bytes():
    assert read(pieces(STREAM, 1)) == joined(SENT)


@pytest.mark.parametrize('upto', range(len(STREAM)))
def test_a_truncated_stream_is_refused(upto):
    with pytest.raises(WireError):
        read([STREAM[:upto]])
    with pytest.raises(WireError):
        read(pieces(STREAM[:upto], 3))


@pytest.mark.parametrize('more', [[b'x'], [b'', b'\n'], [STREAM]])
def test_bytes_after_the_end_are_refused(more):
    for chunks in ([STREAM, *more], [STREAM + b''.join(more)]):
        with pytest.raises(WireError, match='after the end'):
            read(chunks)
    assert read([STREAM, b'', b'']) == joined(SENT)


def test_a_stream_is_read_to_its_own_end():
    ended = []

    def chunks():
        yield STREAM
        ended.append(True)

    assert read(chunks()) == joined(SENT)
    assert ended


def test_unread_bytes_of_a_blob_are_skipped():
    found = []
    for item, body in blobstream.Reader(pieces(STREAM, 2)).frames():
        found.append((item, next(body, b'')))
    assert [item for item, _some in found] == [item for item, _chunks in SENT]
    assert found[0][1] in (b'1', b'12')


def test_small_blobs_are_joined_and_large_ones_streamed():
    small = [(Item(OID, 1), [b'x']) for _ in range(100)]
    assert len(list(blobstream.encode(small))) == 1
    handed = 0

    def chunks():
        nonlocal handed
        for _turn in range(64):
            handed += 1
            yield b'x' * (1 << 20)

    stream = blobstream.encode([(Item(OID, 64 << 20), chunks())])
    for number, piece in enumerate(stream):
        assert handed <= number + 1
        assert len(piece) < 2 << 20


def test_a_blob_comes_in_bounded_chunks():
    stream = b'%s %d 0\n' % (OID, 5 << 20) + b'x' * (5 << 20) + b'end\n'
    for _item, body in blobstream.Reader([stream]).frames():
        assert max(map(len, body)) <= 1 << 20


@pytest.mark.parametrize(
    'line',
    [
        b'',
        b'End',
        b'end ',
        b' end',
        OID,
        b'%s 1' % OID,
        b'%s 1 0 ' % OID,
        b'%s 1  0' % OID,
        b'%s 1 0\r' % OID,
        b'%s -1 0' % OID,
        b'%s +1 0' % OID,
        b'%s 0x1 0' % OID,
        b'%s 1 2' % OID,
        b'%s 1 -1' % OID,
        b'%s - 40' % OID,
        b'%s - 4040' % OID,
        b'%s - ok' % OID,
        b'%s %s 0' % (OID, b'9' * 20),
        b'%s 1 0' % OID[:-1],
        b'%s0 1 0' % OID,
        b'%s 1 0' % OID.upper(),
        b'../%s 1 0' % OID[3:],
        b'\xff' * 64 + b' 1 0',
        b'%s \xd9\xa1 0' % OID,
        b'x' * 1000,
    ],
)
def test_an_invalid_line_is_refused(line):
    for stream in (line + b'\nend\n', b'%s 1 0\nx' % OID + line + b'\nend\n'):
        with pytest.raises(WireError):
            read([stream + b'x' * 100])
    with pytest.raises(WireError):
        list(blobstream.Reader([line + b'\nend\n']).items())


def test_an_endless_line_is_not_read_to_its_end():
    handed = 0

    def chunks():
        nonlocal handed
        while True:
            handed += 1
            yield b'0' * 100

    with pytest.raises(WireError):
        read(chunks())
    assert handed < 10


@given(st.lists(st.binary()))
def test_any_bytes_raise_wire_errors_only(chunks):
    with pytest.raises(WireError):
        read([b'x', *chunks])


@given(st.lists(blobs(), min_size=1), st.data())
def test_a_flipped_bit_raises_wire_errors_only(sent, data):
    stream = bytearray(b''.join(blobstream.encode(sent)))
    at = data.draw(st.integers(0, len(stream) - 1))
    stream[at] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(WireError):
        read([bytes(stream)])


def test_an_error_of_the_source_is_raised():
    def chunks():
        yield STREAM[:80]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read(chunks())
