"""Decide which origins get the user's credentials, and build anonymous requests.

Credentials are what Mercurial adds to requests: ``[auth]`` with its passwords, client
certificates and cookie file, passwords that were typed or came with a URL, and those of
extensions such as keyring. Secrets that a server itself puts into a URL or into the
headers of an action are not among them: they are always sent to the URL that they came
with.
"""

from __future__ import annotations

import dataclasses
import urllib.parse

# a name, not a module: lazy modules must not be loaded by a thread
from base64 import b64encode

from mercurial import encoding, error, util
from mercurial import ui as uimod
from mercurial import url as urlmod
from mercurial.i18n import _

from ..lfs import origin as origins
from ..lfs.origin import Origin
from ..lfs.remote.transport import Request
from ..lfs.server.signing import HEADER, PARAMETER


def trusted(ui) -> frozenset[Origin]:
    """Return the origins in ``lfs.trusted-origins``; raise ConfigError if malformed."""
    found = set()
    for text in ui.configlist(b'lfs', b'trusted-origins'):
        try:
            found.add(origins.configured(encoding.strfromlocal(text)))
        except ValueError as exc:
            raise error.ConfigError(
                _(b'lfs.trusted-origins: not an origin: %s') % text,
                hint=_(b'write scheme://host or scheme://host:port'),
            ) from exc
    return frozenset(found)


def advice(home: Origin, foreign: Origin) -> bytes:
    """Return the hint for a request that failed because it had no credentials.

    ``foreign`` is the untrusted origin that refused the request, ``home`` the
    configured origin that referred to ``foreign``.
    """
    return _(
        b'%s refers to %s, which is not sent your credentials; to send them, '
        b'add it to "lfs.trusted-origins"'
    ) % (encoding.strtolocal(str(home)), encoding.strtolocal(str(foreign)))


def anonymousopener(ui, useragent: bytes | None):
    """Return a URL opener of Mercurial that sends no credentials and never prompts.

    Proxies and the verification of server certificates are as configured.
    """
    plain = type(ui)(ui)
    for name, _value in ui.configitems(b'auth'):
        plain.setconfig(b'auth', name, b'', b'lfs')
    plain.setconfig(b'ui', b'interactive', False, b'lfs')
    # not the one that all copies of a ui share
    plain.httppasswordmgrdb = uimod.httppasswordmgrdbproxy()
    opener = urlmod.opener(plain, None, useragent)
    opener.add_handler(_FailUnauthorized())
    return opener


class _FailUnauthorized(util.urlreq.basehandler):
    """Fail on 401 before any handler looks for credentials."""

    handler_order = 0

    def http_error_401(self, req, fp, code, msg, headers):
        """Raise urllib's HTTPError."""
        raise util.urlerr.httperror(req.get_full_url(), code, msg, headers, fp)


def inheaders(request: Request) -> Request:
    """Return a request with the secrets of its URL moved to headers.

    The secrets are a token of our server, and a user and password. A server may put
    these into any URL, because Git LFS clients accept them there. Headers that the
    request already has are kept.
    """
    parts = urllib.parse.urlsplit(request.url)
    info, mark, host = parts.netloc.rpartition('@')
    fields = parts.query.split('&')
    tokens = [item for item in fields if item.startswith(PARAMETER + '=')]
    if not mark and not tokens:
        return request
    headers = dict(request.headers)
    if tokens:
        token = urllib.parse.unquote(tokens[0].partition('=')[2])
        _setdefault(headers, HEADER, token)
    if mark:
        _setdefault(headers, 'Authorization', _basic(info))
    query = '&'.join(item for item in fields if item not in tokens)
    bare = urllib.parse.urlunsplit(parts._replace(netloc=host, query=query))
    return dataclasses.replace(request, url=bare, headers=headers)


def _basic(info: str) -> str:
    """Return the Authorization header for a ``user:password`` from a URL."""
    user, _colon, password = info.partition(':')
    known = b'%s:%s' % (
        urllib.parse.unquote_to_bytes(user),
        urllib.parse.unquote_to_bytes(password),
    )
    return 'Basic %s' % b64encode(known).decode('ascii')


def _setdefault(headers: dict[str, str], name: str, value: str) -> None:
    if name.lower() not in map(str.lower, headers):
        headers[name] = value
