"""Copy files, with SHA-256 and SHA-1 in a thread each: the least that a commit does.

Usage: onepass.py SOURCE TARGET

Both are folders. A commit has to read what it commits, to store it once, and to compute
both its hashes: the blob's (SHA-256) and the node's (SHA-1).
"""

import hashlib
import os
import queue
import sys
import threading

CHUNK = 1 << 20  # bytes
THREADED = 8 << 20  # bytes; below that, starting threads takes longer than they save


class Hasher(threading.Thread):
    """Hash the chunks that are put, up to None."""

    def __init__(self, algorithm: str) -> None:
        super().__init__(daemon=True)
        self._hash = hashlib.new(algorithm)
        self._chunks: queue.Queue = queue.Queue(maxsize=4)

    def run(self) -> None:
        while chunk := self._chunks.get():
            self._hash.update(chunk)

    def put(self, chunk) -> None:
        self._chunks.put(chunk)


def copylarge(source: str, target: str) -> None:
    hashers = [Hasher('sha256'), Hasher('sha1')]
    for hasher in hashers:
        hasher.start()
    with open(source, 'rb', buffering=0) as read, open(target, 'wb', 0) as write:
        while chunk := read.read(CHUNK):
            for hasher in hashers:
                hasher.put(chunk)
            write.write(chunk)
    for hasher in hashers:
        hasher.put(None)
        hasher.join()


def copysmall(source: str, target: str) -> None:
    hashers = [hashlib.sha256(), hashlib.sha1()]
    with open(source, 'rb', buffering=0) as read, open(target, 'wb', 0) as write:
        while chunk := read.read(CHUNK):
            for hasher in hashers:
                hasher.update(chunk)
            write.write(chunk)


def main(source: str, target: str) -> None:
    for folder, _, names in os.walk(source):
        goal = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(goal, exist_ok=True)
        for name in names:
            path = os.path.join(folder, name)
            copy = copylarge if os.path.getsize(path) >= THREADED else copysmall
            copy(path, os.path.join(goal, name))


if __name__ == '__main__':
    main(*sys.argv[1:])
