"""Parse durations with a unit: ``14d``, ``12h``; and days, which need none."""

from __future__ import annotations

import re

_FORM = re.compile(rb'\A([0-9]{1,9})([smhdw])\Z')
_SECONDS = {b's': 1, b'm': 60, b'h': 3600, b'd': 24 * 3600, b'w': 7 * 24 * 3600}


def parse(text: bytes) -> int:
    """Return a duration in seconds; raise ValueError for any other text.

    A unit is required, except for ``0``: a plain 14 that is meant as days must not
    become seconds.
    """
    if text == b'0':
        return 0
    found = _FORM.match(text)
    if not found:
        raise ValueError('not a duration: %r' % text)
    return int(found.group(1)) * _SECONDS[found.group(2)]


def parsedays(text: bytes) -> int:
    """Return a number of days, or a duration with a unit, in seconds.

    Raises ValueError for any other text.
    """
    return parse(text + b'd' if text.isdigit() else text)
