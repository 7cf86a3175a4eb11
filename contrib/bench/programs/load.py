"""Clients that fetch or send files all at once, each over a connection of its own.

Usage: load.py get|head|put PLAN

PLAN is JSON: host, port, and jobs of path, headers, size (bytes) and source (a file
to send). Prints JSON: seconds from the first connection to the last byte, and errors.
Nothing is hashed, and what is received is not even copied where the system allows it.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time

PIECE = 1 << 20
#: With it, Linux drops what comes over TCP instead of copying it.
DROPPING = socket.MSG_TRUNC if sys.platform == 'linux' else 0
#: Seconds without a byte after which a job fails.
PATIENCE = 600


class Failed(Exception):
    """The answer of a server is wrong."""


def exchange(verb: str, plan: dict, job: dict, buffer: bytearray) -> None:
    """Do one job; raise Failed or OSError."""
    with socket.create_connection((plan['host'], plan['port']), PATIENCE) as sock:
        lines = ['%s %s HTTP/1.1' % (verb.upper(), job['path'])]
        lines += ['Host: %s:%d' % (plan['host'], plan['port']), 'Connection: close']
        lines += ['%s: %s' % item for item in job['headers'].items()]
        if verb == 'put':
            lines += ['Content-Length: %d' % job['size']]
            lines += ['Content-Type: application/octet-stream']
        sock.sendall('\r\n'.join([*lines, '', '']).encode('ascii'))
        if verb == 'put':
            with open(job['source'], 'rb') as source:
                sock.sendfile(source)
        head, rest = _head(sock)
        status = head.split(b' ', 2)[1].decode('ascii')
        if status not in ('200', '201', '204'):
            raise Failed('%s %s: %s' % (verb, status, rest[:200]))
        got = len(rest) + _drain(sock, buffer)
    if verb == 'get' and got != job['size']:
        raise Failed('%d of %d bytes' % (got, job['size']))


def _head(sock: socket.socket) -> tuple[bytes, bytes]:
    """Return the head of a reply, and the part of the body that came with it."""
    data = b''
    while b'\r\n\r\n' not in data:
        chunk = sock.recv(4096)
        if not chunk:
            raise Failed('no reply')
        data += chunk
    head, _, rest = data.partition(b'\r\n\r\n')
    return head, rest


def _drain(sock: socket.socket, buffer: bytearray) -> int:
    got = 0
    while count := sock.recv_into(buffer, len(buffer), DROPPING):
        got += count
    return got


def crowd(verb: str, plan: dict) -> dict:
    """Do all jobs at once; return seconds and errors."""
    errors: list[str] = []
    start = threading.Barrier(len(plan['jobs']) + 1)
    buffer = bytearray(PIECE)  # never read

    def one(job: dict) -> None:
        start.wait()
        try:
            exchange(verb, plan, job, buffer)
        except (Failed, OSError) as exc:
            errors.append('%s: %s' % (type(exc).__name__, exc))

    threads = [threading.Thread(target=one, args=[job]) for job in plan['jobs']]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return {'seconds': time.perf_counter() - began, 'errors': errors}


if __name__ == '__main__':
    threading.stack_size(256 << 10)
    with open(sys.argv[2], encoding='ascii') as handle:
        plan = json.load(handle)
    json.dump(crowd(sys.argv[1], plan), sys.stdout)
    sys.stdout.flush()
    os._exit(0)
