"""Custom transfer agents as users configure them."""

from __future__ import annotations

import pytest
from mercurial import error

from hgext3rd.hglfs.hg import settings
from hgext3rd.hglfs.lfs.remote.process import Agent


def read(ui, **items: str) -> settings.Settings:
    """Return the settings with an agent called ``mule`` configured."""
    for name, value in items.items():
        item = b'customtransfer.mule.%s' % name.encode('ascii')
        ui.setconfig(b'lfs', item, value.encode('utf-8'))
    return settings.read(ui)


def test_there_are_no_agents_by_default(ui):
    found = read(ui)
    assert (found.agents, found.standalone) == ((), None)
    assert read(ui, args='only these').agents == ()


def test_a_path_is_enough_to_configure_an_agent(ui):
    found = read(ui, path='/bin/mule')
    assert found.agents == (Agent('mule', ['/bin/mule'], True, ('download', 'upload')),)
    assert found.standalone is None


def test_every_setting_of_an_agent_is_read(ui, monkeypatch):
    monkeypatch.setenv('HOME', '/home/me')
    found = read(
        ui,
        path='~/bin/mule',
        args='--cart "hay and oats" $HOME \'*\'; ls',
        concurrent='no',
        direction='Upload',
    )
    (mule,) = found.agents
    words = ['--cart', 'hay and oats', '$HOME', '*;', 'ls']
    assert mule.command == ['/home/me/bin/mule', *words]
    assert (mule.concurrent, mule.operations) == (False, ('upload',))


def test_a_standalone_agent_is_chosen_by_name(ui):
    ui.setconfig(b'lfs', b'customtransfer.ox.path', b'ox')
    ui.setconfig(b'lfs', b'standalonetransferagent', b'mule')
    found = read(ui, path='mule')
    assert {agent.name for agent in found.agents} == {'ox', 'mule'}
    assert found.standalone is not None
    assert found.standalone.name == 'mule'


@pytest.mark.parametrize(
    ('name', 'value'),
    [('direction', 'sideways'), ('args', '"open'), ('concurrent', 'perhaps')],
)
def test_the_error_for_an_invalid_value_names_the_setting(ui, name, value):
    with pytest.raises(error.ConfigError) as caught:
        read(ui, path='mule', **{name: value})
    assert b'lfs.customtransfer.mule.%s' % name.encode() in caught.value.message


def test_an_unknown_standalone_agent_is_refused(ui):
    ui.setconfig(b'lfs', b'standalonetransferagent', b'ox')
    with pytest.raises(error.ConfigError, match='unknown agent: ox') as caught:
        read(ui, path='mule')
    assert caught.value.hint == b'set lfs.customtransfer.ox.path'
