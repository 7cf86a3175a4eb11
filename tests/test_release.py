"""A release: the changelog from its entries, and the version."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import shutil

import pytest
from support.pages import ROOT

_loader = importlib.machinery.SourceFileLoader('release', str(ROOT / 'contrib/release'))
_spec = importlib.util.spec_from_loader('release', _loader)
release = importlib.util.module_from_spec(_spec)
_loader.exec_module(release)


@pytest.fixture
def root(tmp_path):
    """A project of version 0.1.0 with three changes."""
    metadata = tmp_path / 'hgext3rd' / 'hglfs' / 'metadata.py'
    metadata.parent.mkdir(parents=True)
    shutil.copy(ROOT / 'hgext3rd' / 'hglfs' / 'metadata.py', metadata)
    text = metadata.read_text('utf-8')
    metadata.write_text(release._VERSION.sub(r'\g<1>0.1.0\g<3>', text), 'utf-8')
    unreleased = tmp_path / 'changelog' / 'unreleased'
    unreleased.mkdir(parents=True)
    (unreleased / 'b.rst').write_text('Fix: one thing.\nDo that.\n', 'utf-8')
    (unreleased / 'a.rst').write_text('Fix: another thing.\n', 'utf-8')
    (unreleased / 'c.rst').write_text('Feature: a third.\n', 'utf-8')
    return tmp_path


def test_the_entries_are_assembled_by_kind_and_removed(root):
    release.prepare(root, '0.2.0', '2027-01-02', dry=False)
    page = (root / 'changelog' / '0.2.0.rst').read_text('utf-8')
    assert page == (
        '0.2.0 (2027-01-02)\n==================\n\n'
        'Features\n--------\n\n- A third.\n\n'
        'Fixes\n-----\n\n- Another thing.\n\n- One thing.\n  Do that.\n'
    )
    assert list((root / 'changelog' / 'unreleased').iterdir()) == []
    metadata = (root / 'hgext3rd' / 'hglfs' / 'metadata.py').read_text('utf-8')
    assert "__version__ = b'0.2.0'" in metadata


def test_a_dry_run_changes_nothing(root):
    before = sorted(path for path in root.rglob('*') if path.is_file())
    assert 'A third.' in release.prepare(root, '0.2.0', '2027-01-02', dry=True)
    assert sorted(path for path in root.rglob('*') if path.is_file()) == before


@pytest.mark.parametrize('version', ['0.1.0', '0.0.9', '1.0', 'v0.2.0', '0.2.0rc1'])
def test_a_version_has_to_increase(root, version):
    with pytest.raises(release.Refused):
        release.prepare(root, version, '2027-01-02', dry=False)


def test_an_entry_without_a_kind_is_refused(root):
    (root / 'changelog' / 'unreleased' / 'd.rst').write_text('Oops.\n', 'utf-8')
    with pytest.raises(release.Refused, match=r'd\.rst'):
        release.prepare(root, '0.2.0', '2027-01-02', dry=False)
    assert not (root / 'changelog' / '0.2.0.rst').exists()


def test_the_current_entries_can_be_released():
    found = release.entries(ROOT / 'changelog' / 'unreleased')
    page = release.assembled('9.0.0', '2027-01-02', found)
    assert page.startswith('9.0.0 (2027-01-02)\n')
