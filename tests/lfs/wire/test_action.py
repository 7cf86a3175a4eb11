"""Actions: their headers, their URLs, and which of them are refused."""

from __future__ import annotations

import pytest

from hgext3rd.hglfs.lfs.wire.action import (
    Action,
    encodedurl,
    mergedheaders,
    readaction,
)
from hgext3rd.hglfs.lfs.wire.wirejson import WireError

FRAMING = ('Transfer-Encoding', 'Content-Length', 'Connection', 'Host', 'Keep-Alive')
FRAMING += ('TE', 'Trailer', 'Upgrade', 'Expect', 'Proxy-Authorization', 'Proxy-X')
FRAMING += ('Range', 'If-Range', 'Content-Range', 'Accept-Encoding')


@pytest.mark.parametrize('name', FRAMING)
@pytest.mark.parametrize('change', [str, str.lower, str.upper, str.swapcase])
def test_framing_headers_of_an_action_are_dropped(name, change):
    action = Action('https://x', {change(name): 'x', 'X-Key': 'k'})
    assert action.headers() == {'X-Key': 'k'}
    ours = {name: 'ours'}
    assert action.headers(ours) == {'X-Key': 'k', name: 'ours'}
    assert mergedheaders({change(name): 'x'}, {}, ours) == ours


@pytest.mark.parametrize('name', ['Content-Type', 'content-type', 'CONTENT-TYPE'])
def test_the_content_type_of_an_action_replaces_the_default(name):
    action = Action('https://x', {name: 'text/x'})
    assert action.headers(defaults={'Content-Type': 'a/b'}) == {name: 'text/x'}
    assert action.headers({'Content-Type': 'a/b'}) == {'Content-Type': 'a/b'}


@pytest.mark.parametrize(
    ('url', 'encoded'),
    [
        ('https://h/a file#b', 'https://h/a%20file#b'),
        (
            'https://b\xfccher.example:8080/\xfc',
            'https://xn--bcher-kva.example:8080/%C3%BC',
        ),
        ('https://me:pw@b\xfccher.example', 'https://me:pw@xn--bcher-kva.example'),
        ('https://h/%zz?a=b&c=[1]', 'https://h/%zz?a=b&c=[1]'),
    ],
)
def test_a_url_is_ascii(url, encoded):
    assert encodedurl(url) == encoded
    assert encodedurl(encoded) == encoded


@pytest.mark.parametrize(
    'url',
    [
        None,
        7,
        [],
        '',
        'https://a b/',
        'https://h/\t',
        'https://h/\x85',
        'https://\ud800',
    ]
    + ['https://[\xfc/', 'https://h/' + 'x' * 20000, 'https://' + '\xfc' * 200 + '/'],
)
def test_an_invalid_url_is_refused(url):
    with pytest.raises(WireError, match='not a URL: '):
        encodedurl(url)


@pytest.mark.parametrize('count', [65, 10000])
def test_the_headers_of_an_action_are_bounded(count):
    names = ['X-%d' % number for number in range(count)]
    with pytest.raises(WireError, match='too many headers'):
        readaction({'href': 'https://x', 'header': dict.fromkeys(names, 'v')})
    long = dict.fromkeys(names[:64], 'v' * 1000)
    with pytest.raises(WireError, match='too many headers'):
        readaction({'href': 'https://x', 'header': long})
    few = dict.fromkeys(names[:64], 'v')
    assert readaction({'href': 'https://x', 'header': few}).header == few
