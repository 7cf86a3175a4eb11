"""Encode and decode pointers: the texts that stand for large files in history.

Format: git-lfs ``docs/spec.md``, with the keys that Mercurial's own ``lfs`` adds:
``x-hg-*`` for the file's copy metadata (``x-hg-copy``, ``x-hg-copyrev``) and
``x-is-binary`` (``0`` for text, else left out). Each line is ``key value``: ``version``
first, the others sorted. Unlike in git-lfs, the size of a pointer is not limited to
1024 bytes, because the source of a copy is a path of any length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .errors import PointerError
from .oid import isoid

VERSION = b'https://git-lfs.github.com/spec/v1'
#: The maximum size of a pointer, in bytes.
LONGEST = 1 << 20
_OIDPREFIX = b'sha256:'
_HGPREFIX = b'x-hg-'
_BINARY = b'x-is-binary'
_KEY = re.compile(rb'\A[a-z0-9.-]+\Z')
# 2**63 has 19 digits; an unlimited number would cost memory to parse
_SIZE = re.compile(rb'\A[0-9]{1,19}\Z')
_REQUIRED = (b'oid', b'size', b'version')


@dataclass(frozen=True)
class Pointer:
    """The pointer of a large file's content.

    ``oid`` is 64 hex digits, ``size`` is in bytes. ``extra`` has all other keys of the
    text except ``version``, with unchanged values. Immutable and so thread safe.
    """

    oid: bytes
    size: int
    extra: Mapping[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise PointerError for a value that cannot be encoded."""
        for key in _REQUIRED:
            if key in self.extra:
                raise PointerError(b'duplicate lfs pointer key: %s' % key)
        _checkvalues(dict(self.items()))

    @property
    def isbinary(self) -> bool:
        """Whether the content counts as binary, which is the default."""
        return self.extra.get(_BINARY, b'1') != b'0'

    @property
    def hgmeta(self) -> dict[bytes, bytes]:
        """The file revision's metadata, with Mercurial's keys (``copy`` …)."""
        cut = len(_HGPREFIX)
        return {
            key[cut:]: value
            for key, value in self.extra.items()
            if key.startswith(_HGPREFIX)
        }

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the pointer's keys and values in canonical order."""
        fields = {
            **self.extra,
            b'oid': _OIDPREFIX + self.oid,
            b'size': b'%d' % self.size,
        }
        yield b'version', VERSION
        yield from sorted(fields.items())

    def encode(self) -> bytes:
        """Return the canonical text."""
        return b''.join(b'%s %s\n' % item for item in self.items())


def forcontent(
    oid: bytes, size: int, isbinary: bool, hgmeta: Mapping[bytes, bytes]
) -> Pointer:
    """Return the pointer of a file revision, as Mercurial's own ``lfs`` writes it.

    ``oid`` and ``size`` are those of the content, ``hgmeta`` is Mercurial's metadata.
    """
    extra = {_HGPREFIX + key: value for key, value in hgmeta.items()}
    if not isbinary:
        extra[_BINARY] = b'0'
    return Pointer(oid, size, extra)


def decode(text: bytes) -> Pointer:
    """Parse a pointer; raise PointerError for any other text.

    The order of keys and a missing last newline are accepted, since history cannot be
    changed; duplicate keys and invalid values are not.
    """
    if len(text) > LONGEST:
        raise PointerError(b'too long for an lfs pointer')
    fields = _split(text)
    _checkvalues(fields)
    missing = [key for key in _REQUIRED if key not in fields]
    if missing:
        raise PointerError(b'missing lfs pointer keys: %s' % b', '.join(missing))
    del fields[b'version']
    oid = fields.pop(b'oid')[len(_OIDPREFIX) :]
    return Pointer(oid, int(fields.pop(b'size')), fields)


def _split(text: bytes) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    # only \n ends a line: the source of a copy may contain any other byte
    for line in text[: -1 if text.endswith(b'\n') else None].split(b'\n'):
        key, space, value = line.partition(b' ')
        if not space:
            raise PointerError(b'cannot parse git-lfs text: %s' % _quote(text))
        if key in fields:
            raise PointerError(b'duplicate lfs pointer key: %s' % key)
        fields[key] = value
    return fields


def _checkvalues(fields: Mapping[bytes, bytes]) -> None:
    for key, value in fields.items():
        if key not in _REQUIRED and not _KEY.match(key):
            raise PointerError(b'unexpected lfs pointer key: %s' % key)
        if not _validvalue(key, value):
            raise PointerError(
                b'unexpected lfs pointer value: %s=%s' % (key, _quote(value))
            )


def _validvalue(key: bytes, value: bytes) -> bool:
    if key == b'oid':
        return value.startswith(_OIDPREFIX) and isoid(value[len(_OIDPREFIX) :])
    if key == b'size':
        return _SIZE.match(value) is not None
    if key == b'version':
        return value == VERSION
    return b'\n' not in value


def _quote(text: bytes) -> bytes:
    """Return the start of a text as a Python literal, for a message."""
    shown = repr(text[:200])[1:]
    return shown.encode('ascii') + (b'...' if len(text) > 200 else b'')
