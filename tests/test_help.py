"""The help topics: complete, in agreement with the tables, and read only when shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from mercurial import commands, extensions, help, minirst
from support import cmdlines, pages

import hgext3rd.hglfs as package
from hgext3rd.hglfs.hg import config
from hgext3rd.hglfs.wrap.ui import help as topics

NAMES = [names[0].decode('ascii') for names, _title in topics.TOPICS]
_ENTRY = re.compile(r'^``([a-z][\w.:-]*)``\n((?:    .*\n|\n)+)', re.M | re.A)
_DEFAULT = re.compile(r'Default: ([^.;,]*(?:\.\d+)?)')


def text(topic: str, ui=None) -> str:
    """Return the text of a topic, as it is registered."""
    for names, _title, doc, _category in map(tuple, help.helptable):
        if topic.encode('ascii') in names:
            return doc(ui).decode('ascii')
    raise KeyError(topic)


@pytest.fixture(autouse=True)
def _loaded(ui):
    ui.setconfig(b'extensions', b'hglfs', b'')
    extensions.loadall(ui, [b'hglfs'])


def entries() -> list[tuple[str, str]]:
    """Return the settings that the topics describe, each with its text."""
    return [found for topic in NAMES for found in _ENTRY.findall(text(topic))]


def test_each_setting_is_described_exactly_once():
    described = sorted(name.replace('NAME', '*') for name, _text in entries())
    items = [b'%s.%s' % item[:2] for item in config.ITEMS]
    assert described == sorted([*(i.decode() for i in items), 'paths.*:lfs.url'])


def test_each_default_is_that_of_the_table():
    declared = {b'%s.%s' % item[:2]: item[2] for item in config.ITEMS}
    for name, described in entries():
        default = declared.get(name.replace('NAME', '*').encode('ascii'))
        found = ' '.join(_DEFAULT.findall(' '.join(described.split())))
        assert found.strip('`') in _shown(default), name


def _shown(default) -> tuple[str, ...]:
    """Return the forms in which the help may state a default."""
    if default is None:
        return ('unset',)
    if default is list or default == b'':
        return ('none', 'none are named')
    if isinstance(default, bool):
        return ('yes' if default else 'no',)
    return (default.decode('ascii') if isinstance(default, bytes) else str(default),)


@pytest.mark.parametrize('topic', NAMES)
def test_a_topic_explains_before_it_lists_settings(topic):
    found = text(topic)
    assert -1 < found.index('How it works\n====') < found.index('\nSettings\n====')
    assert re.search(r'^1\. .*^5\. ', found, re.M | re.S)


@pytest.mark.parametrize('topic', NAMES)
def test_commands_and_topics_named_in_a_topic_exist(topic):
    known = {name for key in commands.table for name in key.split(b'|')}
    known |= {name for key in package.cmdtable for name in key.split(b'|')}
    titles = {name for entry in help.helptable for name in entry[0]}
    for named in re.findall(r':hg:`([^`]+)`', text(topic)):
        words = named.encode('ascii').split()
        if words[0] == b'help':
            assert words[1].partition(b'.')[0] in titles | known, named
        else:
            assert words[0].lstrip(b'^') in known | {b'serve'}, named


@pytest.mark.parametrize('topic', NAMES)
def test_a_topic_is_valid_markup(topic, ui):
    shown = minirst.format(text(topic).encode('ascii'), 78, style=b'plain')
    # a role in a literal block, or one that is not closed, would be shown as it is
    assert b':hg:' not in shown
    assert b'``' not in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_the_docstring_of_the_extension_names_the_topics():
    assert len(package.__doc__) < 1000
    for topic in NAMES:
        assert ':hg:`help %s`' % topic in package.__doc__


def test_the_topics_are_found_under_any_extension_name(tmp_path):
    place = os.path.dirname(package.__file__)
    shown = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), 'hg'), 'help', 'lfs-server']
        + ['--config', 'extensions.xyz=' + place],
        check=True, stdout=subprocess.PIPE, cwd=tmp_path,
    ).stdout  # fmt: skip
    assert b'How it works' in shown


def _commands() -> dict[str, str]:
    """Return the commands that people may call, each with its help."""
    return {
        key.decode('ascii').partition('|')[0]: entry[0].__doc__
        for key, entry in package.cmdtable.items()
        if '(INTERNAL)' not in entry[0].__doc__
    }


@pytest.mark.parametrize('name', _commands())
def test_the_help_of_a_command_has_examples(name):
    found = cmdlines.inblocks(_commands()[name])
    assert any(cmdlines.check(line) == name for line in found), found


@pytest.mark.parametrize('name', _commands())
def test_the_examples_in_the_help_of_a_command_are_sound(name):
    for line in cmdlines.inblocks(_commands()[name]):
        cmdlines.check(line)


@pytest.mark.parametrize(
    'line',
    ['hg lfs-trick x', 'hg lfs-track --no-such x', "hg lfs-locks -T '{path}\n' --id"],
)
def test_an_example_that_does_not_work_is_found(line):
    with pytest.raises(cmdlines.Wrong):
        cmdlines.check(line)


def test_the_page_of_settings_is_generated_from_the_help():
    assert pages.docs.SETTINGS.read_text('utf-8') == pages.docs.settings(), (
        'run "make docs"'
    )
