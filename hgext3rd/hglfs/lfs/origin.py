"""Origins of URLs: scheme, host and port, which decide where credentials are sent.

Format: the comparison and the serialization of RFC 6454.
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

PORTS = {'http': 80, 'https': 443}
_CONFIGURED = re.compile(
    r'https?://(?:\[[0-9a-f:.]+\]|[^][/?#@:*\\\s]+)(?::[0-9]+)?/?\Z', re.I
)


@dataclass(frozen=True)
class Origin:
    """A scheme, a lower-case host, and a port.

    The port is that of the URL, else the default of the scheme. It is None if the
    scheme has no default.
    """

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        host = '[%s]' % self.host if ':' in self.host else self.host
        if self.port is None or self.port == PORTS.get(self.scheme):
            return '%s://%s' % (self.scheme, host)
        return '%s://%s:%d' % (self.scheme, host, self.port)


def ofurl(url: str) -> Origin:
    """Return the origin of a URL; raise ValueError for a malformed one."""
    parts = urllib.parse.urlsplit(url)
    port = parts.port if parts.port is not None else PORTS.get(parts.scheme)
    return Origin(parts.scheme, (parts.hostname or '').lower(), port)


def configured(text: str) -> Origin:
    """Parse the origin of an http(s) server; raise ValueError for any other text.

    A URL with credentials, a path or a query is refused, because the setting applies to
    a whole origin and would ignore them.
    """
    origin = ofurl(text)
    if not _CONFIGURED.match(text) or not origin.host or origin.port == 0:
        raise ValueError('not an origin: %s' % ascii(text))
    return origin
