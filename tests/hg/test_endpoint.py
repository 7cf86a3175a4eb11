"""Where blobs go to and come from: the endpoint's URL."""

from __future__ import annotations

import os
import types

import pytest

from hgext3rd.hglfs.hg import endpoint, pullsources
from hgext3rd.hglfs.lfs.errors import EndpointUnusable

SUFFIX = b'.git/info/lfs'


@pytest.fixture
def repo(ui, folder):
    return types.SimpleNamespace(ui=ui, sharedpath=folder, root=folder)


def places(repo, operation='download', peer=None) -> list[endpoint.Endpoint]:
    return list(endpoint.places(repo, operation, peer))


def first(repo, operation='download', peer=None) -> endpoint.Endpoint:
    return places(repo, operation, peer)[0]


def url(repo, operation='download', peer=None) -> bytes:
    return first(repo, operation, peer).url


def configure(repo, **items: bytes) -> None:
    for name, value in items.items():
        repo.ui.setconfig(b'lfs', name.encode('ascii'), value)


def test_the_configured_url_takes_precedence(repo):
    configure(repo, url=b'https://lfs.example.com/a/')
    repo.ui.setconfig(b'paths', b'default', b'https://hg.example.com/r')
    repo.ui.setconfig(b'paths', b'default:lfs.url', b'https://other.example.com')
    assert url(repo) == b'https://lfs.example.com/a'
    assert url(repo, 'upload', b'https://hg.example.com/r').endswith(b'.com/a')


def test_uploads_may_have_a_url_of_their_own(repo):
    configure(repo, pushurl=b'https://up.example.com')
    repo.ui.setconfig(b'paths', b'default', b'https://hg.example.com/r')
    assert url(repo, 'upload') == b'https://up.example.com'
    assert url(repo) == b'https://hg.example.com/r/' + SUFFIX
    configure(repo, url=b'https://down.example.com')
    assert url(repo, 'upload') == b'https://up.example.com'
    assert url(repo) == b'https://down.example.com'


def test_the_peer_precedes_the_pull_source_and_the_default_path(repo):
    repo.ui.setconfig(b'paths', b'default', b'https://default.example.com/r')
    assert url(repo).startswith(b'https://default.example.com/')
    repo._subtoppath = b'https://pulled.example.com/r'
    assert url(repo).startswith(b'https://pulled.example.com/')
    assert url(repo, peer=b'http://peer.example.com/r').startswith(b'http://peer.')


@pytest.mark.parametrize(
    ('peer', 'derived'),
    [
        (b'https://example.com/r', b'https://example.com/r/' + SUFFIX),
        (b'https://example.com/r/', b'https://example.com/r/' + SUFFIX),
        (b'http://example.com:8000', b'http://example.com:8000/' + SUFFIX),
        (b'http://example.com:8000/', b'http://example.com:8000/' + SUFFIX),
        (b'https://[::1]:8000/r', b'https://[::1]:8000/r/' + SUFFIX),
        (b'https://example.com/a%20b', b'https://example.com/a%20b/' + SUFFIX),
    ],
)
def test_the_endpoint_is_derived_from_an_http_peer(repo, peer, derived):
    place = first(repo, 'upload', peer)
    assert place.url == derived
    assert place.authinfo is None


def test_the_branch_of_a_peer_url_is_dropped(repo):
    repo.ui.setconfig(b'paths', b'default', b'https://example.com/r#stable')
    assert url(repo) == b'https://example.com/r/' + SUFFIX


def test_a_default_path_that_refers_to_another_is_resolved(repo):
    repo.ui.setconfig(b'paths', b'upstream', b'https://example.com/r')
    repo.ui.setconfig(b'paths', b'default', b'path://upstream')
    assert url(repo) == b'https://example.com/r/' + SUFFIX


@pytest.mark.parametrize(
    ('peer', 'scheme'),
    [
        (b'ssh://example.com/r', endpoint.PEER),
        (b'/some/where', endpoint.REPOSITORY),
        (b'../x', endpoint.REPOSITORY),
        (b'file:///some/where', endpoint.REPOSITORY),
        (b'bundle:/some/where+x.hg', endpoint.REPOSITORY),
        (b'', None),
        (b'static-http://example.com/r', None),
    ],
)
@pytest.mark.parametrize('operation', ['upload', 'download'])
def test_other_peers_are_their_own_endpoint(repo, operation, peer, scheme):
    place = first(repo, operation, peer)
    assert place.scheme == scheme
    assert scheme is None or place.url == peer


