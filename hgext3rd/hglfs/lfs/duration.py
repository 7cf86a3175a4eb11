"""Parse durations with a unit, such as ``14d`` and ``12h``, and numbers of days."""

from __future__ import annotations

import re

_FORM = re.compile(rb'\A([0-9]{1,9})([smhdw])\Z')
_SECONDS = {b's': 1, b'm': 60, b'h': 3600, b'd': 24 * 3600, b'w': 7 * 24 * 3600}


def parse(text: bytes) -> int:
    """Return a duration in seconds; raise ValueError for any other text.

    A unit is required, except for ``0``. Otherwise a user who writes 14 for 14 days
    would get 14 seconds.
    """
    if text == b'0':
        return 0
    found = _FORM.match(text)
    if not found:
        raise ValueError('not a duration: %r' % text)
    return int(found.group(1)) * _SECONDS[found.group(2)]


def parsedays(text: bytes) -> int:
    """Return a duration in seconds; a number without a unit is in days.

    Raises ValueError for any other text.
    """
    return parse(text + b'd' if text.isdigit() else text)
