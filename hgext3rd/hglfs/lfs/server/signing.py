"""Signed tokens: short-lived proofs that a server has granted an operation.

The format is ours: ``1.KEY.EXPIRES.SIZE.USER.MAC``. ``KEY`` is the start of the key's
SHA-256, ``EXPIRES`` in seconds since 1970, ``SIZE`` in bytes or empty, ``USER``
base64url. ``MAC`` is the base64url of an HMAC-SHA256 over the fields before it and the
grant (operation, object and repository). The token does not contain the grant: the
verifier takes it from the request.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

_FORM = re.compile(
    r'1\.([0-9a-f]{8})\.([0-9]{1,12})\.([0-9]{0,19})\.([\w-]{0,400})\.([\w-]{43})\Z',
    re.ASCII,
)
#: The minimum length of a key, in bytes.
LEASTKEY = 32
#: Stands for any object, in place of an oid.
ANY = b'*'
#: The lifetime of a token, in seconds.
LIFETIME = 600
#: The query parameter with the token, for clients that ignore headers of actions.
PARAMETER = 'hglfs-token'
#: The request header with the token.
HEADER = 'Hglfs-Token'


@dataclass(frozen=True)
class Grant:
    """What a token allows: an operation on one object of one repository."""

    repository: str
    operation: str
    oid: bytes

    def encode(self) -> bytes:
        """Return the bytes that are signed; they are different for different grants."""
        oid = self.oid.decode('ascii')
        # only the last field may contain line feeds
        return '\n'.join([self.operation, oid, self.repository]).encode('utf-8')


@dataclass(frozen=True)
class Bearer:
    """The user of a token; ``user`` is empty if the name is unknown.

    ``size`` is the object's size in bytes, or None if it is not part of the token.
    """

    user: bytes
    size: int | None = None


class Signer:
    """Sign with the first of its keys, and verify with all; thread safe.

    Raises ValueError for missing or short keys.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) < LEASTKEY for key in keys):
            raise ValueError('no keys of at least %d bytes' % LEASTKEY)
        self._keys = {_name(key): key for key in reversed(keys)}
        self._first = _name(keys[0])

    def token(self, grant: Grant, bearer: Bearer, expires: int) -> str:
        """Return a token for a grant; ``expires`` is in seconds since the epoch."""
        size = '' if bearer.size is None else '%d' % bearer.size
        head = '1.%s.%d.%s.%s' % (self._first, expires, size, _encode(bearer.user))
        return '%s.%s' % (head, self._mac(self._first, head, grant))

    def bearer(self, token: str, grant: Grant, now: float) -> Bearer | None:
        """Return the user of a token, or None if it is invalid for the grant."""
        found = _FORM.match(token)
        if not found or found[1] not in self._keys or int(found[2]) < now:
            return None
        head = token.rpartition('.')[0]
        if not hmac.compare_digest(self._mac(found[1], head, grant), found[5]):
            return None
        return Bearer(_decode(found[4]), int(found[3]) if found[3] else None)

    def _mac(self, key: str, head: str, grant: Grant) -> str:
        signed = head.encode('ascii') + b'\n' + grant.encode()
        return _encode(hmac.digest(self._keys[key], signed, 'sha256'))


def parsekeys(text: bytes) -> list[bytes]:
    """Return the keys of a key file: one on each line, in hexadecimal, newest first.

    ``#`` begins a comment. Raises ValueError for a line that is not hexadecimal.
    """
    lines = [line.partition(b'#')[0].strip() for line in text.splitlines()]
    try:
        return [binascii.unhexlify(line) for line in lines if line]
    except binascii.Error as exc:
        raise ValueError('a key is not in hexadecimal') from exc


def _name(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode('ascii').rstrip('=')


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
