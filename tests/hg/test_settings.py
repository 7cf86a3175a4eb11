"""The configuration: read once, declared once."""

from __future__ import annotations

import dataclasses
import os

import pytest
from mercurial import encoding, error, hg

from hgext3rd.hglfs.hg import config, lfsrepo, settings


def test_the_defaults(ui, monkeypatch):
    monkeypatch.setitem(encoding.environ, b'XDG_CACHE_HOME', b'/x')
    found = settings.read(ui)
    assert found.usercache == os.path.join(b'/x', b'lfs')
    assert (found.retry, found.serve, found.useragent) == (5, True, None)
    assert (found.concurrency, found.timeout, found.bandwidth) == (8, 30.0, 0)
    assert found.fallback == ()
    assert (found.enforcelocks, found.lockadmins, found.user) == (True, (), None)


def test_a_relative_cache_path_is_relative_to_the_repository(ui, monkeypatch):
    ui.setconfig(b'lfs', b'usercache', b'some/cache', b'--config')
    assert settings.usercache(ui, b'/root-of-it') == b'/root-of-it/some/cache'
    assert settings.usercache(ui) == os.path.join(encoding.getcwd(), b'some/cache')
    monkeypatch.setenv('HOME', '/home/alice')
    ui.setconfig(b'lfs', b'usercache', b'~/cache', b'--config')
    assert settings.usercache(ui, b'/root-of-it') == b'/home/alice/cache'


def test_the_cache_stays_the_same_after_chdir(ui, tmp_path, monkeypatch):
    ui.setconfig(b'extensions', b'hglfs', b'')
    ui.setconfig(b'lfs', b'usercache', b'cache', b'--config')
    monkeypatch.chdir(tmp_path)
    repo = hg.repository(ui, os.fsencode(tmp_path / 'repo'), create=True)
    lfs = lfsrepo.get(repo)
    monkeypatch.chdir('/')
    assert lfs.settings.usercache == os.fsencode(tmp_path / 'cache')


def test_configured_values_are_read(ui):
    for section, name, value in [
        (b'lfs', b'usercache', b'/my/cache'),
        (b'lfs', b'retry', b'2'),
        (b'lfs', b'concurrency', b'3'),
        (b'lfs', b'timeout', b'1.5'),
        (b'lfs', b'bandwidth', b'2MB'),
        (b'lfs', b'fallback', b'https://a https://b'),
        (b'lfs', b'enforcelocks', b'no'),
        (b'lfs', b'lockadmins', b'alice, bob'),
        (b'lfs', b'user', b'carol'),
        (b'experimental', b'lfs.serve', b'no'),
        (b'experimental', b'lfs.user-agent', b'me/1'),
    ]:
        ui.setconfig(section, name, value)
    found = settings.read(ui)
    assert found.usercache == b'/my/cache'
    assert (found.retry, found.serve, found.useragent) == (2, False, b'me/1')
    assert (found.concurrency, found.timeout, found.bandwidth) == (3, 1.5, 2 << 20)
    assert found.fallback == (b'https://a', b'https://b')
    assert (found.enforcelocks, found.user) == (False, b'carol')
    assert found.lockadmins == (b'alice', b'bob')


@pytest.mark.parametrize(
    ('value', 'found'), [(b'auto', None), (b'yes', True), (b'no', False)]
)
def test_blobs_may_be_required(ui, value, found):
    assert settings.read(ui).requireblobs is None
    ui.setconfig(b'lfs', b'requireblobs', value)
    assert settings.read(ui).requireblobs is found


def test_settings_are_immutable(ui):
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.read(ui).retry = 1


def test_the_user_cache_can_be_disabled(ui):
    ui.setconfig(b'experimental', b'lfs.disableusercache', b'yes')
    ui.setconfig(b'lfs', b'usercache', b'/my/cache')
    assert settings.read(ui).usercache is None


def test_negative_retries_are_none(ui):
    ui.setconfig(b'lfs', b'retry', b'-3')
    assert settings.read(ui).retry == 0


@pytest.mark.parametrize('number', [b'-1', b'0', b'1'])
def test_there_is_at_least_one_connection(ui, number):
    ui.setconfig(b'lfs', b'concurrency', number)
    assert settings.read(ui).concurrency == 1


def test_disabling_workers_selects_basic_transfers(ui):
    assert not settings.read(ui).basic
    ui.setconfig(b'experimental', b'lfs.worker-enable', b'no')
    assert settings.read(ui).basic


@pytest.mark.parametrize(
    ('section', 'name'),
    [
        (b'lfs', b'retry'),
        (b'lfs', b'concurrency'),
        (b'lfs', b'timeout'),
        (b'lfs', b'bandwidth'),
        (b'experimental', b'lfs.serve'),
        (b'experimental', b'lfs.disableusercache'),
    ],
)
def test_the_error_for_an_invalid_value_names_the_setting(ui, section, name):
    ui.setconfig(section, name, b'perhaps')
    with pytest.raises(error.ConfigError) as caught:
        settings.read(ui)
    assert section + b'.' + name in caught.value.message


def test_the_cache_folder_is_that_of_stock_lfs(ui, monkeypatch):
    monkeypatch.delitem(encoding.environ, b'XDG_CACHE_HOME', raising=False)
    monkeypatch.setitem(encoding.environ, b'HOME', b'/home/me')
    monkeypatch.setattr(settings.pycompat, 'iswindows', False)
    monkeypatch.setattr(settings.pycompat, 'isdarwin', False)
    assert settings.usercache(ui) == b'/home/me/.cache/lfs'
    monkeypatch.setattr(settings.pycompat, 'isdarwin', True)
    assert settings.usercache(ui) == b'/home/me/Library/Caches/lfs'
    monkeypatch.setitem(encoding.environ, b'XDG_CACHE_HOME', b'/x')
    monkeypatch.setattr(settings.pycompat, 'isdarwin', False)
    assert settings.usercache(ui) == b'/x/lfs'


def test_without_a_home_folder_there_is_a_hint(ui, monkeypatch):
    for name in (b'XDG_CACHE_HOME', b'HOME', b'LOCALAPPDATA', b'APPDATA'):
        monkeypatch.delitem(encoding.environ, name, raising=False)
    with pytest.raises(error.Abort) as caught:
        settings.usercache(ui)
    assert b'lfs.usercache' in caught.value.hint


def test_every_item_is_declared_with_its_default(ui):
    for section, name, default in config.ITEMS:
        assert config.configtable[section][name].default == default
        ui.config(section, name)
    declared = sum(len(items) for items in config.configtable.values())
    assert declared == len(config.ITEMS)
