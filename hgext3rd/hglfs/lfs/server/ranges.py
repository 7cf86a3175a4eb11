"""Parse Range headers.

Format: RFC 9110, section 14. Only a single range of bytes is supported; all other
headers are ignored.
"""

from __future__ import annotations

import re

_RANGE = re.compile(rb'bytes=([0-9]{0,19})-([0-9]{0,19})\Z')


class Unsatisfiable(ValueError):
    """The range is outside of the object."""


def parse(header: bytes, size: int) -> tuple[int, int] | None:
    """Return the start and the end of the requested range, in bytes.

    None means the whole object, also for an unsupported header. Raises Unsatisfiable.
    """
    found = _RANGE.match(header.replace(b' ', b''))
    if not found or found.groups() == (b'', b''):
        return None
    first, last = found.groups()
    if not first:  # a number of bytes at the end
        start, end = max(0, size - int(last)), size
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise Unsatisfiable
    return start, end
