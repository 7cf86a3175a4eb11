"""A client of Mercurial's command server: commands without the cost of starting."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

#: The exit code of a command that took its server down with it.
CRASHED = 1000


@dataclass(frozen=True)
class Result:
    """What a command did: its exit code, and its output and errors as they came."""

    code: int
    output: bytes


class CommandServer:
    """Run commands in one repository, in one process, one after the other.

    A server that a command has ended is started again by the next one.
    """

    def __init__(self, hg: str, folder: str, environ: dict[str, str]) -> None:
        self._line = [hg, 'serve', '--cmdserver', 'pipe', '--cwd', folder]
        self._environ = environ
        self._process: subprocess.Popen | None = None

    def run(self, args: Sequence[bytes], answers: Sequence[bytes] = ()) -> Result:
        """Run a command; its questions get these answers, then the end of input."""
        left = list(answers)
        process = self._process or self._start()
        text = b'\0'.join(args)
        self._write(process, b'runcommand\n' + struct.pack('>I', len(text)) + text)
        parts = []
        while True:
            channel, size = self._header(process)
            if not channel:
                return self._crashed(process, parts)
            if channel in b'IL':  # a request for input
                line = left.pop(0) + b'\n' if left and channel == b'L' else b''
                self._write(process, struct.pack('>I', len(line)) + line)
                continue
            data = process.stdout.read(size)
            if channel == b'r':
                return Result(struct.unpack('>i', data)[0], b''.join(parts))
            parts.append(data)

    def close(self) -> None:
        """End the server."""
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()
            self._process.stderr.close()
            self._process.wait()
            self._process = None

    def _start(self) -> subprocess.Popen:
        self._process = process = subprocess.Popen(
            self._line,
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        channel, size = self._header(process)
        if not channel:
            raise OSError(os.fsdecode(process.stderr.read()))
        process.stdout.read(size)
        return process

    def _crashed(self, process: subprocess.Popen, parts: list[bytes]) -> Result:
        process.stdin.close()
        parts.append(process.stderr.read())
        self.close()
        return Result(CRASHED, b''.join(parts))

    @staticmethod
    def _header(process: subprocess.Popen) -> tuple[bytes, int]:
        header = process.stdout.read(5)
        return struct.unpack('>cI', header) if len(header) == 5 else (b'', 0)

    @staticmethod
    def _write(process: subprocess.Popen, data: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(data)
            process.stdin.flush()
