"""JSON that a peer has sent."""

from __future__ import annotations

import json
from typing import Any


class WireError(ValueError):
    """A text from a peer is not what its format says it should be."""


def parse(body: bytes) -> Any:
    """Returns what a text says; raises WireError where it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise WireError('invalid JSON') from exc


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Returns a value that has to be a JSON object; raises WireError."""
    if not isinstance(value, dict):
        raise WireError('%s is not a JSON object' % what)
    return value


def excerpt(value: Any) -> str:
    """Return the start of what a peer sent, fit for a header and a terminal."""
    # what is deeply nested can't be shown
    text = type(value).__name__ if isinstance(value, (list, dict)) else str(value)
    return ascii(text[:80])[1:-1]


def message(body: bytes) -> str:
    """Return what the body of an error says, in the JSON of Git LFS, or nothing."""
    try:
        said = mapping(parse(body), 'the reply').get('message')
    except WireError:
        return ''
    return said if isinstance(said, str) else ''
