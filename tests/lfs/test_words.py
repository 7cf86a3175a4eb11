"""Text of peers and users: escaped and masked for terminals and logs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mercurial import util

from hgext3rd.hglfs.lfs import errors, words

ESCAPES = [
    ('\x1b[31m', b'\\x1b[31m'),
    ('\x9b31m', b'\\x9b31m'),
    ('a\r\nabort: b', b'a\\r\\nabort: b'),
    ('\x07\x08\t\x00\x7f', b'\\x07\\x08\\t\\x00\\x7f'),
    ('\x85\u2028\u2029', b'\\x85\\u2028\\u2029'),
    ('\u202egnp.exe\u202c', b'\\u202egnp.exe\\u202c'),
    ('\u2066\u2069\u200e\u200f\u061c', b'\\u2066\\u2069\\u200e\\u200f\\u061c'),
]
SECRETS = [
    (b'http://u:secret@h/x', b'http://u:***@h/x'),
    (b'http://u:se@cret@h:1/x', b'http://u:***@h:1/x'),
    (b'http://h/x?sig=secret', b'http://h/x?...'),
    (b'see http://h/x?sig=secret&a=b, and', b'see http://h/x?..., and'),
    (b'(http://h/x?X-Amz-Signature=secret)', b'(http://h/x?...)'),
    (b'"http://h/x?secret"', b'"http://h/x?..."'),
    (b'no host given: /x?sig=secret', b'no host given: /x?...'),
    (b'http://h/x?hglfs-token=1.secret', b'http://h/x?...'),
    (b'Authorization: Basic secret', b'Authorization: ***'),
    (b'{"Authorization": "Bearer secret"}', b'{"Authorization": "***"}'),
    (b'Set-Cookie: a=secret; path=/secret', b'Set-Cookie: ***'),
    (b'Hglfs-Token: 1.secret', b'Hglfs-Token: ***'),
    (b'X-Amz-Security-Token: secret', b'X-Amz-Security-Token: ***'),
    (b'{"token":"secret"}', b'{"token":"***"}'),
]
PLAIN = [
    b'http://h:80/x',
    b'ssh://git@h:22/x',
    b'what? nothing',
    b'lfs.track=size(">1MB")',
    b'unexpected token: x',
    b'abort: integrity check failed on a?b:0',
    'gr\u00fcn \u4e2d\u6587 \u05e2 \U0001f600'.encode(),
    b'latin-1: gr\xfcn',
]


@pytest.fixture
def encoding(monkeypatch):
    def use(name):
        monkeypatch.setattr(words, 'local', lambda: name)

    return use


@pytest.mark.parametrize(('text', 'shown'), ESCAPES, ids=ascii)
def test_control_sequences_are_escaped(text, shown):
    assert words.shown(text.encode()) == shown
    assert words.quoted(text) == shown
    assert words.quoted(text.encode()) == shown


@pytest.mark.parametrize(('text', 'shown'), SECRETS)
def test_secrets_are_masked(text, shown):
    assert words.shown(text) == shown
    assert words.quoted(text) == shown
    assert words.shown(shown) == shown


@pytest.mark.parametrize('text', PLAIN)
def test_other_text_is_unchanged(text):
    assert words.shown(text) == text


def test_single_c1_bytes_are_escaped():
    assert words.shown(b'a\x9b31m \xfc') == b'a\\x9b31m \xfc'
    assert words.quoted(b'a\x9b31m \xfc') == b'a\\x9b31m \\xfc'


@pytest.mark.parametrize(
    ('name', 'text'),
    [('latin-1', 'gr\u00fcn'), ('shift_jis', '\u8868\u30bd'), ('gbk', '\u8054\u901a')],
)
def test_text_and_file_names_survive_in_other_encodings(encoding, name, text):
    encoding(name)
    path = text.encode(name)
    assert words.shown(path) == path
    assert words.quoted(text) == path
    assert words.quoted(text.encode()) == path
    failed = errors.RemoteError(b'%s: %s' % (path, words.quoted(text)))
    assert failed.message == b'%s: %s' % (path, path)
    assert str(failed) == '%s: %s' % (text, text)


def test_c1_bytes_are_escaped_in_latin_1(encoding):
    encoding('latin-1')
    assert words.shown(b'\x9b31m') == b'\\x9b31m'


def test_ascii_text_is_replaced_and_file_names_are_kept(encoding):
    encoding('ascii')
    assert words.quoted('gr\u00fcn') == b'gr?n'
    assert words.shown('\u00c4'.encode()) == '\u00c4'.encode()
    assert words.shown(b'\xc2\x9b') == b'\\x9b'


def test_an_encoding_with_escape_sequences_keeps_its_own(encoding):
    encoding('iso2022_jp')
    path = '\u8868'.encode('iso2022_jp')
    assert words.shown(path) == path
    assert b'\x1b' not in words.shown(b'\x1b[31m')


def test_long_text_is_cut():
    assert words.quoted('a' * 1000) == b'a' * 200 + b'...'
    assert words.quoted(b'a' * 1000, 10) == b'a' * 10 + b'...'
    assert len(words.shown(b'a' * 100000)) < 10000


def test_messages_and_hints_of_errors_are_cleaned():
    secret = b'http://u:secret@h/?sig=secret\x1b[2J\n'
    failed = errors.RemoteError(secret, hint=secret)
    for text in (
        failed.message,
        failed.hint,
        str(failed).encode(),
        repr(failed).encode(),
    ):
        assert b'secret' not in text
        assert b'\x1b' not in text
        assert b'\n' not in text
    failed.message = failed.hint = secret
    assert b'secret' not in failed.message + failed.hint
    assert errors.RemoteError(b'x').hint is None


def test_each_line_is_escaped():
    assert words.lines(b'a: \x1b\nhttp://h/?secret\n') == b'a: \\x1b\nhttp://h/?...\n'


def test_logs_keep_queries_but_mask_tokens():
    line = '"GET /x?cmd=a&hglfs-token=1.secret&b=c HTTP/1.1" 200 -'
    assert words.logged(line) == line.replace('1.secret', '***')
    assert words.logged('a\x1b\n') == 'a\\x1b\\n'


@given(st.binary(max_size=200))
@example(b'http://' * 20)
def test_no_control_character_remains(text):
    for shown in (words.shown(text), words.quoted(text)):
        assert all(byte >= 32 and byte != 127 for byte in shown)
        assert words.isclean(shown)
    assert words.shown(words.shown(text)) == words.shown(text)


@pytest.mark.parametrize(
    'piece', [b'a', b':', b'?', b'://', b'://a:', b'x?a=', b'-token', b'cookie: ', b'@']
)
def test_hostile_text_is_cut(piece):
    assert len(words.shown(piece * (1 << 20))) < 10000


@given(st.integers(0, 1 << 50))
@example(1023)
@example(1024)
@example((100 << 20) - 1)
@example(100 << 30)
def test_sizes_are_those_of_mercurial(size):
    assert words.bytecount(size) == util.bytecount(size)


@pytest.mark.parametrize('number', [0, 1, 2])
def test_one_thing_is_counted_in_the_singular(number):
    text = words.plural(number, '%d file', '%d files') % number
    assert text == ('1 file' if number == 1 else '%d files' % number)
