"""Which origins get the user's credentials, and requests that carry none.

Credentials are what Mercurial adds by itself: ``[auth]`` with its passwords, client
certificates and cookie file, passwords that were typed or came with a URL, and what
extensions, as a keyring, know. What a server gives for its own URLs, in the headers of
an action or in a URL, is sent where that server names it.
"""

from __future__ import annotations

import dataclasses
import urllib.parse

# a name, not a module: a thread must not be the first to look at one
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
    """Return the origins of ``lfs.trusted-origins``; raise Abort for another text."""
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
    """Return how a user has credentials sent to an origin that another one names."""
    return _(
        b'%s names %s, which gets no credentials; if it may have them, '
        b'add it to "lfs.trusted-origins"'
    ) % (encoding.strtolocal(str(home)), encoding.strtolocal(str(foreign)))


def anonymousopener(ui, useragent: bytes | None):
    """Return one of Mercurial's openers that sends no credentials, and never prompts.

    Proxies and the rules for server certificates are the user's.
    """
    plain = type(ui)(ui)
    for name, _value in ui.configitems(b'auth'):
        plain.setconfig(b'auth', name, b'', b'lfs')
    plain.setconfig(b'ui', b'interactive', False, b'lfs')
    # else shared by all copies of a ui
    plain.httppasswordmgrdb = uimod.httppasswordmgrdbproxy()
    opener = urlmod.opener(plain, None, useragent)
    opener.add_handler(_Refusal())
    return opener


class _Refusal(util.urlreq.basehandler):
    """Ends a request that wants credentials, before any handler looks for them."""

    handler_order = 0

    def http_error_401(self, req, fp, code, msg, headers):
        """Raise the error that urllib has for it."""
        raise util.urlerr.httperror(req.get_full_url(), code, msg, headers, fp)


def inheaders(request: Request) -> Request:
    """Return a request whose URL has no secrets of ours: they go in headers.

    That is a user and a password that a server put into a URL, as Git LFS clients take
    them, and a token of our server. A header that is there already is kept.
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
    """Return the header's value for the user and the password in a URL."""
    user, _colon, password = info.partition(':')
    known = b'%s:%s' % (
        urllib.parse.unquote_to_bytes(user),
        urllib.parse.unquote_to_bytes(password),
    )
    return 'Basic %s' % b64encode(known).decode('ascii')


def _setdefault(headers: dict[str, str], name: str, value: str) -> None:
    if name.lower() not in map(str.lower, headers):
        headers[name] = value
