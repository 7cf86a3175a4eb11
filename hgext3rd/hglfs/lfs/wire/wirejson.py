"""Parse JSON from a peer."""

from __future__ import annotations

import json
from typing import Any


class WireError(ValueError):
    """A text from a peer violates its format."""


def parse(body: bytes) -> Any:
    """Parse a JSON text; raise WireError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise WireError('invalid JSON') from exc


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Check that a value is a JSON object and return it; raise WireError."""
    if not isinstance(value, dict):
        raise WireError('%s is not a JSON object' % what)
    return value


def excerpt(value: Any) -> str:
    """Return the start of a peer's value in ASCII, safe for headers and terminals."""
    # str() of a deeply nested value would raise RecursionError
    text = type(value).__name__ if isinstance(value, (list, dict)) else str(value)
    return ascii(text[:80])[1:-1]


def message(body: bytes) -> str:
    """Return the message in the JSON body of an error, or ''."""
    try:
        text = mapping(parse(body), 'the reply').get('message')
    except WireError:
        return ''
    return text if isinstance(text, str) else ''
