"""Servers for measurements: hg serve and sshd; nginx and gunicorn as contrib/deploy."""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import Failed
from .machines import LINE, NOTHING, Machine, Usage, complaint
from .tools import CHECKOUT, STORE

EXAMPLES = CHECKOUT / 'contrib' / 'deploy'
SSHD = '/usr/sbin/sshd'
PATIENCE = 10  # seconds that a server may take to start
PROJECT = 'project'
#: What nginx does with the same files without gunicorn.
ALONE = """
    location /static/ {
        alias %(store)s/;
        sendfile on;
        tcp_nopush on;
    }
    location /dav/ {
        alias %(dav)s/;
        dav_methods PUT;
        create_full_put_path on;
        client_body_temp_path %(folder)s/dav-body;
    }
}
"""
MAIN = """
daemon off;
%(user)s
worker_processes auto;
pid %(folder)s/nginx.pid;
error_log %(folder)s/nginx.log;
events { worker_connections 2048; }
http {
    access_log off;
    proxy_temp_path %(folder)s/proxy;
    client_body_temp_path %(folder)s/body;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    include %(folder)s/nginx.conf;
}
"""
OPEN = """
[web]
push_ssl = no
allow_read = *
allow-push = *
"""
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


@dataclass(frozen=True)
class Server:
    """A running server: its URL and process; 0 for a process that is not measured."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        return int(self.url.rstrip('/').rpartition(':')[2])

    def usage(self) -> Usage:
        """Return what the process used so far, by /proc; nothing without that."""
        return _usage(self.pid)

    def peak(self) -> int:
        """Return the bytes of memory of it and its workers at their peaks."""
        return sum(one.servermemory for one in self._usages())

    def cpu(self) -> float:
        """Return the seconds of processor that it and its workers used so far."""
        return sum(one.servercpu for one in self._usages())

    def _usages(self) -> list[Usage]:
        children = Path('/proc/%d/task/%d/children' % (self.pid, self.pid))
        return [
            _usage(number)
            for number in (self.pid, *map(int, children.read_text().split()))
        ]


def _usage(pid: int) -> Usage:
    try:
        status = Path('/proc/%d/status' % pid).read_text()
        stat = Path('/proc/%d/stat' % pid).read_text()
    except OSError:
        return NOTHING
    peak = next(line for line in status.splitlines() if line.startswith('VmHWM'))
    ticks = sum(map(int, stat.rpartition(')')[2].split()[11:13]))
    cpu = ticks / os.sysconf('SC_CLK_TCK')
    return Usage(0.0, 0.0, 0, cpu, int(peak.split()[1]) << 10)


@contextlib.contextmanager
def _running(command: list[str], log: Path, **options) -> Iterator[subprocess.Popen]:
    """Run a server with its output in a log, and end it afterwards."""
    log.write_bytes(b'')
    # nginx itself appends to the same file
    with log.open('ab') as output:
        streams = {'stdout': output, 'stderr': output, **options}
        started = subprocess.Popen(command, stdin=subprocess.DEVNULL, **streams)
    with started as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen, port: int, log: Path) -> None:
    """Wait until a server accepts connections; raise Failed where it does not."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            socket.create_connection(('127.0.0.1', port)).close()
            return
        time.sleep(0.05)
    name = Path(process.args[0]).name
    raise Failed('%s: %s' % (name, complaint(log, 'does not listen')))


def _freeport() -> int:
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


# hg serve and sshd: one machine's repository for another


@contextlib.contextmanager
def reaching(host: Machine, over: str) -> Iterator[Server]:
    """Serve a machine's project over http or ssh, or give its path."""
    if over == 'path':
        yield Server(str(host.project), 0)
        return
    with (_sshd if over == 'ssh' else hgserve)(host) as server:
        yield server


@contextlib.contextmanager
def hgserve(machine: Machine) -> Iterator[Server]:
    """Run hg serve for a machine's project, on loopback."""
    errors = machine.folder / 'serve.log'
    command = ['hg', 'serve', '--address', '127.0.0.1', '--port', '0', '--print-url']
    command += ['--accesslog', os.devnull, '--errorlog', os.devnull]
    options = {'cwd': machine.project, 'env': machine.env}
    options |= {'stdout': subprocess.PIPE, 'text': True}
    with _running(command, errors, **options) as process:
        # the kernel chose the port; the name need not be that of the address
        port = process.stdout.readline().strip().rstrip('/').rpartition(':')[2]
        if not port.isdigit():
            raise Failed('hg serve: %s' % complaint(errors, 'no port'))
        yield Server('http://127.0.0.1:%s/' % port, process.pid)


