"""Status lines: written to standard error while standard output carries data.

Mercurial writes status lines to standard output, or where ``ui.message-output`` sends
them. Mercurial's commands that print data have no status lines of their own. But when
such a command has to fetch a blob, this extension shows status lines, which must not be
mixed with the data.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mercurial import registrar

from ..lfs import words

#: The options with which every command prints data.
_PRINTING = (b'template', b'style', b'patch', b'stat')
#: The commands that print data although Mercurial does not mark them read-only.
_COMMANDS = (b'annotate|blame', b'debugdata', b'extdiff', b'fastexport', b'qdiff')


class _Running:
    """The state of the running command.

    ``data`` is whether it prints data to standard output, ``serving`` whether it is
    :hg:`serve`. ``process`` is its process id, None outside of commands, as in a web
    server.
    """

    data = False
    serving = False
    process: int | None = None


def started(func: Any, args: Sequence[bytes], options: Mapping[bytes, Any]) -> None:
    """Note which command is about to run, with its arguments and options."""
    _Running.data = _printsdata(func, args, options)
    _Running.serving = _iscommand(func, b'serve')
    _Running.process = os.getpid()


def inforeground() -> bool:
    """Return whether this process runs a command.

    It does not if it is a web server, or was forked by Mercurial's worker to do a part
    of a command.
    """
    return _Running.process == os.getpid()


@contextlib.contextmanager
def nested() -> Iterator[None]:
    """Restore the state of the outer command after a command that it dispatches."""
    kept = _Running.data, _Running.serving
    _Running.data = _Running.serving = False
    try:
        yield
    finally:
        _Running.data, _Running.serving = kept


def isserving() -> bool:
    """Return whether the running command is :hg:`serve`, for web or ssh clients."""
    return _Running.serving


def _printsdata(func: Any, args: Sequence[bytes], options: Mapping[bytes, Any]) -> bool:
    if options.get(b'output', b'-') not in (b'', b'-'):
        return False
    if any(options.get(name) for name in _PRINTING):
        return True
    while hasattr(func, 'cmdname'):  # an alias
        func = func.fn
    if _iscommand(func, b'archive'):
        return list(args[:1]) == [b'-']
    # a shell alias has no intents
    readonly = registrar.INTENT_READONLY in getattr(func, 'intents', ())
    return readonly or any(_iscommand(func, name) for name in _COMMANDS)


def _iscommand(func: Any, name: bytes) -> bool:
    """Return whether a function is the command with this name in Mercurial's table."""
    from mercurial import commands

    entry = commands.table.get(name)
    return entry is not None and entry[0] is func


@contextlib.contextmanager
def redirected(ui) -> Iterator[None]:
    """Have Mercurial write its status lines to standard error, as ``status`` does.

    Commands of this extension use it to call functions of Mercurial with status lines.
    """
    if not _Running.data:
        yield
        return
    name = b'ui', b'message-output'
    wanted = ui.config(*name)
    with ui.configoverride({name: b'stderr' if wanted == b'stdio' else wanted}, b'lfs'):
        yield


def status(ui, message: bytes) -> None:
    """Show a message, unless ``--quiet`` is given."""
    if not _Running.data:
        ui.status(message)
    elif not ui.quiet:
        _write(ui, message, b'status')


def note(ui, message: bytes) -> None:
    """Show a message with ``--verbose``."""
    if not _Running.data:
        ui.note(message)
    elif ui.verbose:
        _write(ui, message, b'note')


def debug(ui, message: bytes) -> None:
    """Show a message with ``--debug``, and pass it to Mercurial's loggers."""
    if not _Running.data:
        ui.debug(message)
    elif ui.debugflag:
        _write(ui, message, b'debug')
        ui.log(b'debug', b'%s', message)


class UiLog:
    """Show the messages of ``lfs/`` with a ``ui``; see ``lfs.log`` for the contract."""

    def __init__(self, ui) -> None:
        self._ui = ui

    @property
    def debugging(self) -> bool:
        """Whether ``--debug`` is on."""
        return self._ui.debugflag

    def note(self, message: bytes) -> None:
        """Show a message with ``--verbose``."""
        if self._ui.verbose:
            note(self._ui, words.lines(message))

    def debug(self, message: bytes) -> None:
        """Show a message with ``--debug``."""
        if self._ui.debugflag:
            debug(self._ui, words.lines(message))


def _write(ui, message: bytes, kind: bytes) -> None:
    # the destination of warnings, which ui.message-output names where it is set; the
    # message remains of its own kind
    ui._writemsg(ui._fmsgerr, message, type=kind)
