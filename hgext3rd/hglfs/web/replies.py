"""Replies that carry nothing but a status."""

from __future__ import annotations

from mercurial.hgweb import common


def bare(res, code: int, reason: bytes | None = None) -> None:
    """Answers with a status, in plain text and without a body."""
    res.status = common.statusmessage(code, reason)
    res.headers[b'Content-Type'] = b'text/plain; charset=utf-8'
    res.setbodybytes(b'')
