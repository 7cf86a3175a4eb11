"""Writes the tables of the shell completions from the command table.

The files in ``contrib/completion`` are written by hand, except for the part between two
comments: the commands, their options, and what each option and argument stands for.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / 'contrib' / 'completion'
BASH = FOLDER / 'hg-lfs.bash'
ZSH = FOLDER / '_hg-lfs'
_BEGIN = '# commands and options: begin (made by "make docs")\n'
_END = '# commands and options: end\n'
#: What the placeholders in synopses and options stand for. Others stand for a file, as
#: an argument, and for what cannot be completed, as the value of an option.
_KINDS = {
    'FILE': 'tracked',
    'ID': 'lockid',
    'PATH': 'folder',
    'REV': 'rev',
    'TEMPLATE': 'template',
}
#: Where a placeholder stands for something else.
_SPECIAL = {
    ('lfs-locks', 'FILE'): 'locked',
    ('lfs-unlock', 'FILE'): 'locked',
    ('lfs-untrack', 'PATTERN'): 'rule',
}
_FILE, _NOTHING = 'file', 'nothing'


@dataclass(frozen=True)
class Option:
    """An option; ``label`` names its value, and is None where it has none."""

    short: str
    long: str
    text: str
    label: str | None
    kind: str
    repeated: bool

    @property
    def names(self) -> list[str]:
        """The option as it is typed, the short form first."""
        return ['-' + self.short] * bool(self.short) + ['--' + self.long]


@dataclass(frozen=True)
class Command:
    """A command; ``label`` names its arguments, and is None where it has none."""

    name: str
    summary: str
    options: list[Option]
    label: str | None
    kind: str


def commands(table) -> list[Command]:
    """Return the commands of a table of Mercurial that people may call."""
    found = []
    for key, entry in table.items():
        name = key.decode('ascii').partition('|')[0]
        summary = entry[0].__doc__.partition('\n')[0]
        if not summary.endswith('(INTERNAL)'):
            options = [_option(name, each) for each in entry[1]]
            synopsis = entry[2].decode('ascii') if len(entry) > 2 else ''
            label = _argument(synopsis, options)
            kind = _kind(name, label, _FILE)
            found.append(Command(name, summary, options, label, kind))
    return sorted(found, key=lambda command: command.name)


def _option(command: str, entry: tuple) -> Option:
    short, long, default, text = entry[:4]
    label = None
    if default is not None and not isinstance(default, bool):
        label = (entry[4] if len(entry) > 4 else long.upper()).decode('ascii')
    return Option(
        short.decode('ascii'),
        long.decode('ascii'),
        text.decode('ascii'),
        label,
        _kind(command, label, _NOTHING),
        isinstance(default, list),
    )


def _argument(synopsis: str, options: list[Option]) -> str | None:
    """Return the placeholder of the arguments in a synopsis, or None."""
    for option in options:
        if option.label:
            for name in option.names:
                synopsis = synopsis.replace('%s %s' % (name, option.label), '')
    found = re.search(r'\b[A-Z]+\b', re.sub(r'-+\w+', '', synopsis))
    return found.group() if found else None


def _kind(command: str, label: str | None, other: str) -> str:
    if label is None:
        return _NOTHING
    return _SPECIAL.get((command, label)) or _KINDS.get(label, other)


def bash(found: list[Command]) -> str:
    """Return the part of the file for bash that is made."""
    kinds: dict[str, list[str]] = {}
    for command in found:
        if command.kind not in (_FILE, _NOTHING):
            kinds.setdefault(command.kind, []).append("'%s '" % command.name)
        for option in command.options:
            if option.label:
                places = kinds.setdefault(option.kind, [])
                places += ["'%s %s'" % (command.name, name) for name in option.names]
    names = textwrap.indent('\n'.join(command.name for command in found), '    ')
    cases = '\n'.join(
        '        %s)\n            echo %s ;;' % ('|\\\n        '.join(places), kind)
        for kind, places in sorted(kinds.items())
    )
    return _BASH % (names.strip(), cases)


_BASH = """\
_hg_lfs_commands='
    %s
'

# Print what the value of an option, or else an argument, of a command stands for.
_hg_lfs_kind() # COMMAND OPTION
{
    case "$1 $2" in
%s
    esac
}
"""


def zsh(found: list[Command]) -> str:
    """Return the part of the file for zsh that is made."""
    described = [
        '  %s' % _quote('%s:%s' % (command.name.replace(':', r'\:'), command.summary))
        for command in found
    ]
    parts = ['_hg_lfs_commands=(\n%s\n)\n' % '\n'.join(described)]
    for command in found:
        specs = [_spec(option) for option in command.options]
        if command.label:
            specs.append(_quote('*:%s:%s' % (command.label.lower(), _act(command))))
        lines = ['_arguments -s -S : $_hg_global_opts', *specs]
        body = ' \\\n    '.join(lines)
        parts.append('_hg_cmd_%s() {\n  %s\n}\n' % (command.name, body))
    return '\n'.join(parts)


def _spec(option: Option) -> str:
    text = '[%s]' % re.sub(r'([\[\]:\\])', r'\\\1', option.text)
    if option.label:
        text += ':%s:%s' % (option.label.lower(), _act(option))
    short, long = ('+', '=') if option.label else ('', '')
    if not option.short:
        return _quote('%s--%s%s%s' % ('*' * option.repeated, option.long, long, text))
    first = '*' if option.repeated else '(%s)' % ' '.join(option.names)
    forms = '-%s%s,--%s%s' % (option.short, short, option.long, long)
    return '%s{%s}%s' % (_quote(first), forms, _quote(text))


def _act(what: Option | Command) -> str:
    return ' ' if what.kind == _NOTHING else '_hg_lfs_' + what.kind


def _quote(text: str) -> str:
    return "'%s'" % text.replace("'", "'\\''")


def generate(table) -> Iterator[tuple[Path, str]]:
    """Yield the files of completions, each with the text that it has to have."""
    found = commands(table)
    for path, made in ((BASH, bash(found)), (ZSH, zsh(found))):
        head, _begin, rest = path.read_text('utf-8').partition(_BEGIN)
        tail = rest.partition(_END)[2]
        yield path, ''.join((head, _BEGIN, made, _END, tail))


def main() -> int:
    """Write the files."""
    sys.path.insert(0, str(ROOT / 'hgext3rd'))
    from hglfs.commands import cmdtable

    for path, text in generate(cmdtable):
        path.write_text(text, 'utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
