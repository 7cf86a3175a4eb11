"""Identify the user of a request for the purpose of file locks.

A name sent by the client is never used. Over HTTP the web server in front authenticates
the user; over ssh the name is set by the operator, or is that of the system's user.
"""

from __future__ import annotations

import getpass

from mercurial import util

from ..lfs.server.locks import Actor
from . import lfsrepo


def overhttp(lfs: lfsrepo.LfsRepo, user: bytes | None) -> Actor:
    """Return the actor that the web server authenticated; ``user`` may be None."""
    return _actor(lfs, user)


def overssh(lfs: lfsrepo.LfsRepo) -> Actor:
    """Return the actor: ``lfs.user``, else ``$REMOTE_USER``, else the system's user."""
    configured = lfs.settings.user or lfs.ui.environ.get(b'REMOTE_USER')
    return _actor(lfs, configured or _systemuser())


def onthismachine(lfs: lfsrepo.LfsRepo) -> Actor:
    """Return the actor for the system's user."""
    return _actor(lfs, _systemuser())


def ofpush(lfs: lfsrepo.LfsRepo, url: bytes) -> Actor:
    """Return the actor of a push, given the URL that Mercurial passes to hooks."""
    if url.startswith((b'remote:http:', b'remote:https:')):
        return overhttp(lfs, lfs.ui.environ.get(b'REMOTE_USER'))
    return overssh(lfs) if url.startswith(b'remote:') else onthismachine(lfs)


def _actor(lfs: lfsrepo.LfsRepo, name: bytes | None) -> Actor:
    return Actor(
        _text(name) if name else None,
        tuple(_text(admin) for admin in lfs.settings.lockadmins),
        lfs.settings.maxlocks,
    )


def _systemuser() -> bytes:
    # util.username may return None on Windows
    return util.username() or getpass.getuser().encode('utf-8')


def _text(name: bytes) -> str:
    # different names must stay different, in any encoding
    return name.decode('utf-8', 'backslashreplace')
