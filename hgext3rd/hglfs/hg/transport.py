"""An HTTP transport on ``mercurial.url``: passwords, certificates, proxies."""

from __future__ import annotations

import dataclasses
import datetime
import email.utils
import functools
import re
import socket
import traceback
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from mercurial import encoding, error, httpconnection, pycompat, util
from mercurial import url as urlmod
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..lfs import origin as origins
from ..lfs import words
from ..lfs.errors import ConnectionFailed, HttpFailed, ReplyBroken
from ..lfs.oid import CHUNK
from ..lfs.origin import Origin
from ..lfs.remote.transport import Request
from . import compat, credentials

#: How much of an error's body is read, in bytes.
_MAXERRORBODY = 64 << 10
_MAXHOPS = 4
_LFSCHALLENGE = 'lfs-authenticate'
_BASIC = re.compile(
    r'(?:^|[\s,])basic(?=[\s,]|$)(?:\s+realm=("[^"\r\n]{0,200}"))?', re.IGNORECASE
)
#: A body that broke after this many bytes was not lost to a stale connection.
_FAR = 8 << 20
#: The headers that a redirect may take to another origin.
_HARMLESS = (
    'Accept',
    'Content-Type',
    'Range',
    'If-Range',
    'Tus-Resumable',
    'Upload-Offset',
)


class HgTransport:
    """Send requests by ``mercurial.url``; see Transport for the contract.

    ``base`` is the URL that the user configured: of an LFS endpoint, of a repository,
    or of an ssh server. The user's credentials are sent to the origin of ``base``, and
    to the origins in ``lfs.trusted-origins``. Requests to other origins are anonymous,
    and never prompt. Each origin has its own opener, because an opener sends a password
    that one host has accepted to all other hosts, too.

    ``authinfo`` are the credentials that ``base`` contained. Without a ``useragent``
    Mercurial's is sent. With ``basiconly`` Basic is the only authentication, as in Git
    LFS. ``timeout`` is in seconds, None for Mercurial's.
    """

    def __init__(
        self,
        ui,
        base: str,
        authinfo: tuple | None,
        useragent: bytes | None,
        timeout: float | None = None,
        basiconly: bool = True,
    ) -> None:
        # not ui.copy, which for a repository's ui leaves out its own hgrc
        self._ui = type(ui)(ui)
        if timeout and not ui.configsource(b'http', b'timeout'):
            self._ui.setconfig(b'http', b'timeout', b'%f' % timeout, b'lfs')
        self._made = base, authinfo, useragent, timeout, basiconly
        self._home = _parse(base)
        self._trusted = {self._home, *credentials.trusted(ui)}
        self._openers: dict[tuple[Origin, bool], Any] = {}
        if self._home.scheme in origins.PORTS:
            # created now, as Mercurial shows its user with --debug
            home = self._home, False
            self._openers[home] = self._newopener(*home)

    def fork(self) -> HgTransport:
        """Return a transport for another thread, which never prompts."""
        # loading modules on demand is not thread safe
        compat.loadnow('lfs.transfer.workers', 'lfs.remote.http', 'lfs.store.cached')
        ui = self._ui.copy()
        ui.setconfig(b'ui', b'interactive', False, b'lfs')
        ui.pushbuffer(error=True)
        return HgTransport(ui, *self._made)

    def send(self, request: Request) -> _Response:
        """Send a request and follow redirects; return the reply.

        After a redirect to an untrusted origin all further requests are anonymous.
        Otherwise that origin could redirect back, to any URL of a trusted one, and the
        request would have the user's credentials.
        """
        foreign: Origin | None = None
        try:
            for _hop in range(_MAXHOPS):
                request = credentials.inheaders(request)
                origin = _origin(request.url)
                if origin not in self._trusted:
                    foreign = origin
                try:
                    return _Response(self._open(request, origin, foreign is not None))
                except _Redirect as moved:
                    request = _follow(request, moved.url)
        except util.urlerr.httperror as exc:
            raise HttpFailed(
                exc.code,
                _quoted(str(exc.reason)),
                _errorbody(exc),
                _retryafter(exc.headers),
                self._advice(exc.code, request, foreign),
            ) from exc
        except util.urlerr.urlerror as exc:
            raise ConnectionFailed(_reason(exc), transient=_broke(exc)) from exc
        except ValueError as exc:  # raised by urllib for an invalid URL
            raise ConnectionFailed(stringutil.forcebytestr(exc)) from exc
        except (OSError, util.httplib.HTTPException) as exc:
            raise ConnectionFailed(
                stringutil.forcebytestr(exc), transient=True
            ) from exc
        raise ConnectionFailed(b'redirected more than %d times' % _MAXHOPS)

    def _open(self, request: Request, origin: Origin, anonymous: bool):
        key = origin, anonymous
        if key not in self._openers:
            self._openers[key] = self._newopener(origin, anonymous)
        return self._openers[key].open(_prepare(request))

    def _newopener(self, origin: Origin, anonymous: bool):
        _base, authinfo, useragent, _timeout, basiconly = self._made
        if anonymous:
            opener = credentials.anonymousopener(self._ui, useragent)
        else:
            known = authinfo if origin == self._home else None
            opener = urlmod.opener(self._ui, known, useragent)
        if basiconly:
            configured = not anonymous and functools.partial(
                self._has_credentials, origin
            )
            opener.add_handler(_BasicOnly(configured or _no_credentials))
        opener.add_handler(_Redirects())
        return opener

    def _has_credentials(self, origin: Origin, url: str) -> bool:
        """Return whether there may be credentials for a URL of ``origin``."""
        _base, authinfo, *_rest = self._made
        if origin == self._home and authinfo or self._ui.interactive():
            return True
        return httpconnection.readauthforuri(self._ui, url, None) is not None

    def _advice(
        self, status: int, request: Request, foreign: Origin | None
    ) -> bytes | None:
        """Return the hint for a request that lacked credentials, else None."""
        if status != HTTPStatus.UNAUTHORIZED or foreign is None:
            return None
        if 'authorization' in map(str.lower, request.headers):
            return None  # the server refused credentials that the first server provided
        return credentials.advice(self._home, foreign)


