"""A process of its own, which goes on when this one has ended."""

from __future__ import annotations

import json
import os

from mercurial import encoding, extensions
from mercurial.utils import procutil

from ..lfs.store import files
from . import compat, stockext

#: A log that has grown to so many bytes is put aside when the next process starts.
_LONGLOG = 1 << 20


def start(repo, command: bytes, log: bytes, modes: files.Modes, section: bytes) -> None:
    """Starts a command of ours in a repository; what it says goes to a log.

    It has this process's configuration as far as that isn't in files that it reads
    itself. That goes through a file, as there may be passwords in it.
    """
    name = next(
        n for n, mod in extensions.extensions(repo.ui) if mod is stockext.face()
    )
    folder = os.path.dirname(os.path.abspath(stockext.face().__file__))
    extension = b'extensions.%s=%s' % (name, os.fsencode(folder))
    line = [procutil.hgexecutable(), b'-R', repo.root, b'--config', extension, command]
    files.makefolders(os.path.dirname(log), modes)
    if os.path.exists(log) and os.path.getsize(log) > _LONGLOG:
        os.replace(log, log + b'.old')
    with open(log, 'ab') as handle:
        environ = procutil.shellenviron({b'HGPLAIN': b'1'})
        compat.runbackground(line, environ, _configuration(repo.ui, section), handle)


def _configuration(ui, section: bytes) -> bytes:
    """Returns a section, and what was given on the command line, for a process."""
    items = [
        [encoding.fromlocal(text).decode('utf-8', 'surrogateescape') for text in item]
        for item in ui.walkconfig()
        if item[0] == section
        or item[0] != b'extensions'
        and ui.configsource(*item[:2]) == b'--config'
    ]
    return json.dumps(items).encode('ascii')


def configure(ui, text: bytes) -> None:
    """Gives a ui the configuration of the process that started this one."""
    for item in json.loads(text or b'[]'):
        section, name, value = (
            encoding.tolocal(part.encode('utf-8', 'surrogateescape')) for part in item
        )
        ui.setconfig(section, name, value, b'--config')


def benice() -> None:
    """Lets others go before, where the system knows how."""
    if hasattr(os, 'nice'):
        os.nice(10)