def test_downloads_try_all_pull_sources(repo):
    repo.ui.setconfig(b'paths', b'default', b'https://default.example.com/r')
    pullsources.note(repo, b'/one')
    pullsources.note(repo, b'ssh://example.com/two')
    repo._subtoppath = b'https://pulled.example.com/r'
    assert [place.url for place in places(repo)] == [
        b'https://pulled.example.com/r/' + SUFFIX,
        b'ssh://example.com/two',
        b'/one',
        b'https://default.example.com/r/' + SUFFIX,
    ]
    assert len(places(repo, 'upload')) == 1


def test_an_unusable_endpoint_is_skipped_if_another_exists(repo):
    repo.ui.setconfig(b'paths', b'default', b'https://example.com/r')
    pullsources.note(repo, b'static-http://example.com/r')
    assert [place.scheme for place in places(repo)] == [b'https']


def test_an_unusable_endpoint_remains_if_it_is_the_only_one(repo):
    assert [place.scheme for place in places(repo)] == [None]
    repo.ui.setconfig(b'lfs', b'fallback', b'https://more.example.com')
    assert [place.scheme for place in places(repo, 'upload')] == [None]


def test_fallbacks_come_last_and_serve_downloads_only(repo):
    configure(repo, url=b'https://lfs.example.com/a')
    configure(repo, fallback=b'https://b.example.com https://lfs.example.com/a')
    assert [place.url for place in places(repo)] == [
        b'https://lfs.example.com/a',
        b'https://b.example.com',
    ]
    assert [place.url for place in places(repo, 'upload')] == [
        b'https://lfs.example.com/a'
    ]


def test_a_fallback_may_be_a_plain_path(repo):
    configure(repo, url=b'https://lfs.example.com/a', fallback=b'/some/place ../other')
    other = repo.root + b'/../other'
    assert [(place.scheme, place.path) for place in places(repo)[1:]] == [
        (b'file', b'/some/place'),
        (b'file', other),
    ]


def test_pull_sources_are_few_newest_first_and_without_passwords(repo):
    repo.ui.setconfig(b'paths', b'default', b'/default')
    for noted in [b'/a', b'/b', b'https://me:pw@c.example.com/', b'/d', b'/default']:
        pullsources.note(repo, noted)
    pullsources.note(repo, b'bundle:/x')
    assert pullsources.read(repo) == [b'/d', b'https://me@c.example.com/', b'/b']
    pullsources.note(repo, b'/b')
    assert pullsources.read(repo) == [b'/b', b'/d', b'https://me@c.example.com/']


def test_an_unusable_list_of_sources_reads_as_empty(folder, ui):
    with open(folder + b'/file', 'wb'):
        pass
    repo = types.SimpleNamespace(ui=ui, sharedpath=folder + b'/file')
    pullsources.note(repo, b'/a')
    assert pullsources.read(repo) == []


def test_an_unreadable_list_of_sources_is_not_overwritten(repo):
    pullsources.note(repo, b'/a')
    place = repo.sharedpath + b'/lfs/sources'
    os.rename(place, place + b'.kept')
    os.mkfifo(place)
    pullsources.note(repo, b'/b')
    assert pullsources.read(repo) == []
    os.rename(place + b'.kept', place)
    assert pullsources.read(repo) == [b'/a']


@pytest.mark.parametrize(
    'peer',
    [b'https://example.com/r', b'https://example.com/r/', b'ssh://example.com/r'],
)
def test_a_path_may_have_an_endpoint_of_its_own(repo, peer):
    repo.ui.setconfig(b'paths', b'other', b'https://elsewhere.example.com')
    repo.ui.setconfig(b'paths', b'mine', peer)
    repo.ui.setconfig(b'paths', b'mine:lfs.url', b'https://lfs.example.com/x')
    assert url(repo, 'upload', peer) == b'https://lfs.example.com/x'
    assert url(repo, 'download', peer.rstrip(b'/')) == b'https://lfs.example.com/x'
    assert url(repo, 'upload', b'https://elsewhere.example.com').endswith(SUFFIX)


