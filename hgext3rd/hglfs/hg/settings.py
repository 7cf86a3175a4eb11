"""The client's configuration as one frozen value, read once per repository."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mercurial import encoding, error, pycompat, util
from mercurial.i18n import _

from ..lfs import duration
from ..lfs.remote import process
from . import agents, config

#: The value of ``lfs.checkout`` that leaves out all contents.
POINTERS = b'pointers'


@dataclass(frozen=True)
class Settings:
    """The settings; see ``config.ITEMS`` for units and defaults.

    ``usercache`` is None if there is no cache, ``standalone`` is None if there is no
    standalone transfer agent, and ``requireblobs`` is None for the value ``auto``.
    ``cacheage`` and ``retention`` are in seconds; ``cacheage`` and ``cachesize`` are 0
    for no limit. ``proving`` is whether a blob in the cache counts as missing until a
    client has uploaded it. ``basic`` is whether blobs are transferred as by stock
    ``lfs``: one at a time, by basic transfers. ``pointers`` is whether checkouts write
    placeholders for all large files.
    """

    usercache: bytes | None
    cachesize: int
    cacheage: int
    proving: bool
    autoprune: bool
    retention: int
    retry: int
    basic: bool
    concurrency: int
    timeout: float
    bandwidth: int
    fallback: tuple[bytes, ...]
    fetchinclude: tuple[bytes, ...]
    fetchexclude: tuple[bytes, ...]
    pointers: bool
    maxtext: int
    warnsize: int
    maxplainsize: int
    serve: bool
    metrics: frozenset[bytes]
    accesslog: bytes | None
    enforcelocks: bool
    lockadmins: tuple[bytes, ...]
    maxlocks: int
    user: bytes | None
    requireblobs: bool | None
    useragent: bytes | None
    agents: tuple[process.Agent, ...]
    standalone: process.Agent | None


def read(ui, cwd: bytes | None = None) -> Settings:
    """Return the settings of a ui; raise Abort for invalid values.

    A relative path from the command line is resolved against ``cwd``, the working
    directory of the process by default.
    """
    # hgweb marks the ui of a repository that it serves. The cache has blobs of the
    # user's other repositories too, which clients of this one may not read
    served = ui.configsource(b'ui', b'report_untrusted') == b'hgweb'
    programs = agents.read(ui)
    return Settings(
        usercache=_cache(ui, served, cwd),
        cachesize=max(0, ui.configbytes(b'lfs', b'usercache-size')),
        cacheage=_days(ui, b'usercache-age'),
        proving=served,
        # a web server must not spend its time on it
        autoprune=ui.configbool(b'lfs', b'autoprune') and not served,
        retention=_days(ui, b'prune-retention'),
        retry=max(0, ui.configint(b'lfs', b'retry')),
        basic=not ui.configbool(b'experimental', b'lfs.worker-enable'),
        concurrency=max(1, ui.configint(b'lfs', b'concurrency')),
        timeout=ui.configwith(float, b'lfs', b'timeout'),
        bandwidth=ui.configbytes(b'lfs', b'bandwidth'),
        fallback=tuple(ui.configlist(b'lfs', b'fallback')),
        fetchinclude=tuple(ui.configlist(b'lfs', b'fetchinclude')),
        fetchexclude=tuple(ui.configlist(b'lfs', b'fetchexclude')),
        pointers=config.choice(ui, b'checkout', (b'content', b'pointers'))
        == b'pointers',
        maxtext=ui.configbytes(b'lfs', b'maxtext'),
        warnsize=_warnsize(ui),
        maxplainsize=max(0, ui.configbytes(b'lfs', b'maxplainsize')),
        serve=ui.configbool(b'experimental', b'lfs.serve'),
        metrics=_metrics(ui),
        accesslog=ui.configpath(b'lfs', b'accesslog'),
        enforcelocks=ui.configbool(b'lfs', b'enforcelocks'),
        lockadmins=tuple(ui.configlist(b'lfs', b'lockadmins')),
        maxlocks=max(0, ui.configint(b'lfs', b'maxlocks')),
        user=ui.config(b'lfs', b'user'),
        requireblobs=_unlessauto(ui, b'lfs', b'requireblobs'),
        useragent=ui.config(b'experimental', b'lfs.user-agent'),
        agents=programs,
        standalone=agents.standalone(ui, programs),
    )


def _cache(ui, served: bool, cwd: bytes | None) -> bytes | None:
    if ui.configbool(b'experimental', b'lfs.disableusercache'):
        return None
    try:
        return usercache(ui, cwd)
    except error.Abort:
        if not served:  # a web server may have no home directory
            raise
        return None


def _days(ui, item: bytes) -> int:
    """Return the value of an item of ``[lfs]`` in seconds.

    In the configuration, the value has a unit, or is a number of days.
    """
    text = ui.config(b'lfs', item)
    try:
        return duration.parsedays(text)
    except ValueError as exc:
        raise error.ConfigError(
            _(b"lfs.%s is not a number of days ('%s')") % (item, text)
        ) from exc


def _metrics(ui) -> frozenset[bytes]:
    """Return the users who may read the counters; empty where nothing is counted."""
    users = ui.configlist(b'lfs', b'metrics')
    return frozenset() if users == [b'no'] else frozenset(users)


def _warnsize(ui) -> int:
    if ui.config(b'lfs', b'warnsize') is None:
        return ui.configbytes(b'ui', b'large-file-limit')
    return max(0, ui.configbytes(b'lfs', b'warnsize'))


def _unlessauto(ui, section: bytes, name: bytes) -> bool | None:
    auto = ui.config(section, name) == b'auto'
    return None if auto else ui.configbool(section, name)


def usercache(ui, cwd: bytes | None = None) -> bytes:
    """Return the path of the user's cache; raise Abort if it cannot be determined.

    The default is that of stock ``lfs``, so that both share a cache. A relative path is
    resolved against ``cwd``, by default the working directory of the process.
    """
    path = ui.configpath(b'lfs', b'usercache')
    if path:
        # a path from an hgrc is absolute already
        return os.path.join(cwd or encoding.getcwd(), util.expandpath(path))
    for variable, below in _places():
        base = encoding.environ.get(variable)
        if base:
            return os.path.join(base, *below)
    names = b' or '.join(variable for variable, below in _places())
    raise error.Abort(
        _(b'unknown %s usercache location') % b'lfs',
        hint=_(b'define %s in the environment, or set %s.usercache') % (names, b'lfs'),
    )


def _places() -> list[tuple[bytes, list[bytes]]]:
    """Return the default places of the user's cache, in the order to try them.

    Each is an environment variable that contains a directory, and the path of the cache
    relative to that directory.
    """
    if pycompat.iswindows:
        return [(b'LOCALAPPDATA', [b'lfs']), (b'APPDATA', [b'lfs'])]
    if pycompat.isdarwin:
        return [(b'HOME', [b'Library', b'Caches', b'lfs'])]
    return [(b'XDG_CACHE_HOME', [b'lfs']), (b'HOME', [b'.cache', b'lfs'])]
