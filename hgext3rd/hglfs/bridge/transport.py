"""Mercurial's own HTTP, with its passwords, certificates and proxies."""

from __future__ import annotations

import urllib.parse
import urllib.request

from mercurial import encoding, error, httpconnection, pycompat, util
from mercurial import url as urlmod
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..model.errors import ConnectionFailed, HttpFailed
from ..remote.transport import Request

#: How much of an error's body is worth a look, in bytes.
_MAXERRORBODY = 64 << 10


class HgTransport:
    """Sends requests by ``mercurial.url``; see Transport for the contract."""

    def __init__(self, ui, authinfo: tuple | None, useragent: bytes) -> None:
        self._opener = urlmod.opener(ui, authinfo, useragent)
        self._opener.add_handler(_BasicOnly())
        self._opener.add_handler(_Redirects())

    def send(self, request: Request) -> _Response:
        """Returns the reply to a request."""
        try:
            return _Response(self._opener.open(_prepare(request)))
        except util.urlerr.httperror as exc:
            raise HttpFailed(
                exc.code,
                encoding.strtolocal(str(exc.reason)),
                exc.read(_MAXERRORBODY),
            ) from exc
        except util.urlerr.urlerror as exc:
            broken = isinstance(exc.reason, util.httplib.HTTPException)
            raise ConnectionFailed(_reason(exc), transient=broken) from exc
        except ValueError as exc:  # what urllib says of a URL that is none
            raise ConnectionFailed(stringutil.forcebytestr(exc)) from exc
        except (OSError, util.httplib.HTTPException) as exc:
            raise ConnectionFailed(
                stringutil.forcebytestr(exc), transient=True
            ) from exc

    def close(self) -> None:
        """Gives up the connections that are kept alive."""
        for handler in self._opener.handlers:
            handler.close()
            getattr(handler, 'close_all', lambda: None)()


def _prepare(request: Request):
    """Returns a request as urllib wants it; raises ConnectionFailed for odd URLs."""
    scheme = urllib.parse.urlsplit(request.url).scheme
    if scheme not in ('http', 'https'):
        raise ConnectionFailed(b'not an http(s) URL: %r' % request.url.encode('utf-8'))
    body = request.body
    if body is not None and request.length is not None:
        body = _SentFile(body, request.length)
    prepared = util.urlreq.request(request.url, data=body)
    prepared.get_method = lambda: request.method
    for name, value in request.headers.items():
        prepared.add_header(name, value)
    if request.length is not None:
        prepared.add_header('Content-Length', str(request.length))
    return prepared


class _SentFile(httpconnection.httpsendfile):
    """A body that Mercurial starts anew when it has to send a request again.

    It does so for this very class, whose own constructor would open a file.
    """

    def __init__(self, body, length: int) -> None:
        self.read = body.read
        self.seek = body.seek
        self.length = length


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and lets no credentials follow to another host."""

    handler_order = 400  # before urllib's own (500)

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        """Returns the next request; None refuses, and the status is the answer."""
        here = urllib.parse.urlsplit(req.get_full_url())
        there = urllib.parse.urlsplit(newurl)
        if here.scheme == 'https' and there.scheme != 'https':
            return None
        follower = super().redirect_request(req, fp, code, msg, headers, newurl)
        if follower is not None and here.netloc != there.netloc:
            follower.headers.pop('Authorization', None)
            follower.unredirected_hdrs.pop('Authorization', None)
        return follower


class _Response:
    """A reply as the remotes know it, over one of urllib's."""

    def __init__(self, reply) -> None:
        self._reply = reply
        self.status = reply.status

    @property
    def headerlines(self) -> list[bytes]:
        """The headers as lines."""
        return pycompat.bytestr(self._reply.info()).strip().splitlines()

    def header(self, name: str) -> str | None:
        """Returns a header's value."""
        return self._reply.info().get(name)

    def read(self, size: int) -> bytes:
        """Returns up to so many bytes more."""
        try:
            return self._reply.read(size)
        except (OSError, util.httplib.HTTPException) as exc:
            raise ConnectionFailed(
                stringutil.forcebytestr(exc), transient=True
            ) from exc

    def __enter__(self) -> _Response:
        return self

    def __exit__(self, *exc: object) -> None:
        self._reply.close()


class _BasicOnly(util.urlreq.basehandler):
    """Says so where a server wants authentication that Git LFS doesn't have."""

    handler_order = 480  # before the handler for digest authentication (490)

    def http_error_401(self, req, fp, code, msg, headers):
        """Raises where more than Basic Authentication is asked for."""
        wanted = headers.get('www-authenticate')
        if wanted and wanted.split()[0].lower() != 'basic':
            raise util.urlerr.httperror(
                req.get_full_url(),
                code,
                encoding.strfromlocal(
                    _(b'the server must support Basic Authentication')
                ),
                headers,
                fp,
            )
        return


def _reason(exc) -> bytes:
    """Returns why a connection failed, in the words of whoever knows best."""
    inner = exc.reason
    if isinstance(inner, error.Abort):
        raise inner
    if not isinstance(inner, Exception):
        return stringutil.forcebytestr(inner)
    # as SSL errors have it
    words = getattr(inner, 'reason', None) or getattr(inner, 'strerror', None)
    return stringutil.forcebytestr(words or inner)
