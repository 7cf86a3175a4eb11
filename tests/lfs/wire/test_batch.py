"""The Batch API's JSON: valid messages are read, others raise a WireError."""

from __future__ import annotations

import contextlib
import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs.blob import BlobRef, unique
from hgext3rd.hglfs.lfs.wire.action import decodeaction
from hgext3rd.hglfs.lfs.wire.batch import (
    Action,
    Answer,
    BatchReply,
    BatchRequest,
    TooMany,
    Unfit,
    decodereply,
    decoderequest,
    explain,
    readreply,
    readrequest,
)
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

OID = b'0123456789abcdef' * 4
oids = st.binary(min_size=32, max_size=32).map(lambda raw: raw.hex().encode('ascii'))
refs = st.builds(BlobRef, oids, st.integers(0, 2**63 - 1), st.just(b'unknown'))
words = st.text(st.characters(exclude_characters='\r\n', exclude_categories=['Cs']))
visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
names = st.from_regex(r'[A-Za-z0-9-]+', fullmatch=True)
values = st.text(st.characters(min_codepoint=32, max_codepoint=126))
actions = st.builds(
    Action,
    visible,
    st.dictionaries(names, values),
    st.none() | st.just('2024-02-29'),
)
answers = st.one_of(
    st.builds(Answer, refs),
    st.builds(Answer, refs, st.dictionaries(st.sampled_from(['upload']), actions)),
    st.builds(Answer, refs, st.just({}), st.integers(100, 599), words),
)

# everything that json.loads can return, and more than a peer should send
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, 10**400, -1]),
    st.floats(),
    st.text(),
    st.sampled_from(['\ud800', '\udcff', OID.decode('ascii'), 'upload', '\0', '']),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.sampled_from(['upload', 'download']),
    st.lists(refs),
)
def test_a_request_survives_encoding_and_decoding(operation, wanted):
    sent = BatchRequest(operation, wanted)
    received = decoderequest(sent.encode())
    assert received.operation == operation
    assert list(received.refs) == unique(wanted)
    assert 'basic' in received.transfers


replies = st.one_of(
    st.builds(BatchReply, st.lists(answers), st.sampled_from(['basic', 'tus', 'x'])),
    st.builds(BatchReply, st.lists(answers), st.just('hglfs-packs'), actions),
)


@given(replies)
def test_a_reply_survives_encoding_and_decoding(sent):
    assert decodereply(sent.encode()) == sent


def test_a_reply_without_an_adapter_means_basic():
    for named in ({}, {'transfer': None}, {'transfer': ''}):
        body = json.dumps({'objects': [], **named}).encode('ascii')
        assert decodereply(body) == BatchReply([])


def test_a_pack_url_for_another_adapter_is_ignored():
    place = {'href': 'https://example.com/packs'}
    body = json.dumps({'transfer': 'basic', 'packs': place}).encode('ascii')
    assert decodereply(body).smallblobs is None


@given(anything, st.sampled_from(['transfer', 'packs']))
def test_any_adapter_members_raise_wire_errors_only(value, key):
    _decoded(decodereply, {'objects': [], 'transfer': 'hglfs-packs', key: value})


@given(anything)
def test_any_action_raises_wire_errors_only(message):
    _decoded(decodeaction, message)


@given(actions)
def test_a_single_action_survives_encoding_and_decoding(action):
    assert decodeaction(json.dumps(action.tojson()).encode('ascii')) == action


ASKED = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    ('said', 'seconds'),
    [
        ({}, None),
        ({'expires_in': 60}, 60),
        ({'expires_in': 0}, None),
        ({'expires_in': -1}, -1),
        ({'expires_in': 60, 'expires_at': '2024-02-29T13:00:00Z'}, 60),
        ({'expires_at': '2024-02-29T13:00:00Z'}, 3600),
        ({'expires_at': '2024-02-29T13:00:00+01:00'}, 0),
        ({'expires_at': '2024-02-29T11:00:00Z'}, -3600),
        ({'expires_at': '2024-02-29T13:00:00'}, None),
        ({'expires_at': '0001-01-01T00:00:00Z'}, None),
        ({'expires_at': 'tomorrow'}, None),
        ({'expires_at': ''}, None),
    ],
)
def test_the_lifetime_of_an_action(said, seconds):
    assert Action('https://example.com', {}, **said).lifetime(ASKED) == seconds


