"""Origins: which URLs have the same one."""

from __future__ import annotations

import pytest

from hgext3rd.hglfs.lfs import origin


@pytest.mark.parametrize(
    ('one', 'other'),
    [
        ('http://example.com/a', 'http://example.com:80/b?c#d'),
        ('https://example.com', 'https://EXAMPLE.com:443/'),
        ('https://example.com', 'HTTPS://user:secret@example.com'),
        ('https://[::1]:8443/a', 'https://[::1]:8443/b'),
        ('ssh://git@example.com/a', 'ssh://example.com/b'),
    ],
)
def test_one_origin_may_be_written_in_several_ways(one, other):
    assert origin.ofurl(one) == origin.ofurl(other)


@pytest.mark.parametrize(
    'other',
    [
        'http://example.com',
        'https://example.com:8443',
        'https://www.example.com',
        'https://example.com.',
        'https://example.com@example.org',
        'https://example.com:443@example.org',
        'https://example.org/@example.com',
        'https://example.org?@example.com',
        'https://example.org#@example.com',
        'https://example.com\\@example.org',
        'https://example.org\\@example.com:8443',
        'ssh://example.com',
        '//example.com',
        '',
    ],
)
def test_another_scheme_host_or_port_is_another_origin(other):
    assert origin.ofurl(other) != origin.ofurl('https://example.com')


@pytest.mark.parametrize(
    'url', ['http://host:port/', 'http://host:70000/', 'http://[/']
)
def test_a_malformed_url_has_no_origin(url):
    with pytest.raises(ValueError, match='(?i)port|invalid'):
        origin.ofurl(url)


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        ('https://Example.com', 'https://example.com'),
        ('https://example.com/', 'https://example.com'),
        ('https://example.com:443', 'https://example.com'),
        ('http://example.com:8080', 'http://example.com:8080'),
        ('https://[::1]:8443', 'https://[::1]:8443'),
        ('http://[2001:DB8::1]', 'http://[2001:db8::1]'),
    ],
)
def test_the_shown_form_of_an_origin_can_be_configured(text, shown):
    assert str(origin.configured(text)) == shown
    assert origin.configured(shown) == origin.configured(text)


@pytest.mark.parametrize(
    'text',
    [
        'example.com',
        'example.com:443',
        'https://',
        'https://example.com/path',
        'https://example.com?query',
        'https://example.com#fragment',
        'https://user@example.com',
        'https://user:secret@example.com',
        'https://example.com:',
        'https://example.com:0',
        'https://example.com:70000',
        'https://exam ple.com',
        'https://*',
        'https://*.example.com',
        '*',
        'ssh://example.com',
        'ftp://example.com',
        'https://[::1',
        'https://::1',
    ],
)
def test_an_invalid_origin_is_refused(text):
    with pytest.raises(ValueError, match='(?i)origin|port|invalid'):
        origin.configured(text)
