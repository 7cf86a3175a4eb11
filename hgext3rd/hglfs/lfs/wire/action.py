"""The actions of a batch reply: where and how to transfer one object.

Format: git-lfs ``docs/api/batch.md``. Decoders check the type and length of each value
and raise WireError for an invalid one.
"""

from __future__ import annotations

import datetime
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..words import mask
from .wirejson import WireError, excerpt, mapping, parse

#: Headers that are shown in debug output: they carry no credentials.
_OPENHEADERS = ('accept', 'content-type', 'content-length', 'transfer-encoding')
#: Headers that frame or route a message. Only the transport and the transfer set them;
#: a server's are ignored.
_FRAMING = (
    *('accept-encoding', 'connection', 'content-length', 'content-range', 'expect'),
    *('host', 'if-range', 'keep-alive', 'range', 'te', 'trailer'),
    *('transfer-encoding', 'upgrade'),
)
_HOPBYHOP = 'proxy-'
#: The maximum length of a URL, number of headers, and length of all headers in
#: characters: they keep the memory for a reply with many headers in proportion to it.
_LONGESTHREF, _MOSTHEADERS, _LONGESTHEADERS = 16 << 10, 64, 32 << 10
# the characters of a URL, of a header's name and of its value
_HREF = re.compile(r'[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+\Z')
_PRINTABLE = ''.join(map(chr, range(0x21, 0x7F)))
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_VALUE = re.compile(r'[\t -~\u00a0-\u00ff]*\Z')


@dataclass(frozen=True)
class Action:
    """The URL and the headers for the transfer of an object."""

    href: str
    header: Mapping[str, str] = field(default_factory=dict)
    expires_at: str | None = None
    expires_in: int | None = None

    def headers(
        self,
        fixed: Mapping[str, str] | None = None,
        defaults: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Return the headers of a request; see ``mergedheaders``."""
        return mergedheaders(self.header, fixed, defaults)

    def lifetime(self, asked: datetime.datetime) -> float | None:
        """Return the seconds from ``asked``, the UTC time of the request, until expiry.

        None means that the action does not expire, or that the time cannot be parsed.
        """
        if self.expires_in:
            return float(self.expires_in)
        if not self.expires_at or self.expires_at.startswith('0001-'):
            return None
        try:
            # Python <= 3.10: fromisoformat does not accept Z
            expires = datetime.datetime.fromisoformat(
                self.expires_at.replace('Z', '+00:00')
            )
            return (expires - asked).total_seconds()
        except (ValueError, TypeError):  # TypeError: a time without a zone
            return None

    def tojson(self) -> dict[str, Any]:
        """Return the action's JSON for a reply."""
        return {
            'href': self.href,
            'expires_at': self.expires_at,
            'header': dict(self.header),
        }


def mergedheaders(
    given: Mapping[str, str],
    fixed: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers of a request, without duplicates in different letter case.

    ``given``, from a server, takes precedence over ``defaults``: a signed URL can
    depend on its Content-Type. ``fixed`` takes precedence over both. Headers in
    ``given`` that affect the framing of messages, such as Content-Length, are ignored.
    """
    merged: dict[str, tuple[str, str]] = {}
    for name, value in (defaults or {}).items():
        merged[name.lower()] = name, value
    for name, value in given.items():
        key = name.lower()
        if key not in _FRAMING and not key.startswith(_HOPBYHOP):
            merged[key] = name, value
    for name, value in (fixed or {}).items():
        merged[name.lower()] = name, value
    return dict(merged.values())


def decodeaction(text: bytes) -> Action:
    """Parse the JSON of a single action, as it comes over ssh; raise WireError."""
    return readaction(parse(text))


def readaction(item: Any) -> Action:
    """Return the action of a decoded JSON value; raise WireError."""
    action = mapping(item, 'an action')
    header = action.get('header') or {}
    if not isinstance(header, dict):
        raise WireError('malformed action')
    for name, value in header.items():
        sound = isinstance(value, str) and _VALUE.match(value)
        if not sound or not _NAME.match(name):
            raise WireError('malformed header in an action: %s' % excerpt(name))
    size = sum(len(name) + len(value) for name, value in header.items())
    if len(header) > _MOSTHEADERS or size > _LONGESTHEADERS:
        raise WireError('too many headers in an action')
    expires_in, expires_at = action.get('expires_in'), action.get('expires_at')
    return Action(
        encodedurl(action.get('href')),
        header,
        expires_at if isinstance(expires_at, str) and len(expires_at) < 64 else None,
        expires_in if type(expires_in) is int else None,
    )


def encodedurl(url: Any) -> str:
    """Return a URL in ASCII; raise WireError for any other value.

    Some servers send spaces and non-ASCII letters: these are percent-encoded, and those
    of a host name are encoded with IDNA (RFC 3490).
    """
    if not isinstance(url, str) or not _HREF.match(url) or len(url) > _LONGESTHREF:
        raise WireError('not a URL: %s' % excerpt(url))
    try:
        parts = urllib.parse.urlsplit(url)
        if ' ' in parts.netloc:
            raise ValueError('not a host')
        if not parts.netloc.isascii():
            login, mark, host = parts.netloc.rpartition('@')
            host = host.encode('idna').decode('ascii')
            url = parts._replace(netloc=login + mark + host).geturl()
    except ValueError as exc:  # UnicodeError, too
        raise WireError('not a URL: %s' % excerpt(url)) from exc
    return urllib.parse.quote(url, safe=_PRINTABLE)


def masksecrets(action: dict[str, Any]) -> None:
    """Mask the credentials in an action's JSON: header values, and parts of the URL."""
    for name in action.get('header') or {}:
        if name.lower() not in _OPENHEADERS:
            action['header'][name] = '***'
    href = action['href'].encode('utf-8', 'replace')
    action['href'] = mask(href).decode('utf-8', 'replace')