@given(st.lists(answers))
def test_an_encoded_reply_is_ascii_and_has_every_object(sent):
    reply = json.loads(BatchReply(sent).encode().decode('ascii'))
    assert reply['transfer'] == 'basic'
    assert [item['oid'] for item in reply['objects']] == [
        answer.ref.oid.decode('ascii') for answer in sent
    ]


def _decoded(decode, message):
    """Decode a message that may be invalid; only a WireError may be raised."""
    with contextlib.suppress(WireError):
        decode(json.dumps(message).encode('ascii'))


@given(st.binary())
def test_any_bytes_raise_wire_errors_only(body):
    for decode in (decoderequest, decodereply):
        with contextlib.suppress(WireError):
            decode(body)


@given(anything)
def test_any_message_raises_wire_errors_only(message):
    _decoded(decoderequest, message)
    _decoded(decodereply, message)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            'operation': anything | st.just('upload'),
            'objects': anything | st.lists(anything),
            'transfers': anything | st.lists(anything),
            'ref': anything,
            'hash_algo': anything,
        },
    )
)
def test_any_request_raises_wire_errors_only(message):
    _decoded(decoderequest, message)


sometimesright = {
    'oid': anything | st.just(OID.decode('ascii')),
    'size': anything | st.integers(0, 100),
}


@given(st.fixed_dictionaries({'operation': st.just('upload')}), st.data())
def test_any_objects_of_a_request_raise_wire_errors_only(message, data):
    objects = st.lists(st.fixed_dictionaries({}, optional=sometimesright))
    _decoded(decoderequest, {**message, 'objects': data.draw(objects)})


@given(
    st.fixed_dictionaries(
        {'oid': st.just(OID.decode('ascii')), 'size': st.just(1)},
        optional={
            'error': anything
            | st.fixed_dictionaries({}, optional={'code': anything, 'message': words}),
            'actions': anything
            | st.dictionaries(
                words,
                anything
                | st.fixed_dictionaries(
                    {'href': words | anything},
                    optional={'header': anything, 'expires_at': anything},
                ),
            ),
        },
    )
)
def test_any_objects_of_a_reply_raise_wire_errors_only(item):
    _decoded(decodereply, {'objects': [item]})


@pytest.mark.parametrize('size', [True, False, 1.0, '1', None, -1, 2**63, [], {}])
def test_an_invalid_size_is_refused(size):
    _checkodd(_about({'oid': OID.decode('ascii'), 'size': size}))


def _checkodd(body: bytes) -> None:
    """Check that the one object of a message is reported as invalid."""
    try:
        asked = decoderequest(body)
    except WireError:
        pass
    else:
        assert not asked.refs
        named = [item['oid'] for item in json.loads(body)['objects']]
        assert [unfit.oid for unfit in asked.unfit] == [
            oid if isinstance(oid, str) else '' for oid in named
        ]
        assert b'"code": 422' in BatchReply([], unfit=asked.unfit).encode()
    try:
        answers = decodereply(body).answers
    except WireError:
        pass
    else:
        assert all(answer.malformed for answer in answers)


@pytest.mark.parametrize(
    'oid',
    [None, 1, [], {}, True, '', 'x' * 64, OID.decode('ascii').upper(), '\ud800' * 64]
    + [OID.decode('ascii') + '\n', '../' * 21 + 'a'],
)
def test_an_invalid_oid_is_refused(oid):
    _checkodd(_about({'oid': oid, 'size': 1}))


@pytest.mark.parametrize('item', [None, 1, [], 'x', True])
def test_an_object_that_is_no_json_object_is_refused(item):
    with pytest.raises(WireError, match='an object is not a JSON object'):
        decoderequest(_about(item))


def test_a_long_invalid_oid_is_cut_in_the_error():
    asked = decoderequest(_about({'oid': 'x' * 1000, 'size': 10**30}))
    assert asked.unfit == [Unfit('x' * 256, 0, 'not an oid: ' + 'x' * 80)]


def test_one_invalid_object_does_not_affect_the_others():
    good = {'oid': OID.decode('ascii'), 'size': 1}
    odd = [{'oid': 'a345cde', 'size': 1}, {**good, 'size': -1}]
    body = {'operation': 'upload', 'objects': [good, *odd]}
    asked = decoderequest(json.dumps(body).encode('ascii'))
    assert list(asked.refs) == [BlobRef(OID, 1)]
    assert [(one.oid, one.size) for one in asked.unfit] == [
        ('a345cde', 1),
        (OID.decode('ascii'), -1),
    ]
    other = {'oid': 'f' * 64, 'size': 1, 'actions': {'upload': {'href': 7}}}
    answers = decodereply(json.dumps({'objects': [7, other, good]}).encode()).answers
    assert [bool(answer.malformed) for answer in answers] == [True, False]


