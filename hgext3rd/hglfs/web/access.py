"""Authorization of LFS requests: by hgweb's permissions, or by a signed token.

Format of tokens: ``lfs.server.signing``.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from mercurial import encoding
from mercurial.hgweb import common

from ..hg import serving
from ..lfs.server.signing import ANY, HEADER, PARAMETER, Bearer, Grant, Signer

_TOKENLESS = b'no token: get one with a batch request'
PULL, PUSH, UPLOAD = b'pull', b'push', b'upload'


class Caller:
    """The user who sent a request, by hgweb's authentication or by the token.

    ``user`` is None if the name is unknown.
    """

    def __init__(self, user: bytes | None) -> None:
        self.user = user


class Access:
    """Authorize one request; every refusal raises hgweb's ErrorResponse.

    ``checkperm`` is hgweb's permission check, ``keyfile`` the path of the signing keys,
    None where actions are not signed.
    """

    def __init__(self, checkperm: Callable, rctx, req, keyfile: bytes | None) -> None:
        self._checkperm = checkperm
        self._rctx = rctx
        self._req = req
        self._keyfile = keyfile
        self.caller = Caller(req.remoteuser)

    @property
    def signer(self) -> Signer | None:
        """The signer of actions, or None where actions are not signed."""
        return serving.signer(self._keyfile) if self._keyfile else None

    def check(self, operation: bytes) -> None:
        """Check that the user may perform one of hgweb's operations."""
        self._decide(operation, self._req.remoteuser)

    def ispushopen(self) -> bool:
        """Return whether unauthenticated clients may push."""
        try:
            self._checkperm(self._rctx, _RequestAs(self._req, None, b'POST'), PUSH)
        except common.ErrorResponse:
            return False
        return True

    def grant(self, operation: str, oid: bytes = ANY) -> Grant:
        """Return the grant that a token must be signed for, to allow an operation.

        ``oid`` is the object, ``ANY`` for any object.
        """
        return Grant(encoding.strfromlocal(self._req.apppath), operation, oid)

    def admit(self, operation: str, oid: bytes = ANY) -> int | None:
        """Check that the client may transfer an object; return the size in its token.

        The size is None if there is no token, or no size in it. If a token names a
        user, the permission of that user is checked again. Where actions are signed, a
        request with neither token nor user is refused: the web server in front may
        require a password for batch requests only.
        """
        needed = PULL if operation == 'download' else UPLOAD
        token = self._token() if self._keyfile else None
        if token is None:
            self.check(needed)
            if self._keyfile and not self._req.remoteuser:
                raise common.ErrorResponse(common.HTTP_UNAUTHORIZED, _TOKENLESS)
            return None
        bearer = self._verify(token, self.grant(operation, oid))
        user = self._req.remoteuser
        if bearer is None or (user and user != bearer.user):
            raise common.ErrorResponse(
                common.HTTP_FORBIDDEN,
                b'the token has expired or does not match the request',
            )
        self.caller.user = bearer.user or None
        self._decide(needed, self.caller.user)
        return bearer.size

    def _token(self) -> bytes | None:
        token = self._req.headers.get(HEADER.encode('ascii'))
        return token or self._req.qsparams.get(PARAMETER.encode('ascii'))

    def _verify(self, token: bytes, grant: Grant) -> Bearer | None:
        signer = self.signer
        text = token.decode('ascii', 'replace')
        return signer.bearer(text, grant, time.time()) if signer else None

    def _decide(self, operation: bytes, user: bytes | None) -> None:
        # hgweb allows the upload operation for PUT requests only
        method = b'PUT' if operation == UPLOAD else self._req.method
        self._checkperm(self._rctx, _RequestAs(self._req, user, method), operation)


class _RequestAs:
    """A request with its user and method replaced, for hgweb's permission check."""

    def __init__(self, req, remoteuser: bytes | None, method: bytes) -> None:
        self._req = req
        self.remoteuser = remoteuser
        self.method = method

    def __getattr__(self, name: str):
        return getattr(self._req, name)
