"""Tokens: short-lived signs of what a server has allowed somebody to do.

Format, ours: ``1.KEY.EXPIRES.SIZE.USER.MAC``, of which ``KEY`` names the key by the
start of its SHA-256, ``EXPIRES`` is in seconds since 1970, ``SIZE`` in bytes or
empty, ``USER`` is base64url, and ``MAC`` the base64url of an HMAC-SHA256 over what
is before it and what the token is for. That isn't in it: who checks it knows.
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
#: The fewest bytes of a key.
LEASTKEY = 32
#: In place of an oid: any object.
ANY = b'*'
#: For how many seconds a token is good.
LIFETIME = 600
#: A token's name in a URL, for clients that send no headers of a server's choice.
PARAMETER = 'hglfs-token'
#: The header that it comes in else.
HEADER = 'Hglfs-Token'


@dataclass(frozen=True)
class Grant:
    """What may be done: an operation on one object of one repository."""

    repository: str
    operation: str
    oid: bytes

    def encode(self) -> bytes:
        """Returns it as it is signed; no two are the same."""
        oid = self.oid.decode('ascii')
        # the last may be anything, but for the line feeds of the others
        return '\n'.join([self.operation, oid, self.repository]).encode('utf-8')


@dataclass(frozen=True)
class Bearer:
    """Who was allowed something; ``user`` is empty for one whose name isn't known.

    ``size`` is the object's in bytes, None where it was not said.
    """

    user: bytes
    size: int | None = None


class Signer:
    """Signs grants with the first of its keys, and knows those of all. Thread safe.

    Raises ValueError for keys that are none.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) < LEASTKEY for key in keys):
            raise ValueError('no keys of at least %d bytes' % LEASTKEY)
        self._keys = {_name(key): key for key in reversed(keys)}
        self._first = _name(keys[0])

    def token(self, grant: Grant, bearer: Bearer, expires: int) -> str:
        """Returns the sign that somebody was allowed something, until a time."""
        size = '' if bearer.size is None else '%d' % bearer.size
        head = '1.%s.%d.%s.%s' % (self._first, expires, size, _encode(bearer.user))
        return '%s.%s' % (head, self._mac(self._first, head, grant))

    def bearer(self, token: str, grant: Grant, now: float) -> Bearer | None:
        """Returns who was allowed something, or None where the token doesn't say so."""
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
    """Returns the keys of a key file: in hexadecimal, one a line, newest first.

    Raises ValueError for what is none.
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