@pytest.mark.parametrize(
    ('href', 'expected'),
    [
        ('https://h/a file', 'https://h/a%20file'),
        ('https://h/caf\xe9?x=\u4e2d', 'https://h/caf%C3%A9?x=%E4%B8%AD'),
        ('https://h/a%20b?sig=a%2Bb', 'https://h/a%20b?sig=a%2Bb'),
    ],
)
def test_other_characters_in_a_url_are_percent_encoded(href, expected):
    item = {
        'oid': OID.decode('ascii'),
        'size': 1,
        'actions': {'upload': {'href': href}},
    }
    (answer,) = decodereply(_about(item)).answers
    assert answer.actions['upload'].href == expected


@pytest.mark.parametrize('href', ['https://h/\n', 'https://h/\x7f', 'https://\ud800/'])
def test_a_url_with_control_characters_is_refused(href):
    item = {
        'oid': OID.decode('ascii'),
        'size': 1,
        'actions': {'upload': {'href': href}},
    }
    (answer,) = decodereply(_about(item)).answers
    assert answer.malformed.startswith('not a URL')


def test_headers_are_merged_ignoring_case():
    given = {'content-TYPE': 'text/x', 'Transfer-Encoding': 'chunked', 'range': 'x'}
    given |= {'CONTENT-length': '7', 'X-Key': 'k', 'Host': 'elsewhere'}
    headers = Action('https://h/', given).headers(
        {'Range': 'bytes=0-1'}, {'Content-Type': 'application/octet-stream'}
    )
    assert headers == {'content-TYPE': 'text/x', 'Range': 'bytes=0-1', 'X-Key': 'k'}


@pytest.mark.parametrize('operation', [None, 1, True, [], {}, ['upload'], 'Upload', ''])
def test_another_operation_is_refused(operation):
    with pytest.raises(WireError, match='Unsupported LFS transfer operation'):
        decoderequest(json.dumps({'operation': operation}).encode('ascii'))


def _about(item: object) -> bytes:
    return json.dumps({'operation': 'upload', 'objects': [item]}).encode('ascii')


@pytest.mark.parametrize('number', ['NaN', 'Infinity', '-Infinity', '1e999', '-0.0'])
def test_nan_and_infinity_are_refused(number):
    body = '{"operation": "upload", "objects": [{"oid": "%s", "size": %s}]}'
    with contextlib.suppress(ValueError):  # what Python's json refuses
        _checkodd((body % (OID.decode('ascii'), number)).encode('ascii'))


@pytest.mark.parametrize('digits', [20, 4300, 5000, 1000000])
def test_huge_numbers_are_refused(digits):
    body = '{"operation": "upload", "objects": [{"oid": "%s", "size": %s}]}'
    with contextlib.suppress(ValueError):  # what Python's json refuses
        _checkodd((body % (OID.decode('ascii'), '9' * digits)).encode('ascii'))


@pytest.mark.parametrize('depth', [*range(900, 1001, 2), 100000])
@pytest.mark.parametrize(
    'body',
    [
        b'%s',
        b'{"operation": %s}',
        b'{"operation": "upload", "transfers": [%s]}',
        b'{"operation": "upload", "objects": [%s]}',
        b'{"operation": "upload", "objects": [{"oid": %s}]}',
        b'{"operation": "upload", "objects": [{"oid": "' + OID + b'", "size": %s}]}',
    ],
)
def test_deep_nesting_raises_wire_errors_only(depth, body):
    nested = body % (b'[' * depth + b']' * depth)
    for decode in (decoderequest, decodereply):
        with contextlib.suppress(WireError):
            decode(nested)


@pytest.mark.parametrize(
    'text', [b'', b'<html>', b'\xff\xfe', b'{"objects": [}', b'{}x', b"{'a': 1}"]
)
def test_malformed_json_is_refused(text):
    for decode in (decoderequest, decodereply):
        with pytest.raises(WireError):
            decode(text)


def test_without_a_list_of_transfers_basic_is_assumed():
    for transfers in ({}, {'transfers': None}, {'transfers': []}):
        body = json.dumps({'operation': 'upload', **transfers}).encode('ascii')
        assert decoderequest(body).transfers == ['basic']


