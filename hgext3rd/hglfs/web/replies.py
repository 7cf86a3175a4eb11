"""Replies without content: a status and its reason."""

from __future__ import annotations

import json

from mercurial import encoding
from mercurial.hgweb import common

from ..lfs.wire.batch import MEDIATYPE

JSON = MEDIATYPE.encode('ascii')


def bare(res, code: int, reason: bytes | None = None) -> None:
    """Reply with a status, as plain text with an empty body."""
    res.status = common.statusmessage(code, reason)
    res.headers[b'Content-Type'] = b'text/plain; charset=utf-8'
    res.setbodybytes(b'')


def failure(res, code: int, reason: bytes | None = None) -> None:
    """Reply with a status, and its reason in the Batch API's JSON."""
    res.status = common.statusmessage(code, reason)
    message = encoding.strfromlocal(res.status.partition(b' ')[2])
    res.headers[b'Content-Type'] = JSON
    res.setbodybytes(json.dumps({'message': message}).encode('ascii'))
