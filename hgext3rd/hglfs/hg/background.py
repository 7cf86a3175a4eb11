"""Run a command in a background process, which outlives this one."""

from __future__ import annotations

import json
import os

from mercurial import encoding, extensions
from mercurial.utils import procutil

from ..lfs.store import files
from . import compat, stockext

#: A log of this size in bytes is renamed when the next process starts.
_LONGLOG = 1 << 20


def start(repo, command: bytes, log: bytes, modes: files.Modes, section: bytes) -> None:
    """Start a command in a repository in the background; append its output to a log.

    ``log`` is the path of the log file. The settings in ``section``, and those from the
    command line, are passed to the new process on standard input: they may contain
    passwords, and other users can read the arguments of a process.
    """
    name = next(
        n for n, mod in extensions.extensions(repo.ui) if mod is stockext.package()
    )
    folder = os.path.dirname(os.path.abspath(stockext.package().__file__))
    extension = b'extensions.%s=%s' % (name, os.fsencode(folder))
    line = [procutil.hgexecutable(), b'-R', repo.root, b'--config', extension, command]
    files.makefolders(os.path.dirname(log), modes)
    if os.path.exists(log) and os.path.getsize(log) > _LONGLOG:
        os.replace(log, log + b'.old')
    with open(log, 'ab') as handle:
        environ = procutil.shellenviron({b'HGPLAIN': b'1'})
        compat.runbackground(line, environ, _configuration(repo.ui, section), handle)


def _configuration(ui, section: bytes) -> bytes:
    """Encode as JSON the settings of a section, and those from the command line."""
    items = [
        [encoding.fromlocal(text).decode('utf-8', 'surrogateescape') for text in item]
        for item in ui.walkconfig()
        if item[0] == section
        or item[0] != b'extensions'
        and ui.configsource(*item[:2]) == b'--config'
    ]
    return json.dumps(items).encode('ascii')


def configure(ui, text: bytes) -> None:
    """Apply the configuration that the starting process passed as ``text``."""
    for item in json.loads(text or b'[]'):
        section, name, value = (
            encoding.tolocal(part.encode('utf-8', 'surrogateescape')) for part in item
        )
        ui.setconfig(section, name, value, b'--config')


def benice() -> None:
    """Lower the priority of this process, where the system supports it."""
    if hasattr(os, 'nice'):
        os.nice(10)
