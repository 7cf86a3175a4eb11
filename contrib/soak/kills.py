"""Kill transfers repeatedly, and count the bytes of the next ones.

Usage: kills.py HG [--size MB] [--kills N]

A large file is pushed, or fetched, through a proxy that counts bytes and kills the
client (SIGKILL) when another part of the file has passed. Each run has to resume
the one before: in the end little more than the file's size has been transferred, and
the file is intact.
"""

from __future__ import annotations

import argparse
import contextlib
import filecmp
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

MB = 1 << 20
BUFFER = 64 << 10  # bytes in each socket, so that little is lost with a connection
#: The bytes that a kill may cost for each of eight connections: a chunk in memory,
#: and the buffers of the sockets.
LOSS = 8 * (MB + 8 * BUFFER)

HGRC = """\
[ui]
username = soak
[extensions]
hglfs =
[lfs]
track = all()
usercache = {folder}/cache
[web]
allow-push = *
push_ssl = no
"""


class Proxy:
    """Pass bytes between clients and a port, and kill a process at a limit."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(('127.0.0.1', 0), backlog=50)
        self.port = self._listener.getsockname()[1]
        self.passed = {'upload': 0, 'download': 0}
        self._limit: tuple[str, int, subprocess.Popen] | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def killafter(self, direction: str, size: int, client: subprocess.Popen) -> None:
        """Kill a client after so many more bytes."""
        self._limit = direction, self.passed[direction] + size, client

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            far = socket.create_connection(('127.0.0.1', self._target))
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            for source, target, direction in (
                (near, far, 'upload'),
                (far, near, 'download'),
            ):
                threading.Thread(
                    target=self._pass, args=(source, target, direction), daemon=True
                ).start()

    def _pass(self, source, target, direction: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(BUFFER):
                target.sendall(data)
                self._count(direction, len(data))
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _count(self, direction: str, size: int) -> None:
        self.passed[direction] += size
        if self._limit and self._limit[0] == direction:
            _, limit, client = self._limit
            if self.passed[direction] >= limit:
                self._limit = None
                client.send_signal(signal.SIGKILL)


class Soak:
    """A repository with a large file, a server, and a proxy in front of it."""

    def __init__(self, hg: str, folder: Path, size: int) -> None:
        self._hg, self._folder, self._size = hg, folder, size
        (folder / 'hgrc').write_text(HGRC.format(folder=folder))
        self._env = {**os.environ, 'HGRCPATH': str(folder / 'hgrc')}
        self._run('init', 'work')
        self._file = folder / 'work' / 'large'
        with open(self._file, 'wb') as handle:
            for _ in range(size // MB):
                handle.write(os.urandom(MB))
        self._run('-R', 'work', 'commit', '-Aqm', 'large')
        self._run('init', 'served')
        port = _freeport()
        self._server = subprocess.Popen(
            [hg, '-R', 'served', 'serve', '-p', str(port), '--config']
            + ['lfs.usercache=%s' % (folder / 'served-cache')],
            env=self._env,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        _await(port)
        self.proxy = Proxy(port)
        self.url = 'http://127.0.0.1:%d/' % self.proxy.port

    def close(self) -> None:
        self._server.kill()
        self._server.wait()

    def upload(self, kills: int) -> int:
        """Return how many bytes were transferred until all was pushed."""
        return self._repeat('upload', kills, '-R', 'work', 'push', '-q', self.url)

    def download(self, kills: int) -> int:
        """Return how many bytes were transferred until all was fetched."""
        self._run('clone', '-qU', self.url, 'clone')
        shutil.rmtree(self._folder / 'cache', ignore_errors=True)
        passed = self._repeat('download', kills, '-R', 'clone', 'update', '-qC', 'tip')
        if not filecmp.cmp(self._file, self._folder / 'clone' / 'large', False):
            sys.exit('the file that arrived is another')
        return passed

    def _repeat(self, direction: str, kills: int, *args: str) -> int:
        before = self.proxy.passed[direction]
        for number in range(kills):
            client = self._start(*args)
            self.proxy.killafter(direction, self._size // (kills + 1), client)
            code = client.wait()
            print('%s %d: exit %d' % (direction, number + 1, code), flush=True)
            if code == 0:
                break
            self._unlock()
        else:
            if self._start(*args).wait():
                sys.exit('the last %s failed' % direction)
        return self.proxy.passed[direction] - before

    def _unlock(self) -> None:
        """Recover a repository as its user would after a crash."""
        for name in ('work', 'clone'):
            if (self._folder / name / '.hg' / 'store' / 'journal').exists():
                self._run('-R', name, 'recover')

    def _run(self, *args: str) -> None:
        subprocess.run([self._hg, *args], env=self._env, cwd=self._folder, check=True)

    def _start(self, *args: str) -> subprocess.Popen:
        return subprocess.Popen([self._hg, *args], env=self._env, cwd=self._folder)


def _freeport() -> int:
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]


def _await(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError):
            socket.create_connection(('127.0.0.1', port)).close()
            return
        threading.Event().wait(0.1)
    sys.exit('the server does not come up')


def main() -> int:
    parser = argparse.ArgumentParser(prog='contrib/soak/kills.py')
    parser.add_argument('hg')
    parser.add_argument('--size', type=int, default=500)
    parser.add_argument('--kills', type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='kills-') as folder:
        soak = Soak(chosen.hg, Path(folder), chosen.size * MB)
        try:
            wasted = 0
            for direction in ('upload', 'download'):
                passed = getattr(soak, direction)(chosen.kills)
                extra = passed - chosen.size * MB
                print(
                    '%s: %.1f MB passed for %d MB'
                    % (direction, passed / MB, chosen.size)
                )
                wasted = max(wasted, extra)
        finally:
            soak.close()
    if wasted > (chosen.kills + 1) * LOSS:
        print('more was moved again than was lost with the connections')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
