"""Which bytes of an object a request is for.

Format: RFC 9110, section 14: one range of bytes; all else is for a whole object.
"""

from __future__ import annotations

import re

_RANGE = re.compile(rb'bytes=([0-9]{0,19})-([0-9]{0,19})\Z')


class Unsatisfiable(ValueError):
    """There are no such bytes."""


def parse(header: bytes, size: int) -> tuple[int, int] | None:
    """Returns the start and the end of what a Range header asks for, in bytes.

    None is for all of it, as where a header is none that we know. Raises
    Unsatisfiable.
    """
    found = _RANGE.match(header.replace(b' ', b''))
    if not found or found.groups() == (b'', b''):
        return None
    first, last = found.groups()
    if not first:  # so many at the end
        start, end = max(0, size - int(last)), size
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise Unsatisfiable
    return start, end
