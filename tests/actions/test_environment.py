"""What is shown of settings: all that differs, and no secret."""

from __future__ import annotations

import pytest

from hgext3rd.hglfs.actions import environment
from hgext3rd.hglfs.hg import config


@pytest.mark.parametrize(
    ('value', 'shown'),
    [
        (b'https://u:p@example.com/x', b'https://***@example.com/x'),
        (b'https://token@example.com', b'https://***@example.com'),
        (b'HTTP://u:p@q@example.com', b'HTTP://***@example.com'),
        (b'http://a:b@one http://c:d@two', b'http://***@one http://***@two'),
        (b'https://example.com/a@b', b'https://example.com/a@b'),
        (b'ssh://git@example.com/x', b'ssh://git@example.com/x'),
        (b'ssh://git:p@example.com/x', b'ssh://git:***@example.com/x'),
        (b'https://example.com/?X-Signature=1', b'https://example.com/?...'),
        (b'/some/path', b'/some/path'),
        (b'a\x1b[31m', b'a\\x1b[31m'),
    ],
)
def test_credentials_in_urls_are_masked(value, shown):
    assert environment.masked(value) == shown


def settings(ui) -> dict[bytes, environment.Setting]:
    return {one.name: one for one in environment.settings(ui)}


def text(default) -> bytes:
    if default is list:
        return b''
    if isinstance(default, bool):
        return b'yes' if default else b'no'
    return default if isinstance(default, bytes) else b'%d' % default


def test_a_default_that_is_stated_is_not_shown(ui):
    for section, item, default in config.ITEMS:
        if default is not None:
            ui.setconfig(section, item.replace(b'*', b'x'), text(default), b'here')
    assert settings(ui) == {}


def test_what_differs_is_shown_with_its_source(ui):
    ui.setconfig(b'lfs', b'retry', b'7', b'file:1')
    ui.setconfig(b'experimental', b'lfs.worker-enable', b'no', b'file:2')
    ui.setconfig(b'experimental', b'evolution', b'all', b'file:3')
    found = settings(ui)
    assert found == {
        b'lfs.retry': environment.Setting(b'lfs.retry', b'7', b'file:1', True),
        b'experimental.lfs.worker-enable': environment.Setting(
            b'experimental.lfs.worker-enable', b'no', b'file:2', True
        ),
    }


def test_an_item_that_does_not_exist_is_shown_as_such(ui):
    ui.setconfig(b'lfs', b'ulr', b'https://u:p@example.com/', b'file:1')
    one = settings(ui)[b'lfs.ulr']
    assert (one.value, one.known) == (b'https://***@example.com/', False)


def test_arguments_of_agents_may_be_secret(ui):
    ui.setconfig(b'lfs', b'customtransfer.x.args', b'--key 1', b'file:1')
    assert settings(ui)[b'lfs.customtransfer.x.args'].value == b'***'
