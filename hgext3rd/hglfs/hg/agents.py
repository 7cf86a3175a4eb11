"""Read the custom transfer agents from the configuration.

Format: git-lfs ``docs/custom-transfers.md``, its ``lfs.customtransfer`` settings.
"""

from __future__ import annotations

import os
import re

from mercurial import error, util
from mercurial.i18n import _
from mercurial.utils import procutil

from ..lfs.blob import DOWNLOAD, UPLOAD
from ..lfs.remote import process

_PATH = re.compile(rb'customtransfer\.([^.]+)\.path\Z')
_DIRECTIONS = {
    b'both': (DOWNLOAD, UPLOAD),
    b'download': (DOWNLOAD,),
    b'upload': (UPLOAD,),
}


def read(ui) -> tuple[process.Agent, ...]:
    """Return the configured agents; raise ConfigError for invalid settings."""
    found = []
    for item, path in ui.configitems(b'lfs'):
        match = _PATH.match(item)
        if match and path:
            found.append(_agent(ui, match.group(1), path))
    return tuple(found)


def standalone(ui, agents: tuple[process.Agent, ...]) -> process.Agent | None:
    """Return the agent of ``lfs.standalonetransferagent``; None if it is not set.

    Raises ConfigError if no agent in ``agents`` has that name.
    """
    wanted = ui.config(b'lfs', b'standalonetransferagent')
    if not wanted:
        return None
    for agent in agents:
        if agent.name == _text(wanted):
            return agent
    raise error.ConfigError(
        _(b'lfs.standalonetransferagent names an unknown agent: %s') % wanted,
        hint=_(b'set lfs.customtransfer.%s.path') % wanted,
    )


def _agent(ui, name: bytes, path: bytes) -> process.Agent:
    prefix = b'customtransfer.%s.' % name
    direction = ui.config(b'lfs', prefix + b'direction')
    operations = _DIRECTIONS.get(direction.lower())
    if operations is None:
        raise error.ConfigError(
            _(b'lfs.%sdirection must be upload, download or both, not %s')
            % (prefix, direction)
        )
    try:
        args = procutil.shellsplit(ui.config(b'lfs', prefix + b'args'))
    except ValueError as exc:
        why = str(exc).encode('utf-8')
        raise error.ConfigError(_(b'lfs.%sargs: %s') % (prefix, why)) from exc
    command = [os.fsdecode(word) for word in (util.expandpath(path), *args)]
    concurrent = ui.configbool(b'lfs', prefix + b'concurrent')
    return process.Agent(_text(name), command, concurrent, operations)


def _text(name: bytes) -> str:
    return name.decode('utf-8', 'replace')
