"""Who sends a command of Mercurial's own protocol, and how he knows the server."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import Any

from mercurial import encoding


@dataclass(frozen=True)
class ClientInfo:
    """Who asks: the repository's URL as he knows it, and his address, where known.

    ``place`` is the path of that URL, ``user`` the name that the web server gives.

    ``public`` is whether everybody may read what he may, ``inline`` whether he can
    have bundles over the same connection. ``errors`` is the server's log, if it has
    one.
    """

    base: str | None = None
    place: str = ''
    user: bytes = b''
    address: str | None = None
    public: bool = False
    inline: bool = True
    errors: Any = None

    def complain(self, message: bytes) -> None:
        """Tells whoever runs the server, and not who asks."""
        if self.errors is None:
            return
        try:
            self.errors.write(encoding.strfromlocal(message))
        except TypeError:  # that of hg serve, which has its own idea of WSGI
            self.errors.write(message)


def ofrequest(repo, proto, inline: bool) -> ClientInfo:
    """Returns who sends a command."""
    request = getattr(proto, '_req', None)
    if request is None:
        client = encoding.environ.get(b'SSH_CLIENT', b'').split(b' ', 1)[0]
        address = encoding.strfromlocal(client) or None
        return ClientInfo(address=address, inline=inline)
    origin = request.rawenv.get(b'REMOTE_ADDR', b'')
    return ClientInfo(
        repositoryurl(repo.ui, request),
        encoding.strfromlocal(request.apppath),
        request.remoteuser or b'',
        encoding.strfromlocal(origin) or None,
        _ispublic(repo.ui, request),
        inline,
        request.rawenv.get(b'wsgi.errors'),
    )


def repositoryurl(ui, request) -> str:
    """Return the repository's URL: below ``web.baseurl``, else as it was addressed.

    hgweb applies that setting where it serves many repositories, and not for one.
    """
    from mercurial.hgweb import request as requests

    base = ui.config(b'web', b'baseurl')
    if base:
        request = requests.parserequestfromenv(
            request.rawenv, request.reponame, base, request.bodyfh
        )
    host = request.advertisedbaseurl if base else request.baseurl
    return encoding.strfromlocal(host) + urllib.parse.quote(request.apppath)


def _ispublic(ui, request) -> bool:
    """Tells whether everybody may read what is asked for."""
    readers = ui.configlist(b'web', b'allow_read')
    # who had to give a name may know what others may not
    return (
        ui.configbool(b'web', b'allow-pull')
        and not ui.configlist(b'web', b'deny_read')
        and readers in ([], [b'*'])
        and not request.remoteuser
    )