def test_the_endpoint_of_a_path_applies_to_its_pushurl(repo):
    repo.ui.setconfig(b'paths', b'mine', b'https://example.com/r')
    repo.ui.setconfig(b'paths', b'mine:pushurl', b'ssh://example.com/r')
    repo.ui.setconfig(b'paths', b'mine:lfs.url', b'https://lfs.example.com/x')
    assert url(repo, 'upload', b'ssh://example.com/r') == b'https://lfs.example.com/x'


@pytest.mark.parametrize('how', ['configured', 'derived'])
def test_a_password_is_kept_for_the_server_and_masked_in_output(repo, how):
    repo.ui.verbose = True
    secret = b'https://me:s%40cret@example.com/r'
    repo.ui.pushbuffer()
    if how == 'configured':
        configure(repo, url=secret)
    place = first(repo, 'upload', secret)
    shown = repo.ui.popbuffer()
    assert place.authinfo[2:] == (b'me', b's@cret')
    assert b'cret' not in place.url + shown
    assert b'me@' not in place.url
    if how == 'derived':
        assert shown == (
            b'lfs: assuming remote store: https://me:***@example.com/r/%s\n' % SUFFIX
        )


def test_folder_and_null_endpoints(repo):
    configure(repo, url=b'file:///some/a%20place')
    assert first(repo, 'upload').path == b'/some/a place'
    configure(repo, url=b'null://')
    assert first(repo, 'upload').scheme == b'null'


@pytest.mark.parametrize('scheme', [b'ftp', b'sftp', b'gopher'])
@pytest.mark.parametrize('item', ['url', 'pushurl'])
def test_unknown_schemes_are_refused_early(repo, scheme, item):
    configure(repo, **{item: b'%s://example.com/r' % scheme})
    with pytest.raises(
        EndpointUnusable, match='unknown url scheme: ' + scheme.decode()
    ):
        endpoint.checkconfigured(repo.ui)


def test_unknown_schemes_of_fallbacks_are_refused_with_the_setting(repo):
    configure(repo, fallback=b'https://a gopher://b')
    with pytest.raises(
        EndpointUnusable, match='^lfs.fallback: unknown url scheme: gopher'
    ):
        endpoint.checkconfigured(repo.ui)


def test_usable_urls_pass_the_check(repo):
    endpoint.checkconfigured(repo.ui)
    for usable in (
        b'http://a',
        b'https://a',
        b'ssh://a',
        b'file:///a',
        b'null://',
        b'',
    ):
        configure(repo, url=usable)
        endpoint.checkconfigured(repo.ui)


def test_the_default_user_agent_is_git_lfs():
    assert endpoint.useragent(None).startswith(b'git-lfs/')
    assert endpoint.useragent(b'mine/1') == b'mine/1'


def test_an_endpoint_says_where_it_comes_from(repo):
    default, other = b'https://hg.example.com/r', b'https://other.example.com/r'

    def origins(operation='download', peer=None):
        found = endpoint.located(repo, operation, peer)
        return [(one.setting, one.peerurl) for one in found]

    repo.ui.setconfig(b'paths', b'default', default)
    assert origins() == origins('upload') == [(None, default)]
    assert origins(peer=other) == [(None, other), (None, default)]
    repo.ui.setconfig(b'paths', b'default:lfs.url', b'https://lfs.example.com')
    assert origins('upload') == [(b'paths.default:lfs.url', default)]
    configure(repo, url=b'https://all.example.com', fallback=b'https://two.example.com')
    assert origins() == [(b'lfs.url', b''), (b'lfs.fallback', b'')]
    configure(repo, pushurl=b'https://up.example.com')
    assert origins('upload') == [(b'lfs.pushurl', b'')]


def test_a_relative_default_path_is_not_relative_to_the_current_folder(repo):
    repo.ui.setconfig(b'paths', b'default', b'some/where')
    assert first(repo).scheme == endpoint.REPOSITORY
    assert os.path.isabs(url(repo))
    assert url(repo).endswith(os.path.join(b'', b'some', b'where'))
