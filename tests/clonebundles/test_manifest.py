"""The manifest of clone bundles: parsing, formatting and the check of lines."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.blobs import oidof
from support.bundles import offered

from hgext3rd.hglfs.clonebundles import manifest
from hgext3rd.hglfs.clonebundles.manifest import Entry
from hgext3rd.hglfs.lfs.errors import RemoteError

CONTENT = b'HG20 and so on'
SHA512 = hashlib.sha512(CONTENT).hexdigest().encode('ascii')
URL = b'https://example.com/a.hg'


def only(text: bytes) -> manifest.ManifestLine:
    (line,) = manifest.parse(text)
    return line


def test_a_line_with_only_a_url_is_an_entry():
    assert only(URL).entry == Entry(URL)


def test_keys_and_values_are_decoded():
    line = only(
        URL + b' BUNDLESPEC=none-packed1;requirements%3Drevlogv1 a%20b=c%25\r\n'
    )
    assert line.entry is not None
    assert line.entry.get(b'BUNDLESPEC') == b'none-packed1;requirements=revlogv1'
    assert line.entry.get(b'a b') == b'c%'
    assert line.entry.get(b'nothing') is None


def test_a_value_may_be_empty_or_contain_equals_signs():
    entry = only(URL + b' a=b=c d=').entry
    assert entry is not None
    assert (entry.get(b'a'), entry.get(b'd')) == (b'b=c', b'')


def test_empty_lines_are_skipped_but_counted():
    lines = manifest.parse(b'\n' + URL + b'\n  \n' + URL + b' x\n')
    assert [line.number for line in lines] == [2, 4]
    assert lines[1].entry is None


@pytest.mark.parametrize(
    ('rest', 'words'),
    [
        (b'BUNDLESPEC', b'"BUNDLESPEC" has no "="'),
        (b'a=%zz', b'"a=%zz" has a "%" without two hex digits'),
        (b'a=%', b'hex digits'),
        (b'DIGEST=sha256:12', b'bad DIGEST: "sha256:12"'),
        (b'DIGEST=sha256:' + b'g' * 64, b'bad DIGEST'),
        (b'DIGEST=md5:' + b'0' * 32, b'bad DIGEST'),
        (b'DIGEST=sha256:%s,sha256:%s' % (b'0' * 64, b'1' * 64), b'bad DIGEST'),
        (b'SIZE=-1', b'bad SIZE'),
        (b'SIZE=1k', b'bad SIZE'),
        (b'REQUIREDRAM=much', b'bad REQUIREDRAM'),
    ],
)
def test_lines_that_break_clients_are_reported(rest, words):
    line = only(URL + b' good=yes ' + rest)
    assert line.entry is None
    assert line.complaint is not None
    assert words in line.complaint


@pytest.mark.parametrize(
    'rest',
    [
        b'DIGEST=sha256:' + b'0' * 64,
        b'DIGEST=sha256:%s,sha512:%s' % (b'0' * 64, b'1' * 128),
        b'DIGEST=sha256:%s,blake3:12' % (b'0' * 64),
        b'SIZE=0',
        b'REQUIREDRAM=64MB',
        b'REQUIREDRAM=1.5g',
        b'REQUIRESNI=true',
        b'BUNDLESPEC=lz5-v9',
    ],
)
def test_lines_that_clients_accept_are_not_reported(rest):
    assert only(URL + b' ' + rest).complaint is None


@pytest.mark.parametrize(
    ('url', 'good'),
    [
        (b'http://h/x', True),
        (b'HTTPS://h/x', True),
        (b'peer-bundle-cache://x', True),
        (b'largefile://x', True),
        (b'file:///etc/passwd', False),
        (b'FILE:///etc/passwd', False),
        (b'/x', False),
        (b'#', False),
        (b'https://', False),
        (b'https://h/\xc3\xa4', False),
        (b'https://h/\x01', False),
    ],
)
def test_urls_that_clients_misread_are_reported(url, good):
    assert (only(url).entry is not None) is good


def test_a_complaint_is_short_and_printable():
    words = only(URL + b' \x1b[31m' + b'x' * 200).complaint
    assert words is not None
    assert b'\x1b' not in words
    assert len(words) < 100


_texts = st.binary(max_size=20)


@given(st.lists(st.tuples(_texts, st.binary(max_size=20)), max_size=5))
def test_a_formatted_entry_is_parsed_to_the_same(attributes):
    reserved = {b'DIGEST', b'SIZE', b'REQUIREDRAM'}
    pairs = tuple((key, value) for key, value in attributes if key not in reserved)
    entry = Entry(URL, pairs)
    assert only(entry.format()).entry == entry
    assert manifest.parse(manifest.format([entry, entry]))[1].entry == entry


@given(st.binary(max_size=200))
def test_any_text_is_parsed_or_reported(text):
    for line in manifest.parse(text):
        assert (line.entry is None) is (line.complaint is not None)


def test_the_best_digest_identifies_the_bundle():
    both = offered(DIGEST=b'sha512:%s,sha256:%s' % (SHA512, oidof(CONTENT)))
    assert both.oid == oidof(CONTENT)
    assert both.checksum == ('sha256', oidof(CONTENT))
    assert offered(DIGEST=b'sha512:' + SHA512).checksum == ('sha512', SHA512)
    assert offered(DIGEST=b'sha3:1,sha512:' + SHA512).oid is None
    assert offered().checksum is None


@pytest.mark.parametrize(
    'digest',
    [
        b'',
        b'md5:1234',
        b'sha256:1234',
        b'sha256:' + b'g' * 64,
        b'sha256:' + b'0' * 64 + b'\n',
        b'sha256:%s,sha256:%s' % (b'0' * 64, b'1' * 64),
    ],
)
def test_a_weak_or_invalid_digest_is_refused(digest):
    with pytest.raises(RemoteError):
        offered(DIGEST=digest)


def test_a_size_out_of_range_is_refused():
    assert offered(SIZE=b'12').size == 12
    assert offered(SIZE=b'12 MB').size is None
    assert offered(SIZE=b'-1').size is None
    with pytest.raises(RemoteError):
        offered(SIZE=b'9' * 50)


def entry(number: bytes, base: bytes = b'x') -> dict[bytes, bytes]:
    return {manifest.STEP: number, manifest.BASE: base, b'URL': b'u' + number}


def test_a_chain_ends_at_a_missing_increment():
    one, two, four = entry(b'1'), entry(b'2'), entry(b'4')
    assert manifest.increments([two, four, one, two], b'x') == [[one], [two, two]]
    assert manifest.increments([two], b'x') == []
    assert manifest.increments([one, entry(b'2', b'y')], b'x') == [[one]]
    assert manifest.increments([entry(b'01'), entry(b'0'), {}], b'x') == []


def test_an_increment_without_valid_bases_is_refused():
    both = b'%s;%s' % (b'a' * 40, b'b' * 40)
    assert manifest.bases({manifest.BASES: both}) == [b'\xaa' * 20, b'\xbb' * 20]
    assert manifest.bases({manifest.BASES: b''}) == []
    for bad in ({}, {manifest.BASES: b'12'}, {manifest.BASES: b'g' * 40}):
        with pytest.raises(RemoteError):
            manifest.bases(bad)


@given(st.binary(max_size=90))
def test_any_bytes_from_a_server_raise_remote_errors_only(text):
    manifest.increments([{manifest.STEP: text, manifest.BASE: text}], text)
    with contextlib.suppress(RemoteError):
        manifest.bases({manifest.BASES: text})
