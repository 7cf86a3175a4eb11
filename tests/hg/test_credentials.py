"""Where the user's credentials are sent, against real servers on two ports.

The server on one port is the endpoint that the user has named, the other one is what
the endpoint's replies name.
"""

from __future__ import annotations

import base64
import http.server
import threading

import pytest
from mercurial import error, httpconnection

from hgext3rd.hglfs.hg import credentials
from hgext3rd.hglfs.hg.transport import HgTransport
from hgext3rd.hglfs.lfs.errors import HttpFailed, LfsError
from hgext3rd.hglfs.lfs.remote.transport import Request


class Handler(http.server.BaseHTTPRequestHandler):
    """Require a password for everything but redirects; record what was sent."""

    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def do_GET(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers))
        self.rfile.read(int(headers.get('content-length', '0')))
        path, _mark, target = self.path.partition('?to=')
        if path == '/redirect':
            self._reply(307, Location=target)
        elif path.startswith('/offers/') and 'authorization' not in headers:
            self._reply(401, self.server.offers)
        elif path == '/never':
            self._reply(401, **{'WWW-Authenticate': 'Basic realm="here"'})
        elif 'authorization' in headers or self.path.startswith('/open'):
            self._reply(200)
        else:
            self._reply(401, **{'WWW-Authenticate': 'Basic realm="here"'})

    do_POST = do_GET

    def _reply(self, status, offers=(), **headers):
        self.send_response(status)
        for name, value in [*offers, *headers.items(), ('Content-Length', '0')]:
            self.send_header(name, value)
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(('localhost', 0), Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.offers: list[tuple[str, str]] = []
        self.base = 'http://localhost:%d' % self.server_port

    @property
    def authorizations(self) -> list[str | None]:
        """Return the authorization headers by request."""
        return [headers.get('authorization') for _path, headers in self.seen]


@pytest.fixture
def servers():
    made = [Server() for _ in range(2)]
    for server in made:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    for server in made:
        server.shutdown()
        server.server_close()


@pytest.fixture
def home(servers):
    return servers[0]


@pytest.fixture
def other(servers):
    return servers[1]


@pytest.fixture
def user(ui):
    """Return a ui with a password for every host, and with prompts enabled."""
    ui.setconfig(b'http', b'timeout', b'10')
    ui.setconfig(b'http_proxy', b'host', b'')
    ui.setconfig(b'ui', b'interactive', True)
    for name, value in [
        (b'prefix', b'*'),
        (b'schemes', b'http https'),
        (b'username', b'me'),
        (b'password', b'secret'),
        (b'key', b'/some/key'),
        (b'cert', b'/some/cert'),
    ]:
        ui.setconfig(b'auth', b'a.' + name, value)
    ui.prompt = ui.getpass = lambda *args, **kwargs: pytest.fail('the user is prompted')
    return ui


MINE = 'Basic ' + base64.b64encode(b'me:secret').decode('ascii')


def made(user, base, authinfo=None) -> HgTransport:
    return HgTransport(user, base, authinfo, b'git-lfs/test')


def get(transport, url, **headers) -> int:
    with transport.send(Request('GET', url, headers)) as response:
        return response.status


def refused(transport, url, **headers) -> HttpFailed:
    with pytest.raises(HttpFailed) as caught:
        get(transport, url, **headers)
    assert caught.value.status == 401
    return caught.value


def test_the_endpoint_gets_the_credentials(user, home):
    assert get(made(user, home.base), home.base + '/x') == 200
    assert home.authorizations[-1] == MINE


def test_another_port_gets_no_credentials(user, home, other):
    transport = made(user, home.base)
    get(transport, home.base + '/x')
    for used in (transport, transport.fork()):
        failed = refused(used, other.base + '/x')
        assert failed.hint is not None
        for word in (home.base, other.base, 'lfs.trusted-origins'):
            assert word.encode('ascii') in failed.hint
    assert set(other.authorizations) == {None}


def test_another_name_of_the_same_host_gets_no_credentials(user, home):
    url = 'http://127.0.0.1:%d' % home.server_port
    refused(made(user, home.base), url + '/x')
    assert home.authorizations == [None]


def test_a_trusted_origin_gets_the_credentials(user, home, other):
    user.setconfig(b'lfs', b'trusted-origins', other.base.upper().encode('ascii'))
    transport = made(user, home.base)
    assert get(transport, other.base + '/x') == 200
    assert get(transport.fork(), other.base + '/y') == 200
    assert other.authorizations[-1] == MINE


def test_the_password_in_a_url_is_sent_to_its_origin_alone(ui, home, other):
    known = (None, (home.base, 'localhost'), b'me', b'secret')
    transport = made(ui, home.base, known)
    assert get(transport, home.base + '/x') == 200
    refused(transport, other.base + '/x')
    assert set(other.authorizations) == {None}


def test_the_password_of_another_path_is_not_sent(user, home, other):
    # as where that path is the default one, and was used before
    user.httppasswordmgrdb.add_password(None, [other.base], b'me', b'secret')
    refused(made(user, home.base), other.base + '/x')
    assert other.authorizations == [None]


def test_an_anonymous_request_has_no_certificate_and_no_cookies(user, other):
    user.setconfig(b'auth', b'cookiefile', b'/some/cookies')
    plain = []
    with pytest.MonkeyPatch.context() as patch:
        real = credentials.urlmod.opener
        patch.setattr(
            credentials.urlmod,
            'opener',
            lambda ui, *args: plain.append(ui) or real(ui, *args),
        )
        credentials.anonymousopener(user, None)
    assert httpconnection.readauthforuri(user, b'https://example.com/', None)
    assert not httpconnection.readauthforuri(plain[0], b'https://example.com/', None)
    assert not plain[0].config(b'auth', b'cookiefile')
    assert not plain[0].interactive()
    assert user.interactive()


def test_a_redirect_to_another_origin_gets_no_credentials(user, home, other):
    transport = made(user, home.base)
    assert get(transport, '%s/redirect?to=%s/open' % (home.base, other.base)) == 200
    failed = refused(transport, '%s/redirect?to=%s/x' % (home.base, other.base))
    assert failed.hint is not None
    assert other.base.encode('ascii') in failed.hint
    assert set(other.authorizations) == {None}


def test_another_origin_cannot_redirect_to_the_endpoint_as_the_user(user, home, other):
    transport = made(user, home.base)
    get(transport, home.base + '/x')  # whose credentials are remembered
    home.seen.clear()
    failed = refused(transport, '%s/redirect?to=%s/unlock' % (other.base, home.base))
    assert other.base.encode('ascii') in (failed.hint or b'')
    assert home.authorizations == [None]
    assert get(transport, home.base + '/x') == 200


def test_credentials_from_the_server_are_sent_to_its_url(user, home, other):
    transport = made(user, home.base)
    assert get(transport, other.base + '/x', Authorization='Token theirs') == 200
    url = other.base.replace('//', '//their%40name:pass@')
    assert get(transport, url + '/y') == 200
    theirs = 'Basic ' + base64.b64encode(b'their@name:pass').decode('ascii')
    assert other.authorizations == ['Token theirs', theirs]
    assert other.seen[-1][1]['host'] == 'localhost:%d' % other.server_port


def test_credentials_in_a_url_do_not_follow_a_redirect(user, home, other):
    url = home.base.replace('//', '//their:pass@')
    refused(made(user, home.base), '%s/redirect?to=%s/x' % (url, other.base))
    assert other.authorizations == [None]


def test_a_refused_token_of_the_server_has_no_hint(user, home, other):
    # what the server itself gave has run out: no setting helps
    transport = made(user, home.base)
    failed = refused(transport, other.base + '/never', Authorization='Token theirs')
    assert failed.hint is None


def test_hglfs_tokens_are_sent_in_a_header(user, home, other):
    transport = made(user, home.base)
    assert get(transport, other.base + '/open?a=1&hglfs-token=1.2.3&b=%2f') == 200
    assert get(transport, other.base + '/open?hglfs-token=1.2.3') == 200
    assert [path for path, _headers in other.seen] == ['/open?a=1&b=%2f', '/open']
    assert {headers['hglfs-token'] for _path, headers in other.seen} == {'1.2.3'}


def test_hglfs_tokens_do_not_follow_a_redirect(user, home, other):
    url = '%s/redirect?to=%s/open' % (home.base, other.base)
    get(made(user, home.base), url, **{'Hglfs-Token': '1.2.3'})
    assert 'hglfs-token' not in other.seen[-1][1]


@pytest.mark.parametrize('base', ['ssh://git@localhost/repo', 'file:'])
def test_a_non_http_endpoint_shares_no_credentials(user, home, base):
    failed = refused(made(user, base), home.base + '/x')
    assert home.base.encode('ascii') in (failed.hint or b'')
    assert base.partition(':')[0].encode('ascii') in (failed.hint or b'')
    assert home.authorizations == [None]


@pytest.mark.parametrize(
    'text', [b'example.com', b'https://example.com/path', b'https://me:pw@example.com']
)
def test_an_invalid_trusted_origin_is_refused(user, home, text):
    user.setconfig(b'lfs', b'trusted-origins', text)
    with pytest.raises(error.Abort, match='lfs.trusted-origins'):
        made(user, home.base)


@pytest.mark.parametrize(
    'url',
    ['http://[/', 'http://localhost:port/', 'http://user@', 'ftp://u:p@localhost'],
)
def test_a_malformed_url_raises_an_lfs_error(user, home, url):
    with pytest.raises(LfsError):
        get(made(user, home.base), url)


# what a server offers


WWW, LFS = 'WWW-Authenticate', 'LFS-Authenticate'
OFFERS = {
    'basic': [(WWW, 'Basic realm="here"')],
    'no realm': [(WWW, 'Basic')],
    'after negotiate': [(WWW, 'Negotiate, Basic realm="a, b"')],
    'two headers': [(WWW, 'Negotiate'), (WWW, 'Basic realm="here"')],
    'after bearer': [(WWW, 'Bearer realm="x", service="y"'), (WWW, 'basic realm="z"')],
    'after digest': [(WWW, 'Digest realm="x", nonce="y"'), (WWW, 'Basic realm="z"')],
    'lfs alone': [(LFS, 'Basic realm="lfs"')],
    'none': [],
}


@pytest.mark.parametrize('offer', OFFERS)
def test_configured_credentials_are_sent_whatever_the_server_offers(user, home, offer):
    home.offers = OFFERS[offer]
    assert get(made(user, home.base), home.base + '/offers/') == 200
    assert home.authorizations == [None, MINE]


@pytest.mark.parametrize('offer', ['none', 'lfs alone', 'after negotiate'])
def test_another_host_gets_no_credentials_whatever_it_offers(user, home, other, offer):
    other.offers = OFFERS[offer]
    refused(made(user, home.base), other.base + '/offers/')
    assert other.authorizations == [None]


@pytest.mark.parametrize('challenge', ['Negotiate', 'Bearer realm="basic"', 'NTLM'])
def test_an_unsupported_authentication_scheme_is_reported(user, home, challenge):
    home.offers = [(WWW, challenge)]
    failed = refused(made(user, home.base), home.base + '/offers/')
    assert b'the server must support Basic Authentication' in failed.message
    assert home.authorizations == [None]


def test_without_credentials_the_request_is_not_repeated(ui, home):
    ui.setconfig(b'http_proxy', b'host', b'')
    refused(made(ui, home.base), home.base + '/offers/')
    assert home.authorizations == [None]
