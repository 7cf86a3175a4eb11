"""Who somebody is to a server, where locks are concerned.

It is never a name that the client sends: the web server in front says who came over
HTTP, and the operator or the system who came over ssh.
"""

from __future__ import annotations

import getpass

from mercurial import util

from ..lfs.server.locks import Actor
from . import repolfs


def overhttp(box: repolfs.RepoLfs, user: bytes | None) -> Actor:
    """Returns who the web server says it is, if it says so."""
    return _actor(box, user)


def overssh(box: repolfs.RepoLfs) -> Actor:
    """Returns who the operator says it is, or else the system."""
    said = box.settings.user or box.ui.environ.get(b'REMOTE_USER')
    return _actor(box, said or _systemuser())


def onthismachine(box: repolfs.RepoLfs) -> Actor:
    """Returns who the system says it is."""
    return _actor(box, _systemuser())


def ofpush(box: repolfs.RepoLfs, url: bytes) -> Actor:
    """Returns who pushes, by the URL that Mercurial has for that."""
    if url.startswith((b'remote:http:', b'remote:https:')):
        return overhttp(box, box.ui.environ.get(b'REMOTE_USER'))
    return overssh(box) if url.startswith(b'remote:') else onthismachine(box)


def _actor(box: repolfs.RepoLfs, name: bytes | None) -> Actor:
    return Actor(
        _text(name) if name else None,
        tuple(_text(admin) for admin in box.settings.lockadmins),
        box.settings.maxlocks,
    )


def _systemuser() -> bytes:
    # Windows knows no user by number
    return util.username() or getpass.getuser().encode('utf-8')


def _text(name: bytes) -> str:
    # two names stay two names, whatever they consist of
    return name.decode('utf-8', 'backslashreplace')
