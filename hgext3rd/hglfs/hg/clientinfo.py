"""Describe the client of a wire protocol command: its user, address and URL."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import Any

from mercurial import encoding


@dataclass(frozen=True)
class ClientInfo:
    """The client of a command.

    ``base`` is the repository's URL as the client uses it, ``place`` the path of that
    URL. ``user`` is the name from the web server, ``address`` the client's IP address.
    ``base`` and ``address`` are None where unknown. ``public`` is whether all users may
    read the repository, ``inline`` whether bundles can be sent over the connection.
    ``errors`` is the WSGI server's log, or None.
    """

    base: str | None = None
    place: str = ''
    user: bytes = b''
    address: str | None = None
    public: bool = False
    inline: bool = True
    errors: Any = None

    def complain(self, message: bytes) -> None:
        """Write a message to the WSGI server's log, if there is one."""
        if self.errors is None:
            return
        try:
            self.errors.write(encoding.strfromlocal(message))
        except TypeError:  # the log of hg serve takes bytes
            self.errors.write(message)


def ofrequest(repo, proto, inline: bool) -> ClientInfo:
    """Return the client of a command, over HTTP or ssh.

    ``proto`` is Mercurial's protocol handler; ``inline`` is as in ClientInfo.
    """
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
    """Return the repository's URL: below ``web.baseurl`` if set, else as requested.

    hgweb itself uses ``web.baseurl`` only when it serves several repositories.
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
    """Return whether all users may read the repository, without a password."""
    readers = ui.configlist(b'web', b'allow_read')
    # an authenticated user may have more access than others
    return (
        ui.configbool(b'web', b'allow-pull')
        and not ui.configlist(b'web', b'deny_read')
        and readers in ([], [b'*'])
        and not request.remoteuser
    )