def _quoted(reason: str) -> bytes:
    """Return a status line's reason for display; servers send UTF-8 or Latin-1."""
    try:
        return words.quoted(reason.encode('latin-1').decode('utf-8'))
    except UnicodeError:
        return words.quoted(reason)


def _errorbody(exc) -> bytes:
    """Return the body of an error reply, as far as it can be read."""
    try:
        return exc.read(_MAXERRORBODY)
    except (OSError, util.httplib.HTTPException):
        return b''


def _retryafter(headers) -> float | None:
    """Return the value of Retry-After in seconds, or None.

    Format: RFC 9110, section 10.2.3: a number of seconds, or a date.
    """
    text = (headers.get('retry-after') if headers else None) or ''
    if re.match(r'[0-9]{1,9}\Z', text):
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
        now = datetime.datetime.now(datetime.timezone.utc)
        return (when - now).total_seconds()
    except (TypeError, ValueError):  # TypeError: Python <= 3.9, or no zone
        return None


def _parse(url: str) -> Origin:
    """Return the origin of a URL; raise ConnectionFailed for a malformed one."""
    try:
        return origins.ofurl(url)
    except ValueError as exc:
        raise ConnectionFailed(stringutil.forcebytestr(exc)) from exc


def _origin(url: str) -> Origin:
    """Return the origin of an http(s) URL; raise ConnectionFailed for others."""
    origin = _parse(url)
    if origin.scheme not in origins.PORTS:
        raise ConnectionFailed(b'not an http(s) URL: %s' % ascii(url).encode('ascii'))
    return origin


def _follow(request: Request, url: str) -> Request:
    """Return the request for a redirect to ``url``; it keeps its method.

    Headers that may be secret, such as passwords, are not sent to another origin.
    """
    here, there = _origin(request.url), _origin(url)
    if here.scheme == 'https' and there.scheme != 'https':
        raise ConnectionFailed(b'redirected from https to %s' % url.encode('ascii'))
    headers = request.headers
    if here != there:
        headers = {name: value for name, value in headers.items() if name in _HARMLESS}
    return dataclasses.replace(request, url=url, headers=headers)


