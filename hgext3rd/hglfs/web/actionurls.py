"""The actions of a batch reply: URLs and headers for a repository's objects."""

from __future__ import annotations

import time

from ..hg import clientinfo
from ..lfs.blob import UPLOAD, BlobRef
from ..lfs.server.signing import ANY, HEADER, LIFETIME, Bearer
from ..lfs.wire.action import Action
from .access import Access

#: The header that stock's server and lfs-test-server send; some clients echo it.
_HEADER = {'Accept': 'application/vnd.git-lfs'}


class WebActionUrls:
    """Build actions with URLs below that of the requested repository.

    See ActionUrls for the contract.
    """

    def __init__(self, ui, req, access: Access) -> None:
        self._base = clientinfo.repositoryurl(ui, req) + '/.hg/lfs'
        self._user = req.remoteuser or b''
        self._access = access
        self._signer = access.signer
        self._expires = int(time.time()) + LIFETIME
        # formatted once: a reply may name a thousand objects
        self._expiry = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(self._expires))

    def object(self, ref: BlobRef, operation: str) -> Action:
        """Return the action for one object."""
        path = 'objects/' + ref.oid.decode('ascii')
        return self._action(path, operation, ref.oid, ref.size)

    def smallblobs(self, operation: str) -> Action:
        """Return the action that transfers many objects in one request."""
        return self._action('packs/' + operation, operation, ANY)

    def verify(self, ref: BlobRef) -> Action:
        """Return the action by which a client verifies an upload."""
        return self._action('verify', UPLOAD, ANY)

    def _action(
        self, path: str, operation: str, oid: bytes, size: int | None = None
    ) -> Action:
        header = _HEADER
        if self._signer is not None:
            grant = self._access.grant(operation, oid)
            bearer = Bearer(self._user, size)
            token = self._signer.token(grant, bearer, self._expires)
            header = {**_HEADER, HEADER: token}
        return Action('%s/%s' % (self._base, path), header, self._expiry)
