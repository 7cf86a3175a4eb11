"""Who may do what: as hgweb decides, or as a token shows that it has decided."""

from __future__ import annotations

import time
from collections.abc import Callable

from mercurial import encoding
from mercurial.hgweb import common

from ..hg import serving
from ..lfs.server.signing import ANY, HEADER, PARAMETER, Bearer, Grant, Signer

_TOKENLESS = b'a batch request has the token for this'
PULL, PUSH, UPLOAD = b'pull', b'push', b'upload'


class Caller:
    """Whom a request is from: hgweb's word, or that of its token."""

    def __init__(self, user: bytes | None) -> None:
        self.user = user


class Access:
    """Decides for one request; ``checkperm`` is hgweb's.

    All that refuses raises hgweb's ErrorResponse.
    """

    def __init__(self, checkperm: Callable, rctx, req, keyfile: bytes | None) -> None:
        self._checkperm = checkperm
        self._rctx = rctx
        self._req = req
        self._keyfile = keyfile
        self.caller = Caller(req.remoteuser)

    @property
    def signer(self) -> Signer | None:
        """What signs actions; None where they aren't signed."""
        return serving.signer(self._keyfile) if self._keyfile else None

    def check(self, operation: bytes) -> None:
        """Refuses who may not do something, as hgweb's operations are."""
        self._decide(operation, self._req.remoteuser)

    def ispushopen(self) -> bool:
        """Tell whether pushes are taken from clients without a name."""
        try:
            self._checkperm(self._rctx, _As(self._req, None, b'POST'), PUSH)
        except common.ErrorResponse:
            return False
        return True

    def grant(self, operation: str, oid: bytes = ANY) -> Grant:
        """Returns what a token has to be for, in this request's repository."""
        return Grant(encoding.strfromlocal(self._req.apppath), operation, oid)

    def admit(self, operation: str, oid: bytes = ANY) -> int | None:
        """Refuses who may not download or upload; returns the size that a token states.

        A token stands for its user, who has to have the right still. Where there are
        tokens, whoever has neither one nor a name has not come by the batch, that
        the server in front may ask a password for.
        """
        needed = PULL if operation == 'download' else UPLOAD
        token = self._token() if self._keyfile else None
        if token is None:
            self.check(needed)
            if self._keyfile and not self._req.remoteuser:
                raise common.ErrorResponse(common.HTTP_UNAUTHORIZED, _TOKENLESS)
            return None
        bearer = self._bearer(token, self.grant(operation, oid))
        user = self._req.remoteuser
        if bearer is None or (user and user != bearer.user):
            raise common.ErrorResponse(
                common.HTTP_FORBIDDEN,
                b'the action has expired or is for something else',
            )
        self.caller.user = bearer.user or None
        self._decide(needed, self.caller.user)
        return bearer.size

    def _token(self) -> bytes | None:
        token = self._req.headers.get(HEADER.encode('ascii'))
        return token or self._req.qsparams.get(PARAMETER.encode('ascii'))

    def _bearer(self, token: bytes, grant: Grant) -> Bearer | None:
        signer = self.signer
        text = token.decode('ascii', 'replace')
        return signer.bearer(text, grant, time.time()) if signer else None

    def _decide(self, operation: bytes, user: bytes | None) -> None:
        # hgweb takes nothing but a PUT for the upload of a large file
        method = b'PUT' if operation == UPLOAD else self._req.method
        self._checkperm(self._rctx, _As(self._req, user, method), operation)


class _As:
    """A request as if it came from another, or in another way."""

    def __init__(self, req, remoteuser: bytes | None, method: bytes) -> None:
        self._req = req
        self.remoteuser = remoteuser
        self.method = method

    def __getattr__(self, name: str):
        return getattr(self._req, name)