@contextlib.contextmanager
def _sshd(host: Machine) -> Iterator[Server]:
    """Run sshd on loopback, with a key that lies beside it."""
    line = host.folder.parent / LINE
    port = _freeport()
    _prepare(line, host, port)
    log = line / 'sshd.log'
    with _running([SSHD, '-D', '-e', '-f', str(line / 'config')], log) as process:
        _await(process, port, log)
        user = getpass.getuser()
        # each connection has a process of its own: none is measured
        yield Server('ssh://%s@127.0.0.1:%d/%s' % (user, port, host.project), 0)


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
    # sshd passes next to nothing of the environment to a command
    known = ('%s=%s' % (name, shlex.quote(value)) for name, value in host.env.items())
    _script(line / 'far', '#!/bin/sh\nexec env %s hg "$@"\n' % ' '.join(known))


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


# nginx and gunicorn, without TLS and passwords


@dataclass(frozen=True)
class Site:
    """A folder for one server: its configuration, and the repository it serves."""

    folder: Path
    programs: Path

    @property
    def store(self) -> Path:
        return self.folder / 'srv' / PROJECT / STORE

    @property
    def dav(self) -> Path:
        return self.folder / 'dav'

    def clear(self) -> None:
        """Remove what was uploaded."""
        for folder in (self.store, self.folder / 'srv' / '.cache', self.dav):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def create(self) -> None:
        """Make the repository and the configuration of all servers."""
        self.folder.mkdir(parents=True)
        command = [self.programs / 'hg', 'init', self.folder / 'srv' / PROJECT]
        subprocess.run(command, check=True, env={**os.environ, 'HGRCPATH': ''})
        self.clear()
        for name in ('hgweb.config', 'hgweb_wsgi.py', 'gunicorn.conf.py', 'nginx.conf'):
            text = (EXAMPLES / name).read_text()
            for old, new in (
                ('/etc/hgweb', self.folder),
                ('/run/hgweb', self.folder),
                ('/srv/hg', self.folder / 'srv'),
            ):
                text = text.replace(old, str(new))
            (self.folder / name).write_text(text)

    def configure(self, offload: bool) -> None:
        """Configure whether nginx sends the files."""
        path = self.folder / 'hgweb.config'
        text = path.read_text().partition(OPEN)[0]
        wanted = 'offload = ' + ('x-accel-redirect' if offload else 'no')
        path.write_text(re.sub('(?m)^offload = .*', wanted, text) + OPEN)


@contextlib.contextmanager
def gunicorn(site: Site) -> Iterator[Server]:
    """Run gunicorn by the example: on a port of its own, and on nginx's socket."""
    port = _freeport()
    command = [str(site.programs / 'python'), '-m', 'gunicorn']
    command += ['-c', str(site.folder / 'gunicorn.conf.py')]
    command += ['-b', '127.0.0.1:%d' % port, '-b', 'unix:%s/socket' % site.folder]
    with _listening(command, site, port) as server:
        yield server


@contextlib.contextmanager
def nginx(site: Site) -> Iterator[Server]:
    """Run nginx by the example; it also serves the files by itself."""
    if not shutil.which('nginx'):
        raise Failed('nginx is missing: contrib/checks/real-components installs it')
    port = _freeport()
    text = (site.folder / 'nginx.conf').read_text()
    text = re.sub(r'(?m)^ *(ssl_|auth_basic).*\n', '', text)
    text = re.sub(r'listen .*;', 'listen 127.0.0.1:%d;' % port, text)
    names = {'store': site.store, 'dav': site.dav, 'folder': site.folder}
    alone = ALONE % names
    (site.folder / 'nginx.conf').write_text(text.rstrip().rstrip('}') + alone)
    user = 'user %s;' % getpass.getuser() if os.geteuid() == 0 else ''
    main = MAIN % {'folder': site.folder, 'user': user}
    (site.folder / 'main.conf').write_text(main)
    command = ['nginx', '-p', str(site.folder), '-c', str(site.folder / 'main.conf')]
    with _listening(command, site, port) as server:
        yield server


@contextlib.contextmanager
def _listening(command: list[str], site: Site, port: int) -> Iterator[Server]:
    log = site.folder / ('%s.log' % Path(command[0]).name)
    with _running(command, log) as process:
        _await(process, port, log)
        yield Server('http://127.0.0.1:%d/' % port, process.pid)