def _prepare(request: Request):
    """Return the urllib request for a Request."""
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
    """A request body that Mercurial can rewind, to send the request again.

    Mercurial rewinds only subclasses of ``httpsendfile``. The constructor of that class
    is not called, as it would open a file by its path.
    """

    def __init__(self, body, length: int) -> None:
        self._body = body
        self._sent = 0
        self.length = length
        #: whether the server has replied to this body by asking for credentials
        self.answered = False

    def read(self, size: int = -1) -> bytes:
        """Return the next chunk; ignore ``size``, as core requests just 8 KiB."""
        chunk = self._body.read(CHUNK)
        self._sent += len(chunk)
        return chunk

    def seek(self, offset: int) -> None:
        """Rewind, to send the body again.

        Raises ConnectionFailed if much of the body had been sent when the connection
        broke: the upload can be resumed instead.
        """
        if self._sent > _FAR and not self.answered:
            raise ConnectionFailed(b'the connection broke', transient=True)
        self._sent, self.answered = 0, False
        self._body.seek(offset)


class _Redirect(Exception):
    """A server redirects a request to ``url``."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Raise _Redirect, so that the transport follows redirects itself."""

    handler_order = 400  # before urllib's own (500)

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        """Raise _Redirect; the reply's body is not read."""
        fp.close()
        raise _Redirect(newurl)

    # Python <= 3.10: does not handle 308
    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302


class _Response:
    """A reply of urllib as the Response of a Transport."""

    def __init__(self, reply) -> None:
        self._reply = reply
        self.status = reply.status

    @property
    def headerlines(self) -> list[bytes]:
        """The headers as ``Name: value`` lines."""
        return pycompat.bytestr(self._reply.info()).strip().splitlines()

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        return self._reply.info().get(name)

    def read(self, size: int) -> bytes:
        """Return up to ``size`` more bytes; raise ReplyBroken if that fails."""
        try:
            return self._reply.read(size)
        except (OSError, util.httplib.HTTPException) as exc:
            raise ReplyBroken(
                b'LFS error: %s' % stringutil.forcebytestr(exc), transient=True
            ) from exc

    def __enter__(self) -> _Response:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._reply.isclosed() or self._reply.length == 0:
            self._reply.close()
        else:
            # the rest of this body would be read as the next reply
            self._reply.close_connection()


def _no_credentials(url: str) -> bool:
    return False


class _BasicOnly(util.urlreq.basehandler):
    """Select Basic from a server's challenges; Git LFS supports no other scheme.

    ``known`` returns whether there are credentials for a URL. Format: RFC 9110, section
    11.6.1; ``LFS-Authenticate`` of git-lfs ``docs/api/authentication.md``.
    """

    handler_order = 480  # before the handler for digest authentication (490)

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known

    def http_error_401(self, req, fp, code, msg, headers):
        """Leave only a Basic challenge in the headers; raise if none was offered."""
        if isinstance(req.data, _SentFile):
            req.data.answered = True
        url = req.get_full_url()
        offered = headers.get_all('www-authenticate') or headers.get_all(_LFSCHALLENGE)
        if not offered and not self._known(url):
            return
        found = _BASIC.search(', '.join(offered)) if offered else None
        if offered and found is None:
            reason = _(b'the server must support Basic Authentication')
            raise util.urlerr.httperror(
                url, code, encoding.strfromlocal(reason), headers, fp
            )
        # the later handlers fail if the first challenge is of another scheme
        realm = found and found.group(1) or '"Git LFS"'
        del headers['www-authenticate']
        headers['WWW-Authenticate'] = 'Basic realm=%s' % realm


def _broke(exc) -> bool:
    """Return whether an established connection broke."""
    # core passes on only the message of a closed connection
    causes = (exc.reason, exc.__context__)
    return any(
        isinstance(cause, (ConnectionResetError, BrokenPipeError))
        or isinstance(cause, socket.timeout)
        and not _connecting(cause)
        or isinstance(cause, util.httplib.HTTPException)
        and not isinstance(cause, util.httplib.BadStatusLine)
        for cause in causes
    )


def _connecting(timeout: socket.timeout) -> bool:
    """Return whether a timeout occurred while connecting, rather than while reading.

    Connecting to an unreachable host is not retried, but a request to a busy server is.
    """
    frames = traceback.walk_tb(timeout.__traceback__)
    return any(frame.f_code.co_name == 'connect' for frame, _line in frames)


def _reason(exc) -> bytes:
    """Return why a connection failed: the message of the innermost error."""
    inner = exc.reason
    if isinstance(inner, error.Abort):
        raise inner
    if not isinstance(inner, Exception):
        return stringutil.forcebytestr(inner)
    # SSL errors have a reason, operating system errors a strerror
    text = getattr(inner, 'reason', None) or getattr(inner, 'strerror', None)
    return stringutil.forcebytestr(text or inner)
