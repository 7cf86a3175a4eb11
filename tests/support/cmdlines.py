"""Command lines of hg in texts: whether they name commands and options that exist."""

from __future__ import annotations

import functools
import getopt
import importlib
import re
import shlex
from dataclasses import dataclass

from mercurial import commands, debugcommands, fancyopts

import hgext3rd.hglfs as package

__all__ = ['Wrong', 'check', 'inblocks']

#: Extensions of Mercurial whose commands are named in texts.
_EXTENSIONS = ('convert', 'largefiles', 'purge', 'share', 'sparse', 'strip')
_LINE = re.compile(r'^ +(?:\$ +)?(hg (?:.*\\\n)*.*)$', re.M)
_CONTINUED = re.compile(r'\\\n\s*(?:> *)?')


class Wrong(Exception):
    """A command line cannot be parsed, or names what does not exist."""


def inblocks(text: str) -> list[str]:
    """Return the command lines of hg in the indented lines of a text."""
    return [_CONTINUED.sub('', line) for line in _LINE.findall(text)]


def check(line: str) -> str:
    """Return the name of the command of a line; raise Wrong for what does not exist."""
    try:
        words = [word.encode('utf-8') for word in shlex.split(line, comments=True)]
        name, *args = fancyopts.fancyopts(words[1:], commands.globalopts, {})
        found = _commands()[name]
        options = [*found.options, *commands.globalopts]
        fancyopts.fancyopts(args, options, {}, gnu=True)
    except (ValueError, KeyError, getopt.GetoptError) as exc:
        raise Wrong('%s: %s' % (line, exc)) from exc
    return found.name.decode('ascii')


@dataclass(frozen=True)
class _Command:
    name: bytes
    options: list[tuple]


@functools.cache
def _commands() -> dict[bytes, _Command]:
    """Return the commands by their names, those of extensions included."""
    found = {}
    modules = [importlib.import_module('hgext.' + name) for name in _EXTENSIONS]
    for table in (
        commands.table,
        debugcommands.command._table,
        *(getattr(module, 'cmdtable', {}) for module in modules),
        package.cmdtable,
    ):
        for key, entry in table.items():
            names = key.lstrip(b'^').split(b'|')
            found.update(dict.fromkeys(names, _Command(names[0], entry[1])))
    return found