@pytest.mark.parametrize(
    'header', [{'A': 'b\nc: d'}, {'A\n': 'b'}, {'A': 'b\rc'}, {'A': 1}, {'A': None}]
)
def test_a_header_with_control_characters_is_refused(header):
    action = {'href': 'https://example.com', 'header': header}
    item = {'oid': OID.decode('ascii'), 'size': 1, 'actions': {'upload': action}}
    (answer,) = decodereply(_about(item)).answers
    assert answer.malformed


@given(anything)
def test_explain_raises_expected_errors_only(message):
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        explain(json.dumps(message).encode('ascii'))


def test_explain_sorts_objects_and_keys():
    sent = [Answer(BlobRef(b'b' * 64, 1)), Answer(BlobRef(b'a' * 64, 2))]
    reply = BatchReply(sent).encode()
    lines = [line.strip() for line in explain(reply).splitlines()]
    assert lines.index('"oid": "%s"' % ('a' * 64)) < lines.index(
        '"oid": "%s"' % ('b' * 64)
    )


def test_explain_masks_secrets():
    secret = {'Authorization': 'Basic c2VjcmV0', 'Accept': 'x'}
    action = Action('https://example.com/o?token=c2VjcmV0', secret)
    ref = BlobRef(b'a' * 64, 1)
    sent = BatchReply([Answer(ref, {'upload': action})], 'hglfs-packs', action)
    shown = explain(sent.encode())
    assert 'c2VjcmV0' not in shown
    assert shown.count('"Authorization": "***"') == 2
    assert shown.count('https://example.com/o?...') == 2
    assert shown.count('"Accept": "x"') == 2


def _objects(count: int) -> bytes:
    """Return so many objects in JSON."""
    return b', '.join(b'{"oid": "%064x", "size": %d}' % (n, n) for n in range(count))


def _broken(body: bytes, size: int):
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize('size', [1, 7, 64, 1 << 20])
def test_a_request_may_arrive_in_pieces_of_any_size(size):
    body = b'{"objects": [%s], "ref": {"name": "\xc3\xa9"}, "operation": "upload"}'
    request = readrequest(_broken(body % _objects(20), size))
    assert request.operation == 'upload'
    assert [ref.size for ref in request.refs] == list(range(20))


def test_reading_stops_at_the_limit_of_objects():
    read = 0

    def chunks():
        nonlocal read
        yield b'{"operation": "upload", "objects": ['
        while True:
            read += 1
            yield _objects(1000) + b', '

    with pytest.raises(TooMany, match='more than 5000 objects'):
        readrequest(chunks(), 5000)
    assert read < 20


def test_invalid_objects_count_towards_the_limit():
    body = b'{"operation": "upload", "objects": [' + b'{},' * 5000
    with pytest.raises(TooMany):
        readrequest([body], 1000)


def test_other_members_of_an_object_are_not_kept():
    item = b'{"oid": "%064x", "size": 1, "more": "%s"}'
    objects = b', '.join(item % (number, b'x' * 1000) for number in range(1000))
    body = b'{"operation": "upload", "objects": [%s]}' % objects
    request = readrequest([body])
    assert request.refs.nbytes <= 56 * 1000


@pytest.mark.parametrize(
    'body',
    [
        b'{"operation": "%s"}' % (b'x' * 70000),
        b'{"objects": [{"x": "%s"}]}' % (b'x' * 70000),
        b'{"%s": 1}' % (b'x' * 70000),
        b'{"more": [%s1]}' % (b'1, ' * 30000),
    ],
    ids=['value', 'element', 'name', 'list'],
)
def test_an_overlong_value_is_refused(body):
    for read in (readrequest, readreply):
        with pytest.raises(WireError, match='over 65536 characters'):
            read([body])


def test_a_reply_keeps_requested_answers_and_counts_others():
    wanted = [b'%064x' % number for number in (3, 5)]
    reply = readreply([b'{"objects": [%s]}' % _objects(100)], wanted)
    assert [answer.ref.oid for answer in reply.answers] == wanted
    assert reply.stray == b'%064x' % 0
    with pytest.raises(TooMany):
        readreply([b'{"objects": [%s]}' % _objects(2000)], wanted)


def test_a_reply_can_be_encoded_in_pieces():
    answers = [Answer(BlobRef(b'%064x' % number, number)) for number in range(5000)]
    pieces = list(BatchReply(iter(answers)).pieces())
    assert max(map(len, pieces)) < 100000
    assert b''.join(pieces) == BatchReply(answers).encode()
    assert list(decodereply(b''.join(pieces)).answers) == answers
