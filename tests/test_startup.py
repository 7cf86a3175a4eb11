"""Which modules a command loads that does not use large files."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.processes import python

_COMMAND = """
import sys
from hgdemandimport import enable
enable()
import importlib.util
from mercurial import dispatch
out, sys.argv = sys.argv[1], ['hg'] + sys.argv[2:]
try:
    dispatch.run()
except SystemExit as exc:
    assert not exc.code, exc.code
lazy = importlib.util._LazyModule
names = [name for name, mod in list(sys.modules.items()) if not isinstance(mod, lazy)]
with open(out, 'w') as handle:
    handle.write('\\n'.join(names))
"""
_WITHUS = ('--config', 'extensions.hglfs=')
_OURS = 'hgext3rd.hglfs'

#: loaded by every command; besides, the wraps of the Mercurial modules that it loads
FACE = {
    '',
    'metadata',
    'lfs',
    'actions',
    'hg',
    'hg.stockext',
    'hg.compat',
    'hg.config',
    'hg.messages',
    'commands',
    'wrap',
    'wrap.ui.commandtable',
}
#: loaded in addition when a repository is opened
OPENED = {
    'actions.maintenance',
    'actions.setup',
    'hg.abort',
    'hg.endpoint',
    'hg.largetext',
    'hg.lfsrepo',
    'hg.operations',
    'lfs.blob',
    'lfs.errors',
    'lfs.oid',
    'lfs.remote',
    'lfs.store',
    'lfs.store.files',
    'lfs.transfer',
}
#: modules of Mercurial's that hg-lfs may load
#: not by -m: hg 6.3 can't
_HG = os.path.join(os.path.dirname(sys.executable), 'hg')
THEIRS = {
    'mercurial.exthelper',
    'mercurial.upgrade_utils',
    'mercurial.__version__',
    'mercurial.hgweb',  # hg <= 7.1: a package, whose modules have callbacks
}


@pytest.fixture
def plain(tmp_path):
    """Make a repository without large files."""
    place = str(tmp_path / 'repo')
    subprocess.run([_HG, 'init', place], check=True)
    with open(os.path.join(place, 'file'), 'w'):
        pass
    return place


def loaded(tmp_path, *args: str) -> set[str]:
    """Return the modules that a command has really run."""
    out = str(tmp_path / 'modules')
    python(_COMMAND, out, *args)
    with open(out) as handle:
        return set(handle.read().split('\n'))


@pytest.fixture(params=['version', 'status'])
def added(request, plain, tmp_path):
    """Return a command, its modules with hg-lfs, and those added by hg-lfs."""
    args = ('-R', plain, request.param)
    with_us = loaded(tmp_path, *_WITHUS, *args)
    return request.param, with_us, with_us - loaded(tmp_path, *args)


def ours(modules: set[str]) -> set[str]:
    return {
        name[len(_OURS) + 1 :]
        for name in modules
        if name == _OURS or name.startswith(_OURS + '.')
    }


def test_only_modules_that_the_command_needs_are_loaded(added):
    command, with_us, new = added
    from hgext3rd.hglfs.wrap import SUBSYSTEMS

    wraps = {'wrap.' + name for module, name in SUBSYSTEMS if module in with_us}
    wraps |= {name.rpartition('.')[0] for name in wraps}
    allowed = FACE | wraps | (OPENED if command == 'status' else set())
    found = {name for name in ours(new) if not name.startswith('commands.')}
    assert found - allowed == set()
    assert '' in found


def test_no_mercurial_module_is_loaded_in_addition(added):
    _command, _with_us, new = added
    theirs = {name for name in new if name.startswith(('mercurial.', 'hgext.'))}
    assert theirs - THEIRS == set()


def test_no_slow_module_is_loaded(added):
    _command, _with_us, new = added
    heavy = {'json', 'uuid', 'http.client', 'urllib.request', 'ssl', 'asyncio'}
    assert new & heavy == set()


def test_the_extension_loads_before_mercurials_commands():
    options = python("""
from mercurial import extensions, ui
configured = ui.ui.load()
configured.setconfig(b'extensions', b'hglfs', b'')
extensions.loadall(configured)
from mercurial import commands
print(*(option[1].decode() for option in commands.table[b'verify'][1]))
""")
    assert 'no-lfs' in options.split()
