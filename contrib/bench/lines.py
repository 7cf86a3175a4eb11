"""How one machine gets to another's repository: http, ssh, or its path."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from machines import LINE, Machine, Server, serving
from measure import Failed, complaint

SSHD = '/usr/sbin/sshd'
PATIENCE = 10  # seconds

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {line}/hostkey
AuthorizedKeysFile {line}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
"""

SSH = """\
#!/bin/sh
exec ssh -F none -i {line}/key -o IdentitiesOnly=yes -o BatchMode=yes \\
    -o LogLevel=ERROR -o StrictHostKeyChecking=no \\
    -o UserKnownHostsFile={line}/known "$@"
"""


@contextlib.contextmanager
def reaching(host: Machine, over: str) -> Iterator[Server]:
    """Serves a machine's project over http, ssh, or where it is."""
    if over == 'path':
        yield Server(str(host.project), 0)
        return
    with (_sshd if over == 'ssh' else serving)(host) as server:
        yield server


@contextlib.contextmanager
def _sshd(host: Machine) -> Iterator[Server]:
    """Runs sshd on loopback, for whoever has the key that lies beside it."""
    line = host.folder.parent / LINE
    port = _freeport()
    _prepare(line, host, port)
    log = line / 'sshd.log'
    with log.open('wb') as errors:
        process = subprocess.Popen(
            [SSHD, '-D', '-e', '-f', str(line / 'config')],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
    try:
        _await(process, port, log)
        user = getpass.getuser()
        # what serves is a process for every connection: none is looked at
        yield Server('ssh://%s@127.0.0.1:%d/%s' % (user, port, host.project), 0)
    finally:
        process.terminate()
        process.wait()


def _prepare(line: Path, host: Machine, port: int) -> None:
    shutil.rmtree(line, ignore_errors=True)
    line.mkdir()
    if os.getuid() == 0:
        Path('/run/sshd').mkdir(exist_ok=True)
    for name in ('hostkey', 'key'):
        command = ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f']
        subprocess.run([*command, str(line / name)], check=True)
    (line / 'config').write_text(CONFIG.format(port=port, line=line))
    _script(line / 'ssh', SSH.format(line=shlex.quote(str(line))))
    # what sshd gives to a command is next to nothing
    known = ('%s=%s' % (name, shlex.quote(value)) for name, value in host.env.items())
    _script(line / 'far', '#!/bin/sh\nexec env %s hg "$@"\n' % ' '.join(known))


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _freeport() -> int:
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


def _await(process: subprocess.Popen, port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            socket.create_connection(('127.0.0.1', port)).close()
            return
        time.sleep(0.05)
    raise Failed('sshd: %s' % complaint(log, 'does not listen'))
