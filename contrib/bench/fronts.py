"""Servers as contrib/deploy has them, for measurements: without TLS and passwords."""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from environments import CHECKOUT
from machines import Server
from measure import Failed, Usage

EXAMPLES = CHECKOUT / 'contrib' / 'deploy'
PROJECT = 'project'
STORE = '.hg/store/lfs/objects'
#: What nginx does with the same files all by itself.
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
        """Forgets all that was uploaded."""
        for folder in (self.store, self.folder / 'srv' / '.cache', self.dav):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def create(self) -> None:
        """Makes the repository and the configuration of all servers."""
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
        """Says whether nginx sends the files."""
        path = self.folder / 'hgweb.config'
        text = path.read_text().partition(OPEN)[0]
        wanted = 'offload = ' + ('x-accel-redirect' if offload else 'no')
        path.write_text(re.sub('(?m)^offload = .*', wanted, text) + OPEN)


@dataclass(frozen=True)
class Running:
    """A server that runs: where, and the number of its process."""

    port: int
    pid: int

    def peak(self) -> int:
        """Returns the bytes of memory of it and its workers at their peaks."""
        return sum(one.servermemory for one in self._usages())

    def cpu(self) -> float:
        """Returns the seconds of processor that it and its workers used so far."""
        return sum(one.servercpu for one in self._usages())

    def _usages(self) -> list[Usage]:
        children = Path('/proc/%d/task/%d/children' % (self.pid, self.pid))
        numbers = [self.pid, *map(int, children.read_text().split())]
        return [Server('', number).usage() for number in numbers]


@contextlib.contextmanager
def gunicorn(site: Site) -> Iterator[Running]:
    """Runs gunicorn by the example: on a port of its own, and on nginx's socket."""
    port = freeport()
    command = [str(site.programs / 'python'), '-m', 'gunicorn']
    command += ['-c', str(site.folder / 'gunicorn.conf.py')]
    command += ['-b', '127.0.0.1:%d' % port, '-b', 'unix:%s/socket' % site.folder]
    with _process(command, site, port) as running:
        yield running


@contextlib.contextmanager
def nginx(site: Site) -> Iterator[Running]:
    """Runs nginx by the example, which also serves the files by itself."""
    if not shutil.which('nginx'):
        raise Failed('nginx is missing: contrib/checks/real-components installs it')
    port = freeport()
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
    with _process(command, site, port) as running:
        yield running


@contextlib.contextmanager
def _process(command: list[str], site: Site, port: int) -> Iterator[Running]:
    log = site.folder / ('%s.log' % Path(command[0]).name)
    with log.open('ab') as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _await(port, process, log)
        yield Running(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(port: int, process: subprocess.Popen, log: Path) -> None:
    for _attempt in range(100):
        if process.poll() is not None:
            break
        with (
            contextlib.suppress(OSError),
            socket.create_connection(('127.0.0.1', port)),
        ):
            return
        time.sleep(0.1)
    raise Failed('%s does not start: %s' % (process.args[0], log.read_text()[-500:]))


def freeport() -> int:
    with socket.create_server(('127.0.0.1', 0)) as sock:
        return sock.getsockname()[1]
