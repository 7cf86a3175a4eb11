"""Who somebody is to a server, where locks are concerned.

It is never a name that the client sends: the web server in front says who came over
HTTP, and the operator or the system who came over ssh.
"""

from __future__ import annotations

import getpass

from mercurial import util

from ..lfs.server.locks import Actor
from . import lfsrepo


def overhttp(lfs: lfsrepo.LfsRepo, user: bytes | None) -> Actor:
    """Returns who the web server says it is, if it says so."""
    return _actor(lfs, user)


def overssh(lfs: lfsrepo.LfsRepo) -> Actor:
    """Returns who the operator says it is, or else the system."""
    said = lfs.settings.user or lfs.ui.environ.get(b'REMOTE_USER')
    return _actor(lfs, said or _systemuser())


def onthismachine(lfs: lfsrepo.LfsRepo) -> Actor:
    """Returns who the system says it is."""
    return _actor(lfs, _systemuser())


def ofpush(lfs: lfsrepo.LfsRepo, url: bytes) -> Actor:
    """Returns who pushes, by the URL that Mercurial has for that."""
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
    # Windows knows no user by number
    return util.username() or getpass.getuser().encode('utf-8')


def _text(name: bytes) -> str:
    # two names stay two names, whatever they consist of
    return name.decode('utf-8', 'backslashreplace')
