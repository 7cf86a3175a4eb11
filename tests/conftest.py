"""Set up every test: no configuration but its own, no deadlines."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# before anything imports Mercurial, which reads these once
for _name in ('HGUSER', 'HGPLAIN', 'HGPLAINEXCEPT', 'HGENCODING', 'XDG_CACHE_HOME'):
    os.environ.pop(_name, None)
os.environ['HGRCPATH'] = ''
os.environ['HGENCODING'] = 'utf-8'

settings.register_profile(
    'hglfs',
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile('hglfs')


@pytest.fixture
def folder(tmp_path) -> bytes:
    """Return an empty folder, as a path in bytes."""
    return os.fsencode(str(tmp_path))


@pytest.fixture
def store(folder):
    """Return an empty store on the disk."""
    from hgext3rd.hglfs.lfs.store.disk import DiskStore

    return DiskStore(os.path.join(folder, b'objects'))


@pytest.fixture
def resumed(monkeypatch):
    """Make blobs of any size resumable, so that a test needs few bytes only."""
    from hgext3rd.hglfs.lfs.store import small

    monkeypatch.setattr(small, 'RESUMED', 0)


@pytest.fixture
def ui():
    """Return a ui with the items of hg-lfs and none of the user's settings."""
    from mercurial import ui as uimod

    from hgext3rd.hglfs.hg.config import configtable

    fresh = uimod.ui.load()
    for section, items in configtable.items():
        fresh._knownconfig.setdefault(section, type(items)()).update(items)
    fresh.setconfig(b'ui', b'interactive', False)
    return fresh
