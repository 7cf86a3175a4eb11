"""Beside Mercurial's own lfs: which one has the name, and how that is decided."""

from __future__ import annotations

import pytest
from support.processes import python

_PRELUDE = """
from mercurial import commands, error, extensions, ui as uimod
ui = uimod.ui.load()
table, order = extensions._extensions, extensions._order
def enable(name, value=b''):
    ui.setconfig(b'extensions', name, value)
"""


def test_importing_the_package_takes_the_stock_name():
    python(
        _PRELUDE + "from hgext3rd import hglfs\nassert table[b'lfs'] is hglfs\n"
        "assert b'lfs' not in order\n"
        "hglfs.stockext.take_over()\nassert table[b'lfs'] is hglfs\n"
    )


def test_importing_a_submodule_leaves_plain_repositories_alone(folder):
    """A plain repository works as ever after the import."""
    python(
        _PRELUDE
        + """
import os, sys
import hgext3rd.hglfs.lfs.pointer
from mercurial import hg
repo = hg.repository(ui, os.fsencode(sys.argv[1]) + b'/repo', create=True)
assert b'lfs' not in repo.requirements
assert b'hglfs' not in repo.svfs.options
assert list(extensions.extensions(ui)) == []
""",
        folder.decode(),
    )


@pytest.mark.parametrize('names', [['lfs', 'hglfs'], ['hglfs', 'lfs'], ['hglfs']])
def test_with_both_enabled_hglfs_is_active(names):
    enabled = ''.join("enable(b'%s')\n" % name for name in names)
    python(
        _PRELUDE
        + enabled
        + """
extensions.loadall(ui)
extensions.populateui(ui)
from hgext3rd import hglfs
assert table[b'lfs'] is hglfs
assert extensions.find(b'lfs') is hglfs
assert [m for n, m in extensions.extensions(ui)] == [hglfs]
assert hglfs.stockext.enabled(ui)
"""
    )


def test_hglfs_is_refused_where_stock_lfs_is_active():
    python(
        _PRELUDE
        + """
enable(b'lfs')
extensions.loadall(ui)
try:
    import hgext3rd.hglfs
except error.Abort as exc:
    assert b'already active' in exc.message, exc.message
    assert b'enable hglfs where lfs is enabled' in exc.hint, exc.hint
else:
    raise AssertionError('both are active')
from hgext import lfs
assert table[b'lfs'] is lfs
"""
    )


def test_the_package_can_be_loaded_under_the_stock_name(folder):
    python(
        _PRELUDE
        + """
import os, sys
import hgext3rd
place = [p for p in hgext3rd.__path__ if os.path.isdir(p + '/hglfs')][0] + '/hglfs'
enable(b'lfs', os.fsencode(place))
extensions.loadall(ui)
extensions.populateui(ui)
mod = extensions.find(b'lfs')
assert mod.__file__ == place + '/__init__.py', mod
assert 'hgext3rd.hglfs' not in sys.modules
assert not [name for name in sys.modules if name.startswith('hgext.lfs')]
from mercurial import hg
repo = hg.repository(ui, os.fsencode(sys.argv[1]) + b'/repo', create=True)
assert b'hglfs' in repo.svfs.options
""",
        folder.decode(),
    )


def test_the_stand_in_for_stock_lfs_follows_its_setting():
    python(
        _PRELUDE
        + """
enable(b'hglfs')
extensions.loadall(ui)
from hgext3rd.hglfs.hg import stockext
fresh = uimod.ui.load()
stockext.enable(fresh)
assert not stockext.enabled(fresh)
for value, expected in [(b'!', False), (b'', True)]:
    fresh = uimod.ui.load()
    fresh.setconfig(b'extensions', b'lfs', value)
    stockext.enable(fresh)
    assert stockext.enabled(fresh) is expected, value
"""
    )
