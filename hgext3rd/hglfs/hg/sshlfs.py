"""Ask a Git LFS server over ssh for its HTTP endpoint.

Format: git-lfs ``docs/api/authentication.md``, ``git-lfs-authenticate``.
"""

from __future__ import annotations

import subprocess

from mercurial.utils import procutil, urlutil

from ..lfs.errors import ConnectionFailed, RemoteError
from ..lfs.wire import action
from ..lfs.wire.wirejson import WireError
from . import messages

_PROGRAM = b'git-lfs-authenticate'


def authenticate(ui, url: bytes, operation: str) -> action.Action:
    """Return the URL of a server's endpoint, and the headers to send to it.

    Raises ConnectionFailed, RemoteError.
    """
    urlutil.checksafessh(url)
    place = urlutil.url(url, parsequery=False, parsefragment=False)
    wanted = b' '.join(
        [
            _PROGRAM,
            procutil.shellquote(b'/' + (place.path or b'')),
            operation.encode('ascii'),
        ]
    )
    ssh = ui.config(b'ui', b'ssh')
    target = procutil.sshargs(ssh, place.host, place.user, place.port)
    command = b'%s %s %s' % (ssh, target, procutil.shellquote(wanted))
    messages.debug(ui, b'running %s\n' % command)
    done = subprocess.run(
        procutil.tonativestr(command), shell=True, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise ConnectionFailed(
            b'%s failed on %s' % (_PROGRAM, place.host),
            hint=b'is %s a Git LFS server?' % urlutil.hidepassword(url),
        )
    try:
        return action.decodeaction(done.stdout)
    except WireError as exc:
        raise RemoteError(
            b'%s on %s: %s' % (_PROGRAM, place.host, str(exc).encode('ascii'))
        ) from exc
