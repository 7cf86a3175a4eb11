"""Living beside Mercurial's own ``lfs`` and ``clonebundles``, which do the same.

Core loads ``lfs`` by itself for a repository with large files. Both at once can't
be: each registers a processor for the same revision flag. So we take its name: with
``lfs`` in the table of loaded extensions, core never loads it. With ``clonebundles``
there all would be done twice, so we take that name, too.
"""

from __future__ import annotations

import sys

from mercurial import error, extensions
from mercurial.i18n import _

_STOCK = b'lfs'
_STOCKBUNDLES = b'clonebundles'
#: The package itself, by the name that it has in this process.
FACE = __name__.rpartition('.hg.')[0]


def face():
    """Returns the extension's own module."""
    return sys.modules[FACE]


def enabled(ui) -> bool:
    """Tells whether the extension is on in a ui's configuration."""
    return any(module is face() for name, module in extensions.extensions(ui))


def take_over() -> None:
    """Takes the stock extension's name; for the end of the package's import.

    Raises Abort where that extension has been set up already: what it wrapped
    can't be unwrapped.
    """
    table = extensions._extensions
    other = table.get(_STOCK)
    if _STOCK in table and other is None:
        return  # we are being loaded by that very name
    if other is not None and _issetup(other):
        raise error.Abort(
            _(b'the lfs extension that comes with Mercurial is already active'),
            hint=_(b'enable hglfs where lfs is enabled, or disable lfs there'),
        )
    _take(_STOCK)
    other = table.get(_STOCKBUNDLES)
    # there it goes on: what we do then isn't done twice
    if _STOCKBUNDLES not in table or other is not None and not _issetup(other):
        _take(_STOCKBUNDLES)


def _take(name: bytes) -> None:
    if name in extensions._order:
        extensions._order.remove(name)
    extensions._extensions[name] = face()


def makesbundles(ui) -> bool:
    """Tells whether it is for us to make clone bundles when a repository changes."""
    loaded = dict(extensions.extensions(ui))
    return loaded.get(_STOCKBUNDLES, face()) is face()


def enable(ui) -> None:
    """Turns us on where a configuration turns on an extension that we stand for.

    Core turns ``lfs`` on for a repository that requires it.
    """
    table = extensions._extensions
    for stock in (_STOCK, _STOCKBUNDLES):
        if not ui.hasconfig(b'extensions', stock) or enabled(ui):
            continue
        value = ui.config(b'extensions', stock) or b''
        if not value.startswith(b'!') and table.get(stock) is face():
            name = next(name for name in extensions._order if table[name] is face())
            ui.setconfig(b'extensions', name, b'', b'hglfs')


def _issetup(module) -> bool:
    """Tells whether the stock extension has wrapped what it wraps."""
    from mercurial import wireprotov1server

    owner = module.__name__ + '.'
    return any(
        wrapper.__module__.startswith(owner)
        for wrapper in extensions.getwrapperchain(wireprotov1server, '_capabilities')
    )
