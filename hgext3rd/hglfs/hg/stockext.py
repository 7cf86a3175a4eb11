"""Take the place of the stock extensions ``lfs`` and ``clonebundles``.

Mercurial loads stock ``lfs`` by itself for a repository with large files. Stock ``lfs``
and this extension cannot be loaded together: each registers a processor for the same
revision flag. So this extension is entered as ``lfs`` in Mercurial's table of loaded
extensions, and Mercurial then does not load the stock one. This extension is also
entered as ``clonebundles``, because bundles would be generated twice if stock
``clonebundles`` were loaded as well.
"""

from __future__ import annotations

import sys

from mercurial import error, extensions
from mercurial.i18n import _

_STOCK = b'lfs'
_STOCKBUNDLES = b'clonebundles'
#: The name of this package in this process; it differs where it is loaded by path.
_PACKAGE = __name__.rpartition('.hg.')[0]


def package():
    """Return the extension's top-level module."""
    return sys.modules[_PACKAGE]


def enabled(ui) -> bool:
    """Return whether this extension is enabled in a ui's configuration."""
    return any(module is package() for name, module in extensions.extensions(ui))


def take_over() -> None:
    """Enter this extension as ``lfs`` and ``clonebundles`` in the table of extensions.

    This function is called when this extension is imported. Raises Abort if stock
    ``lfs`` has installed its wraps already, because these cannot be removed.
    """
    table = extensions._extensions
    other = table.get(_STOCK)
    if _STOCK in table and other is None:
        return  # this extension is being loaded under that name
    if other is not None and _issetup(other):
        raise error.Abort(
            _(b'the lfs extension that comes with Mercurial is already active'),
            hint=_(b'enable hglfs where lfs is enabled, or disable lfs there'),
        )
    _take(_STOCK)
    other = table.get(_STOCKBUNDLES)
    # if it is set up already it stays, and makesbundles is False
    if _STOCKBUNDLES not in table or other is not None and not _issetup(other):
        _take(_STOCKBUNDLES)


def _take(name: bytes) -> None:
    if name in extensions._order:
        extensions._order.remove(name)
    extensions._extensions[name] = package()


def makesbundles(ui) -> bool:
    """Return whether this extension, not stock ``clonebundles``, generates bundles."""
    loaded = dict(extensions.extensions(ui))
    return loaded.get(_STOCKBUNDLES, package()) is package()


def enable(ui) -> None:
    """Enable this extension in ``ui`` if ``lfs`` or ``clonebundles`` is enabled there.

    This extension takes the place of both stock extensions, so a setting that enables
    one of them enables this extension. Mercurial adds such a setting for ``lfs`` in a
    repository that requires ``lfs``. This function is called when a repository's
    configuration has been read.
    """
    table = extensions._extensions
    for stock in (_STOCK, _STOCKBUNDLES):
        if not ui.hasconfig(b'extensions', stock) or enabled(ui):
            continue
        value = ui.config(b'extensions', stock) or b''
        if not value.startswith(b'!') and table.get(stock) is package():
            name = next(name for name in extensions._order if table[name] is package())
            ui.setconfig(b'extensions', name, b'', b'hglfs')


def _issetup(module) -> bool:
    """Return whether a stock extension has installed its wraps."""
    from mercurial import wireprotov1server

    owner = module.__name__ + '.'
    return any(
        wrapper.__module__.startswith(owner)
        for wrapper in extensions.getwrapperchain(wireprotov1server, '_capabilities')
    )
